"""Events are of version 2: searches have a summary instead of stored views, and candidates have rows of their own.

Logs of version 1 cannot be read, so searches are deleted with all that belongs to them. Datasets, architectures (those
that searches found too) and trained models stay.
"""

import django.db.models.deletion
from django.db import migrations, models


def delete_searches(apps, editor):
    def rows(model):
        return apps.get_model("webapp", model).objects

    rows("Architecture").filter(search__isnull=False).update(search=None, lineage=None)
    rows("ArtifactUse").filter(models.Q(round__isnull=False) | models.Q(work__round__isnull=False)).delete()
    rows("Work").filter(round__isnull=False).delete()
    for model in ("Round", "Event", "View", "Command", "Candidate", "Branch", "Placement", "Search"):
        rows(model).all().delete()
    editor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # Postgres alters no table whose constraints are still to be checked
    editor.execute("SET CONSTRAINTS ALL DEFERRED")


class Migration(migrations.Migration):
    dependencies = [("webapp", "0009_placements")]
    operations = [
        migrations.RunPython(delete_searches, migrations.RunPython.noop),
        migrations.DeleteModel("View"),
        migrations.DeleteModel("Candidate"),
        migrations.CreateModel(
            "Candidate",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("branch", models.PositiveIntegerField()),
                ("number", models.PositiveIntegerField()),
                ("seq", models.PositiveIntegerField()),
                ("step", models.PositiveIntegerField()),
                ("phase", models.CharField(max_length=40)),
                ("edits", models.JSONField()),
                ("parents", models.JSONField()),
                ("hash", models.CharField(max_length=64)),
                ("label", models.TextField(null=True)),
                ("cost", models.JSONField()),
                ("params", models.BigIntegerField()),
                ("macs", models.BigIntegerField()),
                ("peak_memory", models.BigIntegerField()),
                ("latency", models.BigIntegerField(null=True)),
                ("feasible", models.BooleanField()),
                ("why_not", models.TextField(null=True)),
                ("status", models.CharField(max_length=10)),
                ("code", models.TextField(null=True)),
                ("quality", models.FloatField(null=True)),
                ("score", models.FloatField(null=True)),
                ("curve", models.JSONField(default=list)),
                (
                    "search",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="candidates", to="webapp.search"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["search", "seq"], name="candidate_seq")],
                "constraints": [
                    models.UniqueConstraint(fields=["search", "branch", "number"], name="candidate_number_once")
                ],
            },
        ),
        migrations.AddField("search", "summary", models.JSONField(null=True)),
        migrations.AddField("work", "about", models.JSONField(default=list)),
    ]
