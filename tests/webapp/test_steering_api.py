"""Steering over REST: who may steer, which commands are valid, and the messages for the others."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from search.base.serialization import Json
from tests.webapp.fakes import run_round, run_to_end
from tests.webapp.reading import edges_now, payloads
from webapp.models import Search, User
from webapp.models.enums import CommandKind
from webapp.searches import steering

pytestmark = pytest.mark.django_db

SignedIn = Callable[[User], Client]
WIDE = {"params": 60_000, "macs": None, "peak_memory": None, "latency": None}


def post(browser: Client, search: Search, body: Json, tail: str = "commands") -> Any:
    return browser.post(f"/api/searches/{search.pk}/{tail}", body, content_type="application/json")


@pytest.fixture
def browser(owner: User, signed_in: SignedIn) -> Client:
    return signed_in(owner)


@pytest.mark.parametrize(
    ("body", "attr", "detail"),
    [
        ({"kind": "lock"}, None, "Give one edge or one node to lock."),
        ({"kind": "remove", "edge": "0-1", "node": 1}, None, "Give one edge or one node to remove."),
        ({"kind": "restore", "edge": "1_2"}, "edge", "This value does not match the required pattern."),
        ({"kind": "lock", "node": -1}, "node", "Ensure this value is greater than or equal to 0."),
        ({"kind": "pause", "edge": "0-1"}, "edge", "“pause” takes no edge."),
        ({"kind": "stop", "branch": 0}, "branch", "“stop” takes no branch."),
        ({"kind": "lock", "edge": "0-1", "weight": 0.5}, "weight", "“lock” takes no weight."),
        (
            {"kind": "set_budget"},
            "budget",
            "Give the limits: params, macs, peak_memory and latency, null where there is none.",
        ),
        (
            {"kind": "set_budget", "budget": {"params": 9, "macs": 9, "latency": 9}},
            "budget.peak_memory",
            "Give every limit; null is no limit.",
        ),
        (
            {"kind": "set_budget", "budget": {**WIDE, "params": 0}},
            "budget.params",
            "Ensure this value is greater than or equal to 1.",
        ),
        (
            {"kind": "set_budget", "budget": {**WIDE, "bytes_per_element": 3}},
            "budget.bytes_per_element",
            "Choose from 1, 2, 4, 8.",
        ),
        (
            {"kind": "set_budget", "budget": {**WIDE, "parms": 9}},
            "budget.parms",
            "There is no such limit; choose from params, macs, peak_memory, latency, device, bytes_per_element.",
        ),
        ({"kind": "set_weight"}, "weight", "Give the new cost weight."),
        ({"kind": "set_weight", "weight": 1.5}, "weight", "The weight must be from 0 to 1."),
        ({"kind": "set_weight", "weight": "nan"}, "weight", "A valid number is required."),
        ({"kind": "rollback"}, "step", "Give the step to go back to; 0 is the beginning."),
        ({"kind": "rollback", "step": -1}, "step", "Ensure this value is greater than or equal to 0."),
        ({"kind": "lock", "edge": "0-1", "step": 0}, "step", "“lock” takes no step."),
    ],
)
def test_an_invalid_command_is_rejected_with_its_field(
    search: Search, browser: Client, body: Json, attr: str | None, detail: str
) -> None:
    answer = post(browser, search, body)
    assert answer.status_code == 400
    assert [(error["attr"], error["detail"]) for error in answer.json()["errors"]] == [(attr, detail)]
    assert not search.commands.exists()


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"kind": "remove", "edge": "3-9"}, "Edge 3-9 is not in the graph."),
        ({"kind": "lock", "node": 9}, "Node 9 is not in the graph."),
        ({"kind": "lock", "node": 0}, "Node 0 is the input: it is never removed and needs no lock."),
        ({"kind": "unlock", "edge": "1-2"}, "Edge 1-2 is not locked."),
        ({"kind": "restore", "edge": "1-2"}, "Edge 1-2 is already in the graph."),
        (
            {"kind": "restore", "edge": "3-9"},
            "Edge 3-9 was never in the graph; only parts of the initial graph can be restored.",
        ),
        ({"kind": "set_budget", "budget": {**WIDE, "params": 30_000}}, "These limits are already set."),
        (
            {"kind": "set_budget", "budget": {**WIDE, "params": 1_000}},
            "7,594 parameters is 6,594 over the limit of 1,000, even for the smallest cell that can be reached.",
        ),
        (
            {"kind": "set_budget", "budget": {**WIDE, "bytes_per_element": 2}},
            "This search counts 4 bytes per element, which cannot change.",
        ),
        ({"kind": "set_weight", "weight": 0}, "The cost weight is already 0."),
        ({"kind": "rollback", "step": 3}, "Step 3 was not reached: there is only step 0."),
        ({"kind": "rollback", "step": 0, "branch": 2}, "There is no branch 2: there is only branch 0."),
        ({"kind": "resume"}, "The search is queued: only a paused or failed search can be resumed."),
    ],
)
def test_a_command_that_cannot_be_applied_is_rejected_with_the_reason_and_not_stored(
    search: Search, browser: Client, body: Json, detail: str
) -> None:
    answer = post(browser, search, body)
    assert (answer.status_code, answer.json()["errors"][0]["detail"]) == (409, detail)
    assert not search.commands.exists()


def test_locks_that_make_a_limit_unreachable_are_rejected(search: Search, browser: Client) -> None:
    details = []
    for edge in ("0-1", "0-2", "0-3", "0-4", "0-5"):
        answer = post(browser, search, {"kind": "lock", "edge": edge})
        details += [error["detail"] for error in answer.json().get("errors", [])]
    assert details[0].startswith("With edge 0-")
    assert "locked, no cell within the limits can be reached: " in details[0]
    assert details[0].endswith("over the limit of 30,000.")


def test_removing_the_last_path_to_the_output_is_rejected(make_search: Callable[..., Search], browser: Client) -> None:
    search = make_search(settings={"space": {"nodes": 2}}, budget={"params": None})
    answer = post(browser, search, {"kind": "remove", "edge": "0-1"})
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["detail"] == "Without edge 0-1 nothing connects the input to the output."


def test_commands_to_an_ended_search_are_rejected_with_the_reason(search: Search, browser: Client) -> None:
    post(browser, search, {"kind": "cancel"})
    lock = post(browser, search, {"kind": "lock", "edge": "0-1"})
    back = post(browser, search, {"kind": "rollback", "step": 0})
    assert (lock.status_code, back.status_code) == (409, 409)
    assert lock.json()["errors"][0]["detail"] == "The search is cancelled and accepts no more commands."
    assert back.json()["errors"][0]["detail"].endswith("Fork it from that step instead.")


def test_a_command_is_returned_with_all_its_fields(search: Search, browser: Client) -> None:
    command = post(browser, search, {"kind": "set_budget", "budget": WIDE, "reason": "a larger board"}).json()
    assert command == {
        "id": 1,
        "kind": "set_budget",
        "edge": None,
        "node": None,
        "budget": {**WIDE, "device": None, "bytes_per_element": 4},
        "weight": None,
        "step": None,
        "by": "Owner",
        "reason": "a larger board",
        "status": "pending",
        "why": "",
        "created_at": command["created_at"],
        "decided_at": None,
    }


def test_the_row_of_a_list_shows_the_current_budget_and_graph(search: Search, browser: Client) -> None:
    post(browser, search, {"kind": "set_budget", "budget": WIDE})
    post(browser, search, {"kind": "set_weight", "weight": 0.5})
    run_round(search)
    (row,) = browser.get("/api/searches").json()["results"]
    detail = browser.get(f"/api/searches/{search.pk}").json()
    snapshot = browser.get(f"/api/searches/{search.pk}/snapshot").json()["snapshot"]
    assert row["budget"] == snapshot["budget"] == {**WIDE, "device": None, "bytes_per_element": 4}
    assert (detail["task"]["objective"]["cost_weight"], snapshot["weight"]) == (0.5, 0.5)
    assert (row["cost"], row["edges"]) == (snapshot["cost"], len(edges_now(search)))


def test_an_edit_shows_in_the_row_even_if_no_candidate_wins_the_round(
    make_search: Callable[..., Search], browser: Client
) -> None:
    search = make_search(budget={"params": None})
    shown = [one["edits"] for one in payloads(search, "candidates_proposed")[-1]["shown"]]
    tried = sorted(shown, key=lambda edits: len(edits["edges_lost"]))
    cut, *others = [edge for edits in tried for edge in edits["edges_removed"]]  # the first loses no other edge
    assert post(browser, search, {"kind": "remove", "edge": cut}).status_code == 201
    for edge in others:
        assert post(browser, search, {"kind": "lock", "edge": edge}).status_code == 201
    run_round(search)
    assert search.edges == 14
    (row,) = browser.get("/api/searches").json()["results"]
    snapshot = browser.get(f"/api/searches/{search.pk}/snapshot").json()["snapshot"]
    assert row["step"] == 0
    assert (row["cost"], row["edges"]) == (snapshot["cost"], len(edges_now(search)))


def test_a_pending_command_can_be_withdrawn(
    search: Search, browser: Client, colleague: User, viewer: User, stranger: User, signed_in: SignedIn
) -> None:
    post(browser, search, {"kind": "lock", "edge": "0-1"})
    address = f"/api/searches/{search.pk}/commands/1"
    assert signed_in(stranger).delete(address).status_code == 404
    assert signed_in(viewer).delete(address).status_code == 403
    taken = signed_in(colleague).delete(address)
    assert (taken.status_code, taken.json()["status"]) == (200, "withdrawn")
    again = browser.delete(address)
    assert again.status_code == 409
    assert again.json()["errors"][0]["detail"] == "Command 1 was already withdrawn and can no longer be withdrawn."
    missing = browser.delete(f"/api/searches/{search.pk}/commands/7")
    assert (missing.status_code, missing.json()["errors"][0]["detail"]) == (404, "There is no command 7.")


def test_any_member_can_fork_a_search_and_the_fork_names_its_origin(
    search: Search, colleague: User, viewer: User, stranger: User, signed_in: SignedIn
) -> None:
    run_to_end(search)
    assert post(signed_in(stranger), search, {"step": 1}, "fork").status_code == 404
    assert post(signed_in(viewer), search, {"step": 1}, "fork").status_code == 403
    answer = post(signed_in(colleague), search, {"step": 1, "name": "Mine", "reason": "what if"}, "fork")
    assert answer.status_code == 201
    detail = answer.json()
    assert detail["parent"] == {"search": search.pk, "name": "Small", "branch": 0, "step": 1}
    assert (detail["name"], detail["owner"]["name"], detail["step"], detail["status"]) == (
        "Mine",
        "Colleague",
        1,
        "queued",
    )
    (branch,) = detail["branches"]
    assert (branch["branch"], branch["parent"], branch["step"], branch["by"]) == (0, None, 1, "Colleague")


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        ({}, 400, "This field is required."),
        ({"step": -1}, 400, "Ensure this value is greater than or equal to 0."),
        ({"step": 1}, 409, "Step 1 was not reached: there is only step 0."),
        ({"step": 0, "branch": 1}, 409, "There is no branch 1: there is only branch 0."),
    ],
)
def test_a_fork_from_a_missing_step_is_rejected(
    search: Search, browser: Client, body: Json, status: int, detail: str
) -> None:
    answer = post(browser, search, body, "fork")
    assert (answer.status_code, answer.json()["errors"][0]["detail"]) == (status, detail)


def test_a_branch_is_shown_as_it_ended(search: Search, owner: User, browser: Client) -> None:
    run_round(search)
    address = f"/api/searches/{search.pk}/events"
    before = browser.get(f"{address}?at={search.seq}").json()
    steering.steer(search.pk, owner, CommandKind.ROLLBACK, step=0)
    detail = browser.get(f"/api/searches/{search.pk}").json()
    assert browser.get(f"{address}?at={detail['branches'][1]['seq'] - 1}").json() == before
    assert [branch["status"] for branch in detail["branches"]] == ["left", "live"]
    assert detail["parent"] is None
