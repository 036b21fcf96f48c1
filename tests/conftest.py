"""Services for the tests: real ones, in a folder of their own, started by the first test that needs a database.

Settings are read here and not by pytest-django, so that the folder is known before they are. Everything that this
starts ends with this process, also when it is killed.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.examples import load_profile

VAR = Path(tempfile.mkdtemp(prefix="espalier-tests-"))
atexit.register(shutil.rmtree, VAR, ignore_errors=True)
for name in ("DATABASE_URL", "REDIS_URL"):
    os.environ.pop(name, None)
os.environ.update(ESPALIER_VAR=str(VAR), DJANGO_SETTINGS_MODULE="webapp.settings")
load_profile()


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        config.option.loadscopereorder = False  # files begin in the order below, not by how many tests they have
        del os.environ["DJANGO_SETTINGS_MODULE"]  # or those that test would read settings before they read this file
        return
    from django.conf import settings

    assert settings.VAR_DIR == VAR  # loads them; pytest-django then sets Django up


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with real processes come first: they take longest, and none shall begin when everything else is done."""
    slow = {item.path for item in items if item.get_closest_marker("spine")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session")
def services() -> Iterator[None]:
    """Postgres and Valkey, answering."""
    from webapp.processes.services import Embedded
    from webapp.processes.supervisor import Supervisor

    with Supervisor(VAR / "log") as supervisor:
        Embedded(VAR, durable=False).start(supervisor)
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(services: None) -> None:
    """What pytest-django asks for before it makes the test database."""


@pytest.fixture
def process_env(services: None, transactional_db: None) -> dict[str, str]:
    """The environment of a process that shall see the test's database: a worker, a coordinator, a web server."""
    from urllib.parse import quote

    from django.db import connection

    at = connection.settings_dict
    login = f"{at['USER']}:{quote(at['PASSWORD'], safe='')}"
    return {**os.environ, "DATABASE_URL": f"postgres://{login}@{quote(at['HOST'], safe='')}/{at['NAME']}"}
