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
from typing import Any

import pytest

from tests.examples import load_profile

VAR = Path(tempfile.mkdtemp(prefix="espalier-tests-"))
atexit.register(shutil.rmtree, VAR, ignore_errors=True)
for name in ("DATABASE_URL", "REDIS_URL"):
    os.environ.pop(name, None)
os.environ.update(ESPALIER_VAR=str(VAR), DJANGO_SETTINGS_MODULE="webapp.settings")
load_profile()

#: They share a studio and a browser, as long as one test process takes them all (tests/e2e/conftest.py).
JOURNEYS = ("tests/e2e/test_journey.py", "tests/e2e/test_steering.py", "tests/e2e/test_upload.py")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        config.option.loadscopereorder = False  # files begin in the order below, not by how many tests they have
        del os.environ["DJANGO_SETTINGS_MODULE"]  # or those that test would read settings before they read this file
        return
    from django.conf import settings

    assert settings.VAR_DIR == VAR  # loads them; pytest-django then sets Django up


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """A file's tests stay together, and so do those of all files that share a studio and a browser."""
    from xdist.scheduler import LoadFileScheduling

    if config.option.dist != "loadfile":
        return None
    scheduler = LoadFileScheduling(config, log)
    file_of = scheduler._split_scope
    scheduler._split_scope = lambda test: "journeys" if file_of(test) in JOURNEYS else file_of(test)
    return scheduler


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
