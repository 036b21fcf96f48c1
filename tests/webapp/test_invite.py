"""Invitations, their links, and new teams."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from webapp.models import Search, Team, User


def link(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out.split("/sign-in/")[1].strip()


def test_an_invited_person_signs_in_once_as_a_member_of_the_team(
    team: Team, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("invite", "New@example.org")
    token, browser = link(capsys), Client()
    assert browser.get(f"/sign-in/{token}").status_code == 302
    assert browser.get("/api/me").json()["team"]["slug"] == team.slug
    assert Client().get(f"/sign-in/{token}").status_code == 410


def test_inviting_a_member_again_gives_a_new_link_and_the_given_role(
    team: Team, colleague: User, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("invite", colleague.email, role="viewer")
    assert Client().get(f"/sign-in/{link(capsys)}").status_code == 302
    assert colleague.memberships.get().role == "viewer"


def test_a_person_may_be_invited_to_a_new_team(team: Team, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("invite", "other@example.org", new_team="Edge Vision")
    person = User.objects.get(email="other@example.org")
    assert person.teams.get().slug == "edge-vision"
    assert person.memberships.get().role == "owner"  # nobody else could invite to it or delete
    sample = Search.objects.get()
    assert (sample.team.slug, sample.created_by) == ("edge-vision", person)
    browser = Client()
    assert browser.get(f"/sign-in/{link(capsys)}")["Location"] == f"/searches/{sample.pk}"


def test_the_link_leads_to_where_the_studio_last_started(
    team: Team, capsys: pytest.CaptureFixture[str], settings: Any, tmp_path: Path
) -> None:
    settings.ADDRESS_FILE = tmp_path / "address"
    call_command("invite", "first@example.org")
    assert f"http://localhost:{settings.PORT}/sign-in/" in capsys.readouterr().out
    settings.ADDRESS_FILE.write_text("http://127.0.0.1:8140")
    call_command("invite", "second@example.org")
    assert "http://127.0.0.1:8140/sign-in/" in capsys.readouterr().out
    call_command("invite", "third@example.org", address="https://studio.example.org/")
    assert "https://studio.example.org/sign-in/" in capsys.readouterr().out


def test_an_invitation_to_a_team_that_exists_starts_no_search(team: Team) -> None:
    call_command("invite", "new@example.org")
    assert not Search.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["not an address"], "is not an email address"),
        (["a@example.org", "--team", "moon"], "There is no team 'moon'"),
        (["a@example.org", "--new-team", "Garden"], "it is taken"),
    ],
)
def test_an_invalid_invitation_is_rejected_with_a_message(team: Team, arguments: list[str], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        call_command("invite", *arguments)


def test_a_team_must_be_named_where_there_are_several(team: Team, stranger: User) -> None:
    with pytest.raises(CommandError, match="Choose a team with --team; there are garden, meadow"):
        call_command("invite", "a@example.org")
