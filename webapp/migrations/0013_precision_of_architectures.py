"""The precision at which an architecture's peak memory is counted: that of its search's limits, or of its own budget."""

from django.db import migrations, models


def fill(apps, schema_editor):
    Architecture = apps.get_model("webapp", "Architecture")
    for row in Architecture.objects.select_related("search").only("budget", "search__task").iterator():
        budget = row.budget or (row.search.task.get("budget") if row.search else None) or {}
        if budget.get("bytes_per_element", 4) != 4:
            Architecture.objects.filter(pk=row.pk).update(bytes_per_element=budget["bytes_per_element"])


class Migration(migrations.Migration):
    dependencies = [("webapp", "0012_launches")]
    operations = [
        migrations.AddField("architecture", "bytes_per_element", models.PositiveSmallIntegerField(default=4)),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
