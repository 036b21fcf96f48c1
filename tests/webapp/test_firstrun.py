"""The first start, the sign-in link that it prints, and the sign-in page."""

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client

from search.spaces.presets import PRESETS
from webapp import firstrun
from webapp.accounts import sign_in
from webapp.models import Architecture, Search, SignInLink, Team, User
from webapp.searches import lifecycle

pytestmark = pytest.mark.django_db


def test_the_first_start_creates_sample_content() -> None:
    firstrun.ensure()
    assert User.objects.get().email == "owner@localhost"
    assert set(Architecture.objects.values_list("name", flat=True)) == {
        "ShrinkCNN-A",
        "ShrinkCNN-B",
        "ShrinkRNN",
        "ZiCo 450M",
        "ZiCo 600M",
        "ZiCo 1G",
    }
    rnn = Architecture.objects.get(name="ShrinkRNN")
    assert (rnn.published_accuracy, rnn.published_perplexity, rnn.params) == (None, 56.5, 23_000_700)
    sample = Search.objects.get()
    lifecycle.advance(sample.pk)
    sample.refresh_from_db()
    assert (sample.edges, sample.error) == (15, None)


def test_a_second_start_creates_nothing_twice() -> None:
    firstrun.ensure()
    firstrun.ensure()
    assert (User.objects.count(), Team.objects.count(), Search.objects.count()) == (1, 1, 1)
    assert Architecture.objects.count() == len(PRESETS)


def test_a_sample_search_that_was_deleted_does_not_come_back() -> None:
    firstrun.ensure()
    Search.objects.all().delete()
    firstrun.ensure()
    assert not Search.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_first_starts_at_once_create_one_owner_one_team_and_one_sample_search() -> None:
    at_once(firstrun.ensure, firstrun.ensure)
    assert (User.objects.count(), Team.objects.count(), Search.objects.count()) == (1, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_a_team_gets_its_sample_search_once_when_two_processes_give_it(
    team: Team, owner: User, colleague: User
) -> None:
    at_once(lambda: firstrun.give_sample(team, owner), lambda: firstrun.give_sample(team, colleague))
    assert Search.objects.get().team == team


def test_the_link_signs_in_once_and_redirects_to_the_search() -> None:
    token = firstrun.ensure()
    browser = Client()
    answer = browser.get(f"/sign-in/{token}")
    assert (answer.status_code, answer["Location"]) == (302, f"/searches/{Search.objects.get().pk}")
    assert browser.get("/api/me").json()["email"] == "owner@localhost"
    assert Client().get(f"/sign-in/{token}").status_code == 410


def test_an_expired_link_signs_nobody_in(owner: User) -> None:
    token = sign_in.make_link(owner)
    SignInLink.objects.update(expires_at=Now())
    assert sign_in.use_link(token) is None


@pytest.mark.parametrize(
    ("host", "signing_in", "spent"),
    [
        ("localhost:8000", "The studio prints a link", "Stop the studio and start it again: it prints a new one."),
        ("[::1]:8000", "The studio prints a link", "Stop the studio and start it again: it prints a new one."),
        ("studio.example.org", "Ask a member of your team for a", "Ask whoever invited you for a new one."),
    ],
)
def test_a_person_without_a_valid_link_is_told_where_to_get_one(
    host: str, signing_in: str, spent: str, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["localhost", "[::1]", "studio.example.org"]
    browser = Client(headers={"host": host})
    page = browser.get("/accounts/login/").content.decode()
    assert "searches for neural networks that are small enough for" in page and signing_in in page
    refused = browser.get("/sign-in/unknown")
    assert refused.status_code == 410
    assert f"This link has expired or was already used. {spent}" in refused.content.decode()


def test_the_database_does_not_contain_the_token(owner: User) -> None:
    token = sign_in.make_link(owner)
    assert token not in str(SignInLink.objects.values().get())


def test_every_other_path_serves_the_app_to_users_who_are_signed_in(owner: User, settings: Any, tmp_path: Path) -> None:
    settings.APP_DIR = tmp_path
    (tmp_path / "index.html").write_text("<title>Espalier</title>")
    browser = Client()
    assert browser.get("/searches/abc")["Location"] == "/accounts/login/?next=/searches/abc"
    browser.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    assert b"<title>Espalier" in browser.get("/searches/abc").content
    assert browser.get("/api/nothing").status_code == 404


@pytest.mark.parametrize(
    ("path", "files"),
    [
        ("/", ["Searches-1.js", "Searches-1.css"]),
        ("/searches", ["Searches-1.js", "Searches-1.css"]),
        ("/searches/", ["Searches-1.js", "Searches-1.css"]),
        ("/searches/new", ["New-1.js", "Shared-1.js"]),
        ("/searches/abc", ["Search-1.js"]),
        ("/searches/abc/def", []),
    ],
)
def test_the_app_names_the_files_of_the_page_at_its_path(
    path: str, files: list[str], owner: User, settings: Any, tmp_path: Path
) -> None:
    settings.APP_DIR = tmp_path
    (tmp_path / "index.html").write_text("<head><title>Espalier</title></head>")
    pages = [
        {"path": "searches", "scripts": ["Searches-1.js"], "sheets": ["Searches-1.css"]},
        {"path": "searches/new", "scripts": ["New-1.js", "Shared-1.js"], "sheets": []},
        {"path": "searches/:id", "scripts": ["Search-1.js"], "sheets": []},
        {"path": "*", "scripts": ["NotFound-1.js"], "sheets": []},
    ]
    (tmp_path / "pages.json").write_text(json.dumps(pages))
    browser = Client()
    browser.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    html = browser.get(path).content.decode()
    links = re.findall(r'<link rel="(modulepreload|preload" as="style)" crossorigin href="/static/app/([^"]+)">', html)
    assert [name for _, name in links] == files
    assert all(name.endswith(".css") == (kind != "modulepreload") for kind, name in links)


def test_a_user_may_sign_in_with_a_password(owner: User) -> None:
    owner.set_password("a long passphrase")
    owner.save()
    browser = Client()
    assert b'name="password"' in browser.get("/accounts/login/").content
    answer = browser.post("/accounts/login/", {"login": owner.email, "password": "a long passphrase"})
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_sign_up_is_closed() -> None:
    body = {"email": "new@example.org", "password1": "a long passphrase", "password2": "a long passphrase"}
    assert Client().post("/accounts/signup/", body).status_code == 404
    assert not User.objects.filter(email="new@example.org").exists()


def at_once(*acts: Callable[[], object]) -> None:
    """Runs the acts at the same time, each on a connection of its own."""
    ready = Barrier(len(acts), timeout=20)

    def run(act: Callable[[], object]) -> None:
        try:
            ready.wait()
            act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as processes:
        list(processes.map(run, acts))


def test_the_tour_knows_the_sample_by_its_name() -> None:
    tour = Path(__file__).parents[2] / "frontend" / "src" / "tour" / "useTour.ts"
    assert f'const SAMPLE = "{firstrun.SAMPLE_NAME}";' in tour.read_text()
