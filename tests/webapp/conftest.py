"""Fixtures: an owner, a colleague and a viewer of one team, a stranger of another, and searches for them."""

import asyncio
import copy
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import django
import pytest
from asgiref.sync import sync_to_async
from django.db import connections, transaction
from django.test import Client

django.setup()  # pytest-django sets Django up later than this file is imported when only these tests run

from search.base import serialization  # noqa: E402
from tests.webapp.fakes import TASK  # noqa: E402
from tests.webapp.objects import Disk, Objects, ObjectStore, serving  # noqa: E402
from tests.webapp.sending import PART  # noqa: E402
from webapp.models import Membership, Search, Team, User  # noqa: E402
from webapp.models.enums import Role  # noqa: E402
from webapp.scheduling import queue  # noqa: E402
from webapp.searches import lifecycle, proposals  # noqa: E402


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> list[tuple[str, str]]:
    """Wake-ups that would be sent to workers. Tests with real worker processes send them."""
    messages: list[tuple[str, str]] = []
    if "spine" not in request.keywords:
        monkeypatch.setattr(queue, "_unread", lambda name: 0)
        monkeypatch.setattr(queue, "_send", lambda name, argument, to: messages.append((name, argument)))
    return messages


@pytest.fixture(autouse=True)
def in_memory_pokes(settings: Any, request: pytest.FixtureRequest) -> None:
    if "spine" not in request.keywords:
        settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}


@pytest.fixture
def closed_connections() -> Iterator[None]:
    """Asynchronous code queries from another thread, whose connection would outlive the test's database."""
    yield
    asyncio.run(sync_to_async(connections.close_all)())


@pytest.fixture(scope="session")
def object_store() -> Iterator[ObjectStore]:
    with serving() as running:
        yield running


@pytest.fixture(params=["folder", "bucket"])
def file_store(request: pytest.FixtureRequest, settings: Any, tmp_path: Path) -> Disk | Objects:
    """The store of artifacts: a folder, then a bucket."""
    settings.FILES_DIR, settings.CACHE_DIR = tmp_path / "files", tmp_path / "cache"
    if request.param == "folder":
        return Disk(tmp_path / "files")
    objects: Objects = request.getfixturevalue("object_store").make(f"bucket-{uuid.uuid4()}")
    settings.STORAGES = {**settings.STORAGES, **objects.settings}
    return objects


@pytest.fixture
def team(db: None) -> Team:
    return Team.objects.create(name="Garden", slug="garden")


def _member(team: Team, email: str, role: Role, password: str | None = None) -> User:
    user = User.objects.create_user(email, password, first_name=email.partition("@")[0].title())
    Membership.objects.create(team=team, user=user, role=role)
    return user


@pytest.fixture
def owner(team: Team) -> User:
    return _member(team, "owner@example.org", Role.OWNER)


@pytest.fixture
def colleague(team: Team) -> User:
    return _member(team, "colleague@example.org", Role.MEMBER)


@pytest.fixture
def viewer(team: Team) -> User:
    return _member(team, "viewer@example.org", Role.VIEWER)


@pytest.fixture
def stranger(db: None) -> User:
    return _member(Team.objects.create(name="Meadow", slug="meadow"), "stranger@example.org", Role.OWNER)


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    def client(user: User) -> Client:
        browser = Client()
        browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return browser

    return client


@pytest.fixture
def uploading(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Temporary folders for uploads. `on_commit` callbacks run at once, since a test never commits."""
    settings.FILES_DIR, settings.SCRATCH_DIR = tmp_path / "files", tmp_path / "scratch"
    settings.PART_BYTES = PART
    monkeypatch.setattr(transaction, "on_commit", lambda act: act())


@pytest.fixture
def browser(owner: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(owner)


@pytest.fixture
def make_search(team: Team, owner: User) -> Callable[..., Search]:
    """Launches a small search; `changes` override fields of its task."""

    def make(name: str = "Small", by: User | None = None, to: Team | None = None, **changes: Any) -> Search:
        task = copy.deepcopy(TASK)
        for key, value in changes.items():
            task[key] = {**task[key], **value} if isinstance(value, dict) else value
        made = lifecycle.create(to or team, by or owner, name, serialization.to_jsonable(proposals.task(task)))
        lifecycle.advance(made.pk)  # as the coordinator does
        made.refresh_from_db()
        return made

    return make


@pytest.fixture
def search(make_search: Callable[..., Search]) -> Search:
    return make_search()
