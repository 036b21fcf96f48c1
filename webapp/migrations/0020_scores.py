"""Scores of untrained networks by proxies, and their work."""

from functools import reduce
from operator import or_

from django.conf import settings
from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Now

from webapp.models.ids import public_id

OWNERS = ("round", "model", "upload", "measurement", "probe", "score")
ONE_OWNER = reduce(or_, (Q(**{f"{name}__isnull": name != owner for name in OWNERS}) for owner in OWNERS))
STATUSES = [("waiting", "Waiting"), ("done", "Done"), ("failed", "Failed")]


class Migration(migrations.Migration):
    dependencies = [("webapp", "0019_modified_files")]
    operations = [
        migrations.CreateModel(
            "Score",
            [
                (
                    "id",
                    models.CharField(
                        default=public_id, editable=False, max_length=16, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=Now())),
                ("proxy", models.CharField(max_length=40)),
                ("dataset", models.CharField(max_length=80)),
                ("split", models.CharField(max_length=64)),
                ("batch_size", models.PositiveIntegerField()),
                ("batches", models.PositiveIntegerField()),
                ("side", models.PositiveIntegerField()),
                ("seed", models.PositiveIntegerField()),
                ("status", models.CharField(choices=STATUSES, default="waiting", max_length=10)),
                ("value", models.FloatField(null=True)),
                ("code", models.CharField(max_length=40, null=True)),
                ("error", models.TextField(null=True)),
                ("seconds", models.FloatField(null=True)),
                (
                    "architecture",
                    models.ForeignKey("webapp.architecture", models.CASCADE, related_name="scores"),
                ),
                ("created_by", models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")),
                ("data", models.ForeignKey("webapp.dataset", models.CASCADE, null=True, related_name="scores")),
                ("team", models.ForeignKey("webapp.team", models.CASCADE, related_name="scores")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=(
                            *("architecture", "team", "proxy", "dataset", "split"),
                            *("batch_size", "batches", "side", "seed"),
                        ),
                        name="score_once",
                    ),
                    models.CheckConstraint(
                        condition=Q(status__in=["waiting", "done", "failed"]), name="score_status_known"
                    ),
                    models.CheckConstraint(
                        condition=Q(status="waiting", value=None, code=None)
                        | Q(status="done", value__isnull=False, code=None)
                        | Q(status="failed", value=None, code__isnull=False),
                        name="score_has_value_or_code",
                    ),
                ]
            },
        ),
        migrations.AddField(
            "work", "score", models.ForeignKey("webapp.score", models.CASCADE, null=True, related_name="work")
        ),
        migrations.RemoveConstraint("work", "work_has_one_owner"),
        migrations.AddConstraint("work", models.CheckConstraint(condition=ONE_OWNER, name="work_has_one_owner")),
    ]
