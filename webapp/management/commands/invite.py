"""`manage.py invite EMAIL`: adds a person to a team, or changes the role, and prints a one-time sign-in link."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.text import slugify

from webapp import firstrun
from webapp.accounts import sign_in
from webapp.models import Membership, Team, User
from webapp.models.enums import Role


class Command(BaseCommand):
    help = "Add a person to a team and print a one-time sign-in link that is valid for an hour."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--team", help="slug of the team; needed only if there are several")
        parser.add_argument("--role", choices=Role.values, help="default: member; owner of a new team")
        parser.add_argument("--new-team", metavar="NAME", help="create this team first, with a sample search")
        parser.add_argument("--address", help="URL of the studio in browsers; default: where it last started")

    @transaction.atomic
    def handle(
        self,
        *args: Any,
        email: str,
        team: str | None,
        role: str | None,
        new_team: str | None,
        address: str | None,
        **options: Any,
    ) -> None:
        try:
            validate_email(email)
        except ValidationError:
            raise CommandError(f"{email!r} is not an email address.") from None
        joined_team = Team.objects.create(name=new_team, slug=_slug(new_team)) if new_team else _team(team)
        role = role or (Role.OWNER if new_team else Role.MEMBER).value
        person = User.objects.filter(email=email.lower()).first() or User.objects.create_user(email)
        Membership.objects.update_or_create(team=joined_team, user=person, defaults={"role": role})
        if new_team:
            firstrun.give_sample(joined_team, person)
        self.stdout.write(f"{person.email} is {role} of {joined_team.name}.")
        self.stdout.write(
            f"One-time sign-in link: {(address or last_address()).rstrip('/')}/sign-in/{sign_in.make_link(person)}"
        )


def last_address() -> str:
    """Where the studio on this folder said that it is when it last started."""
    try:
        return settings.ADDRESS_FILE.read_text().strip()
    except OSError:
        return f"http://localhost:{settings.PORT}"


def _team(slug: str | None) -> Team:
    teams = Team.objects.filter(slug=slug) if slug else Team.objects.all()
    if len(teams) != 1:
        slugs = ", ".join(Team.objects.order_by("slug").values_list("slug", flat=True))
        raise CommandError(f"There is no team {slug!r}." if slug else f"Choose a team with --team; there are {slugs}.")
    return teams[0]


def _slug(name: str) -> str:
    slug = slugify(name)
    if not slug or Team.objects.filter(slug=slug).exists():
        raise CommandError(f"{name!r} cannot be the name of a team: it is taken, or has no letters.")
    return slug
