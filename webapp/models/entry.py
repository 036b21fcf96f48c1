"""What searches, architectures, trained models and datasets have in common: people tag, archive and delete them.

Only webapp/entries/ writes these columns.
"""

from django.db import models

from webapp.models.people import User


class Entry(models.Model):
    notes = models.TextField(default="", blank=True)
    tags = models.JSONField(default=dict, blank=True)  # as written, by their lower case: {"edge": "Edge"}
    archived_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)  # it may be restored for RESTORE_SECONDS, then its row is deleted
    deleted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        abstract = True
