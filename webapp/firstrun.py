"""Contents of a new studio: an owner, a team, and published architectures; and the sample search of each new team."""

from django.conf import settings
from django.db import transaction

from search.base import serialization
from search.network.cost import cost_of
from search.spaces.presets import PRESETS
from webapp.accounts import sign_in
from webapp.catalog import architectures
from webapp.models import Membership, Team, User
from webapp.models.enums import Role
from webapp.searches import lifecycle, proposals

SAMPLE_NAME = "A first look: digits"  # the tour starts on this search (frontend/src/tour/useTour.ts)
SAMPLE = {
    "strategy": "autoshrink",
    "dataset": "digits",
    "seed": 0,
    # Tight enough that 12 of the 15 edges are removed; takes about two minutes on one core.
    "budget": {"params": 30_000, "macs": None, "peak_memory": None, "bytes_per_element": 4},
    "settings": {
        "space": {"nodes": 6},
        "strategy": {"candidates": 6, "keep_edges": 3, "patience": 0, "descent_epochs": 6},
        "evaluator": {"epochs": 10},
    },
}


def ensure() -> str:
    """Creates what is missing and returns a one-time token that signs the owner in. Idempotent, but for the token."""
    with transaction.atomic():
        owner = _owner()
        team = _team(owner)
        _publish()
        give_sample(team, owner)
    return sign_in.make_link(owner)


@transaction.atomic
def give_sample(team: Team, person: User) -> None:
    """Starts the sample search in the person's name, once for a team, whichever process is first."""
    if Team.objects.filter(pk=team.pk, has_sample=False).update(has_sample=True):
        lifecycle.create(team, person, SAMPLE_NAME, serialization.to_jsonable(proposals.task(SAMPLE)))


def _owner() -> User:
    owner, _ = User.objects.get_or_create(email=settings.OWNER_EMAIL, defaults={"is_staff": True, "is_superuser": True})
    return owner


def _team(owner: User) -> Team:
    team = Team.objects.order_by("pk").first()
    if team is None:
        team, _ = Team.objects.get_or_create(slug="studio", defaults={"name": "Studio"})
    Membership.objects.get_or_create(team=team, user=owner, defaults={"role": Role.OWNER})
    return team


def _publish() -> None:
    for preset in PRESETS.values():
        architectures.publish(
            preset.title,
            graph=preset.graph.to_dict(),
            macro=serialization.to_jsonable(preset.macro),
            hash=preset.graph.hash,
            cost=serialization.to_jsonable(cost_of(preset.graph, preset.macro)),
            strategy=preset.strategy,
            source=preset.source,
            published_accuracy=preset.accuracy,
            published_perplexity=preset.perplexity,
        )
