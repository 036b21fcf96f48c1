"""Lists of entries: the parameters of a list, and the facets of its filters."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search.base.serialization import Json
from search.network.budget import Budget
from search.network.limits import BOUNDS, MAX_INTEGER
from webapp.accounts import access
from webapp.api.auth import current_user
from webapp.api.entries import VISIBLE
from webapp.api.errors import ErrorAnswer
from webapp.api.pagination import Pagination
from webapp.api.vocabulary import Base, ElementField, NameField, StrictSerializer, validated
from webapp.catalog import score_table
from webapp.entries import listing
from webapp.entries.families import FAMILIES, Family
from webapp.entries.listing import ARCHIVED, Query

SEVERAL = "may be repeated: rows with one of these"
AT_MOST = {
    "params": "rows with at most this many parameters",
    "macs": "rows with at most this many MACs",
    "peak_memory": "rows with at most this many bytes of peak memory, in the order in which they run",
}
PARAMETERS = ("status", "kind", "method", "dataset", "owner", "hash", "group")  # of lists; those that a family has


class ChoicesField(serializers.ListField):
    """A parameter that may be repeated. Its error lists what is allowed."""

    def __init__(self, noun: str, names: list[str], **options: Any) -> None:
        self.noun, self.names = noun, names
        super().__init__(child=serializers.ChoiceField(choices=names), required=False, **options)

    def to_internal_value(self, data: Any) -> list[str]:
        if any(name not in self.names for name in data):
            raise serializers.ValidationError(f"There is no such {self.noun}; choose from {', '.join(self.names)}.")
        return list(data)


class ListQuerySerializer(StrictSerializer):
    """Parameters of every list. Those of one family are added by `query_of`."""

    text = serializers.CharField(required=False, allow_blank=True, default="", help_text="part of name, notes or a tag")
    tag = serializers.ListField(
        child=serializers.CharField(max_length=BOUNDS.tag),
        required=False,
        default=list,
        help_text="may be repeated: rows with all of these tags, in whatever case",
    )
    archived = NameField("choice", ARCHIVED, required=False, default="no")
    page = serializers.IntegerField(min_value=1, max_value=MAX_INTEGER, required=False)
    page_size = serializers.IntegerField(min_value=1, max_value=Pagination.max_page_size, required=False)


def query_of(family: Family) -> type[ListQuerySerializer]:
    """The parameters of a family's list."""
    fields: dict[str, Any] = {}
    for name in PARAMETERS:
        if name not in family.filters:
            continue
        if name in family.choices:
            fields[name] = ChoicesField(name, list(family.choices[name]), help_text=SEVERAL)
            continue
        text, number = (
            serializers.CharField(max_length=80),
            serializers.IntegerField(min_value=1, max_value=MAX_INTEGER),
        )
        child: Any = number if name == "owner" else text
        fields[name] = serializers.ListField(child=child, required=False, help_text=SEVERAL)
    for name in family.limits:
        fields[f"max_{name}"] = serializers.IntegerField(
            min_value=1, max_value=getattr(BOUNDS.budget, name), required=False, help_text=AT_MOST[name]
        )
    if "peak_memory" in family.limits:
        fields["bytes_per_element"] = ElementField(
            required=False,
            default=Budget.bytes_per_element,
            help_text="at which `max_peak_memory` is meant; that of each row is converted to it",
        )
    if family.score_sorts:
        fields["scored_on"] = serializers.CharField(
            max_length=80, required=False, help_text="a dataset: rows with a score on it, and those scores"
        )
    fields["sort"] = NameField(
        "column to sort by",
        [sign + name for name in (*family.sorts, *family.score_sorts) for sign in ("", "-")],
        required=False,
        default="-created_at",
        help_text="with a minus: descending; missing values come last in both directions",
    )
    named: type[ListQuerySerializer] = type(f"{family.name.title()}QuerySerializer", (ListQuerySerializer,), fields)
    return named


QUERIES = {family.name: query_of(family) for family in FAMILIES}


def read_query(family: Family, request: Request) -> Query:
    """Raises ValidationError."""
    data = validated(QUERIES[family.name], request.query_params)
    if data["sort"].removeprefix("-") in family.score_sorts and "scored_on" not in data:
        raise serializers.ValidationError({"scored_on": "Name the dataset of the scores to sort by."})
    filters = {name: data[name] for name in family.filters if data.get(name)}
    return Query(
        text=data["text"],
        filters=filters,
        tags=data["tag"],
        archived=data["archived"],
        limits=_limits(family, data),
        scored_on=data.get("scored_on"),
        sort=data["sort"],
    )


def _limits(family: Family, data: Json) -> dict[str, int]:
    limits = {name: data[f"max_{name}"] for name in family.limits if f"max_{name}" in data}
    if "peak_memory" in limits:
        limits["peak_memory"] //= data["bytes_per_element"]
    return limits


class FacetSerializer(Base):
    value = serializers.CharField(help_text="for the parameter of the list")
    name = serializers.CharField(help_text="for people")
    count = serializers.IntegerField()


class FacetsSerializer(Base):
    """Counts by the name of a parameter of the list, the most frequent value first."""

    status = FacetSerializer(many=True, required=False)
    kind = FacetSerializer(many=True, required=False)
    method = FacetSerializer(many=True, required=False)
    dataset = FacetSerializer(many=True, required=False)
    owner = FacetSerializer(many=True, required=False)
    tag = FacetSerializer(many=True)


class Facets(APIView):
    family: ClassVar[Family]

    def get(self, request: Request) -> Response:
        """How many rows each value of a filter would leave, under the other filters of the query."""
        query = read_query(self.family, request)
        user = current_user(request)
        rows = VISIBLE[self.family.name](user)
        if query.scored_on is not None:
            rows = score_table.scored_on(rows, access.scores(user), query.scored_on)
        return Response(FacetsSerializer(listing.facets(self.family, rows, query)).data)


def facets_view(family: Family) -> Any:
    """The view of a family's facets."""
    described = extend_schema(
        parameters=[QUERIES[family.name]],
        responses={200: FacetsSerializer, 400: ErrorAnswer},
        operation_id=f"{family.name}_facets",
    )
    view: Any = extend_schema_view(get=described)(type(f"{family.name.title()}Facets", (Facets,), {"family": family}))
    return view.as_view()
