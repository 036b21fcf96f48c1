"""Ingestion of valid image uploads: the packed datasets."""

import io
import struct
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from search.base.serialization import Json
from search.data import builtin, splits
from search.evaluation.recipes.image import FULL, proxy
from search.runtime.context import LocalFiles
from search.runtime.data import images
from search.runtime.data.images import WrongData, load_training_data
from search.runtime.data.packed import Packed
from search.runtime.data.statistics import statistics_of
from search.runtime.ingest.images import BrokenImage, decode, decoder_limits
from search.runtime.ingest.limits import Limits
from search.runtime.ingest.reader import ingest
from tests.archives import arrays, folders, npz, picture, tarred, zipped

Take = Callable[..., Json]
LIMITS = Limits()


@pytest.fixture
def take(tmp_path: Path) -> Take:
    """Ingests the content; packed files are written to tmp_path/out."""

    def read(content: bytes, limits: Limits = LIMITS, **options: Any) -> Json:
        path = tmp_path / "upload"
        path.write_bytes(content)
        return ingest(path, tmp_path / "out", options, limits)

    return read


def decoded(content: bytes, side: int | None = None) -> Any:
    with decoder_limits(LIMITS):
        return decode(content, side)


def saved(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


FILES = folders(each=20)
KINDS = {
    "zip": zipped(FILES),
    "tar": tarred(FILES),
    "tar.gz": tarred(FILES, "gz"),
    "tar.xz": tarred(FILES, "xz"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_an_archive_of_class_folders_is_read_by_its_content(kind: str, take: Take) -> None:
    found = take(KINDS[kind])
    assert found | {"content": "", "split": ""} == {
        "shape": [3, 8, 8],
        "classes": ["cat", "dog"],
        "counts": {"train": 28, "validation": 6, "test": 6},
        "class_counts": [{"train": 14, "validation": 3, "test": 3}] * 2,
        "split_given": False,
        "content": "",
        "split": "",
        "format": kind,
        "left_out": 0,
    }


def test_the_packed_files_hold_every_image_under_its_class(take: Take, tmp_path: Path) -> None:
    found = take(KINDS["zip"])
    train, test = (load_file(tmp_path / "out" / f"{name}.safetensors") for name in ("train", "test"))
    assert Counter(train["parts"].tolist()) == {0: 28, 1: 6} and Counter(test["parts"].tolist()) == {2: 6}
    held = {
        (label, image.numpy().tobytes())
        for file in (train, test)
        for image, label in zip(file["images"], file["labels"].tolist(), strict=True)
    }
    names = found["classes"]
    assert held == {(names.index(name.split("/")[0]), decoded(content).tobytes()) for name, content in FILES.items()}


def test_only_the_packed_files_remain(take: Take, tmp_path: Path) -> None:
    take(KINDS["zip"])
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "train.safetensors",
        "test.safetensors",
        "sample.png",
    }


def test_the_same_images_in_another_order_are_the_same_dataset(take: Take) -> None:
    renamed = {f"wrapped/{name.replace('.png', '-x.png')}": content for name, content in reversed(FILES.items())}
    assert {take(content)["split"] for content in KINDS.values()} == {take(tarred(renamed))["split"]}


@pytest.mark.parametrize("change", ["image", "name", "class"])
def test_other_images_or_classes_are_another_dataset(change: str, take: Take) -> None:
    files = dict(FILES)
    if change == "image":
        files["cat/0.png"] = picture(99)
    elif change == "class":
        files["dog/new.png"] = files.pop("cat/0.png")
    else:
        files = {name.replace("cat/", "car/"): content for name, content in files.items()}
    assert take(zipped(files))["content"] != take(KINDS["zip"])["content"]


@pytest.mark.parametrize(
    "names", [("train", "val", "test"), ("Training", "valid", "TEST"), ("train", "validation", "test")]
)
def test_a_given_split_is_kept(names: tuple[str, ...], take: Take) -> None:
    found = take(zipped(folders(each=11, parts=[f"top/{name}" for name in names])))
    assert (found["split_given"], found["classes"]) == (True, ["cat", "dog"])
    assert found["counts"] == {"train": 22, "validation": 22, "test": 22}


@pytest.mark.parametrize(
    ("parts", "counts"),
    [
        (("train", "test"), {"train": 34, "validation": 6, "test": 40}),
        (("train", "val"), {"train": 34, "validation": 40, "test": 6}),
        (("train",), {"train": 28, "validation": 6, "test": 6}),
    ],
)
def test_a_missing_part_is_split_off_from_train(parts: tuple[str, ...], counts: Json, take: Take) -> None:
    assert take(zipped(folders(each=20, parts=parts)))["counts"] == counts


def test_classes_may_have_the_names_of_parts(take: Take) -> None:
    assert take(zipped(folders(classes=["train", "bus"])))["classes"] == ["bus", "train"]


def test_numeric_classes_are_sorted_as_numbers(take: Take) -> None:
    assert take(zipped(folders(classes=["10", "9", "0"])))["classes"] == ["0", "9", "10"]


def test_equal_names_in_different_unicode_forms_are_one_class(take: Take) -> None:
    files = folders(classes=["a", "b"]) | folders(classes=["Käse"]) | folders(classes=["Ka\u0308se"], each=5)
    assert take(zipped(files))["classes"] == ["Käse", "a", "b"]


def test_files_of_operating_systems_are_left_out(take: Take) -> None:
    strays = {"__MACOSX/cat/._0.png": b"x", "cat/.DS_Store": b"x", "dog/Thumbs.db": b"x", ".git/config": b"x"}
    found = take(zipped(FILES | strays))
    assert (found["left_out"], found["counts"]["train"]) == (4, 28)


def test_grey_images_among_coloured_ones_become_rgb(take: Take) -> None:
    assert take(zipped(folders(mode="L")))["shape"] == [1, 8, 8]
    mixed = folders(classes=["cat"], mode="L") | folders(classes=["dog"])
    assert take(zipped(mixed))["shape"] == [3, 8, 8]


def test_a_side_scales_and_crops(take: Take) -> None:
    sizes = folders(classes=["cat"], size=(40, 20)) | folders(classes=["dog"], size=(9, 300))
    assert take(zipped(sizes), side=16)["shape"] == [3, 16, 16]


def test_cropping_keeps_the_middle() -> None:
    wide = Image.new("L", (48, 16), 0)
    wide.paste(200, (16, 0, 32, 16))
    assert (decoded(saved(wide), side=16) == 200).mean() > 0.8


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (Image.new("1", (8, 8), 1), [255]),
        (Image.fromarray(np.full((8, 8), 0x1234, np.uint16)), [0x12]),
        (Image.new("P", (8, 8), 0), [0]),
        (Image.new("LA", (8, 8), (10, 0)), [255]),  # transparent pixels become white
        (Image.new("RGBA", (8, 8), (200, 100, 0, 255)), [200, 100, 0]),
        (Image.new("RGBA", (8, 8), (200, 100, 0, 0)), [255, 255, 255]),
    ],
    ids=["one bit", "16 bits", "grey palette", "transparent grey", "opaque", "transparent"],
)
def test_every_kind_of_png_is_converted_to_grey_or_rgb(image: Image.Image, expected: list[int]) -> None:
    assert decoded(saved(image))[:, 0, 0].tolist() == expected


