"""Datasets by name: built-in ones and those of a team. Only reads; uploads.py writes."""

from django.db.models import QuerySet

from search.data import datasets
from search.data.builtin import DATASETS
from search.data.datasets import Counts
from webapp.core.errors import InvalidField, NotFound
from webapp.entries import locks
from webapp.models import Dataset, Team
from webapp.models.enums import FileFormat


def find(team: Team | None, name: str) -> datasets.Dataset:
    """The dataset for a search or training of this team. Raises InvalidField."""
    if name in DATASETS:
        return DATASETS[name]
    for row in with_files(Dataset.objects.filter(team=team, pk=name, deleted_at=None)):
        return to_engine(row)
    raise _unknown()


def lock(name: str | None) -> None:
    """Keeps an uploaded dataset from being deleted until the transaction ends. Raises InvalidField if it was deleted.

    `name`: None for a built-in dataset, which needs no lock.
    """
    if name is None:
        return
    try:
        locks.existing(Dataset, name)
    except NotFound:
        raise _unknown() from None


def with_files(rows: QuerySet[Dataset]) -> list[Dataset]:
    """The datasets with their files. One that is deleted during the query has no files and is left out."""
    return [row for row in rows.prefetch_related("files") if row.files.all()]


def _unknown() -> InvalidField:
    return InvalidField("dataset", "The team has no such dataset. Choose one from the list, or upload your own.")


def to_engine(row: Dataset) -> datasets.Dataset:
    """The row of an uploaded dataset as the engine's dataset."""
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
    """Sizes and split, in one or two sentences."""
    split = "The split came with the data." if row.split_given else "The split was drawn from a hash of the data."
    total = sum(row.counts.values())
    if row.kind == "text":
        return f"{total:,} words including line ends, {row.vocabulary:,} of them distinct. {split}"
    assert row.shape is not None
    channels, height, width = row.shape
    colour = "grey" if channels == 1 else "colour"
    return f"{total:,} {colour} images of {width}×{height} pixels in {len(row.classes)} classes. {split}"
