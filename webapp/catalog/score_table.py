"""What scores say, for lists: the scores beside each architecture, and how well each proxy ranks what was trained."""

from bisect import bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Sequence
from math import comb, sqrt

from django.contrib.postgres.aggregates.mixins import OrderableAggMixin
from django.db.models import Aggregate, Case, Count, Exists, JSONField, Max, OuterRef, Q, QuerySet, Subquery

from search.base.serialization import Json
from search.evaluation.proxies import PROXIES
from webapp.models import Architecture, Score, TrainedModel
from webapp.models.enums import ScoreStatus

GIVEN = ("batch_size", "batches", "side", "seed")
LEAST = 5  # architectures that a rank correlation is given for


class ByProxy(OrderableAggMixin, Aggregate):
    """An object of values by name. Of equal names the last counts."""

    function = "jsonb_object_agg"
    template = "%(function)s(%(expressions)s %(order_by)s)"
    output_field = JSONField()


def scored_on(rows: QuerySet[Architecture], scores: QuerySet[Score], dataset: str) -> QuerySet[Architecture]:
    """Those that have one of these scores on the dataset."""
    return rows.filter(Exists(_done(scores, dataset).filter(architecture=OuterRef("pk"))))


def most_given(scores: QuerySet[Score], dataset: str) -> Json | None:
    """What most of these scores on the dataset were given: batches, their size, side and seed. Scores of networks that
    were given something else cannot be compared. Of equally many, what was asked for last. None: all are in closed
    form."""
    done = _done(scores, dataset).exclude(batch_size=0).order_by()
    counted = done.values(*GIVEN).annotate(count=Count("pk"), newest=Max("created_at"))
    found = counted.order_by("-count", "-newest", *GIVEN).first()
    return found and {name: found[name] for name in GIVEN}


def with_scores(
    rows: QuerySet[Architecture], scores: QuerySet[Score], models: QuerySet[TrainedModel], dataset: str
) -> QuerySet[Architecture]:
    """`scored_on`, with `by_proxy`, the newest score by each proxy of `most_given`, and `trained_accuracy`, the best
    validation accuracy of these models on the dataset."""
    own = _comparable(scores, dataset).filter(architecture=OuterRef("pk")).order_by()
    grouped = own.annotate(none=Case(default=1)).values("none")
    values = grouped.annotate(found=ByProxy("proxy", "value", order_by=["created_at", "pk"])).values("found")
    trained = models.filter(architecture=OuterRef("pk"), dataset=dataset, val_accuracy__isnull=False)
    best = trained.order_by("-val_accuracy").values("val_accuracy")[:1]
    return scored_on(rows, scores, dataset).annotate(by_proxy=Subquery(values), trained_accuracy=Subquery(best))


def datasets(architectures: QuerySet[Architecture], scores: QuerySet[Score]) -> list[Json]:
    """Datasets with scores of these architectures, and of how many; that with the most first."""
    done = scores.filter(status=ScoreStatus.DONE, architecture__in=architectures)
    counts = Counter(name for name, _ in set(done.values_list("dataset", "architecture")))
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [{"name": name, "architectures": count} for name, count in ordered]


def ranks(
    architectures: QuerySet[Architecture], scores: QuerySet[Score], models: QuerySet[TrainedModel], dataset: str
) -> list[Json]:
    """For each proxy with scores on the dataset: how many of these architectures have one, how many have one and a
    model, and Kendall's tau (b) between the newest scores of `most_given` and the best validation accuracies; None
    below LEAST."""
    values: dict[str, dict[str, float]] = defaultdict(dict)
    done = _comparable(scores, dataset).filter(architecture__in=architectures).order_by("created_at", "pk")
    for proxy, architecture, value in done.values_list("proxy", "architecture", "value"):
        assert value is not None  # it is done
        values[proxy][architecture] = value
    trained = models.filter(architecture__in=architectures, dataset=dataset, val_accuracy__isnull=False)
    accuracies = dict(trained.order_by().values_list("architecture").annotate(best=Max("val_accuracy")))
    found = []
    for proxy in (name for name in PROXIES if name in values):
        both = [name for name in values[proxy] if name in accuracies]
        tau = None
        if len(both) >= LEAST:
            tau = kendall_tau([values[proxy][name] for name in both], [accuracies[name] for name in both])
        found.append({"proxy": proxy, "architectures": len(values[proxy]), "both": len(both), "tau": tau})
    return found


def kendall_tau(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Kendall's tau-b (Kendall, Biometrika 1945): pairs in the same order minus pairs in the opposite one, over all
    pairs, corrected for ties. None where all values of one side are equal."""
    pairs = sorted(zip(first, second, strict=True))
    total, ties, other_ties, both_ties = (
        comb(len(pairs), 2),
        _tied(Counter(first)),
        _tied(Counter(second)),
        _tied(Counter(pairs)),
    )
    if total in (ties, other_ties):
        return None
    opposite, seen = 0, list[float]()
    for _, value in pairs:
        opposite += len(seen) - bisect_right(seen, value)
        insort(seen, value)
    same = total - ties - other_ties + both_ties - opposite
    return (same - opposite) / sqrt((total - ties) * (total - other_ties))


def _tied(counts: Counter[object]) -> int:
    return sum(comb(count, 2) for count in counts.values())


def _done(scores: QuerySet[Score], dataset: str) -> QuerySet[Score]:
    return scores.filter(dataset=dataset, status=ScoreStatus.DONE)


def _comparable(scores: QuerySet[Score], dataset: str) -> QuerySet[Score]:
    """Those of `most_given`, and those in closed form."""
    given = most_given(scores, dataset)
    return _done(scores, dataset).filter(Q(batch_size=0) if given is None else Q(batch_size=0) | Q(**given))
