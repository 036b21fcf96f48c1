"""Datasets by name, whoever brought them: the built-in ones, and those of a team. Reads only; uploads.py writes."""

from typing import Any

from django.db.models import QuerySet

from search.data import datasets
from search.data.builtin import DATASETS
from search.data.datasets import Counts
from webapp.core.errors import InvalidField
from webapp.models import Dataset, Team
from webapp.models.enums import FileFormat

Json = dict[str, Any]


def find(team: Team | None, name: str) -> datasets.Dataset:
    """What a search or a training of this team may be told to work on. Raises InvalidField."""
    if name in DATASETS:
        return DATASETS[name]
    for row in whole(Dataset.objects.filter(team=team, pk=name)):
        return described(row)
    raise _none()


def lock(name: str | None) -> None:
    """Keeps an uploaded dataset from being deleted until the transaction ends. Raises InvalidField where it is gone."""
    if name is not None and not Dataset.objects.select_for_update(no_key=True).filter(pk=name):
        raise _none()


def whole(rows: QuerySet[Dataset]) -> list[Dataset]:
    """With their files. One that is deleted while we read has none, and is none."""
    return [row for row in rows.prefetch_related("files") if row.files.all()]


def _none() -> InvalidField:
    return InvalidField("dataset", "The team has no such dataset. Pick one of the list, or upload your own.")


def described(row: Dataset) -> datasets.Dataset:
    """An uploaded dataset as all parts of the program speak of it."""
    files = {use.format: use.artifact_id for use in row.files.all()}
    return datasets.Dataset(
        name=row.pk,
        title=row.title,
        about=about(row),
        data=_data(row, files[FileFormat.TRAINING_DATA]),
        counts=Counts(**row.counts),
        class_names=tuple(row.classes),
        class_counts=tuple(Counts(**counts) for counts in row.class_counts),
        content=row.content,
        split=row.split,
        test_file=files[FileFormat.TEST_DATA],
    )


def _data(row: Dataset, file: str) -> datasets.Data:
    if row.kind == "text":
        assert row.vocabulary is not None
        return datasets.TextData(vocabulary=row.vocabulary, file=file)
    assert row.shape is not None
    channels, height, width = row.shape
    return datasets.ImageData(shape=(channels, height, width), classes=len(row.classes), file=file)


def about(row: Dataset) -> str:
    """A sentence or two on what it is."""
    split = "The split is the one that it came with." if row.split_given else "The split was dealt by its content."
    total = sum(row.counts.values())
    if row.kind == "text":
        return f"{total:,} words, ends of lines included, {row.vocabulary:,} of them different. {split}"
    assert row.shape is not None
    channels, height, width = row.shape
    look = "grey" if channels == 1 else "colour"
    return f"{total:,} {look} images of {width}×{height} pixels in {len(row.classes)} classes. {split}"
