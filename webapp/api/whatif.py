"""Cost of edits of a graph. Computed at once and without the database, since pages ask while a pointer moves."""

from math import isfinite
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search.base import serialization
from search.base.sentences import as_sentence
from search.base.serialization import Json
from search.network import macro as macros
from search.network import whatif
from search.network.budget import Budget
from search.network.graph import BadGraph, Graph
from search.network.limits import BOUNDS, MAX_CELLS, MAX_NODE_ID, MAX_STAGES, MAX_STRIDE
from search.network.macro import Macro
from webapp.api.errors import ErrorAnswer
from webapp.api.throttles import WhatIfThrottle
from webapp.api.vocabulary import (
    Base,
    BudgetRequestSerializer,
    CostSerializer,
    GraphSerializer,
    ScalarField,
    validated,
)
from webapp.core.errors import InvalidField


class FiniteField(serializers.FloatField):
    def to_internal_value(self, data: Any) -> float:
        value = super().to_internal_value(data)
        if not isfinite(value):
            raise serializers.ValidationError("Give a number.")
        return float(value)


class WhatIfNodeSerializer(Base):
    id = serializers.IntegerField(min_value=0, max_value=MAX_NODE_ID)
    op = serializers.CharField(max_length=20)
    rank = FiniteField(min_value=-1e9, max_value=1e9)
    attrs = serializers.DictField(child=ScalarField(), required=False)
    cell = serializers.IntegerField(min_value=0, max_value=MAX_NODE_ID, required=False)


class WhatIfEdgeSerializer(Base):
    id = serializers.CharField(max_length=20, required=False)
    source = serializers.IntegerField(min_value=0, max_value=MAX_NODE_ID)  # type: ignore[assignment]  # a name of the framework
    target = serializers.IntegerField(min_value=0, max_value=MAX_NODE_ID)


class WhatIfGraphSerializer(Base):
    nodes = serializers.ListField(child=WhatIfNodeSerializer(), max_length=BOUNDS.what_if.nodes)
    edges = serializers.ListField(child=WhatIfEdgeSerializer(), max_length=BOUNDS.what_if.edges)


class EditSerializer(Base):
    kind = serializers.ChoiceField(choices=["remove_edge", "add_edge", "remove_node", "set_op"])
    edge = serializers.CharField(max_length=20, required=False, allow_null=True, default=None)
    node = serializers.IntegerField(min_value=0, max_value=MAX_NODE_ID, required=False, allow_null=True, default=None)
    op = serializers.CharField(max_length=20, required=False, allow_null=True, default=None)


class WhatIfRequestSerializer(Base):
    graph = WhatIfGraphSerializer()
    macro = serializers.DictField()
    budget = BudgetRequestSerializer(required=False, allow_null=True, default=None)
    edits = serializers.ListField(child=EditSerializer(), max_length=BOUNDS.what_if.edits)
    each = serializers.BooleanField(help_text="price each edit alone, or (false) all of them in order")

    def validate_graph(self, graph: Json) -> Graph:
        try:
            return Graph.from_dict(graph)
        except BadGraph as error:
            raise serializers.ValidationError(as_sentence(str(error))) from None

    def validate_macro(self, data: Json) -> Macro:
        try:
            macro = macros.read(data)
        except (serialization.DecodeError, ValueError) as error:
            raise serializers.ValidationError(as_sentence(str(error))[:300]) from None
        if any(_exceeds(macro)):
            raise serializers.ValidationError("This network is too large for a what-if request.")
        return macro

    def validate_budget(self, budget: Json | None) -> Budget:
        return Budget(**budget or {})

    def validate(self, data: Json) -> Json:
        graph, graphs = data["graph"], len(data["edits"]) + 1 if data["each"] else 1
        layers = [dict(node.attrs).get("layers", 1) for node in graph.nodes]  # a block repeats its operations
        operations = sum(max(1, each) if isinstance(each, int) else 1 for each in layers)
        if data["macro"].copies * (3 * operations + len(graph.edges)) * graphs > BOUNDS.what_if.steps:
            raise serializers.ValidationError({"edits": "The request is too large. Send fewer edits at a time."})
        return data


class OverSerializer(Base):
    limit = serializers.CharField()
    value = serializers.IntegerField()
    allowed = serializers.IntegerField()


class WhatIfCostSerializer(Base):
    """One edit alone: the cost after it and the parts that it removes, or why it is not possible."""

    edit = serializers.IntegerField()
    cost = CostSerializer(allow_null=True)
    why_not = serializers.CharField(allow_null=True)
    over = OverSerializer(many=True)
    nodes = serializers.ListField(child=serializers.IntegerField())
    edges = serializers.ListField(child=serializers.CharField())


class WhatIfAnswerSerializer(Base):
    """`costs` for a request with `each`, else the other fields."""

    costs = WhatIfCostSerializer(many=True, required=False)
    cost = CostSerializer(required=False)
    graph = GraphSerializer(required=False)
    over = OverSerializer(many=True, required=False)
    fits = serializers.BooleanField(required=False)


class WhatIf(APIView):
    throttle_classes = (WhatIfThrottle,)

    @extend_schema(
        request=WhatIfRequestSerializer,
        responses={200: WhatIfAnswerSerializer, 400: ErrorAnswer},
        operation_id="what_if",
    )
    def post(self, request: Request) -> Response:
        """Cost of the network after these edits, or after each of them alone."""
        data = validated(WhatIfRequestSerializer, request.data)
        graph, macro, budget = data["graph"], data["macro"], data["budget"]
        changes = [whatif.Change(**edit) for edit in data["edits"]]
        try:
            if data["each"]:
                return Response({"costs": serialization.to_jsonable(whatif.price_each(graph, macro, budget, changes))})
            priced = whatif.price_together(graph, macro, budget, changes)
        except BadGraph as error:
            raise InvalidField("graph", as_sentence(str(error))) from None
        except whatif.BadEdit as error:
            raise InvalidField("edits", str(error)) from None
        return Response(
            {
                "cost": serialization.to_jsonable(priced.cost),
                "graph": priced.graph.to_dict(),
                "over": serialization.to_jsonable(priced.over),
                "fits": not priced.over,
            }
        )


def _exceeds(macro: Macro) -> list[bool]:
    """For each size of the macro, whether it exceeds its limit."""
    if macro.kind == "text":
        return [macro.vocabulary > BOUNDS.outputs, macro.hidden > BOUNDS.width]
    return [
        max(macro.input[1:]) > BOUNDS.resolution,
        max(macro.input[0], *macro.widths) > BOUNDS.width,
        macro.classes > BOUNDS.outputs,
        max(macro.strides, default=1) > MAX_STRIDE,
        len(macro.strides) > MAX_STAGES + 1,
        macro.copies > MAX_CELLS,
    ]
