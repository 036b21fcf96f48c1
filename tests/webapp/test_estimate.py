"""How long a search will take: computed from stored trainings of like searches, from a probe, or not at all."""

import math
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client

from search.base.serialization import Json
from search.data import builtin
from search.strategies import STRATEGIES
from search.strategies.base import Stage
from tests.webapp.fakes import NUMERICS, outcome_of, run_round
from webapp.models import Probe, Search, Team, User, Work
from webapp.scheduling import leases, presence
from webapp.scheduling.presence import WorkerIdentity
from webapp.searches import estimate, probes, proposals
from webapp.searches.estimate import Measured, Rate

pytestmark = pytest.mark.django_db

MakeSearch = Callable[..., Search]
SignedIn = Callable[[User], Client]
CPU = WorkerIdentity("desk-1", "cpu", NUMERICS, "desk")
OTHER = WorkerIdentity("desk-2", "cpu", NUMERICS, "desk")
TASK: Json = {
    "strategy": "random",
    "dataset": "digits",
    "seed": 0,
    "budget": {},
    "settings": {"strategy": {"rounds": 2, "candidates": 5}, "answer": {"finalists": 2}},
}
TRAIN = builtin.get("digits").counts.train


def preview(browser: Client, **changes: Any) -> Json:
    answer = browser.post("/api/searches/preview", {**TASK, **changes}, content_type="application/json")
    assert answer.status_code == 200, answer.json()
    return dict(answer.json()["estimate"])


def lasted(seconds: Callable[[int], float]) -> None:
    """Gives each finished training of a search the seconds that belong to the MACs of its candidate."""
    for item in Work.objects.filter(status="done", round__isnull=False).select_related("round"):
        assert item.round is not None
        macs = item.round.search.candidates.get(branch=item.round.branch, number=item.about[0]).macs
        Work.objects.filter(pk=item.pk).update(finished_at=F("started_at") + timedelta(seconds=seconds(macs)))


def test_without_a_worker_there_is_no_estimate_and_a_sentence_says_why(browser: Client) -> None:
    found = preview(browser)
    assert (found["seconds"], found["basis"], found["workers"]) == (None, None, [])
    assert found["why"].startswith("No worker is running")
    assert found["trainings"] == {"low": 12, "middle": 12, "high": 12}


def test_without_a_like_training_there_is_none_either_and_a_probe_is_offered(browser: Client) -> None:
    presence.record_presence(CPU)
    found = preview(browser)
    assert (found["seconds"], found["probe"]) == (None, None)
    assert "A probe of a few seconds would tell" in found["why"]
    assert found["workers"] == [{"device": "CPU", "alive": 1, "busy": 0}]


def test_it_is_computed_from_the_seconds_of_like_trainings(browser: Client, make_search: MakeSearch) -> None:
    """One epoch of one image takes 1 µs, and 2 ps for each MAC."""
    run_round(make_search(), CPU)
    lasted(lambda macs: TRAIN * (1e-6 + 2e-12 * macs))  # the fake outcomes have one epoch
    found = preview(browser)
    assert (found["basis"], found["items"], found["probe"]) == ("measured", 3, None)
    effort = STRATEGIES["random"].effort(proposals.task(TASK))

    def exactly(stages: tuple[Stage, ...]) -> float:
        """On one worker: 10 candidates of 3 epochs, and 2 finalists of 12."""
        return sum(
            sum(stage.rounds) * TRAIN * epochs * (1e-6 + 2e-12 * stage.macs)
            for stage, epochs in zip(stages, (3, 12), strict=True)
        )

    for name in ("low", "middle", "high"):
        assert found["seconds"][name] == pytest.approx(exactly(getattr(effort, name)), rel=1e-3)
    assert found["seconds"]["low"] < found["seconds"]["middle"] < found["seconds"]["high"]


def test_a_second_worker_halves_the_time_of_an_even_round(browser: Client, make_search: MakeSearch) -> None:
    run_round(make_search(), CPU)
    lasted(lambda macs: 1.0)
    settings = {"strategy": {"rounds": 2, "candidates": 6}, "answer": {"finalists": 0}}
    alone = preview(browser, settings=settings)["seconds"]["middle"]
    presence.record_presence(OTHER)
    assert preview(browser, settings=settings)["seconds"]["middle"] == pytest.approx(alone / 2)
    assert preview(browser)["workers"] == [{"device": "CPU", "alive": 2, "busy": 0}]


