"""The first start, the sign-in link that it prints, and the page behind it."""

from pathlib import Path
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client

from webapp import firstrun
from webapp.accounts import sign_in
from webapp.models import Architecture, Search, SignInLink, Team, User

pytestmark = pytest.mark.django_db


def test_the_studio_is_not_empty_at_its_first_start() -> None:
    firstrun.ensure()
    assert User.objects.get().email == "owner@localhost"
    assert set(Architecture.objects.values_list("name", flat=True)) == {"ShrinkCNN-A", "ShrinkCNN-B", "ShrinkRNN"}
    rnn = Architecture.objects.get(name="ShrinkRNN")
    assert (rnn.published_accuracy, rnn.published_perplexity, rnn.params) == (None, 56.5, 23_000_700)
    assert Search.objects.get().edges == 15


def test_a_second_start_makes_nothing_twice() -> None:
    firstrun.ensure()
    firstrun.ensure()
    assert (User.objects.count(), Team.objects.count(), Search.objects.count()) == (1, 1, 1)
    assert Architecture.objects.count() == 3


def test_a_search_that_was_removed_does_not_come_back_while_there_is_another(search: Search) -> None:
    firstrun.ensure()
    assert Search.objects.get() == search


def test_the_link_signs_in_once_and_leads_to_the_search() -> None:
    token = firstrun.ensure()
    browser = Client()
    answer = browser.get(f"/sign-in/{token}")
    assert (answer.status_code, answer["Location"]) == (302, f"/searches/{Search.objects.get().pk}")
    assert browser.get("/api/me").json()["email"] == "owner@localhost"
    assert Client().get(f"/sign-in/{token}").status_code == 410


def test_a_link_whose_hour_is_over_signs_nobody_in(owner: User) -> None:
    token = sign_in.make_link(owner)
    SignInLink.objects.update(expires_at=Now())
    assert sign_in.use_link(token) is None


def test_the_database_does_not_hold_the_token(owner: User) -> None:
    token = sign_in.make_link(owner)
    assert token not in str(SignInLink.objects.values().get())


def test_every_other_address_is_the_page_for_those_who_are_signed_in(
    owner: User, settings: Any, tmp_path: Path
) -> None:
    settings.APP_DIR = tmp_path
    (tmp_path / "index.html").write_text("<title>Espalier</title>")
    browser = Client()
    assert browser.get("/searches/abc")["Location"] == "/accounts/login/?next=/searches/abc"
    browser.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    assert b"<title>Espalier" in browser.get("/searches/abc").content
    assert browser.get("/api/nothing").status_code == 404


def test_one_may_sign_in_with_a_password(owner: User) -> None:
    owner.set_password("a long passphrase")
    owner.save()
    browser = Client()
    assert b'name="password"' in browser.get("/accounts/login/").content
    answer = browser.post("/accounts/login/", {"login": owner.email, "password": "a long passphrase"})
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_nobody_signs_up_by_themselves() -> None:
    body = {"email": "new@example.org", "password1": "a long passphrase", "password2": "a long passphrase"}
    assert Client().post("/accounts/signup/", body).status_code == 404
    assert not User.objects.filter(email="new@example.org").exists()
