"""Pages of the event log and the snapshot, as pages and clients of the API read them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from search.base import serialization
from search.base.serialization import Json
from search.log.events import SELF_CONTAINED
from tests.webapp.ended import ended_search
from tests.webapp.fakes import TASK, run_round
from webapp.models import Membership, Search, Team, User
from webapp.models.enums import CommandKind
from webapp.searches import event_log, steering

pytestmark = pytest.mark.django_db

SignedIn = Callable[[User], Client]


@pytest.fixture
def ended(team: Team, owner: User) -> Search:
    return ended_search(team, owner)


def address(search: Search, query: str = "") -> str:
    return f"/api/searches/{search.pk}/events{query}"


def seqs(browser: Client, search: Search, query: str) -> list[int]:
    answer = browser.get(address(search, query))
    assert answer.status_code == 200, answer.json()
    return [event["seq"] for event in answer.json()["events"]]


class TestPages:
    def test_follow_each_other(self, search: Search, browser: Client) -> None:
        run_round(search)
        first = browser.get(address(search, "?limit=3")).json()
        rest = browser.get(address(search, "?since=3")).json()
        assert (first["from_seq"], first["to_seq"], rest["from_seq"]) == (1, 3, 4)
        assert rest["to_seq"] == search.seq
        assert first["events"] + rest["events"] == event_log.read(search.pk, 1, search.seq)

    def test_after_the_last_event_are_empty(self, search: Search, browser: Client) -> None:
        page = browser.get(address(search, f"?since={search.seq}")).json()
        assert page == {"from_seq": search.seq + 1, "to_seq": search.seq, "events": []}

    def test_hold_the_kinds_that_are_asked_for(self, ended: Search, browser: Client) -> None:
        decided = list(ended.events.filter(kind="step_decided").order_by("seq").values_list("seq", flat=True))
        assert len(decided) > 3
        assert seqs(browser, ended, "?kind=step_decided") == decided
        assert seqs(browser, ended, "?kind=search_started&kind=step_decided") == [1, *decided]
        page = browser.get(address(ended, f"?kind=step_decided&limit=2&since={decided[0]}")).json()
        assert [event["seq"] for event in page["events"]] == decided[1:3]
        assert (page["from_seq"], page["to_seq"]) == (decided[0] + 1, decided[2])

    def test_before_an_event_are_the_last_ones(self, ended: Search, browser: Client) -> None:
        page = browser.get(address(ended, "?before=10&limit=4")).json()
        assert [event["seq"] for event in page["events"]] == [6, 7, 8, 9]
        assert (page["from_seq"], page["to_seq"]) == (6, 9)
        assert seqs(browser, ended, "?before=3") == [1, 2]
        assert seqs(browser, ended, "?before=1") == []
        assert seqs(browser, ended, f"?before={ended.seq + 100}&limit=1") == [ended.seq]
        measured = list(ended.events.filter(kind="candidates_measured").order_by("seq").values_list("seq", flat=True))
        assert seqs(browser, ended, f"?before={measured[-1]}&kind=candidates_measured&limit=2") == measured[-3:-1]

    def test_up_to_an_event_start_at_the_last_one_that_needs_no_earlier_one(
        self, search: Search, owner: User, browser: Client
    ) -> None:
        run_round(search)
        steering.steer(search.pk, owner, CommandKind.ROLLBACK, step=0)
        search.refresh_from_db()
        run_round(search)
        log = event_log.read(search.pk, 1, search.seq)
        starts = [event["seq"] for event in log if event["kind"] in SELF_CONTAINED]
        assert len(starts) == 2
        for at in range(1, search.seq + 1):
            start = max(seq for seq in starts if seq <= at)
            assert browser.get(address(search, f"?at={at}")).json() == {
                "from_seq": start,
                "to_seq": at,
                "events": log[start - 1 : at],
            }
        assert seqs(browser, search, f"?at={search.seq + 9}") == seqs(browser, search, f"?at={search.seq}")

    def test_of_a_search_that_has_not_started_are_empty(self, browser: Client) -> None:
        launched = browser.post("/api/searches", TASK, "application/json").json()["id"]
        for query in ("", "?before=5", "?at=5"):
            assert browser.get(f"/api/searches/{launched}/events{query}").json()["events"] == []

    @pytest.mark.parametrize(
        ("query", "attr", "detail"),
        [
            ("?kind=edge_removed", "kind.0", "There is no such kind; choose from search_started, snapshot, "),
            ("?at=5&since=3", "since", "It does not go with at. Leave one of the two out."),
            ("?at=5&limit=3", "limit", "It does not go with at. Leave one of the two out."),
            ("?at=5&kind=snapshot", "kind", "It does not go with at. Leave one of the two out."),
            ("?before=5&since=3", "since", "It does not go with before. Leave one of the two out."),
            ("?limit=1001", "limit", "Ensure this value is less than or equal to 1000."),
            ("?since=-1", "since", "Ensure this value is greater than or equal to 0."),
            ("?before=0", "before", "Ensure this value is greater than or equal to 1."),
        ],
    )
    def test_that_do_not_exist_are_rejected_with_a_message(
        self, search: Search, browser: Client, query: str, attr: str, detail: str
    ) -> None:
        answer = browser.get(address(search, query))
        [error] = answer.json()["errors"]
        assert (answer.status_code, error["attr"]) == (400, attr)
        assert error["detail"].startswith(detail)


class TestAKeptPage:
    """A browser asks again with the ETag of the page that it kept."""

    @pytest.mark.parametrize("query", ["", "?limit=2", "?kind=step_decided", "?before=4", "?at=3"])
    def test_that_has_not_changed_is_answered_304_without_reading_payloads(
        self, ended: Search, browser: Client, query: str
    ) -> None:
        kept = browser.get(address(ended, query))
        assert (kept["Cache-Control"], kept["ETag"][0]) == ("private, no-cache", '"')
        with CaptureQueriesContext(connection) as asked:
            again = browser.get(address(ended, query), headers={"If-None-Match": kept["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert (again["ETag"], again["Cache-Control"]) == (kept["ETag"], kept["Cache-Control"])
        assert not [each for each in asked if '"payload"' in each["sql"]]

    @pytest.mark.parametrize("known", ['W/"{}"', '"another", "{}"', "*"])
    def test_is_recognised_however_the_tag_is_written(self, ended: Search, browser: Client, known: str) -> None:
        tag = browser.get(address(ended))["ETag"].strip('"')
        assert browser.get(address(ended), headers={"If-None-Match": known.format(tag)}).status_code == 304

    @pytest.mark.parametrize("known", ["", "nonsense", '"another"'])
    def test_of_another_tag_is_sent_again(self, ended: Search, browser: Client, known: str) -> None:
        assert browser.get(address(ended), headers={"If-None-Match": known}).status_code == 200

    @pytest.mark.parametrize("query", ["", "?kind=step_decided", "?before=1000", "?at=1000"])
    def test_that_has_grown_is_sent_again_with_another_tag(self, search: Search, browser: Client, query: str) -> None:
        kept = browser.get(address(search, query))
        run_round(search)
        again = browser.get(address(search, query), headers={"If-None-Match": kept["ETag"]})
        assert again.status_code == 200
        assert again["ETag"] != kept["ETag"]
        assert len(again.json()["events"]) > len(kept.json()["events"])

    @pytest.mark.parametrize("query", ["?limit=2", "?before=3", "?at=2"])
    def test_that_is_full_stays_the_same_while_the_log_grows(self, search: Search, browser: Client, query: str) -> None:
        kept = browser.get(address(search, query))
        run_round(search)
        assert browser.get(address(search, query), headers={"If-None-Match": kept["ETag"]}).status_code == 304

    def test_is_not_told_to_a_stranger(
        self, ended: Search, browser: Client, stranger: User, colleague: User, signed_in: SignedIn
    ) -> None:
        tag = browser.get(address(ended))["ETag"]
        for person, status in ((colleague, 304), (stranger, 404)):
            answer = signed_in(person).get(address(ended), headers={"If-None-Match": tag})
            assert answer.status_code == status
        assert Client().get(address(ended), headers={"If-None-Match": tag}).status_code == 401

    def test_is_not_told_to_a_member_who_was_removed(self, ended: Search, browser: Client, owner: User) -> None:
        tag = browser.get(address(ended))["ETag"]
        Membership.objects.filter(user=owner).delete()
        assert browser.get(address(ended), headers={"If-None-Match": tag}).status_code == 404

    def test_of_another_search_has_another_tag(self, team: Team, owner: User, ended: Search, browser: Client) -> None:
        other = ended_search(team, owner, "Twin")
        assert browser.get(address(ended))["ETag"] != browser.get(address(other))["ETag"]


class TestTheSnapshot:
    def test_is_the_strategys_after_the_last_event(self, search: Search, browser: Client) -> None:
        run_round(search)
        answer = browser.get(f"/api/searches/{search.pk}/snapshot").json()
        assert answer["seq"] == search.seq
        assert (answer["snapshot"]["step"], answer["snapshot"]["status"]) == (1, "running")
        assert answer["snapshot"]["task"] == event_log.read(search.pk, 1, 1)[0]["payload"]["task"]

    def test_equals_that_in_the_log_of_a_new_branch(self, search: Search, owner: User, browser: Client) -> None:
        run_round(search)
        steering.steer(search.pk, owner, CommandKind.ROLLBACK, step=0)
        now: Json = browser.get(f"/api/searches/{search.pk}/snapshot").json()["snapshot"]
        [opened] = [event for event in event_log.read(search.pk, 1, 1_000) if event["kind"] == "branch_opened"]
        logged = opened["payload"]["snapshot"]
        proposing = {"phase"}  # the candidates that follow set it
        assert {name for name in now if now[name] != logged[name]} <= proposing
        assert serialization.dumps(now["graph"]) == serialization.dumps(logged["graph"])

    def test_of_an_ended_search_has_its_answer(self, ended: Search, browser: Client) -> None:
        snapshot = browser.get(f"/api/searches/{ended.pk}/snapshot").json()["snapshot"]
        last = event_log.read(ended.pk, ended.seq, ended.seq)[0]["payload"]
        assert (snapshot["status"], snapshot["answer"]) == ("finished", last["best"])
        row: Any = browser.get("/api/searches").json()["results"][0]
        assert (row["cost"], row["edges"]) == (last["best"]["cost"], len(last["best"]["graph"]["edges"]))

    def test_that_has_not_changed_is_answered_304(self, search: Search, browser: Client) -> None:
        address = f"/api/searches/{search.pk}/snapshot"
        kept = browser.get(address)
        assert browser.get(address, headers={"If-None-Match": kept["ETag"]}).status_code == 304
        run_round(search)
        assert browser.get(address, headers={"If-None-Match": kept["ETag"]}).status_code == 200

    def test_of_a_search_that_has_not_started_is_null(self, browser: Client) -> None:
        launched = browser.post("/api/searches", TASK, "application/json").json()["id"]
        assert browser.get(f"/api/searches/{launched}/snapshot").json() == {"seq": 0, "snapshot": None}

    def test_is_read_by_colleagues_and_for_a_stranger_does_not_exist(
        self, search: Search, colleague: User, viewer: User, stranger: User, signed_in: SignedIn
    ) -> None:
        for person, status in ((colleague, 200), (viewer, 200), (stranger, 404)):
            assert signed_in(person).get(f"/api/searches/{search.pk}/snapshot").status_code == status


@pytest.mark.parametrize("page", ["events", "candidates"])
def test_a_parameter_of_another_name_is_refused_with_those_that_there_are(
    search: Search, browser: Client, page: str
) -> None:
    answer = browser.get(f"/api/searches/{search.pk}/{page}?form=5")
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["attr"] == "form" and error["detail"].startswith("There is no such parameter; choose from ")
