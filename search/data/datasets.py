"""What a dataset is: its name, kind, size, and how it is split. Nothing here reads an image or a text.

The split is fixed for good: each class is dealt out by the hashes of (content of the whole dataset, index), so every
machine draws the same one without a random generator, and `split` fingerprints the outcome.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from search.base import serialization

SAMPLES = Path(__file__).parent / "samples"  # a picture of each built-in dataset, NAME.png, laid out by `sheet`
Kind = Literal["image", "text"]
Part = Literal["train", "validation", "test"]
PARTS: tuple[Part, ...] = ("train", "validation", "test")  # in packed files by their place here
PACKED = "1"  # version of packed files: search.runtime.ingest writes them, search.runtime reads them


class UnknownDataset(ValueError):
    """No dataset has this name; the message lists those that there are."""


class Counts(NamedTuple):
    train: int
    validation: int
    test: int


Metric = Literal["accuracy", "perplexity"]


@dataclass(frozen=True, kw_only=True)
class ImageData:
    """What a search needs to know of labelled images, and where a worker finds them."""

    shape: tuple[int, int, int]  # channels, height, width
    classes: int
    file: str | None = None  # SHA-256 of the packed train and validation parts; None: the program brings the data
    test_file: str | None = None  # told only to a protocol that is published to validate on it

    @property
    def metric(self) -> Metric:
        return "accuracy"


@dataclass(frozen=True, kw_only=True)
class TextData:
    """The same of word-level text."""

    vocabulary: int  # different tokens, that of a line's end and that of unknown words among them
    file: str | None = None  # as of images

    @property
    def metric(self) -> Metric:
        return "perplexity"


Data = ImageData | TextData


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A dataset as all parts of the program speak of it."""

    name: str
    title: str
    about: str
    data: Data
    counts: Counts  # of images, or of tokens
    class_names: tuple[str, ...] = ()  # of images, in the order of the labels
    class_counts: tuple[Counts, ...] = ()
    content: str  # SHA-256 (hex) of what was read: images and labels, or words
    split: str  # fingerprint of content and parts together
    test_file: str | None = None  # SHA-256 of the packed test part, which only a final training is told

    @property
    def kind(self) -> Kind:
        return "text" if isinstance(self.data, TextData) else "image"

    def to_dict(self) -> serialization.Json:
        data = self.data
        return {
            "name": self.name,
            "title": self.title,
            "about": self.about,
            "kind": self.kind,
            "shape": list(data.shape) if isinstance(data, ImageData) else None,
            "classes": data.classes if isinstance(data, ImageData) else None,
            "vocabulary": data.vocabulary if isinstance(data, TextData) else None,
            "counts": self.counts._asdict(),
            "split": self.split,
        }


_DIGITS = Dataset(
    name="digits",
    title="Handwritten digits",
    about="1,797 grey images of 8x8 pixels, from scikit-learn. A smoke test: it trains in seconds and is too easy "
    "to rank cells by.",
    data=ImageData(shape=(1, 8, 8), classes=10),
    counts=Counts(train=1259, validation=269, test=269),
    class_names=tuple("0123456789"),
    class_counts=tuple(
        Counts(train, held, held)
        for train, held in zip(
            (124, 128, 123, 129, 127, 128, 127, 125, 122, 126),
            (27, 27, 27, 27, 27, 27, 27, 27, 26, 27),
            strict=True,
        )
    ),
    content="87ff0c9e40dc7e2c0e34e7257799c2e3f3aec1a016363bb11cad869ec428a826",
    split="7c1bd4fabec836642da169a004cdbcd1cf9ab1f47d6d5a93881736c6d94eb2f1",
)


def _python_docs() -> Dataset:
    from search.data import python_docs  # which reads this module, and a text besides

    return python_docs.dataset()


class _Builtin(Mapping[str, Dataset]):
    """Datasets by name, each made when it is first asked for: to name them takes no time."""

    def __init__(self, makers: dict[str, Callable[[], Dataset]]) -> None:
        self._makers, self._made = makers, dict[str, Dataset]()

    def __getitem__(self, name: str) -> Dataset:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._makers

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


DATASETS: Mapping[str, Dataset] = _Builtin({"digits": lambda: _DIGITS, "python-docs": _python_docs})


def get(name: str) -> Dataset:
    """Raises UnknownDataset."""
    if name not in DATASETS:
        raise UnknownDataset(f"there is no dataset {name!r}; there are {', '.join(DATASETS)}")
    return DATASETS[name]


class Split(NamedTuple):
    """Indices of the images of each part, in ascending order."""

    train: tuple[int, ...]
    validation: tuple[int, ...]
    test: tuple[int, ...]


class Sheet(NamedTuple):
    """Some images of each class on one picture, class by class, row by row."""

    columns: int
    tile: int  # side of a tile in pixels
    classes: tuple[int, ...]  # of each tile


def sheet(shape: tuple[int, int, int], trains: Sequence[int]) -> Sheet:
    """`trains`: how many images of each class train; only those are shown."""
    each = max(1, min(8, 96 // len(trains)))
    side = max(shape[1:])
    tile = side * (64 // side) if side < 64 else 64
    shown = [label for label, count in enumerate(trains[:96]) for _ in range(min(each, count))]
    return Sheet(columns=8 if each == 8 else 12, tile=tile, classes=tuple(shown))


def deal(labels: Sequence[int], content: str, share: float = 0.15) -> Split:
    """Stratified: of each class, `share` is for validation and as much for test; the rest trains."""
    classes: dict[int, list[int]] = {}
    for index, label in enumerate(labels):
        classes.setdefault(label, []).append(index)
    train, validation, test = [], [], []
    for members in classes.values():
        members.sort(key=lambda index: hashlib.sha256(f"{content}/{index}".encode()).digest())
        held = round(len(members) * share)
        validation += members[:held]
        test += members[held : 2 * held]
        train += members[2 * held :]
    return Split(tuple(sorted(train)), tuple(sorted(validation)), tuple(sorted(test)))


def complete(labels: Sequence[int], given: Sequence[Part], content: str) -> Split:
    """The parts as given; those that nobody gave are dealt from what trains."""
    parts: dict[Part, list[int]] = {"train": [], "validation": [], "test": []}
    for index, part in enumerate(given):
        parts[part].append(index)
    trains = parts["train"]
    dealt = deal([labels[index] for index in trains], content)
    held: tuple[Part, ...] = ("validation", "test")
    missing = [part for part in held if not parts[part]]
    for part in missing:
        parts[part] = [trains[index] for index in getattr(dealt, part)]
    taken = {index for part in missing for index in parts[part]}
    parts["train"] = [index for index in trains if index not in taken]
    return Split(tuple(parts["train"]), tuple(parts["validation"]), tuple(parts["test"]))


def fingerprint(split: Split, content: str) -> str:
    """SHA-256 (hex) of what the parts hold."""
    return serialization.digest({"content": content, "parts": split})
