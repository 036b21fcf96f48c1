"""Rows of candidates: what turns and withdrawn rounds write, and what people read of them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from search.base import serialization
from search.base.serialization import Json
from search.log.events import MOST_POINTS
from tests.search import golden
from tests.webapp.fakes import NUMERICS, WORKER, outcome_of, run_round, run_to_end, work_one
from tests.webapp.reading import payloads
from webapp.models import Candidate, Search, User
from webapp.models.enums import CommandKind
from webapp.scheduling import leases
from webapp.searches import candidates, lifecycle, rounds, steering

pytestmark = pytest.mark.django_db

MakeSearch = Callable[..., Search]
SignedIn = Callable[[User], Client]


class TestATurn:
    def test_adds_a_row_for_each_proposed_candidate(self, search: Search) -> None:
        [proposed] = payloads(search, "candidates_proposed")
        rows = {row.number: row for row in search.candidates.all()}
        assert len(rows) == proposed["count"]
        for one in proposed["shown"]:
            row = rows[one["id"]]
            assert (row.edits, row.hash, row.cost, row.feasible) == (
                one["edits"],
                one["hash"],
                one["cost"],
                one["feasible"],
            )
            assert (row.params, row.macs, row.seq) == (one["cost"]["params"], one["cost"]["macs"], search.seq)
            assert row.status == ("waiting" if row.feasible else "skipped")

    def test_replaces_rows_by_those_with_results(self, search: Search) -> None:
        run_to_end(search)
        for measured in payloads(search, "candidates_measured"):
            for one in measured["shown"]:
                row = search.candidates.get(branch=0, number=one["id"])
                assert (row.status, row.code, row.quality, row.score) == (
                    one["status"],
                    one["code"],
                    one["quality"],
                    one["score"],
                )
                assert row.curve
        numbers = search.candidates.order_by("number").values_list("number", flat=True)
        assert list(numbers) == list(range(len(numbers)))

    def test_writes_all_its_rows_in_one_statement(self, make_search: MakeSearch) -> None:
        search = make_search(settings={"strategy": {"candidates": 6}})
        while work_one() is not None:
            pass
        with CaptureQueriesContext(connection) as asked:
            lifecycle.advance(search.pk)
        assert sum('INTO "webapp_candidate"' in query["sql"] for query in asked) == 1
        assert not any('UPDATE "webapp_candidate"' in query["sql"] for query in asked if "INSERT" not in query["sql"])
        assert search.candidates.filter(status="ok").count() == 6

    def test_marks_the_rows_that_it_changed_with_its_last_event(self, search: Search) -> None:
        proposed = search.seq
        run_round(search)
        changed = search.candidates.filter(seq=search.seq)
        assert changed.filter(status="ok").count() == 3
        assert set(search.candidates.exclude(pk__in=changed).values_list("seq", flat=True)) <= {proposed}

    def test_gives_each_item_of_work_the_candidates_that_it_is_about(self, search: Search) -> None:
        waiting = search.candidates.filter(status="waiting").order_by("number").values_list("number", flat=True)
        items = rounds.current_round(search).work.order_by("index")
        assert [item.about for item in items] == [[number] for number in waiting]


class TestAWithdrawnRound:
    def test_keeps_results_in_the_rows_without_a_score(self, search: Search, owner: User) -> None:
        done = work_one()
        assert done is not None
        about = rounds.current_round(search).work.get(pk=done.work).about
        steering.steer(search.pk, owner, CommandKind.STOP)
        search.refresh_from_db()
        [kept] = search.candidates.filter(status="ok")
        outcome = outcome_of(done.payload)
        assert [kept.number] == about
        assert (kept.quality, kept.score, kept.seq) == (outcome["val_accuracy"], None, search.seq)
        assert kept.curve == outcome["curve"]
        assert not payloads(search, "candidates_measured")

    def test_keeps_the_code_of_a_failure_and_a_shortened_curve(self, search: Search, owner: User) -> None:
        lease = leases.claim(WORKER)
        assert lease is not None
        point = {"train_loss": 1.5, "val_loss": 1.25, "val_accuracy": 0.5}
        curve = [{"epoch": epoch, **point} for epoch in range(1, 2 * MOST_POINTS)]
        assert leases.complete(lease, {"status": "error", "code": "diverged", "curve": curve}, NUMERICS)
        steering.steer(search.pk, owner, CommandKind.CANCEL)
        kept = search.candidates.get(code="diverged")
        assert (kept.status, kept.quality, len(kept.curve)) == ("error", None, MOST_POINTS)

    def test_keeps_one_result_for_all_candidates_that_an_item_is_about(self, search: Search, owner: User) -> None:
        numbers = list(search.candidates.order_by("number").values_list("number", flat=True))
        rounds.current_round(search).work.update(about=numbers)
        assert work_one() is not None
        steering.steer(search.pk, owner, CommandKind.STOP)
        assert search.candidates.filter(status="ok").count() == len(numbers)

    def test_takes_a_result_that_arrives_after_a_rollback(self, search: Search, owner: User) -> None:
        run_round(search)
        running = leases.claim(WORKER)
        assert running is not None
        steering.steer(search.pk, owner, CommandKind.ROLLBACK, step=0)
        assert leases.complete(running, outcome_of(running.payload), NUMERICS)
        search.refresh_from_db()
        late = search.candidates.get(branch=0, step=2, status="ok")
        assert (late.score, late.seq) == (None, search.seq)
        assert not search.candidates.filter(branch=1, status="ok").exists()


class TestTheTable:
    @pytest.fixture
    def address(self, search: Search) -> str:
        """A search with rows of two branches, of every status, some without a result."""
        rows = [
            self.row(0, "ok", quality=0.7, macs=300),
            self.row(1, "ok", quality=0.9, macs=500),
            self.row(2, "ok", quality=0.6, macs=400),
            self.row(3, "error", code="diverged", macs=100),
            self.row(4, "skipped", feasible=False, why_not="it is too large", macs=900),
            self.row(5, "ok", quality=0.9, macs=600),
            self.row(6, "ok", quality=0.5, macs=200, step=2),
        ]
        search.candidates.all().delete()
        search.seq = 20
        candidates.record(search, 0, rows)
        search.seq = 30
        candidates.record(search, 1, [self.row(6, "waiting", macs=250, step=2)])
        return f"/api/searches/{search.pk}/candidates"

    @staticmethod
    def row(number: int, status: str, *, macs: int, step: int = 1, **more: Any) -> Json:
        memory = {"io": 10, "live": 20, "optimal": None, "exact": True}
        cost = {"params": 1_000 - macs, "params_no_bn": 0, "macs": macs, "peak_memory": memory, "latency": None}
        given = {"code": None, "quality": None, "feasible": True, "why_not": None, **more}
        named = {"id": number, "step": step, "phase": "choice", "hash": f"{number:064}", "label": f"number {number}"}
        return {
            **named,
            "edits": {},
            "parents": [],
            "cost": cost,
            "status": status,
            "score": None,
            "curve": [],
            **given,
        }

    def ids(self, browser: Client, address: str) -> list[int]:
        answer = browser.get(address)
        assert answer.status_code == 200, answer.json()
        found: list[int] = answer.json()["columns"]["id"]
        return found

    def test_is_answered_in_columns(self, browser: Client, address: str) -> None:
        page = browser.get(f"{address}?limit=2").json()
        assert (page["count"], page["seq"]) == (8, 30)
        columns = page["columns"]
        assert {"edits", "parents", "cost", "curve"}.isdisjoint(columns)
        assert (columns["id"], columns["branch"], columns["status"]) == ([0, 1], [0, 0], ["ok", "ok"])
        assert (columns["macs"], columns["peak_memory"], columns["latency"]) == ([300, 500], [20, 20], [None, None])

    def test_has_the_fields_that_are_asked_for(self, browser: Client, address: str) -> None:
        columns = browser.get(f"{address}?fields=id,cost,edits&limit=1").json()["columns"]
        assert list(columns) == ["id", "cost", "edits"]
        assert (columns["cost"][0]["macs"], columns["edits"]) == (300, [{}])

    @pytest.mark.parametrize(
        ("query", "ids"),
        [
            ("branch=1", [6]),
            ("step=2", [6, 6]),
            ("status=error", [3]),
            ("feasible=false", [4]),
            ("feasible=true&branch=0", [0, 1, 2, 3, 5, 6]),
            ("after_seq=20", [6]),
            ("until_seq=20", [0, 1, 2, 3, 4, 5, 6]),
            ("phase=descent", []),
            ("phase=choice&status=waiting", [6]),
            ("sort=-quality", [1, 5, 0, 2, 6, 3, 4, 6]),
            ("sort=quality", [6, 2, 0, 1, 5, 3, 4, 6]),
            ("sort=macs&limit=3", [3, 6, 6]),
            ("sort=-id&limit=3", [6, 6, 5]),
            ("sort=params&offset=6", [6, 3]),
            ("sort=latency", [0, 1, 2, 3, 4, 5, 6, 6]),
            ("pareto=quality,macs", [0, 1, 6]),
            ("pareto=macs,quality&sort=-macs", [1, 0, 6]),
            ("pareto=quality,macs&branch=1", []),
            ("pareto=params,macs&step=1", [0, 1, 2, 3, 4, 5]),
            ("pareto=quality,params", [5]),
        ],
    )
    def test_is_filtered_and_sorted(self, browser: Client, address: str, query: str, ids: list[int]) -> None:
        assert self.ids(browser, f"{address}?{query}") == ids

    def test_counts_what_a_page_leaves_out(self, browser: Client, address: str) -> None:
        page = browser.get(f"{address}?pareto=quality,macs&limit=1&offset=1").json()
        assert (page["count"], page["columns"]["id"]) == (3, [1])

    def test_keeps_equal_rows_of_a_front(self, search: Search, browser: Client, address: str) -> None:
        candidates.record(search, 1, [self.row(7, "ok", quality=0.9, macs=500)])
        assert self.ids(browser, f"{address}?pareto=quality,macs&sort=-quality") == [1, 7, 0, 6]

    def test_of_perplexities_has_the_low_ones_on_its_front(self, search: Search, browser: Client, address: str) -> None:
        Search.objects.filter(pk=search.pk).update(metric="perplexity")
        assert self.ids(browser, f"{address}?pareto=quality,macs") == [6]

    @pytest.mark.parametrize(
        ("query", "attr", "detail"),
        [
            ("sort=speed", "sort", "There is no such column to sort by; choose from id, -id, step, -step, quality, "),
            ("fields=id,speed", "fields", "There is no such field; choose from branch, id, step, "),
            ("fields=", "fields", "There is no such field; choose from branch, id, step, "),
            ("fields=id,id", "fields", "Give each at most once, with a comma between them: branch, id, "),
            ("pareto=quality,id", "pareto", "There is no such objective; choose from quality, score, params, macs, "),
            ("pareto=quality", "pareto", "Give 2 different ones, with a comma between them: quality, score, "),
            ("pareto=macs,macs", "pareto", "Give 2 different ones, with a comma between them: quality, score, "),
            ("status=good", "status", "There is no such status; choose from waiting, skipped, ok, error."),
            ("phase=first", "phase", "There is no such phase; choose from descent, choice, answer."),
            ("limit=1001", "limit", "Ensure this value is less than or equal to 1000."),
            ("colour=red", "colour", "There is no such parameter; choose from branch, step, status, "),
        ],
    )
    def test_rejects_wrong_names_and_says_which_there_are(
        self, browser: Client, address: str, query: str, attr: str, detail: str
    ) -> None:
        answer = browser.get(f"{address}?{query}")
        [error] = answer.json()["errors"]
        assert (answer.status_code, error["attr"]) == (400, attr)
        assert error["detail"].startswith(detail)

    def test_of_a_search_that_has_not_started_is_empty(self, search: Search, browser: Client, address: str) -> None:
        search.candidates.all().delete()
        page = browser.get(f"{address}?fields=id").json()
        assert page == {"count": 0, "seq": 0, "columns": {"id": []}}


def test_one_candidate_is_read_with_its_curve(search: Search, browser: Client) -> None:
    run_round(search)
    row = search.candidates.filter(status="ok").earliest("number")
    one = browser.get(f"/api/searches/{search.pk}/candidates/0/{row.number}").json()
    assert (one["id"], one["branch"], one["quality"], one["curve"]) == (row.number, 0, row.quality, row.curve)
    assert (one["edits"], one["cost"], one["parents"]) == (row.edits, row.cost, row.parents)


def test_a_missing_candidate_is_answered_404_with_its_number(search: Search, browser: Client) -> None:
    answer = browser.get(f"/api/searches/{search.pk}/candidates/0/99")
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["detail"] == "Branch 0 of the search has no candidate 99."


def test_colleagues_read_candidates_and_for_a_stranger_there_are_none(
    search: Search, colleague: User, viewer: User, stranger: User, signed_in: SignedIn
) -> None:
    for tail in ("candidates", "candidates/0/0"):
        for person, status in ((colleague, 200), (viewer, 200), (stranger, 404)):
            assert signed_in(person).get(f"/api/searches/{search.pk}/{tail}").status_code == status


@pytest.mark.parametrize("stream", ["descent-and-choice", "latency"])
def test_the_table_holds_what_the_strategy_gave(search: Search, stream: str) -> None:
    """Rows of a whole search, as the engine's tests record them, are read back unchanged."""
    search.candidates.all().delete()
    for (branch, number), row in golden.STREAMS[stream]().rows.items():
        candidates.record(search, branch, [serialization.to_jsonable(row)])
        stored = Candidate.objects.get(search=search, branch=branch, number=number)
        assert {name: getattr(stored, name) for name in candidates.COPIED} == {
            name: value for name, value in serialization.to_jsonable(row).items() if name != "id"
        }
