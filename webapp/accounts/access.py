"""Who may see and do what: one queryset a kind, used by REST, sockets and downloads alike.

What belongs to another team does not exist. Within a team a viewer sees everything and changes nothing.
"""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from webapp.models import (
    Architecture,
    Dataset,
    Device,
    Measurement,
    Membership,
    Search,
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
    return Search.objects.filter(team__in=teams(user))


def architectures(user: Anyone) -> QuerySet[Architecture]:
    """The teams' own, and the published ones, which are everybody's who is signed in."""
    everybody = Q(team=None) if isinstance(user, User) else Q()
    return Architecture.objects.filter(Q(team__in=teams(user)) | everybody)


def models(user: Anyone) -> QuerySet[TrainedModel]:
    return TrainedModel.objects.filter(team__in=teams(user))


def datasets(user: Anyone) -> QuerySet[Dataset]:
    """Those that the teams brought; the built-in ones are everybody's who is signed in."""
    return Dataset.objects.filter(team__in=teams(user))


def uploads(user: Anyone) -> QuerySet[Upload]:
    return Upload.objects.filter(team__in=teams(user))


def devices(user: Anyone) -> QuerySet[Device]:
    """Those that are there; of retired ones only what they measured is."""
    return Device.objects.filter(team__in=teams(user), retired_at=None)


def measurements(user: Anyone) -> QuerySet[Measurement]:
    """The teams' own, also of a published architecture."""
    return Measurement.objects.filter(team__in=teams(user))


def may_change(user: Anyone, team: Team) -> bool:
    if not isinstance(user, User) or not user.is_active:
        return False
    membership = Membership.objects.filter(user=user, team=team).first()
    return membership is not None and Role(membership.role).may_change


def team_of(user: User) -> Team | None:
    """The team that what this person makes belongs to: of those in which they may change things, the one joined first.
    Of a person who may only look, the first."""
    memberships = list(user.memberships.select_related("team").order_by("pk"))
    changing = [membership for membership in memberships if Role(membership.role).may_change]
    return next((membership.team for membership in changing + memberships), None)


def team_with(user: Anyone, dataset: str) -> Team | None:
    """The one of their teams that brought the dataset; None where none of them did."""
    return teams(user).filter(datasets=dataset).first()
