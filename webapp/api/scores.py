"""Scores of architectures by proxies, and how well the proxies rank. Pages poll while a score waits."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search.base.serialization import Json
from search.evaluation.proxies import PROXIES
from search.evaluation.proxies.scoring import Batches
from search.network.limits import BOUNDS
from webapp.accounts import access
from webapp.api.architectures import get_architecture_or_404
from webapp.api.auth import current_user, require_change, team_to_write
from webapp.api.errors import ErrorAnswer
from webapp.api.vocabulary import Base, MomentField, NameField, StrictSerializer, validated
from webapp.catalog import score_table, scores
from webapp.models.enums import ScoreStatus

ORDER = {name: place for place, name in enumerate(PROXIES)}
MAX_SHOWN = 200  # scores of an architecture, newest first


class ScoreSerializer(Base):
    """A score of an untrained network; higher is better. Where the proxy is given no images, the sizes are 0."""

    id = serializers.CharField()
    proxy = serializers.CharField()
    dataset = serializers.CharField()
    batch_size = serializers.IntegerField(help_text="images of a batch")
    batches = serializers.IntegerField()
    side = serializers.IntegerField(help_text="pixels that images are scaled to; 0: as they are")
    seed = serializers.IntegerField()
    status = serializers.ChoiceField(choices=ScoreStatus.choices)
    value = serializers.FloatField(allow_null=True)
    code = serializers.CharField(allow_null=True, help_text="of why it failed")
    error = serializers.CharField(allow_null=True, help_text="the same in a sentence")
    seconds = serializers.FloatField(allow_null=True)
    created_at = MomentField()
    created_by = serializers.CharField(source="created_by.shown_name")


class ScoreRequestSerializer(StrictSerializer):
    proxies = serializers.ListField(
        child=NameField("proxy", PROXIES), allow_empty=False, max_length=len(PROXIES), help_text="names of /api/engine"
    )
    dataset = serializers.CharField(max_length=80, help_text="name of a built-in one, or id of an uploaded one")
    batch_size = serializers.IntegerField(min_value=2, max_value=BOUNDS.batch_size, default=Batches.size)
    side = serializers.IntegerField(
        min_value=0,
        max_value=BOUNDS.resolution,
        default=Batches.side,
        help_text="pixels of a side, of the scored images; 0: the network's input",
    )
    seed = serializers.IntegerField(min_value=0, max_value=BOUNDS.seed, default=0)


class ScoredDatasetSerializer(Base):
    name = serializers.CharField()
    architectures = serializers.IntegerField(help_text="that have a score on it")


class ProxyRankSerializer(Base):
    """How well a proxy ranks the architectures that were also trained."""

    proxy = serializers.CharField()
    architectures = serializers.IntegerField(help_text="that have a score by it")
    both = serializers.IntegerField(help_text="that were trained on the dataset too")
    tau = serializers.FloatField(
        allow_null=True,
        help_text="Kendall's tau between scores and best validation accuracies; "
        f"null: fewer than {score_table.LEAST} have both, or all are equal",
    )


class ScoreTableQuerySerializer(StrictSerializer):
    dataset = serializers.CharField(
        max_length=80, required=False, help_text="default: the one with the most architectures"
    )


class GivenSerializer(Base):
    """What networks were given to be scored."""

    batch_size = serializers.IntegerField(help_text="images of a batch")
    batches = serializers.IntegerField()
    side = serializers.IntegerField(help_text="pixels that images are scaled to; 0: as they are")
    seed = serializers.IntegerField()


class ScoreTableSerializer(Base):
    datasets = ScoredDatasetSerializer(many=True)
    dataset = serializers.CharField(allow_null=True, help_text="that the proxies are about")
    given = GivenSerializer(
        allow_null=True,
        help_text="what most networks with a score on the dataset were given; only those scores are compared, with "
        "those in closed form; null: all are in closed form",
    )
    proxies = ProxyRankSerializer(many=True, help_text="that have a score on the dataset")


class ScoreTable(APIView):
    @extend_schema(
        parameters=[ScoreTableQuerySerializer],
        responses=ScoreTableSerializer,
        operation_id="scores_table",
    )
    def get(self, request: Request) -> Response:
        """The datasets and proxies that architectures which are not archived have scores by. Their rows:
        /api/architectures?scored_on="""
        query, user = validated(ScoreTableQuerySerializer, request.query_params), current_user(request)
        architectures = access.architectures(user).filter(archived_at=None)
        visible = access.scores(user)
        named = score_table.datasets(architectures, visible)
        dataset = query.get("dataset") or (named[0]["name"] if named else None)
        table: Json = {"datasets": named, "dataset": dataset, "given": None, "proxies": []}
        if dataset is not None:
            table["given"] = score_table.most_given(visible, dataset)
            table["proxies"] = score_table.ranks(architectures, visible, access.models(user), dataset)
        return Response(ScoreTableSerializer(table).data)


class ArchitectureScores(APIView):
    @extend_schema(responses=ScoreSerializer(many=True), operation_id="scores_list")
    def get(self, request: Request, id: str) -> Response:
        """Scores that the person's teams asked for, newest first."""
        rows = access.scores(current_user(request)).filter(architecture=get_architecture_or_404(request, id))
        newest = rows.select_related("created_by").order_by("-created_at", "pk")[:MAX_SHOWN]
        # those of one request in the order of the proxies' table
        ordered = sorted(newest, key=lambda score: ORDER.get(score.proxy, len(ORDER)))
        ordered.sort(key=lambda score: score.created_at, reverse=True)
        return Response(ScoreSerializer(ordered, many=True).data)

    @extend_schema(
        request=ScoreRequestSerializer,
        responses={201: ScoreSerializer(many=True), 400: ErrorAnswer, 409: ErrorAnswer},
        operation_id="scores_request",
    )
    def post(self, request: Request, id: str) -> Response:
        """Scores the architecture by these proxies. What is there or waiting already is not computed again, so the same
        request may be sent again; a score that failed is tried again."""
        architecture = get_architecture_or_404(request, id)
        data = validated(ScoreRequestSerializer, request.data)
        user, dataset = current_user(request), data["dataset"]
        # What is made from a team's own data belongs to that team.
        team = team_to_write(request, architecture.team or access.team_with(user, dataset))
        proxies = list(dict.fromkeys(data["proxies"]))
        batches = Batches(size=data["batch_size"], side=data["side"])
        rows = scores.request(architecture, team, user, proxies, dataset, batches, data["seed"])
        return Response(ScoreSerializer(rows, many=True).data, status=201)


class ArchitectureScore(APIView):
    @extend_schema(responses={204: None, 403: ErrorAnswer, 404: ErrorAnswer}, operation_id="score_delete")
    def delete(self, request: Request, id: str, score: str) -> Response:
        """Removes a score; one that waits is not computed any more."""
        rows = access.scores(current_user(request)).filter(architecture=get_architecture_or_404(request, id))
        found = get_object_or_404(rows.select_related("team"), pk=score)
        require_change(request, found.team)
        scores.remove(found)
        return Response(status=204)
