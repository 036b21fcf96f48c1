"""What trainings reached, for lists: the best trained model beside each architecture and each search."""

from typing import Any

from django.db.models import Case, Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce, JSONObject

from webapp.models import Architecture, Search, TrainedModel

FIGURES = ("val_accuracy", "test_accuracy", "val_perplexity", "test_perplexity")


def beside_architectures(
    rows: QuerySet[Architecture], visible: QuerySet[Architecture], models: QuerySet[TrainedModel]
) -> QuerySet[Architecture]:
    """Adds `best_trained`, `model_count` and `alike`: how many other architectures have the same cell. They count
    what the person may see: `visible` and `models`."""
    trained = models.filter(architecture=OuterRef("pk"))
    same = visible.filter(hash=OuterRef("hash")).exclude(pk=OuterRef("pk"))
    return rows.annotate(best_trained=_best(trained), model_count=_count(trained), alike=_count(same))


def beside_searches(
    rows: QuerySet[Search], architectures: QuerySet[Architecture], models: QuerySet[TrainedModel]
) -> QuerySet[Search]:
    """Adds `answer`, the id of the architecture that the search ended with, and the `best_trained` model of it."""
    found = architectures.filter(search=OuterRef("pk")).order_by("created_at", "pk")
    trained = models.filter(architecture__search=OuterRef("pk"), architecture__deleted_at=None)
    return rows.annotate(answer=Subquery(found.values("pk")[:1]), best_trained=_best(trained))


def _best(trained: QuerySet[TrainedModel]) -> Subquery:
    """On the dataset of the search, if there is one; else on any. The one with the best validation figure: the test
    part only tells how good that choice is."""
    known = trained.filter(Q(val_accuracy__isnull=False) | Q(val_perplexity__isnull=False))
    elsewhere = Case(When(dataset=OuterRef("dataset"), then=0), default=1)
    known = known.alias(elsewhere=elsewhere)  # before the order, where Django resolves no outer reference
    ordered = known.order_by("elsewhere", F("val_accuracy").desc(nulls_last=True), "val_perplexity", "created_at", "pk")
    figures = JSONObject(model=F("pk"), dataset=F("dataset"), **{name: F(name) for name in FIGURES})
    return Subquery(ordered.values(figures=figures)[:1])


def _count(rows: QuerySet[Any]) -> Any:
    counted = rows.order_by().annotate(none=Case(default=1)).values("none").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
