"""What a dataset is: its name, kind, size and parts. Nothing here reads an image or a text."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from search.base import serialization

Kind = Literal["image", "text"]
Part = Literal["train", "validation", "test"]
PARTS: tuple[Part, ...] = ("train", "validation", "test")  # in packed files by their place here
PACKED = "1"  # version of packed files: search.runtime.ingest writes them, search.runtime reads them


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
