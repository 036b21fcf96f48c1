"""Budgets from before latency could be limited say that it is not; views of then are folded anew from their logs."""

from django.db import migrations

NONE = {"latency": None, "device": None}


def fill(apps, editor):
    Search, Command, View = (apps.get_model("webapp", name) for name in ("Search", "Command", "View"))
    for search in Search.objects.filter(task__has_key="budget").iterator():
        search.task["budget"] = {**NONE, **search.task["budget"]}
        search.save(update_fields=["task"])
    for command in Command.objects.filter(budget__isnull=False).iterator():
        command.budget = {**NONE, **command.budget}
        command.save(update_fields=["budget"])
    View.objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("webapp", "0004_devices_and_text")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