def test_a_palette_of_colours_is_rgb() -> None:
    image = Image.new("RGB", (8, 8), (255, 0, 0)).convert("P", palette=Image.Palette.ADAPTIVE)
    assert decoded(saved(image))[:, 0, 0].tolist() == [255, 0, 0]


def test_cmyk_is_rgb() -> None:
    red = decoded(saved(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "JPEG"))
    assert red.shape == (3, 16, 16) and red[0].min() > 200 and red[1:].max() < 60


def test_the_orientation_is_applied() -> None:
    image = Image.new("L", (16, 8), 0)
    image.paste(255, (0, 0, 8, 8))
    exif = Image.Exif()
    exif[0x0112] = 6  # rotate by a quarter turn
    turned = decoded(saved(image, "JPEG", exif=exif))
    assert turned.shape == (1, 16, 8) and turned[0, :7].min() > 200 and turned[0, 9:].max() < 50


@pytest.mark.parametrize(
    "named",
    [
        {"x": "x", "y": "y"},
        {"X": "x", "Y": "y"},
        {"images": "x", "labels": "y"},
        {"train_images": "x", "train_labels": "y"},
    ],
)
def test_arrays_are_read_by_their_names(named: dict[str, str], take: Take) -> None:
    values = arrays()
    found = take(npz(**{name: values[which] for name, which in named.items()}))
    assert (found["format"], found["classes"], found["shape"]) == ("npz", ["0", "1"], [1, 8, 8])


def test_arrays_with_a_split_keep_it(take: Take) -> None:
    train, test = arrays(40), arrays(20, seed=1)
    found = take(npz(x_train=train["x"], y_train=train["y"][:, None], x_test=test["x"], y_test=test["y"]))
    assert (found["split_given"], found["counts"]) == (True, {"train": 34, "validation": 6, "test": 20})


@pytest.mark.parametrize("shape", [(8, 8), (8, 8, 1), (1, 8, 8), (8, 8, 3), (3, 8, 8), (9, 12, 3)])
def test_arrays_of_every_shape_become_channels_height_width(shape: tuple[int, ...], take: Take, tmp_path: Path) -> None:
    values = arrays(shape=shape)
    found = take(npz(**values))
    channels = 3 if 3 in (shape[0], shape[-1]) else 1
    assert found["shape"] == [channels, *[s for s in shape if s > 3]]
    pixels = values["x"][0]
    expected = pixels.transpose(2, 0, 1) if shape[-1] in (1, 3) else pixels.reshape(found["shape"])
    files = [load_file(tmp_path / "out" / f"{name}.safetensors")["images"].numpy() for name in ("train", "test")]
    assert any((image == expected).all() for file in files for image in file)


