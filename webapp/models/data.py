"""Uploaded datasets, and the uploads. Only datasets/uploads.py writes them, except what all entries have in common."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from webapp.models.entry import Entry
from webapp.models.enums import UploadStatus
from webapp.models.ids import public_id
from webapp.models.people import Team, User


class Dataset(Entry):
    """A decoded and split dataset. Its files are artifacts, and its parts never change."""

    id = models.CharField(primary_key=True, max_length=16, default=public_id, editable=False)
    team = models.ForeignKey(Team, models.CASCADE, related_name="datasets")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, default="image")
    shape = models.JSONField(null=True)  # of images: channels, height, width
    classes = models.JSONField(default=list)  # of images: their names, in the order of the labels
    vocabulary = models.PositiveIntegerField(null=True)  # of text: different tokens
    counts = models.JSONField()  # train, validation, test: images, or tokens
    class_counts = models.JSONField(default=list)  # the same per class, in the order of the labels
    split_given = models.BooleanField()  # by folders or files; otherwise drawn from a hash of the data
    content = models.CharField(max_length=64)  # SHA-256 of the decoded images and labels, or of the words
    split = models.CharField(max_length=64)  # hash of the content and its division into parts
    about = models.JSONField(default=dict)  # the upload: file name, bytes, format, files left out, an excerpt

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["team", "split"], name="dataset_once_a_team"),
        ]

    def __str__(self) -> str:
        return self.title


class Upload(models.Model):
    """A file that arrives in parts. Then a worker reads it and makes a dataset, or refuses it with a reason."""

    id = models.CharField(primary_key=True, max_length=16, default=public_id, editable=False)
    team = models.ForeignKey(Team, models.CASCADE, related_name="uploads")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    touched_at = models.DateTimeField(db_default=Now())  # last change; abandoned uploads are deleted
    name = models.CharField(max_length=200)  # of the file
    title = models.CharField(max_length=120)  # of the dataset
    bytes = models.PositiveBigIntegerField()  # of the whole file
    modified = models.BigIntegerField(null=True)  # when the file was, as its sender says; ms since 1970
    received = models.PositiveBigIntegerField(default=0)
    parts = models.JSONField(default=list)  # bytes of each stored part, in order
    options = models.JSONField(default=dict)  # how to read the file, such as the side to scale images to
    status = models.CharField(max_length=10, choices=UploadStatus.choices, default=UploadStatus.RECEIVING)
    why = models.TextField(default="", blank=True)  # why it was refused, and what to do
    dataset = models.ForeignKey(Dataset, models.SET_NULL, null=True, related_name="uploads")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(status__in=UploadStatus.values), name="upload_status_known"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> UploadStatus:
        return UploadStatus(self.status)
