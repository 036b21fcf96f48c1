"""The description of a dataset: name, kind, size and parts. Nothing here reads images or text."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from search.base.serialization import Json

Kind = Literal["image", "text"]
Part = Literal["train", "validation", "test"]
PARTS: tuple[Part, ...] = ("train", "validation", "test")  # packed files store an index into this tuple
PACKED = "1"  # format version of packed files: search.runtime.ingest writes them, search.runtime reads them


class Counts(NamedTuple):
    """Number of images or tokens in each part."""

    train: int
    validation: int
    test: int


Metric = Literal["accuracy", "perplexity"]
#: The metric of every quality, by the kind of data.
METRIC_OF: dict[Kind, Metric] = {"image": "accuracy", "text": "perplexity"}

#: What the outcome of reading an upload says of the file itself; the last two of a text alone.
FILE_FIELDS = ("format", "left_out", "tokens", "excerpt")


@dataclass(frozen=True, kw_only=True)
class ImageData:
    """What a search needs to know about labelled images, and the files that a worker reads."""

    kind: Literal["image"] = "image"
    shape: tuple[int, int, int]  # channels, height, width
    classes: int
    file: str | None = None  # SHA-256 of the packed training and validation parts; None: built-in data
    test_file: str | None = None  # set only for the published protocol, which validates on the test part

    @property
    def metric(self) -> Metric:
        return METRIC_OF[self.kind]


@dataclass(frozen=True, kw_only=True)
class TextData:
    """The same for word-level text."""

    kind: Literal["text"] = "text"
    vocabulary: int  # distinct tokens, including those for line end and unknown words
    file: str | None = None  # as for images

    @property
    def metric(self) -> Metric:
        return METRIC_OF[self.kind]


Data = ImageData | TextData


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A dataset as the web, the CLI and the workers describe it."""

    name: str
    title: str
    about: str
    data: Data
    counts: Counts  # images, or tokens
    class_names: tuple[str, ...] = ()  # images only, in the order of the labels
    class_counts: tuple[Counts, ...] = ()
    content: str  # SHA-256 (hex) of the images and labels, or of the words
    split: str  # SHA-256 (hex) of content and parts together
    test_file: str | None = None  # SHA-256 of the packed test part; only final trainings get it

    @property
    def kind(self) -> Kind:
        return self.data.kind

    def to_dict(self) -> Json:
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
