"""Estimates of a search's time: probes, which workers run before a search is launched."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Now

OWNERS = ("round", "model", "upload", "measurement", "probe")


def one_owner():
    """A condition: exactly one of OWNERS is set."""
    choices = models.Q()
    for owner in OWNERS:
        others = {each: None for each in OWNERS if each != owner}
        choices |= models.Q(**{f"{owner}__isnull": False}, **others)
    return choices


class Migration(migrations.Migration):
    dependencies = [("webapp", "0010_events_version_2")]
    operations = [
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