def test_the_spread_is_that_of_the_measured_seconds(make_search: MakeSearch) -> None:
    rate = estimate.fitted([Measured(100, 1000, seconds) for seconds in (8, 9, 10, 10, 10, 10, 10, 10, 11, 12)])
    assert rate is not None
    assert rate.base == pytest.approx(0.1) and rate.per_mac == 0.0
    assert [rate.low, rate.high] == pytest.approx([0.9, 1.1])
    assert estimate.fitted([Measured(100, 1000, 9.0)] * 2) is None


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([(1, 3.0), (2, 5.0), (3, 7.0)], (1.0, 2.0)),
        ([(1, 3.0), (2, 2.0), (3, 1.0)], (2.0, 0.0)),  # more MACs take no less time
        ([(1, 0.0), (2, 4.0), (3, 8.0)], (0.0, 32 / 14)),  # and none takes less than nothing
        ([(5, 3.0), (5, 5.0)], (4.0, 0.0)),
    ],
)
def test_a_line_is_fitted_that_never_falls(points: list[tuple[float, float]], expected: tuple[float, float]) -> None:
    assert estimate.line(points) == pytest.approx(expected)


def test_trainings_on_workers_that_are_gone_do_not_count(browser: Client, make_search: MakeSearch) -> None:
    run_round(make_search(), WorkerIdentity("cloud-1", "gpu", "torch 0, cuda", "cloud"))
    lasted(lambda macs: 1.0)
    assert preview(browser)["basis"] == "measured"
    assert preview(browser)["workers"] == [{"device": "GPU", "alive": 1, "busy": 0}]
    presence.present_workers().update(machine="elsewhere")
    assert preview(browser)["basis"] is None


def test_reused_and_failed_outcomes_and_other_evaluators_do_not_count(browser: Client, make_search: MakeSearch) -> None:
    run_round(make_search(), CPU)
    lasted(lambda macs: 1.0)
    assert preview(browser, evaluator="inherit", settings=TASK["settings"])["basis"] is None
    for change in ({"reused": True}, {"failed": True}):
        Work.objects.update(**change)
        assert preview(browser)["basis"] is None
        Work.objects.update(reused=False, failed=False)
    assert preview(browser)["basis"] == "measured"


def test_a_probe_gives_an_estimate_where_nothing_was_measured(browser: Client, sent: list[Any]) -> None:
    presence.record_presence(CPU)
    answer = browser.post("/api/searches/probe", TASK, content_type="application/json")
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    again = browser.post("/api/searches/probe", TASK, content_type="application/json")
    assert again.json() == answer.json() and Probe.objects.count() == 1
    assert preview(browser)["probe"] == "queued"
    lease = leases.claim(CPU)
    assert lease and lease.kind == "probe" and preview(browser)["probe"] == "running"
    assert [len(item["graph"]["edges"]) for item in lease.payload["items"]] == [1, 28]
    probe = Probe.objects.get()
    seconds = [1e-6 + 2e-12 * macs for macs in probe.macs]
    leases.complete(lease, {"status": "ok", "seconds": seconds}, NUMERICS)
    found = preview(browser, seed=3, budget={"params": 100_000})
    assert (found["basis"], found["probe"], found["items"]) == ("probe", "done", 2)
    choice, answer_stage = STRATEGIES["random"].effort(proposals.task(TASK)).middle
    expected = 10 * TRAIN * 3 * (1e-6 + 2e-12 * choice.macs) + 2 * TRAIN * 12 * (1e-6 + 2e-12 * answer_stage.macs)
    assert preview(browser)["seconds"] == {
        "low": pytest.approx(expected * 0.7, rel=0.5),
        "middle": pytest.approx(expected),
        "high": pytest.approx(expected * 1.5, rel=0.5),
    }


def test_a_probe_that_fails_says_so_and_may_be_asked_for_again(browser: Client) -> None:
    presence.record_presence(CPU)
    browser.post("/api/searches/probe", TASK, content_type="application/json")
    for _ in range(leases.MAX_TRIES):
        lease = leases.claim(CPU)
        assert lease
        leases.fail(lease, "out_of_memory", "There was too little memory.", NUMERICS)
    assert preview(browser)["probe"] == "failed"
    assert Probe.objects.get().error == "There was too little memory."
    browser.post("/api/searches/probe", TASK, content_type="application/json")
    assert Probe.objects.count() == 2 and preview(browser)["probe"] == "queued"