def test_floats_from_0_to_1_become_bytes(take: Take) -> None:
    values = arrays()
    floats = take(npz(x=values["x"].astype(np.float32) / 255, y=values["y"]))
    assert floats["content"] == take(npz(**values))["content"]


def test_an_archive_and_arrays_of_the_same_images_are_the_same_dataset(take: Take) -> None:
    values = arrays()
    files = {
        f"{label}/{index}.png": saved(Image.fromarray(pixels))
        for index, (pixels, label) in enumerate(zip(values["x"], values["y"], strict=True))
    }
    assert take(zipped(files))["content"] == take(npz(**values))["content"]


def test_arrays_may_be_scaled(take: Take) -> None:
    assert take(npz(**arrays(shape=(30, 20, 3))), side=12)["shape"] == [3, 12, 12]


def test_the_sample_shows_images_of_each_class(take: Take, tmp_path: Path) -> None:
    red, blue = (saved(Image.new("RGB", (8, 8), colour)) for colour in ("red", "blue"))
    take(zipped({f"{name}/{n}.png": content for n in range(12) for name, content in (("a", red), ("b", blue))}))
    with Image.open(tmp_path / "out" / "sample.png") as sample:
        assert sample.size == (8 * 64, 2 * 64)
        assert (sample.getpixel((5, 5)), sample.getpixel((500, 100))) == ((255, 0, 0), (0, 0, 255))


def test_the_sample_of_a_built_in_dataset_is_reproduced(take: Take, tmp_path: Path) -> None:
    described = builtin.get("digits")
    pixels, labels, white = images.READERS["digits"]()
    split = splits.stratify(labels.tolist(), described.content)
    named: dict[str, Any] = {}
    for part in ("train", "validation", "test"):
        chosen = list(getattr(split, part))
        named |= {f"x_{part}": (pixels[chosen] / white).astype(np.float32), f"y_{part}": labels[chosen]}
    found = take(npz(**named))
    assert found["class_counts"] == [counts._asdict() for counts in described.class_counts]
    assert tuple(found["classes"]) == described.class_names
    with Image.open(tmp_path / "out" / "sample.png") as made, Image.open(builtin.SAMPLES / "digits.png") as kept:
        assert (np.asarray(made) == np.asarray(kept)).all()


def test_training_data_are_read_from_the_packed_file(take: Take, tmp_path: Path) -> None:
    found = take(npz(**arrays(60)))
    files = LocalFiles(tmp_path / "files")
    packed = Packed(files.put(tmp_path / "out" / "train.safetensors"), files)
    data = load_training_data("id", found["split"], packed=packed)
    train, validation = data.train, data.validation
    assert (len(train.labels), len(validation.labels)) == (found["counts"]["train"], found["counts"]["validation"])
    assert train.images.dtype == torch.uint8
    with pytest.raises(WrongData, match="the work is for split"):
        load_training_data("id", "0" * 64, packed=packed)
    with pytest.raises(WrongData, match="has no test part"):
        images.load_test_data("id", found["split"], packed=packed)


def test_statistics_of_bytes_equal_those_of_floats() -> None:
    pixels = torch.randint(0, 256, (500, 3, 8, 8), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    part = images.LabelledImages(pixels, torch.zeros(500, dtype=torch.int64))
    from_bytes = statistics_of(part.images)
    floats = part._replace(images=pixels.float() / 255)
    for found, expected in zip(from_bytes, statistics_of(floats.images), strict=True):
        assert found == pytest.approx(expected, rel=1e-6)


def test_batches_of_bytes_equal_those_of_floats() -> None:
    recipe = replace(proxy("digits"), augment="shift")
    pixels = torch.randint(0, 256, (100, 3, 8, 8), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    part = images.LabelledImages(pixels, torch.arange(100))
    whole = part._replace(images=pixels.float() / 255)
    for from_bytes, from_floats in zip(
        images.draw_batches(part, recipe, "s", 0, 0), images.draw_batches(whole, recipe, "s", 0, 0), strict=True
    ):
        assert torch.equal(from_bytes.images, from_floats.images) and torch.equal(from_bytes.labels, from_floats.labels)


def test_the_gather_size_does_not_change_the_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    part = images.LabelledImages(torch.arange(1000.0).reshape(1000, 1, 1, 1).expand(-1, 1, 8, 8), torch.arange(1000))
    whole = [batch.labels for batch in images.draw_batches(part, FULL, "s", 0, 0)]
    monkeypatch.setattr(images, "GATHER_SIZE", 300)
    assert all(map(torch.equal, whole, [batch.labels for batch in images.draw_batches(part, FULL, "s", 0, 0)]))


def test_a_png_with_a_text_bomb_is_broken() -> None:
    text = zlib.compress(b"x" * 70_000_000, 9)
    chunk = b"zTXt" + b"a\0\0" + text
    png = picture(0)
    bomb = png[:33] + struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) + png[33:]
    with pytest.raises(BrokenImage):
        decoded(bomb)
