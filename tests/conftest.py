"""Services for the tests: real ones, in a temporary folder, started by the first test that needs a database.

Settings are loaded here and not by pytest-django, since they need the folder. Everything that is started here ends
with this process, even if it is killed.
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

#: The files of a group share a studio and a browser if one test process runs them all (tests/e2e/conftest.py).
GROUPS = {
    "journeys": ("journey", "steering", "upload", "search_page", "new_search"),
    "pages": ("pages", "layout", "offline"),
}
GROUP_OF = {f"tests/e2e/test_{name}.py": group for group, names in GROUPS.items() for name in names}


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        config.option.loadscopereorder = False  # run files in the order below, not by their number of tests
        del os.environ["DJANGO_SETTINGS_MODULE"]  # or workers would load the settings before this file
        return
    from django.conf import settings

    assert settings.VAR_DIR == VAR  # loads the settings; pytest-django then sets Django up


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keeps the tests of a file together, and those of all files that share a studio and a browser."""
    from xdist.scheduler import LoadFileScheduling

    if config.option.dist != "loadfile":
        return None
    scheduler = LoadFileScheduling(config, log)
    file_of = scheduler._split_scope
    scheduler._split_scope = lambda test: GROUP_OF.get(file_of(test), file_of(test))
    return scheduler


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Runs files with real processes first, since they take longest."""
    slow = {item.path for item in items if item.get_closest_marker("spine")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session")
def services() -> Iterator[None]:
    """Starts Postgres and Valkey."""
    from webapp.processes.services import Embedded
    from webapp.processes.supervisor import Supervisor

    with Supervisor(VAR / "log") as supervisor:
        Embedded(VAR, durable=False).start(supervisor)
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(services: None) -> None:
    """pytest-django requests this before it creates the test database."""


@pytest.fixture
def process_env(services: None, transactional_db: None) -> dict[str, str]:
    """The environment of a process that uses the test's database: a worker, a coordinator, a web server."""
    from urllib.parse import quote

    from django.db import connection

    at = connection.settings_dict
    login = f"{at['USER']}:{quote(at['PASSWORD'], safe='')}"
    return {**os.environ, "DATABASE_URL": f"postgres://{login}@{quote(at['HOST'], safe='')}/{at['NAME']}"}
