"""Lists of entries: filtered, sorted, and counted by what a filter may choose."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from django.db import connection
from django.db.models import Count, F, Func, Q, QuerySet, TextField
from django.db.models.lookups import LessThanOrEqual

from search.base.serialization import Json
from search.data import datasets
from search.data.builtin import DATASETS as BUILT_IN
from search.strategies import STRATEGIES
from webapp.entries.families import DATASETS, Family
from webapp.models import Dataset, User

Archived = Literal["no", "only", "all"]
ARCHIVED = get_args(Archived)

#: The tags of an entry as one text, a line each.
TAG_LINES = Func(
    F("tags"),
    template="(SELECT string_agg(value, chr(10)) FROM jsonb_each_text(%(expressions)s))",
    output_field=TextField(),
)


@dataclass(frozen=True, kw_only=True)
class Query:
    """`filters`: values by the name of a parameter in `Family.filters`; one of them must fit. `tags`: all must fit.
    `limits`: the largest values of costs in `Family.limits`. `scored_on`: a dataset; rows that have a score on
    it, which the caller selects. `sort`: one of `Family.sorts`, or of `Family.score_sorts`, with a minus before it for
    the reverse."""

    text: str = ""
    filters: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    tags: Sequence[str] = ()
    archived: Archived = "no"
    limits: Mapping[str, int] = field(default_factory=dict)
    scored_on: str | None = None
    sort: str = "-created_at"


def find(family: Family, rows: QuerySet[Any], query: Query) -> QuerySet[Any]:
    sorts = {**family.sorts, **family.score_sorts}
    column, descending = sorts[query.sort.removeprefix("-")], query.sort.startswith("-")
    rows = rows.annotate(sorted_by=column)
    first = F("sorted_by").desc(nulls_last=True) if descending else F("sorted_by").asc(nulls_last=True)
    return _filtered(family, rows, query).order_by(first, "pk")


def facets(family: Family, rows: QuerySet[Any], query: Query) -> Json:
    """For each filter, how many rows each of its values would leave: under the query's other filters."""
    found: Json = {}
    for name in ("status", "kind", "method", "dataset", "owner"):
        if (column := family.filters.get(name)) is not None:
            counted = _filtered(family, rows, query, but=name).exclude(**{column: None}).order_by()
            counts = list(counted.values_list(column).annotate(count=Count("pk")).order_by("-count", column))
            values = [value for value, _ in counts]
            labels = LABELS[name](values) if name in LABELS else {}
            found[name] = [
                {"value": str(value), "name": labels.get(value, str(value)), "count": count} for value, count in counts
            ]
    if family is DATASETS:
        found["kind"] = _with_built_in(found["kind"], query)
    return found | {"tag": _tags(_filtered(family, rows, query))}


def built_in(query: Query, but: str = "") -> list[datasets.Dataset]:
    """The built-in datasets that fit the query, whatever its filter named `but` says. They have no owner and no tags,
    and are not archived."""
    filters = {name: values for name, values in query.filters.items() if name != but}
    if query.tags or query.archived == "only" or "owner" in filters:
        return []
    return [
        each
        for each in BUILT_IN.values()
        if each.kind in filters.get("kind", [each.kind]) and query.text.lower() in each.title.lower()
    ]


def _with_built_in(kinds: Sequence[Json], query: Query) -> list[Json]:
    counts = Counter({each["value"]: each["count"] for each in kinds})
    counts.update(each.kind for each in built_in(query, but="kind"))
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [{"value": kind, "name": kind, "count": count} for kind, count in ordered]


def _filtered(family: Family, rows: QuerySet[Any], query: Query, but: str = "") -> QuerySet[Any]:
    """The rows that fit the query, whatever its filter named `but` says."""
    for name, values in query.filters.items():
        if name != but:
            rows = rows.filter(**{f"{family.filters[name]}__in": values})
    for name, most in query.limits.items():
        rows = rows.filter(LessThanOrEqual(family.limits[name], most))  # a missing cost fits no limit
    if query.tags:
        rows = rows.filter(tags__has_keys=[key_of(tag) for tag in query.tags])
    if query.archived != "all":
        rows = rows.filter(archived_at__isnull=query.archived == "no")
    if query.text:
        columns = (family.title, "notes", *family.texts)
        fits = Q(tag_lines__icontains=query.text)
        for column in columns:
            fits |= Q(**{f"{column}__icontains": query.text})
        rows = rows.alias(tag_lines=TAG_LINES).filter(fits)
    return rows


def key_of(tag: str) -> str:
    """Tags with one key are the same tag."""
    return tag.strip().lower()


def by_key(tags: Sequence[str]) -> dict[str, str]:
    """The tags, each once, as it was first written."""
    return {key_of(tag): tag for tag in reversed(tags)}


def _tags(rows: QuerySet[Any]) -> list[Json]:
    """Under all filters, those of tags included: a second tag narrows the list further."""
    sql, values = rows.order_by().values("tags").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT min(value COLLATE "C"), count(*) '  # one of the ways in which it was written
            f"FROM ({sql}) tagged CROSS JOIN LATERAL jsonb_each_text(tagged.tags) "
            'GROUP BY key ORDER BY count(*) DESC, key COLLATE "C"',
            values,
        )
        return [{"value": tag, "name": tag, "count": count} for tag, count in cursor.fetchall()]


def _methods(names: Sequence[str]) -> dict[str, str]:
    return {name: STRATEGIES[name].TITLE for name in names if name in STRATEGIES}


def _titles(names: Sequence[str]) -> dict[str, str]:
    uploaded = Dataset.objects.filter(pk__in=[name for name in names if name not in BUILT_IN])
    return dict(uploaded.values_list("pk", "title")) | {
        name: BUILT_IN[name].title for name in names if name in BUILT_IN
    }


def _names(people: Sequence[int]) -> dict[int, str]:
    return {person.pk: person.shown_name for person in User.objects.filter(pk__in=people)}


#: What people read for a value, by the name of the filter; the value itself for the others.
LABELS: Mapping[str, Callable[[Any], Mapping[Any, str]]] = {"method": _methods, "dataset": _titles, "owner": _names}