def test_a_probe_needs_a_worker(browser: Client) -> None:
    answer = browser.post("/api/searches/probe", TASK, content_type="application/json")
    assert (answer.status_code, answer.json()["errors"][0]["detail"]) == (409, probes.NO_WORKER)


def test_a_preview_starts_no_probe(browser: Client) -> None:
    presence.record_presence(CPU)
    preview(browser)
    assert not Probe.objects.exists() and not Work.objects.exists()


def test_a_colleague_estimates_by_the_teams_trainings_and_a_stranger_learns_nothing_of_them(
    browser: Client, colleague: User, stranger: User, make_search: MakeSearch, signed_in: SignedIn
) -> None:
    presence.record_presence(CPU)
    before = preview(signed_in(stranger))
    run_round(make_search(), CPU)
    lasted(lambda macs: 1.0)
    assert preview(browser)["basis"] == preview(signed_in(colleague))["basis"] == "measured"
    assert preview(signed_in(stranger)) == {**before, "sharing": 1}


def test_a_colleague_estimates_by_the_teams_probe_and_a_stranger_learns_nothing_of_it(
    browser: Client, colleague: User, stranger: User, signed_in: SignedIn
) -> None:
    presence.record_presence(CPU)
    before = preview(signed_in(stranger))
    browser.post("/api/searches/probe", TASK, content_type="application/json")
    assert preview(browser)["probe"] == preview(signed_in(colleague))["probe"] == "queued"
    assert preview(signed_in(stranger)) == before
    lease = leases.claim(CPU)
    assert lease
    leases.complete(lease, {"status": "ok", "seconds": [1e-6, 1e-5]}, NUMERICS)
    assert preview(browser)["basis"] == preview(signed_in(colleague))["basis"] == "probe"
    assert preview(signed_in(stranger)) == before


@pytest.mark.parametrize("other", ["desk-2", "desk-b", "my-desk", "des.", "desk"])
def test_trainings_count_only_on_the_machine_itself(browser: Client, make_search: MakeSearch, other: str) -> None:
    """Though its name may begin that of another one."""
    run_round(make_search(), WorkerIdentity(presence.worker_name("desk", 17), "cpu", NUMERICS, "desk"))
    lasted(lambda macs: 1.0)
    presence.present_workers().delete()
    presence.record_presence(WorkerIdentity(presence.worker_name(other, 4), "cpu", NUMERICS, other))
    assert preview(browser)["basis"] == ("measured" if other == "desk" else None)


def test_trainings_on_a_machine_with_a_longer_name_do_not_count(browser: Client, make_search: MakeSearch) -> None:
    run_round(make_search(), WorkerIdentity(presence.worker_name("desk-2", 17), "cpu", NUMERICS, "desk-2"))
    lasted(lambda macs: 1.0)
    presence.present_workers().delete()
    presence.record_presence(CPU)
    assert preview(browser)["basis"] is None


def test_a_worker_runs_a_probe_within_seconds_and_returns_a_rate_for_each_graph(team: Team, owner: User) -> None:
    from search.runtime.context import Context
    from search.runtime.execute import execute

    presence.record_presence(CPU)
    probes.request(team, owner, proposals.task({**TASK, "settings": {"space": {"nodes": 3}}}))
    lease = leases.claim(CPU)
    assert lease
    outcome = execute(lease.payload, Context())
    assert outcome["status"] == "ok" and len(outcome["seconds"]) == 2
    assert all(0 < seconds < 1 and math.isfinite(seconds) for seconds in outcome["seconds"])


def test_rounds_wait_for_their_last_candidate() -> None:
    rate, work = Rate(1.0, 0.0, 1.0, 1.0, "measured", 9), {"kind": "other"}
    assert estimate.seconds_of((Stage("choice", (5, 3, 1), 0, work),), rate, 2, 100) == 3 + 2 + 1


def test_an_early_stop_counts_the_epochs_that_were_done() -> None:
    payload = proposals.task(TASK)
    (stage, _) = STRATEGIES["random"].effort(payload).middle
    assert estimate.samples(stage.work, 1000) == 3000
    assert estimate.samples(stage.work, 1000, epochs=2) == 2000
    assert estimate.samples({**stage.work, "images": 200}, 1000) == 600
    assert outcome_of(stage.work)["epochs"] == 1
