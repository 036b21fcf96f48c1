"""Searches, architectures, trained models and datasets have notes and tags, and can be archived and deleted.

Trained models get a name: dataset and seed. A found architecture belongs to who started its search.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import OuterRef, Subquery

BUILT_IN = {"digits": "Handwritten digits", "python-docs": "Python reference"}


def name_models(apps, editor):
    Dataset, TrainedModel = (apps.get_model("webapp", name) for name in ("Dataset", "TrainedModel"))
    titles = BUILT_IN | dict(Dataset.objects.values_list("pk", "title"))
    for model in TrainedModel.objects.only("dataset", "seed").iterator():
        end = f", seed {model.seed}"
        model.name = titles.get(model.dataset, model.dataset)[: 120 - len(end)] + end
        model.save(update_fields=["name"])


def find_creators(apps, editor):
    Architecture, Search = (apps.get_model("webapp", name) for name in ("Architecture", "Search"))
    creator = Search.objects.filter(pk=OuterRef("search")).values("created_by")
    Architecture.objects.exclude(search=None).update(created_by=Subquery(creator))
    editor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # Postgres alters no table whose constraints are still to be checked
    editor.execute("SET CONSTRAINTS ALL DEFERRED")


def person():
    return models.ForeignKey(
        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
    )


class Migration(migrations.Migration):
    dependencies = [("webapp", "0010_events_version_2")]
    operations = [
        *(
            migrations.AddField(model, name, field)
            for model in ("search", "architecture", "trainedmodel", "dataset")
            for name, field in (
                ("notes", models.TextField(blank=True, default="")),
                ("tags", models.JSONField(blank=True, default=dict)),
                ("archived_at", models.DateTimeField(null=True)),
                ("deleted_at", models.DateTimeField(null=True)),
                ("deleted_by", person()),
            )
        ),
        migrations.AddField("architecture", "created_by", person()),
        migrations.AddField("trainedmodel", "name", models.CharField(default="", max_length=120), preserve_default=False),
        migrations.AddIndex("architecture", models.Index(fields=["hash"], name="architecture_hash")),
        migrations.RunPython(name_models, migrations.RunPython.noop),
        migrations.RunPython(find_creators, migrations.RunPython.noop),
    ]
