"""`python -m tests.soak.people N`: creates N teams with one signed-in member each and prints their session ids.

Equal work is done only once within a team, so a search that must really train needs a team of its own.
"""

import os
import sys

import django


def main(count: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
    django.setup()
    from django.test import Client

    from webapp.models import Membership, Team, User
    from webapp.models.enums import Role
    from webapp.models.ids import public_id

    for _ in range(count):
        name = public_id()
        member = User.objects.create_user(f"{name}@example.org")
        Membership.objects.create(team=Team.objects.create(name=name, slug=name), user=member, role=Role.OWNER)
        browser = Client()
        browser.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
        print(browser.cookies["sessionid"].value)


if __name__ == "__main__":
    main(int(sys.argv[1]))
