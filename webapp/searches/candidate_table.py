"""The table of a search's candidates as people read it: filtered, sorted, in pages, or only what nothing else beats."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Min, QuerySet, Window
from django.db.models.expressions import Combinable

from search.base.serialization import Json
from webapp.models import Candidate, Search
from webapp.searches import candidates

OBJECTIVES = ("quality", "score", "params", "macs", "peak_memory", "latency")
FIELDS = (
    *("branch", "id", "step", "phase", "seq", "status", "code", "label", "hash", "feasible", "why_not"),
    *("quality", "score", "params", "macs", "peak_memory", "latency", "edits", "parents", "cost"),
)
LARGE_FIELDS = ("edits", "parents", "cost")
SORTS = ("id", "step", *OBJECTIVES)
#: Filters and the lookups that they stand for.
FILTERS = {
    **{name: name for name in ("branch", "step", "status", "feasible", "phase")},
    "after_seq": "seq__gt",
    "until_seq": "seq__lte",
    "first_id": "number__gte",
    "last_id": "number__lte",
}


@dataclass(frozen=True, kw_only=True)
class Query:
    """`filters`: by name in FILTERS. `sort`: one of SORTS, or with a minus before it; None: by branch and id.
    `pareto`: two of OBJECTIVES."""

    filters: Json = field(default_factory=dict)
    sort: str | None = None
    pareto: Sequence[str] | None = None
    fields: Sequence[str] = tuple(name for name in FIELDS if name not in LARGE_FIELDS)
    limit: int = 100
    offset: int = 0


def find(search: Search, query: Query) -> Json:
    """A page of the rows that the query describes, in columns; `count`: all of them. `seq`: the greatest of the
    search's rows, whichever the query selects, so that `after_seq` finds what is new."""
    newest = candidates.newest_seq(search)  # read first: rows that come meanwhile are new the next time
    rows = search.candidates.filter(**{FILTERS[name]: value for name, value in query.filters.items()})
    if query.pareto is not None:
        rows = _unbeaten(rows, search, *query.pareto)
    page = rows.order_by(*_order(query.sort)).values_list(*map(_column, query.fields))
    found = list(page[query.offset : query.offset + query.limit])
    columns = {name: [row[index] for row in found] for index, name in enumerate(query.fields)}
    return {"count": rows.count(), "seq": newest, "columns": columns}


def one(search: Search, branch: int, number: int) -> Json | None:
    """Everything about one candidate, with its training curve."""
    names = (*FIELDS, "curve")
    row = search.candidates.filter(branch=branch, number=number).values_list(*map(_column, names)).first()
    return None if row is None else dict(zip(names, row, strict=True))


def _unbeaten(rows: QuerySet[Candidate], search: Search, first: str, second: str) -> QuerySet[Candidate]:
    """Those that have both values and that no other row beats: one that is at least as good in both and better in one.

    A row is unbeaten if it has the best first value of those whose second is at least as good, and the other way
    around.
    """
    known = rows.filter(**{f"{first}__isnull": False, f"{second}__isnull": False})
    front = known.annotate(
        first_loss=_loss(search, first),
        second_loss=_loss(search, second),
        least_first=Window(Min("first_loss"), order_by="second_loss"),
        least_second=Window(Min("second_loss"), order_by="first_loss"),
    ).filter(first_loss=F("least_first"), second_loss=F("least_second"))
    return rows.filter(pk__in=list(front.values_list("pk", flat=True)))  # read once: it sorts all rows, twice


def _loss(search: Search, objective: str) -> Combinable:
    """The value as something to make small."""
    larger_is_better = objective == "score" or (objective == "quality" and search.metric != "perplexity")
    return -F(objective) if larger_is_better else F(objective)


def _order(sort: str | None) -> list[Any]:
    if sort is None:
        return ["branch", "number"]
    column = F(_column(sort.removeprefix("-")))
    first = column.desc(nulls_last=True) if sort.startswith("-") else column.asc(nulls_last=True)
    return [first, "branch", "number"]


def _column(name: str) -> str:
    return "number" if name == "id" else name
