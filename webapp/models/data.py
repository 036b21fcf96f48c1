"""Datasets that people brought, and the uploads that they came in. Only uploads.py writes them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from webapp.models.enums import UploadStatus
from webapp.models.ids import public_id
from webapp.models.people import Team, User


class Dataset(models.Model):
    """Decoded, split and stored. Its files are artifacts; what is in a part never changes."""

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
    split_given = models.BooleanField()  # by its folders or files; else dealt by the data's hash
    content = models.CharField(max_length=64)  # SHA-256 of images and labels as decoded, or of the words
    split = models.CharField(max_length=64)  # fingerprint of content and parts together
    about = models.JSONField(default=dict)  # what the upload was: name, bytes, format, files left out, an excerpt

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["team", "split"], name="dataset_once_a_team"),
        ]

    def __str__(self) -> str:
        return self.title


class Upload(models.Model):
    """A file on its way: received part by part, then read by a worker, which makes a dataset of it or says why not."""

    id = models.CharField(primary_key=True, max_length=16, default=public_id, editable=False)
    team = models.ForeignKey(Team, models.CASCADE, related_name="uploads")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    touched_at = models.DateTimeField(db_default=Now())  # abandoned ones are swept
    name = models.CharField(max_length=200)  # of the file
    title = models.CharField(max_length=120)  # of the dataset to be
    bytes = models.PositiveBigIntegerField()  # in all
    received = models.PositiveBigIntegerField(default=0)
    parts = models.JSONField(default=list)  # bytes of each part that is stored, in order
    options = models.JSONField(default=dict)  # how to read it, such as the side that images are scaled to
    status = models.CharField(max_length=10, choices=UploadStatus.choices, default=UploadStatus.RECEIVING)
    why = models.TextField(default="", blank=True)  # it was refused, and what to do
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
