"""Serializers that several endpoints share: moments, costs, budgets, graphs, curves."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar, get_args
from unicodedata import category

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from search.base.sentences import as_sentence
from search.base.serialization import Json
from search.data.datasets import Metric
from search.evaluation.objective import QualityMetric
from search.network.budget import Budget
from search.network.limits import BOUNDS
from search.strategies.tasks import FACTORS
from webapp.core import clock
from webapp.models import Entry

Base = serializers.Serializer[Any]
E = TypeVar("E", bound=Entry)
METRICS = list(get_args(Metric))
QUALITY_METRICS = list(get_args(QualityMetric))


MOST = 2**53  # of a number: JavaScript holds integers exactly up to here
JOINERS = "\u200c\u200d"
BLANKS = "\u115f\u1160\u2800\u3164\uffa0"  # letters and a symbol that are drawn as nothing
INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}  # categories: control, format, half, private; line breaks
NO_LINE = "Write this on one line of visible characters, without tabs and line breaks."
SCALAR = {"oneOf": [{"type": "number"}, {"type": "string"}, {"type": "boolean"}]}


@extend_schema_field(str)
class MomentField(serializers.Field[datetime, Any, str, datetime]):
    """ISO 8601 in UTC, to the millisecond."""

    def to_representation(self, value: datetime) -> str:
        return clock.text(value)


@extend_schema_field(SCALAR)
class ScalarField(serializers.JSONField):
    """A number, a string or a boolean."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, int | float | str):
            raise serializers.ValidationError("Give a number, a text, or true or false.")
        if not isinstance(data, str) and not abs(data) <= MOST:
            raise serializers.ValidationError("The number is too large.")
        return data


class LineField(serializers.CharField):
    """A text on one line: what people name something."""

    def to_internal_value(self, data: Any) -> str:
        text = str(super().to_internal_value(data))
        if not is_line(text):
            raise serializers.ValidationError(NO_LINE)
        return text


def is_line(text: str) -> bool:
    """Whether there is something to see, and each character is visible, a space of any width, or between those one of
    the joiners of some scripts and emoji. Others break lines, cannot be typed again, or turn the text around them."""
    seen = any(category(each)[0] in "LNPS" and each not in BLANKS for each in text)
    allowed = all(each in JOINERS or category(each) not in INVISIBLE for each in text)
    return seen and allowed and text.strip(JOINERS) == text


