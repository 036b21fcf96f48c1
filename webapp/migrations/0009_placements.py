"""Where work is done belongs to the item and to the kind of work in a search, not to the search.

What an item needs was its `queue`. The queue and numerics of a search become those of its trainings, and its measuring
machine that of its measurements. Any kind of work may be stored.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Now


def place_searches(apps, editor):
    Search, Placement = (apps.get_model("webapp", name) for name in ("Search", "Placement"))
    for search in Search.objects.exclude(queue=None).iterator():
        Placement.objects.create(search=search, kind="train", queue=search.queue, numerics=search.numerics or "")
    for search in Search.objects.exclude(measured_on=None).iterator():
        Placement.objects.create(search=search, kind="measure", machine=search.measured_on)


class Migration(migrations.Migration):
    dependencies = [("webapp", "0008_three_factors")]
    operations = [
        migrations.CreateModel(
            "Placement",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("queue", models.CharField(blank=True, default="", max_length=10)),
                ("numerics", models.CharField(blank=True, default="", max_length=200)),
                ("machine", models.CharField(blank=True, default="", max_length=120)),
                (
                    "search",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="placements", to="webapp.search"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=["search", "kind"], name="placement_once")],
            },
        ),
        migrations.RunPython(place_searches, migrations.RunPython.noop),
        migrations.RemoveField("search", "queue"),
        migrations.RemoveField("search", "numerics"),
        migrations.RemoveField("search", "measured_on"),
        migrations.RemoveConstraint("work", "work_kind_known"),
        migrations.AlterField("work", "kind", models.CharField(max_length=20)),
        migrations.RenameField("work", "queue", "needs"),
        migrations.AddField("round", "served_at", models.DateTimeField(db_default=Now())),
        migrations.AddField("work", "created_at", models.DateTimeField(db_default=Now())),
    ]
