"""Some random requests to a real server; `make soak` sends two thousand."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.soak import requests
from tests.webapp import endpoints
from webapp.models import Team, User

pytestmark = [pytest.mark.spine, pytest.mark.django_db(transaction=True)]


def test_no_request_causes_a_server_error(
    process_env: dict[str, str],
    team: Team,
    owner: User,
    signed_in: Callable[[User], Client],
    tmp_path: Path,
    settings: Any,
) -> None:
    settings.FILES_DIR = tmp_path / "files"
    session = signed_in(owner).cookies["sessionid"].value
    world = endpoints.world(team, owner, tmp_path)
    with requests.server({**process_env, "ESPALIER_FILES": str(settings.FILES_DIR)}, tmp_path) as base:
        tally = requests.run(base, session, 100, 0, lambda: world.ids | {"token": world.token})
    assert tally.cases >= 100, tally.table()
    assert not tally.broken, tally.broken
    assert sum(counts[200] + counts[201] for counts in tally.answers.values()) >= 20, tally.table()