class MetricField(serializers.ChoiceField):
    """Name of a quality: accuracy, from 0 to 1, better higher; perplexity, better lower; or proxy, the score of an
    untrained network, better higher."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=QUALITY_METRICS, **options)


class NameField(serializers.ChoiceField):
    """One of some names. The error lists them."""

    def __init__(self, noun: str, names: Iterable[str], **options: Any) -> None:
        names = list(names)
        unknown = f"There is no such {noun}; choose from {', '.join(names)}."
        super().__init__(choices=names, error_messages={"invalid_choice": unknown}, **options)


class ElementField(serializers.IntegerField):
    """Bytes of an element. The error lists what is allowed."""

    def to_internal_value(self, data: Any) -> int:
        value = super().to_internal_value(data)
        if value not in BOUNDS.bytes_per_element:
            raise serializers.ValidationError(f"Choose from {', '.join(map(str, BOUNDS.bytes_per_element))}.")
        return int(value)


@extend_schema_field(str)
class NamesField(serializers.ListField):
    """Names with commas between them, each at most once."""

    def __init__(self, noun: str, names: Iterable[str], *, count: int | None = None, **options: Any) -> None:
        self.names, self.noun, self.count = list(names), noun, count
        super().__init__(child=serializers.CharField(), **options)

    def get_value(self, dictionary: Any) -> Any:
        return dictionary.get(self.field_name, serializers.empty)

    def to_internal_value(self, data: Any) -> list[str]:
        given = str(data).split(",")
        if any(name not in self.names for name in given):
            raise serializers.ValidationError(f"There is no such {self.noun}; choose from {', '.join(self.names)}.")
        if len(set(given)) != (self.count or len(given)):
            much = "each at most once" if self.count is None else f"{self.count} different ones"
            raise serializers.ValidationError(f"Give {much}, with a comma between them: {', '.join(self.names)}.")
        return given


class SettingsSerializer(Base):
    """Settings by factor; those that are left out have their defaults."""

    space = serializers.DictField(child=ScalarField(), required=False)
    strategy = serializers.DictField(child=ScalarField(), required=False)
    evaluator = serializers.DictField(child=ScalarField(), required=False)
    objective = serializers.DictField(child=ScalarField(), required=False)
    answer = serializers.DictField(child=ScalarField(), required=False)

    def to_internal_value(self, data: Any) -> Any:
        """Rejects other names: settings that are ignored would give another search than the one that was asked for."""
        if isinstance(data, dict) and (unknown := [name for name in data if name not in FACTORS]):
            why = f"There is no such factor; the factors are {', '.join(FACTORS)}."
            raise serializers.ValidationError(dict.fromkeys(unknown, why))
        return super().to_internal_value(data)


class PeakMemorySerializer(Base):
    io = serializers.IntegerField()
    live = serializers.IntegerField()
    optimal = serializers.IntegerField(allow_null=True)
    exact = serializers.BooleanField()


class CostSerializer(Base):
    params = serializers.IntegerField()
    params_no_bn = serializers.IntegerField()
    macs = serializers.IntegerField()
    peak_memory = PeakMemorySerializer()
    latency = serializers.IntegerField(allow_null=True)


class BudgetSerializer(Base):
    """Limits; null is none. `peak_memory`: bytes at batch 1 without weights. `latency`: microseconds."""

    params = serializers.IntegerField(allow_null=True)
    macs = serializers.IntegerField(allow_null=True)
    peak_memory = serializers.IntegerField(allow_null=True)
    latency = serializers.IntegerField(allow_null=True)
    device = serializers.CharField(allow_null=True)
    bytes_per_element = serializers.IntegerField()


class StrictSerializer(Base):
    """Rejects other names: what was meant by one that is ignored would be answered wrongly."""

    NOUN = "parameter"

    def to_internal_value(self, data: Any) -> Any:
        known = self.get_fields()
        if isinstance(data, Mapping) and (unknown := [name for name in data if name not in known]):
            why = f"There is no such {self.NOUN}; choose from {', '.join(known)}."
            raise serializers.ValidationError(dict.fromkeys(unknown, why))
        return super().to_internal_value(data)


class BudgetRequestSerializer(StrictSerializer):
    """As BudgetSerializer; a limit that is left out is none."""

    NOUN = "limit"

    params = serializers.IntegerField(allow_null=True, default=None, min_value=1, max_value=BOUNDS.budget.params)
    macs = serializers.IntegerField(allow_null=True, default=None, min_value=1, max_value=BOUNDS.budget.macs)
    peak_memory = serializers.IntegerField(
        allow_null=True, default=None, min_value=1, max_value=BOUNDS.budget.peak_memory
    )
    latency = serializers.IntegerField(allow_null=True, default=None, min_value=1, max_value=BOUNDS.budget.latency)
    device = serializers.CharField(allow_null=True, default=None, max_length=16)
    bytes_per_element = ElementField(default=Budget.bytes_per_element)

    def validate(self, data: Json) -> Json:
        try:
            Budget(**data)
        except ValueError as error:
            raise serializers.ValidationError(as_sentence(str(error))) from None
        return data


class ProblemSerializer(Base):
    """A limit that cannot be met."""

    limit = serializers.CharField()
    allowed = serializers.IntegerField()
    needed = serializers.IntegerField()
    detail = serializers.CharField()


class NodeSerializer(Base):
    id = serializers.IntegerField()
    op = serializers.CharField()
    rank = serializers.FloatField()
    attrs = serializers.DictField(child=ScalarField(), required=False, help_text="such as width or kernel")
    cell = serializers.IntegerField(required=False, help_text="the stage that it belongs to; default: 0")


class EdgeSerializer(Base):
    id = serializers.CharField()
    source = serializers.IntegerField()  # type: ignore[assignment]  # the framework uses this name too
    target = serializers.IntegerField()


class GraphSerializer(Base):
    nodes = NodeSerializer(many=True)
    edges = EdgeSerializer(many=True)


class CurvePointSerializer(Base):
    epoch = serializers.IntegerField()
    train_loss = serializers.FloatField()
    val_loss = serializers.FloatField()
    val_accuracy = serializers.FloatField(
        allow_null=True, help_text="null for a language model; its perplexity is exp(val_loss)"
    )


def unless_deleted(entry: E | None) -> E | None:
    """What an entry refers to, as others see it: nothing where that was deleted."""
    return None if entry is None or entry.deleted_at is not None else entry


def validated(kind: type[Base], data: Any, **context: Any) -> Json:
    """The data as the serializer reads it, defaults filled in. Raises ValidationError."""
    serializer = kind(data=data, context=context)
    serializer.is_valid(raise_exception=True)
    checked: Json = serializer.validated_data
    return checked
