"""`manage.py invite EMAIL`: takes a person into a team and prints a one-time link; also a new link for who is in."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.text import slugify

from webapp.accounts import sign_in
from webapp.models import Membership, Team, User
from webapp.models.enums import Role


class Command(BaseCommand):
    help = "Take a person into a team and print a one-time sign-in link, good for an hour."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--team", help="its slug; needed only where there are several")
        parser.add_argument("--role", choices=Role.values, default=Role.MEMBER.value)
        parser.add_argument("--new-team", metavar="NAME", help="make this team for them first")
        parser.add_argument("--address", default=f"http://localhost:{settings.PORT}", help="where the studio is seen")

    @transaction.atomic
    def handle(
        self, *args: Any, email: str, team: str | None, role: str, new_team: str | None, address: str, **options: Any
    ) -> None:
        try:
            validate_email(email)
        except ValidationError:
            raise CommandError(f"{email!r} is no email address.") from None
        joined = Team.objects.create(name=new_team, slug=_slug(new_team)) if new_team else _team(team)
        person = User.objects.filter(email=email.lower()).first() or User.objects.create_user(email)
        Membership.objects.update_or_create(team=joined, user=person, defaults={"role": role})
        self.stdout.write(f"{person.email} is {role} of {joined.name}.")
        self.stdout.write(f"Sign in, once: {address.rstrip('/')}/sign-in/{sign_in.make_link(person)}")


def _team(slug: str | None) -> Team:
    teams = Team.objects.filter(slug=slug) if slug else Team.objects.all()
    if len(teams) != 1:
        there = ", ".join(Team.objects.order_by("slug").values_list("slug", flat=True))
        raise CommandError(f"There is no team {slug!r}." if slug else f"Say which team: --team, one of {there}.")
    return teams[0]


def _slug(name: str) -> str:
    slug = slugify(name)
    if not slug or Team.objects.filter(slug=slug).exists():
        raise CommandError(f"{name!r} cannot be a team's name: it is taken, or has no letters.")
    return slug
