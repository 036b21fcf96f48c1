"""What edits of a graph would cost: pure arithmetic, no database. Asked while somebody points at an edge."""

from math import isfinite
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search.base import serialization
from search.base.sentences import as_sentence
from search.network import macro as macros
from search.network import whatif
from search.network.budget import Budget
from search.network.graph import BadGraph, Graph
from search.network.macro import Macro, TextMacro
from webapp.api.errors import ErrorAnswer
from webapp.api.throttles import Asks
from webapp.api.vocabulary import Base, BudgetRequestSerializer, CostSerializer, GraphSerializer

Json = dict[str, Any]

# What keeps a question from taking minutes, or an answer from having numbers that no page can read.
MOST_NODES, MOST_EDGES, MOST_EDITS = 32, 496, 500
MOST_STAGES, MOST_CELLS = 16, 64
MOST_SIDE, MOST_STRIDE, MOST_WIDTH, MOST_CLASSES = 2_048, 64, 8_192, 10**6
MOST_STEPS = 500_000  # cells × parts of a cell × graphs: a third of a second
LARGEST_ID = 10**6


class FiniteField(serializers.FloatField):
    def to_internal_value(self, data: Any) -> float:
        value = super().to_internal_value(data)
        if not isfinite(value):
            raise serializers.ValidationError("Give a number.")
        return float(value)


class WhatIfNodeSerializer(Base):
    id = serializers.IntegerField(min_value=0, max_value=LARGEST_ID)
    op = serializers.CharField(max_length=20)
    rank = FiniteField(min_value=-1e9, max_value=1e9)


class WhatIfEdgeSerializer(Base):
    id = serializers.CharField(max_length=20, required=False)
    source = serializers.IntegerField(min_value=0, max_value=LARGEST_ID)  # type: ignore[assignment]  # the wire's word
    target = serializers.IntegerField(min_value=0, max_value=LARGEST_ID)


class WhatIfGraphSerializer(Base):
    nodes = serializers.ListField(child=WhatIfNodeSerializer(), max_length=MOST_NODES)
    edges = serializers.ListField(child=WhatIfEdgeSerializer(), max_length=MOST_EDGES)


class EditSerializer(Base):
    kind = serializers.ChoiceField(choices=["remove_edge", "add_edge", "remove_node", "set_op"])
    edge = serializers.CharField(max_length=20, required=False, allow_null=True, default=None)
    node = serializers.IntegerField(min_value=0, max_value=LARGEST_ID, required=False, allow_null=True, default=None)
    op = serializers.CharField(max_length=20, required=False, allow_null=True, default=None)


class WhatIfRequestSerializer(Base):
    graph = WhatIfGraphSerializer()
    macro = serializers.DictField()
    budget = BudgetRequestSerializer(required=False, allow_null=True, default=None)
    edits = serializers.ListField(child=EditSerializer(), max_length=MOST_EDITS)
    each = serializers.BooleanField(help_text="each edit alone, or (false) all of them, one after the other")

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
        if any(_beyond(macro)):
            raise serializers.ValidationError("A network of this size is not reckoned here.")
        return macro

    def validate_budget(self, budget: Json | None) -> Budget:
        try:
            return Budget(**budget or {})
        except ValueError as error:
            raise serializers.ValidationError(as_sentence(str(error))) from None

    def validate(self, said: Json) -> Json:
        graph, graphs = said["graph"], len(said["edits"]) + 1 if said["each"] else 1
        if cells_of(said["macro"]) * (3 * len(graph.nodes) + len(graph.edges)) * graphs > MOST_STEPS:
            raise serializers.ValidationError({"edits": "That is too much at once. Ask about fewer edits at a time."})
        return said


class OverSerializer(Base):
    limit = serializers.CharField()
    value = serializers.IntegerField()
    allowed = serializers.IntegerField()


class WhatIfCostSerializer(Base):
    """One edit alone: what it would cost and what would go with it, or why it cannot be made."""

    edit = serializers.IntegerField()
    cost = CostSerializer(allow_null=True)
    why_not = serializers.CharField(allow_null=True)
    over = OverSerializer(many=True)
    nodes = serializers.ListField(child=serializers.IntegerField())
    edges = serializers.ListField(child=serializers.CharField())


class WhatIfAnswerSerializer(Base):
    """`costs` where each edit was asked about alone, else the rest."""

    costs = WhatIfCostSerializer(many=True, required=False)
    cost = CostSerializer(required=False)
    graph = GraphSerializer(required=False)
    over = OverSerializer(many=True, required=False)
    fits = serializers.BooleanField(required=False)


def cells_of(macro: Macro) -> int:
    return 1 if isinstance(macro, TextMacro) else sum(stage.cells for stage in macro.stages)


class WhatIf(APIView):
    throttle_classes = (Asks,)

    @extend_schema(
        request=WhatIfRequestSerializer,
        responses={200: WhatIfAnswerSerializer, 400: ErrorAnswer},
        operation_id="what_if",
    )
    def post(self, request: Request) -> Response:
        """What the network would cost after these edits, or after each of them."""
        asked = WhatIfRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said: Json = asked.validated_data
        graph, macro, budget = said["graph"], said["macro"], said["budget"]
        changes = [whatif.Change(**edit) for edit in said["edits"]]
        try:
            if said["each"]:
                return Response({"costs": serialization.to_jsonable(whatif.price_each(graph, macro, budget, changes))})
            priced = whatif.price_together(graph, macro, budget, changes)
        except BadGraph as error:
            raise ValidationError({"graph": [as_sentence(str(error))]}) from None
        except whatif.BadEdit as error:
            raise ValidationError({"edits": [str(error)]}) from None
        return Response(
            {
                "cost": serialization.to_jsonable(priced.cost),
                "graph": priced.graph.to_dict(),
                "over": serialization.to_jsonable(priced.over),
                "fits": not priced.over,
            }
        )


def _beyond(macro: Macro) -> list[bool]:
    """Whether each of the sizes is larger than anybody needs."""
    if isinstance(macro, TextMacro):
        return [macro.vocabulary > MOST_CLASSES, macro.hidden > MOST_WIDTH]
    widths = [macro.input[0], macro.stem_filters, macro.head_filters or 1, *(stage.filters for stage in macro.stages)]
    return [
        max(macro.input[1:]) > MOST_SIDE,
        max(widths) > MOST_WIDTH,
        macro.classes > MOST_CLASSES,
        max([macro.stem_stride, *(stage.stride for stage in macro.stages)]) > MOST_STRIDE,
        len(macro.stages) > MOST_STAGES,
        cells_of(macro) > MOST_CELLS,
    ]
