"""The families of entries, as a table: how each is filtered and sorted, and what it depends on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import BigIntegerField, Case, F, FloatField, When
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce, Lower

from search.evaluation.proxies import PROXIES
from search.strategies import STRATEGIES
from webapp.models import Architecture, Dataset, Entry, Search, TrainedModel
from webapp.models.enums import ArchitectureKind, ModelStatus, SearchStatus

METHODS = list(STRATEGIES)


@dataclass(frozen=True)
class Family:
    """`name`: in addresses. `noun`: in sentences. `title`: the column with an entry's name.

    `texts`: columns that a text is looked for in, besides name, notes and tags. `filters`: parameters and their
    columns. `choices`: all values of a parameter, where they are few. `limits`: costs that a list may have a limit on;
    memory is in elements. `sorts`: what a list may be sorted by; missing values come last. `score_sorts`: the same in a
    list of what has scores on one dataset. `depends_on`: columns that refer to entries, which cannot be deleted while
    this one exists. `runs`: it must be stopped before it is deleted.
    """

    name: str
    noun: str
    model: Any  # a class of models
    sorts: Mapping[str, Any]
    title: str = "name"
    texts: Sequence[str] = ()
    filters: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    limits: Mapping[str, Any] = field(default_factory=dict)
    score_sorts: Mapping[str, Any] = field(default_factory=dict)
    depends_on: Sequence[str] = ()
    runs: bool = False


PARAMS, MACS = KeyTransform("params", "cost"), KeyTransform("macs", "cost")
PEAK_MEMORY = KeyTransform("live", KeyTransform("peak_memory", "cost"))  # in the order of execution


def _peak(order: str) -> Any:
    return Cast(KeyTextTransform(order, KeyTransform("peak_memory", "cost")), BigIntegerField())


#: What a limit on memory applies to (search/network/budget.py), whatever the bytes of an element.
PEAK_ELEMENTS = Coalesce(_peak("optimal"), _peak("live")) / F("bytes_per_element")


def _quality(metric: str) -> Any:
    """The best quality of searches with this metric; the others have none."""
    return Case(When(metric=metric, then=F("best_quality")))


SEARCHES = Family(
    name="searches",
    noun="search",
    model=Search,
    filters={"status": "status", "method": "strategy", "dataset": "dataset", "owner": "created_by", "group": "group"},
    choices={"status": SearchStatus.values, "method": METHODS},
    sorts={
        "created_at": F("created_at"),
        "ended_at": F("ended_at"),
        "name": Lower("name"),
        "status": F("status"),
        "method": F("strategy"),
        "dataset": F("dataset"),
        "step": F("step"),
        "edges": F("edges"),
        "params": PARAMS,
        "macs": MACS,
        "peak_memory": PEAK_MEMORY,
        "accuracy": _quality("accuracy"),
        "perplexity": _quality("perplexity"),
        "proxy": _quality("proxy"),
    },
    depends_on=("data",),
    runs=True,
)
ARCHITECTURES = Family(
    name="architectures",
    noun="architecture",
    model=Architecture,
    texts=("source",),
    filters={"kind": "kind", "method": "strategy", "dataset": "dataset", "owner": "created_by", "hash": "hash"},
    choices={"kind": ArchitectureKind.values, "method": METHODS},
    limits={"params": F("params"), "macs": F("macs"), "peak_memory": PEAK_ELEMENTS},
    sorts={
        "created_at": F("created_at"),
        "name": Lower("name"),
        "kind": F("kind"),
        "method": F("strategy"),
        "dataset": F("dataset"),
        "nodes": F("nodes"),
        "edges": F("edges"),
        "params": F("params"),
        "macs": F("macs"),
        "peak_memory": PEAK_MEMORY,
        # A published figure takes its place among the measured ones.
        "accuracy": Coalesce("val_accuracy", "published_accuracy"),
        "perplexity": Coalesce("val_perplexity", "published_perplexity"),
        "trained": F("model_count"),  # of webapp/catalog/results.py
    },
    # Columns of webapp/catalog/score_table.py.
    score_sorts={
        "trained_accuracy": F("trained_accuracy"),
        **{f"score_{name}": Cast(KeyTextTransform(name, "by_proxy"), FloatField()) for name in PROXIES},
    },
    depends_on=("parent",),
)
MODELS = Family(
    name="models",
    noun="model",
    model=TrainedModel,
    texts=("architecture__name",),
    filters={"status": "status", "method": "architecture__strategy", "dataset": "dataset", "owner": "created_by"},
    choices={"status": ModelStatus.values, "method": METHODS},
    sorts={
        "created_at": F("created_at"),
        "name": Lower("name"),
        "status": F("status"),
        "method": F("architecture__strategy"),
        "architecture": Lower("architecture__name"),
        "dataset": F("dataset"),
        "seed": F("seed"),
        "params": F("architecture__params"),
        "macs": F("architecture__macs"),
        "accuracy": F("val_accuracy"),
        "perplexity": F("val_perplexity"),
        "test_accuracy": F("test_accuracy"),
        "test_perplexity": F("test_perplexity"),
    },
    depends_on=("data", "architecture"),
    runs=True,
)
DATASETS = Family(
    name="datasets",
    noun="dataset",
    model=Dataset,
    title="title",
    filters={"kind": "kind", "owner": "created_by"},
    choices={"kind": ["image", "text"]},
    sorts={
        "created_at": F("created_at"),
        "name": Lower("title"),
        "kind": F("kind"),
        "train": KeyTransform("train", "counts"),
    },
)

FAMILIES = (SEARCHES, ARCHITECTURES, MODELS, DATASETS)


def family_of(model: type[Entry]) -> Family:
    """The family of this class of entries."""
    return next(family for family in FAMILIES if family.model is model)


def dependents(family: Family) -> list[tuple[Family, str]]:
    """Families whose entries depend on those of this one, each with the column that refers to it."""
    found = []
    for other in FAMILIES:
        for column in other.depends_on:
            if other.model._meta.get_field(column).related_model is family.model:
                found.append((other, column))
    return found
