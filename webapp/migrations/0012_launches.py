"""What comes before a search: probes of its time, drafts, the hash of its task, and groups of launches.

Searches from before have no hash: nobody is told that one of them was the same.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Now

import webapp.models.ids

OWNERS = ("round", "model", "upload", "measurement", "probe")


def one_owner():
    """A condition: exactly one of OWNERS is set."""
    choices = models.Q()
    for owner in OWNERS:
        others = {each: None for each in OWNERS if each != owner}
        choices |= models.Q(**{f"{owner}__isnull": False}, **others)
    return choices


class Migration(migrations.Migration):
    dependencies = [("webapp", "0011_names_tags_and_deletion")]
    operations = [
        migrations.CreateModel(
            "SearchDraft",
            [
                (
                    "id",
                    models.CharField(
                        default=webapp.models.ids.public_id,
                        editable=False,
                        max_length=16,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("draft", models.JSONField()),
                ("updated_at", models.DateTimeField(db_default=Now())),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="drafts", to="webapp.team"
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["team", "-updated_at"], name="draft_of_team")]},
        ),
        migrations.AddField("search", "task_hash", models.CharField(max_length=64, null=True)),
        migrations.AddField("search", "group", models.CharField(max_length=16, null=True)),
        migrations.AddIndex("search", models.Index(fields=["team", "task_hash"], name="search_task")),
        migrations.AddIndex(
            "search",
            models.Index(condition=models.Q(group__isnull=False), fields=["group"], name="search_group"),
        ),
        migrations.CreateModel(
            "Probe",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(db_default=Now())),
                ("subject", models.CharField(max_length=64)),
                ("macs", models.JSONField()),
                ("seconds", models.JSONField(null=True)),
                ("numerics", models.CharField(max_length=200, null=True)),
                ("error", models.TextField(null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="probes", to="webapp.team"
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["subject", "-created_at"], name="probe_subject")]},
        ),
        migrations.AddField(
            "work",
            "probe",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="work", to="webapp.probe"
            ),
        ),
        migrations.RemoveConstraint("work", "work_has_one_owner"),
        migrations.AddConstraint("work", models.CheckConstraint(condition=one_owner(), name="work_has_one_owner")),
    ]
