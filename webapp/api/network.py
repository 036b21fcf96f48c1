"""The whole network of an architecture: every operation with its output's size, and what it reads."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search.base import serialization
from search.network import macro as macros
from search.network import memory_order
from search.network.diagram import diagram
from search.network.graph import Graph
from webapp.api.architectures import get_architecture_or_404
from webapp.api.vocabulary import Base


class OperationSerializer(Base):
    """One operation of the network; its id is its place in the order of running."""

    id = serializers.IntegerField()
    op = serializers.CharField()
    name = serializers.CharField(help_text="module path, as in an exported model")
    detail = serializers.CharField(help_text="kernel, stride and activation; empty if there are none")
    shape = serializers.ListField(
        child=serializers.IntegerField(),
        help_text="of the output: channels, height, width; in a language model steps and width",
    )
    params = serializers.IntegerField()
    macs = serializers.IntegerField()
    part = serializers.CharField(help_text="row of the cost table that it counts for")
    cell = serializers.CharField(allow_null=True)


class FlowSerializer(Base):
    """The target reads the output of the source."""

    source = serializers.IntegerField()  # type: ignore[assignment]  # the framework uses this name too
    target = serializers.IntegerField()


class NetworkSerializer(Base):
    nodes = OperationSerializer(many=True)
    edges = FlowSerializer(many=True)


class ArchitectureNetwork(APIView):
    @extend_schema(responses=NetworkSerializer, operation_id="architecture_network")
    def get(self, request: Request, id: str) -> Response:
        """The operations in the order in which the network runs, which takes the least memory."""
        architecture = get_architecture_or_404(request, id)
        program = memory_order.network(Graph.from_dict(architecture.graph), macros.read(architecture.macro))
        return Response(serialization.to_jsonable(diagram(program)))
