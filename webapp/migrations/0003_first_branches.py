"""Searches from before branches had rows: each gets its first, and its rounds the step that they began at."""

from django.db import migrations
from django.db.models import Count, F, OuterRef, Subquery
from django.db.models.functions import Coalesce


def fill(apps, editor):
    Search, Branch, Round, Event = (apps.get_model("webapp", name) for name in ("Search", "Branch", "Round", "Event"))
    Branch.objects.bulk_create(Branch(search=search, number=0, seq=1) for search in Search.objects.all())
    decided = (
        Event.objects.filter(
            search=OuterRef("search"), branch=OuterRef("branch"), kind="step_decided", round__lt=OuterRef("number")
        )
        .order_by()
        .values("search")
        .annotate(total=Count("pk"))
        .values("total")
    )
    Round.objects.update(step=Coalesce(Subquery(decided), F("step")))


class Migration(migrations.Migration):
    dependencies = [("webapp", "0002_steering_and_data")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
