"""Access rules: one queryset for each kind of object, used by REST, sockets and downloads alike.

Objects of other teams do not exist for a person, nor do deleted ones. Within a team a viewer sees everything and
changes nothing.
"""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from webapp.models import (
    Architecture,
    Dataset,
    Device,
    Measurement,
    Membership,
    Score,
    Search,
    SearchDraft,
    Team,
    TrainedModel,
    Upload,
    User,
)
from webapp.models.enums import Role

Anyone = User | AnonymousUser


def teams(user: Anyone) -> QuerySet[Team]:
    if not isinstance(user, User) or not user.is_active:
        return Team.objects.none()
    return Team.objects.filter(pk__in=Membership.objects.filter(user=user).values("team"))


def searches(user: Anyone) -> QuerySet[Search]:
    return Search.objects.filter(team__in=teams(user), deleted_at=None)


def drafts(user: Anyone) -> QuerySet[SearchDraft]:
    return SearchDraft.objects.filter(team__in=teams(user))


def architectures(user: Anyone) -> QuerySet[Architecture]:
    """Those of the person's teams, and the published ones, which everybody who is signed in sees."""
    published = Q(team=None) if isinstance(user, User) else Q()
    return Architecture.objects.filter(Q(team__in=teams(user)) | published, deleted_at=None)


def models(user: Anyone) -> QuerySet[TrainedModel]:
    return TrainedModel.objects.filter(team__in=teams(user), deleted_at=None)


def datasets(user: Anyone) -> QuerySet[Dataset]:
    """Uploaded ones of the person's teams. Built-in ones have no rows; everybody who is signed in sees them."""
    return Dataset.objects.filter(team__in=teams(user), deleted_at=None)


def uploads(user: Anyone) -> QuerySet[Upload]:
    return Upload.objects.filter(team__in=teams(user))


def devices(user: Anyone) -> QuerySet[Device]:
    """Those that are not retired."""
    return Device.objects.filter(team__in=teams(user), retired_at=None)


def measurements(user: Anyone) -> QuerySet[Measurement]:
    """Those that the person's teams requested, of published architectures too."""
    return Measurement.objects.filter(team__in=teams(user))


def scores(user: Anyone) -> QuerySet[Score]:
    """Those that the person's teams requested, of published architectures too."""
    return Score.objects.filter(team__in=teams(user), architecture__deleted_at=None, data__deleted_at=None)


def may_change(user: Anyone, team: Team) -> bool:
    role = _role(user, team)
    return role is not None and role.may_change


def may_delete(user: Anyone, team: Team, creator: int | None) -> bool:
    """Whether the person may delete and restore what a member of the team created: their own, or as an owner of the
    team anybody's."""
    role = _role(user, team)
    return role is Role.OWNER or (role is not None and role.may_change and user.pk == creator)


def _role(user: Anyone, team: Team) -> Role | None:
    if not isinstance(user, User) or not user.is_active:
        return None
    membership = Membership.objects.filter(user=user, team=team).first()
    return None if membership is None else Role(membership.role)


def team_of(user: User) -> Team | None:
    """The team that new objects of this person belong to: the first joined team in which they may change things, or
    else the first joined; None without a team."""
    memberships = list(user.memberships.select_related("team").order_by("pk"))
    changing = [membership for membership in memberships if Role(membership.role).may_change]
    return next((membership.team for membership in changing + memberships), None)


def team_with(user: Anyone, dataset: str) -> Team | None:
    """The one of the person's teams that has the uploaded dataset; None if there is none."""
    return teams(user).filter(datasets=dataset).first()
