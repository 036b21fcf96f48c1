"""`manage.py prepare`: what comes before the first page, where the processes are somebody else's to start."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from webapp import firstrun


class Command(BaseCommand):
    help = "Bring the tables up to date, make what a new studio has, and print a one-time sign-in link."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--address", default=f"http://localhost:{settings.PORT}", help="where it is seen")

    def handle(self, *args: Any, address: str, **options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        self.stdout.write(f"Sign in, once: {address.rstrip('/')}/sign-in/{firstrun.ensure()}")
