"""How people come in: an invitation, its link, and teams that do not see one another."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from webapp.models import Team, User


def link(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out.split("/sign-in/")[1].strip()


def test_an_invited_person_signs_in_once_and_is_in_the_team(team: Team, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("invite", "New@example.org")
    token, browser = link(capsys), Client()
    assert browser.get(f"/sign-in/{token}").status_code == 302
    assert browser.get("/api/me").json()["team"]["slug"] == team.slug
    assert Client().get(f"/sign-in/{token}").status_code == 410


def test_who_is_in_already_gets_a_new_link_and_the_role_that_is_said(
    team: Team, colleague: User, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("invite", colleague.email, role="viewer")
    assert Client().get(f"/sign-in/{link(capsys)}").status_code == 302
    assert colleague.memberships.get().role == "viewer"


def test_a_new_team_is_made_for_who_is_to_be_apart(team: Team, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("invite", "other@example.org", new_team="Edge Vision")
    assert User.objects.get(email="other@example.org").teams.get().slug == "edge-vision"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["not an address"], "is not an email address"),
        (["a@example.org", "--team", "moon"], "There is no team 'moon'"),
        (["a@example.org", "--new-team", "Garden"], "it is taken"),
    ],
)
def test_an_invitation_that_makes_no_sense_is_refused_in_words(team: Team, arguments: list[str], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        call_command("invite", *arguments)


def test_where_there_are_several_teams_one_must_be_named(team: Team, stranger: User) -> None:
    with pytest.raises(CommandError, match="Choose a team with --team; there are garden, meadow"):
        call_command("invite", "a@example.org")
