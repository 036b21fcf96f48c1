"""`manage.py prepare`: sets up the database and a new studio, for installations that start the processes themselves."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from webapp import firstrun


class Command(BaseCommand):
    help = "Migrate the database, create the contents of a new studio, and print a one-time sign-in link."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--address", default=f"http://localhost:{settings.PORT}", help="URL of the studio in browsers"
        )

    def handle(self, *args: Any, address: str, **options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        self.stdout.write(f"One-time sign-in link: {address.rstrip('/')}/sign-in/{firstrun.ensure()}")
