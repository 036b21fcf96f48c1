"""Training data of several candidates in a process: statistics are computed once, and a device gets them once."""

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from search.base.serialization import Json
from search.data import statistics
from search.data.statistics import Statistics
from search.runtime.context import Context, LocalFiles
from search.runtime.data import images, resident
from search.runtime.data.images import LabelledImages, load_training_data
from search.runtime.data.packed import Packed, read_images
from search.runtime.data.statistics import statistics_of
from search.runtime.execute import execute
from search.runtime.ingest.limits import Limits
from search.runtime.ingest.reader import ingest
from search.runtime.modalities import image, text
from tests.archives import arrays, npz
from tests.search import tinytext
from tests.search.conftest import Work


@pytest.fixture(autouse=True)
def nothing_held() -> Iterator[None]:
    resident.release()
    images._builtin_training.cache_clear()
    yield
    resident.release()


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of images of each computation of statistics."""
    counts: list[int] = []

    def compute(pixels: Tensor) -> Statistics:
        counts.append(len(pixels))
        return statistics_of(pixels)

    monkeypatch.setattr(images, "statistics_of", compute)
    return counts


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of images of each copy to a device."""
    counts: list[int] = []
    copy = LabelledImages.to

    def counted(part: LabelledImages, device: str) -> LabelledImages:
        counts.append(len(part.labels))
        return copy(part, device)

    monkeypatch.setattr(LabelledImages, "to", counted)
    return counts


@pytest.fixture
def uploaded(tmp_path: Path) -> tuple[Path, Json]:
    """A packed file, and its dataset."""
    path = tmp_path / "upload"
    path.write_bytes(npz(**arrays(60)))
    (tmp_path / "out").mkdir()
    return tmp_path / "out" / "train.safetensors", ingest(path, tmp_path / "out", {}, Limits())


def without_statistics(path: Path) -> Path:
    """The packed file as earlier versions wrote it."""
    with safe_open(path, "pt") as file:
        metadata = {name: value for name, value in file.metadata().items() if name != "statistics"}
    save_file(load_file(path), path.with_suffix(".earlier"), metadata)
    return path.with_suffix(".earlier")


def test_statistics_of_a_built_in_dataset_are_computed_once_for_all_candidates(work: Work, computed: list[int]) -> None:
    for replicate in range(3):
        execute(work(epochs=1, replicate=replicate), Context())
    assert computed == [1259]


def test_statistics_of_a_subset_are_computed_once_for_all_candidates(work: Work, computed: list[int]) -> None:
    for replicate in range(3):
        execute(work(epochs=1, replicate=replicate) | {"images": 200}, Context())
    assert computed == [200]


def test_statistics_of_an_upload_are_read_from_its_file(
    uploaded: tuple[Path, Json], tmp_path: Path, computed: list[int]
) -> None:
    path, dataset = uploaded
    files = LocalFiles(tmp_path / "files")
    data = load_training_data("id", dataset["split"], packed=Packed(files.put(path), files))
    assert data.statistics == statistics_of(data.train.images)
    assert computed == []


def test_a_file_without_statistics_is_read_and_they_are_computed_once(
    uploaded: tuple[Path, Json], tmp_path: Path, computed: list[int]
) -> None:
    path, dataset = uploaded
    files = LocalFiles(tmp_path / "files")
    packed = Packed(files.put(without_statistics(path)), files)
    found = [load_training_data("id", dataset["split"], packed=packed).statistics for _ in range(3)]
    assert found == [read_images(path).statistics] * 3
    assert computed == [dataset["counts"]["train"]]


def test_statistics_round_trip_through_the_metadata_of_a_file() -> None:
    found = statistics.of_sums(7, [3, 1000, 1785], [9, 200_000, 455_175], white=255)
    assert statistics.from_text(statistics.to_text(found)) == found
    assert found.deviation[2] == 0


def test_candidates_on_a_cpu_train_on_the_loaded_images_without_a_copy(work: Work) -> None:
    data = load_training_data("digits", work()["split"])
    for replicate in range(2):
        training = image.create_training(work(replicate=replicate), Context(), False)
        assert training.data is data


def test_a_device_gets_the_images_once_for_all_candidates(work: Work, copied: list[int]) -> None:
    trainings = [image.create_training(work(replicate=i), Context(device="meta"), False) for i in range(3)]
    assert copied == [1259, 269]
    assert all(training.data.train.images is trainings[0].data.train.images for training in trainings)
    assert trainings[0].data.train.images.device == torch.device("meta")


def test_a_subset_is_drawn_before_it_is_copied_to_the_device(work: Work, copied: list[int]) -> None:
    for _ in range(2):
        image.create_training(work() | {"images": 200}, Context(device="meta"), False)
    assert copied == [200, 269]


def test_candidates_share_the_words_of_a_text(tmp_path: Path) -> None:
    item, files = tinytext.work(tmp_path), LocalFiles(tmp_path / "files")
    first, second = (text.create_training(item, Context(files=files), False) for _ in range(2))
    assert first.data.train is second.data.train


def test_data_are_released_when_others_are_loaded(work: Work) -> None:
    training = image.create_training(work() | {"images": 200}, Context(), False)
    images_of_the_first = weakref.ref(training.data.train.images)
    del training
    gc.collect()
    assert images_of_the_first() is not None
    image.create_training(work() | {"images": 100}, Context(), False)
    gc.collect()
    assert images_of_the_first() is None


def test_data_are_released_before_others_are_loaded() -> None:
    first = resident.resident("cpu", "first", lambda: torch.zeros(3))
    alive = weakref.ref(first)
    del first

    def load() -> Tensor:
        assert alive() is None
        return torch.ones(3)

    assert resident.resident("cpu", "second", load).tolist() == [1, 1, 1]


def test_a_failed_load_leaves_nothing_behind() -> None:
    def fail() -> None:
        raise OSError

    with pytest.raises(OSError):
        resident.resident("cpu", "key", fail)
    assert resident.resident("cpu", "key", lambda: 1) == 1


def test_each_device_holds_its_own_data() -> None:
    for key, device in enumerate(("cpu", "meta")):
        resident.resident(device, key, lambda: [])
    assert resident.resident("cpu", 0, lambda: None) == [] == resident.resident("meta", 1, lambda: None)
