"""Stored files, identified by the SHA-256 of their content, and the objects that use them.

Only files/artifacts.py writes the rows of files. The module that owns an object writes the rows of its uses.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from webapp.models.catalog import TrainedModel
from webapp.models.data import Dataset
from webapp.models.enums import FileFormat
from webapp.models.search import Round
from webapp.models.work import Work


class Artifact(models.Model):
    """A file by the SHA-256 of its content. The file is stored before the row, so each row has a file."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    bytes = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.sha256[:12]


class ArtifactUse(models.Model):
    """One use of a file by exactly one owner. A file without uses is deleted after UNUSED_SECONDS."""

    artifact = models.ForeignKey(Artifact, models.PROTECT, related_name="uses")
    model = models.ForeignKey(TrainedModel, models.CASCADE, null=True, related_name="files")
    dataset = models.ForeignKey(Dataset, models.CASCADE, null=True, related_name="files")
    round = models.ForeignKey(Round, models.CASCADE, null=True, related_name="files")
    work = models.ForeignKey(Work, models.CASCADE, null=True, related_name="files")
    format = models.CharField(max_length=20, choices=FileFormat.choices)
    name = models.CharField(max_length=200)
    check_result = models.JSONField(null=True)  # of an exported file, loaded in its runtime and compared
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["model", "format"], name="artifact_use_once"),
            models.UniqueConstraint(fields=["dataset", "format"], name="artifact_use_once_a_dataset"),
            models.UniqueConstraint(fields=["work", "format", "artifact"], name="artifact_use_once_a_work"),
            models.UniqueConstraint(
                fields=["work"], condition=Q(format=FileFormat.CHECKPOINT), name="artifact_one_checkpoint_of_a_work"
            ),
            models.UniqueConstraint(fields=["round", "artifact"], name="artifact_use_once_a_round"),
            models.CheckConstraint(
                condition=Q(model__isnull=False, dataset=None, round=None, work=None)
                | Q(dataset__isnull=False, model=None, round=None, work=None)
                | Q(round__isnull=False, model=None, dataset=None, work=None)
                | Q(work__isnull=False, model=None, dataset=None, round=None),
                name="artifact_use_has_one_owner",
            ),
        ]

    def __str__(self) -> str:
        return self.name
