"""Tasks are divided into space, strategy, evaluator and objective, and a macro says of which kind it is.

Searches from before that cannot be continued or shown, and are deleted with all that belongs to them. Datasets,
architectures (those that searches found too) and trained models stay.
"""

import json

from django.db import migrations, models


def delete_searches(apps, editor):
    def rows(model):
        return apps.get_model("webapp", model).objects

    rows("Architecture").filter(search__isnull=False).update(search=None, lineage=None)
    rows("ArtifactUse").filter(models.Q(round__isnull=False) | models.Q(work__round__isnull=False)).delete()
    rows("Work").filter(round__isnull=False).delete()
    for model in ("Round", "Event", "View", "Command", "Candidate", "Branch", "Search"):
        rows(model).all().delete()


def add_kinds(apps, editor):
    """To the macros of architectures and of the work for trained models and measurements."""
    Architecture, Work = (apps.get_model("webapp", name) for name in ("Architecture", "Work"))
    for architecture in Architecture.objects.exclude(macro__has_key="kind").iterator():
        architecture.macro = _with_kind(architecture.macro)
        architecture.save(update_fields=["macro"])
    for item in Work.objects.all().iterator():
        payload = json.loads(bytes(item.payload))
        if "macro" in payload:
            payload["macro"] = _with_kind(payload["macro"])
            item.payload = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
            item.save(update_fields=["payload"])


def _with_kind(macro):
    return {"kind": "text" if "vocabulary" in macro else "image", **macro}


class Migration(migrations.Migration):
    dependencies = [("webapp", "0007_rename_columns")]
    operations = [
        migrations.AddField("candidate", "label", models.TextField(null=True)),
        migrations.RunPython(delete_searches, migrations.RunPython.noop),
        migrations.RunPython(add_kinds, migrations.RunPython.noop),
    ]
