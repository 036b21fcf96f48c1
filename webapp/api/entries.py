"""What all families of entries share: the fields of a row, and the verbs rename, note, tag, archive, delete and
restore."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search.base.serialization import Json
from search.data.builtin import DATASETS as BUILT_IN
from search.network.limits import BOUNDS
from webapp.accounts import access
from webapp.api.auth import current_user, require_change
from webapp.api.errors import ErrorAnswer
from webapp.api.vocabulary import Base, LineField, MomentField, StrictSerializer, is_line, validated
from webapp.entries import changes, listing
from webapp.entries.families import ARCHITECTURES, DATASETS, FAMILIES, MODELS, SEARCHES, Family
from webapp.models import Entry, Team

VISIBLE: dict[str, Any] = {
    SEARCHES.name: access.searches,
    ARCHITECTURES.name: access.architectures,
    MODELS.name: access.models,
    DATASETS.name: access.datasets,
}
NAMES = [family.name for family in FAMILIES]
PUBLISHED = "A published architecture is the same for all teams and cannot be changed or deleted."
BUILT_IN_ONE = "This dataset is built in and cannot be changed or deleted."


class OwnerSerializer(Base):
    id = serializers.CharField()
    name = serializers.CharField(source="shown_name")


class EntryRowSerializer(Base):
    """Fields that a row of each family has."""

    owner = OwnerSerializer(source="created_by", allow_null=True, help_text="null: nobody in particular")
    tags = serializers.SerializerMethodField()
    archived = serializers.SerializerMethodField()
    created_at = MomentField()

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_tags(self, entry: Entry) -> list[str]:
        return tags_of(entry)

    def get_archived(self, entry: Entry) -> bool:
        return entry.archived_at is not None


def tags_of(entry: Entry) -> list[str]:
    """In the order of the alphabet."""
    return [tag for _, tag in sorted(entry.tags.items())]


class EntrySerializer(Base):
    """What can be changed alike in each family. `name` of a dataset: its title."""

    family = serializers.ChoiceField(choices=NAMES)
    id = serializers.CharField()
    name = serializers.CharField()
    notes = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField())
    archived = serializers.BooleanField()


class DeletedEntrySerializer(EntrySerializer):
    until = MomentField(help_text="until then it can be restored; afterwards it is gone with its files")


class InUseAnswer(ErrorAnswer):
    """`used_by`: some of what must be deleted first."""

    used_by = serializers.ListField(child=serializers.DictField(child=serializers.CharField()), required=False)


class TagsField(serializers.ListField):
    """Tags without blanks around them. Those that differ in case alone count as one."""

    child = serializers.CharField(max_length=BOUNDS.tag)

    def to_internal_value(self, data: Any) -> list[str]:
        if not isinstance(data, list) or not all(isinstance(tag, str) for tag in data):
            raise serializers.ValidationError("Give a list of tags, each a text.")
        tags = [tag.strip() for tag in data]
        if any(not (0 < len(tag) <= BOUNDS.tag and is_line(tag)) for tag in tags):
            raise serializers.ValidationError(f"A tag has 1 to {BOUNDS.tag} characters, on one line.")
        if len(listing.by_key(tags)) > BOUNDS.tags:
            raise serializers.ValidationError(f"Give at most {BOUNDS.tags} tags.")
        return tags


class PreviousSerializer(StrictSerializer):
    """As it was read, whatever it was: older names may break a rule of today."""

    name = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)
    notes = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)
    tags = serializers.ListField(child=serializers.CharField(trim_whitespace=False), required=False)


class EntryChangesSerializer(StrictSerializer):
    """What is left out stays as it is."""

    name = LineField(max_length=BOUNDS.name, required=False)
    notes = serializers.CharField(max_length=BOUNDS.notes, required=False, allow_blank=True)
    tags = TagsField(required=False, help_text=f"all of them: at most {BOUNDS.tags} of 1 to {BOUNDS.tag} characters")
    archived = serializers.BooleanField(required=False, help_text="archived ones are listed only on request")
    previous = PreviousSerializer(
        required=False, help_text="what was read; 409 where it is neither that any more nor what is given"
    )

    def validate(self, data: Json) -> Json:
        fields = [name for name in self.get_fields() if name != "previous"]
        if not data.keys() & set(fields):
            raise serializers.ValidationError(f"Give one or more of {', '.join(fields)}.")
        return data


class EntryView(APIView):
    """Base of the views of one entry: change and delete it."""

    family: ClassVar[Family]

    @extend_schema(
        request=EntryChangesSerializer,
        responses={200: EntrySerializer, 400: ErrorAnswer, 403: ErrorAnswer, 404: ErrorAnswer, 409: ErrorAnswer},
    )
    def patch(self, request: Request, id: str) -> Response:
        """Renames, notes, tags, archives or unarchives it. Any member may."""
        entry = entry_or_404(self.family, request, id)
        require_change(request, team_of(entry))
        data = validated(EntryChangesSerializer, request.data)
        previous = data.pop("previous", None)
        changed = changes.change(self.family, id, data, previous)
        return Response(EntrySerializer(_described(self.family, changed)).data)

    @extend_schema(
        responses={200: DeletedEntrySerializer, 403: ErrorAnswer, 404: ErrorAnswer, 409: InUseAnswer},
    )
    def delete(self, request: Request, id: str) -> Response:
        """Deletes it; `restore` brings it back for as long as `until` says. Only who created it and owners of the team
        may. 409 says what depends on it, or that it still runs."""
        entry = entry_or_404(self.family, request, id)
        require_delete(self.family, entry, request)
        deleted = changes.delete(self.family, id, current_user(request))
        answer = _described(self.family, deleted) | {"until": changes.until(deleted)}
        return Response(DeletedEntrySerializer(answer).data)


class Restore(APIView):
    family: ClassVar[Family]

    @extend_schema(request=None, responses={200: EntrySerializer, 403: ErrorAnswer, 404: ErrorAnswer, 409: ErrorAnswer})
    def post(self, request: Request, id: str) -> Response:
        """Brings back what was deleted, for as long as the answer to that said."""
        mine = self.family.model.objects.filter(team__in=access.teams(current_user(request)))
        entry = get_object_or_404(mine.select_related("created_by", "team"), pk=id)
        require_delete(self.family, entry, request)
        return Response(EntrySerializer(_described(self.family, changes.restore(self.family, id))).data)


def restore_view(family: Family) -> Any:
    view: Any = type(f"{family.name.title()}Restore", (Restore,), {"family": family})
    return view.as_view()


def entry_or_404(family: Family, request: Request, id: str) -> Any:
    """Raises PermissionDenied for what no team owns."""
    if family is DATASETS and id in BUILT_IN:
        raise PermissionDenied(BUILT_IN_ONE)
    rows: QuerySet[Any] = VISIBLE[family.name](current_user(request))
    return get_object_or_404(rows.select_related("created_by", "team"), pk=id)


def team_of(entry: Any) -> Team:
    """Raises PermissionDenied for a published architecture."""
    if entry.team is None:
        raise PermissionDenied(PUBLISHED)
    team: Team = entry.team
    return team


def require_delete(family: Family, entry: Any, request: Request) -> None:
    """Raises PermissionDenied, which says who may."""
    team = team_of(entry)
    require_change(request, team)
    if access.may_delete(current_user(request), team, entry.created_by_id):
        return
    creator = f"{entry.created_by.shown_name}, who created this {family.noun}, or " if entry.created_by else ""
    raise PermissionDenied(f"Only {creator}an owner of the team may delete or restore it.")


def _described(family: Family, entry: Any) -> Json:
    return {
        "family": family.name,
        "id": entry.pk,
        "name": getattr(entry, family.title),
        "notes": entry.notes,
        "tags": tags_of(entry),
        "archived": entry.archived_at is not None,
    }
