"""The engine's words as REST shapes: costs, budgets, graphs, curves."""

from typing import Any, get_args

from rest_framework import serializers

from search.data.datasets import Metric
from search.network.limits import BOUNDS

Base = serializers.Serializer[Any]
METRICS = list(get_args(Metric))


class MetricField(serializers.ChoiceField):
    """What a quality is: an accuracy of 1, better higher, or a perplexity, better lower."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=METRICS, **options)


class PeakMemorySerializer(Base):
    io = serializers.IntegerField()
    live = serializers.IntegerField()
    optimal = serializers.IntegerField(allow_null=True)
    exact = serializers.BooleanField(default=True)


class CostSerializer(Base):
    params = serializers.IntegerField()
    params_no_bn = serializers.IntegerField()
    macs = serializers.IntegerField()
    peak_memory = PeakMemorySerializer()
    latency = serializers.IntegerField(allow_null=True, default=None)


class BudgetSerializer(Base):
    """Limits; null is none. `peak_memory` is in bytes at batch 1, weights excluded; `latency` in microseconds."""

    params = serializers.IntegerField(allow_null=True)
    macs = serializers.IntegerField(allow_null=True)
    peak_memory = serializers.IntegerField(allow_null=True)
    latency = serializers.IntegerField(allow_null=True, default=None)
    device = serializers.CharField(allow_null=True, default=None)
    bytes_per_element = serializers.IntegerField()


class BudgetRequestSerializer(Base):
    """The same as it may be given: what is left out is no limit."""

    params = serializers.IntegerField(allow_null=True, default=None, min_value=1, max_value=BOUNDS.budget.params)
    macs = serializers.IntegerField(allow_null=True, default=None, min_value=1, max_value=BOUNDS.budget.macs)
    peak_memory = serializers.IntegerField(
        allow_null=True, default=None, min_value=1, max_value=BOUNDS.budget.peak_memory
    )
    latency = serializers.IntegerField(allow_null=True, default=None, min_value=1, max_value=BOUNDS.budget.latency)
    device = serializers.CharField(allow_null=True, default=None, max_length=16)
    bytes_per_element = serializers.IntegerField(default=4)


class NodeSerializer(Base):
    id = serializers.IntegerField()
    op = serializers.CharField()
    rank = serializers.FloatField()


class EdgeSerializer(Base):
    id = serializers.CharField()
    source = serializers.IntegerField()  # type: ignore[assignment]  # the wire's word is also one of the framework's
    target = serializers.IntegerField()


class GraphSerializer(Base):
    nodes = NodeSerializer(many=True)
    edges = EdgeSerializer(many=True)


class CurvePointSerializer(Base):
    epoch = serializers.IntegerField()
    train_loss = serializers.FloatField()
    val_loss = serializers.FloatField()
    val_accuracy = serializers.FloatField(
        allow_null=True, help_text="of a language model null; its perplexity is exp(val_loss)"
    )
