"""Datasets by name, whoever brought them: the built-in ones, and those of a team. Reads only; uploads.py writes."""

from typing import Any

from search import datasets
from search.datasets import DATASETS, Counts
from webapp.models import ArtifactUse, Dataset, Team
from webapp.proposals import BadProposal
from webapp.states import FileFormat

Json = dict[str, Any]


def find(team: Team | None, name: str) -> datasets.Dataset:
    """What a search or a training of this team may be told to work on. Raises BadProposal."""
    if name in DATASETS:
        return DATASETS[name]
    row = Dataset.objects.filter(team=team, pk=name).first()
    if row is None:
        raise BadProposal("dataset", "There is no such dataset. Pick one of the list, or upload your own.")
    return described(row)


def described(row: Dataset) -> datasets.Dataset:
    """An uploaded dataset as all parts of the program speak of it."""
    channels, height, width = row.shape
    files = dict(ArtifactUse.objects.filter(dataset=row).values_list("format", "artifact"))
    return datasets.Dataset(
        name=row.pk,
        title=row.title,
        about=about(row),
        shape=(channels, height, width),
        classes=len(row.classes),
        counts=Counts(**row.counts),
        class_names=tuple(row.classes),
        class_counts=tuple(Counts(**counts) for counts in row.class_counts),
        content=row.content,
        split=row.split,
        file=files[FileFormat.TRAINING_DATA],
        test_file=files[FileFormat.TEST_DATA],
    )


def about(row: Dataset) -> str:
    """A sentence or two on what it is."""
    channels, height, width = row.shape
    look = "grey" if channels == 1 else "colour"
    split = "The split is the one that it came with." if row.split_given else "The split was dealt by its content."
    total = sum(row.counts.values())
    return f"{total:,} {look} images of {width}×{height} pixels in {len(row.classes)} classes. {split}"
