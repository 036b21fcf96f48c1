"""Rows that REST and the sockets both send: commands, trained models, and what a search is doing now."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from search.base.serialization import Json
from search.data.datasets import Metric
from search.network import macro as macros
from webapp.api.entries import EntryRowSerializer
from webapp.api.vocabulary import (
    METRICS,
    Base,
    BudgetSerializer,
    CurvePointSerializer,
    MomentField,
    ScalarField,
)
from webapp.catalog import training
from webapp.models import Search, TrainedModel
from webapp.models.enums import CommandKind, CommandStatus, FileFormat, ModelStatus
from webapp.searches import progress
from webapp.searches.waiting import waiting


class CommandSerializer(Base):
    id = serializers.IntegerField(source="number")
    kind = serializers.ChoiceField(choices=CommandKind.choices)
    edge = serializers.CharField(allow_null=True)
    node = serializers.IntegerField(allow_null=True)
    budget = BudgetSerializer(allow_null=True)
    weight = serializers.FloatField(allow_null=True)
    step = serializers.IntegerField(allow_null=True)
    by = serializers.CharField(source="by.shown_name")
    reason = serializers.CharField()
    status = serializers.ChoiceField(choices=CommandStatus.choices)
    why = serializers.CharField()
    created_at = MomentField()
    decided_at = MomentField(allow_null=True)


class CheckSerializer(Base):
    max_difference = serializers.FloatField()
    runtime = serializers.CharField()
    rows = serializers.IntegerField()


class ModelFileSerializer(Base):
    format = serializers.ChoiceField(choices=FileFormat.choices)
    name = serializers.CharField()
    bytes = serializers.IntegerField(source="artifact.bytes")
    sha256 = serializers.CharField(source="artifact_id")
    check = CheckSerializer(source="check_result", allow_null=True)


class TrainedResultSerializer(Base):
    """The figures of a trained model."""

    model = serializers.CharField()
    dataset = serializers.CharField()
    val_accuracy = serializers.FloatField(allow_null=True)
    test_accuracy = serializers.FloatField(allow_null=True)
    val_perplexity = serializers.FloatField(allow_null=True)
    test_perplexity = serializers.FloatField(allow_null=True)


class LeftSerializer(Base):
    """What is left of a training."""

    epochs = serializers.ListField(child=serializers.IntegerField(), help_text="at least and at most")
    seconds = serializers.ListField(
        child=serializers.FloatField(), allow_null=True, help_text="low, middle, high; null before the first epoch"
    )


class RunningOnSerializer(Base):
    """The worker that runs a training, or that makes its ONNX file."""

    worker = serializers.CharField()
    device = serializers.CharField()
    since = serializers.CharField()


class ModelExportSerializer(Base):
    """An export that has made no file yet."""

    format = serializers.ChoiceField(choices=FileFormat.choices)
    status = serializers.ChoiceField(choices=training.EXPORT_STATUSES)
    error = serializers.CharField(allow_null=True, help_text="why it failed")


class TrainedModelSerializer(EntryRowSerializer):
    id = serializers.CharField()
    name = serializers.CharField()
    notes = serializers.CharField()
    architecture = serializers.CharField(source="architecture_id")
    dataset = serializers.CharField()
    seed = serializers.IntegerField()
    recipe = serializers.DictField(child=ScalarField())
    status = serializers.ChoiceField(choices=ModelStatus.choices)
    curve = serializers.SerializerMethodField()
    epochs = serializers.IntegerField(source="recipe.epochs")
    best_epoch = serializers.IntegerField(allow_null=True)
    metric = serializers.SerializerMethodField()
    val_accuracy = serializers.FloatField(allow_null=True)
    test_accuracy = serializers.FloatField(allow_null=True)
    val_perplexity = serializers.FloatField(allow_null=True)
    test_perplexity = serializers.FloatField(allow_null=True)
    error = serializers.CharField(allow_null=True)
    files = serializers.SerializerMethodField()
    exports = serializers.SerializerMethodField()
    left = serializers.SerializerMethodField()
    running_on = serializers.SerializerMethodField()

    @extend_schema_field(LeftSerializer(allow_null=True))
    def get_left(self, model: TrainedModel) -> Json | None:
        return training.left_of(model)

    @extend_schema_field(RunningOnSerializer(allow_null=True))
    def get_running_on(self, model: TrainedModel) -> Json | None:
        running: dict[str, Json] | None = self.context.get("running")  # of all models of a list, read at once
        return (progress.of_models([model]) if running is None else running).get(model.pk)

    @extend_schema_field(CurvePointSerializer(many=True))
    def get_curve(self, model: TrainedModel) -> Any:
        return CurvePointSerializer(training.curve_of(model), many=True).data

    @extend_schema_field(serializers.ChoiceField(choices=METRICS))
    def get_metric(self, model: TrainedModel) -> Metric:
        return macros.metric_of(model.architecture.macro["kind"])

    @extend_schema_field(ModelExportSerializer(many=True))
    def get_exports(self, model: TrainedModel) -> Any:
        return training.exports_of(model)

    @extend_schema_field(ModelFileSerializer(many=True))
    def get_files(self, model: TrainedModel) -> Any:
        return ModelFileSerializer(sorted(model.files.all(), key=lambda use: use.pk), many=True).data


def telemetry(search: Search) -> Json:
    """What a search is doing now. Only the latest is sent; nothing of it is in the log."""
    pending = search.commands.filter(status=CommandStatus.PENDING).select_related("by").order_by("number")
    return {
        "status": search.status,
        "seq": search.seq,
        "waiting": waiting(search),
        "error": search.error,
        "pending": CommandSerializer(pending, many=True).data,
        **progress.of(search),
        "architecture": answer(search),
    }


def answer(search: Search) -> str | None:
    """Id of the architecture that the search ended with."""
    found = search.architectures.filter(deleted_at=None).order_by("created_at", "pk")
    return found.values_list("pk", flat=True).first()
