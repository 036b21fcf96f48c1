"""Who does the measurements of a search: the agent of its device, else the workers of one machine."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from tests.webapp.fakes import NUMERICS, WORKER, outcome_of, run_round
from tests.webapp.measuring import MEASURED, measure_instead
from tests.webapp.reading import payloads, summary
from webapp.api import presenters
from webapp.core import clock
from webapp.devices import devices
from webapp.models import Candidate, Device, Placement, Search, Team, User, Work, Worker
from webapp.models.enums import CommandKind, WorkStatus
from webapp.scheduling import leases, presence, queue
from webapp.searches import lifecycle, rounds, steering
from webapp.searches.waiting import waiting

pytestmark = pytest.mark.django_db

MakeSearch = Callable[..., Search]
LOCAL = replace(WORKER, machine="local")
SECOND = replace(LOCAL, name="worker-2", numerics="torch 0, cpu other, 1 thread")
GPU = replace(LOCAL, name="worker-3", queue="gpu")
REMOTE = replace(WORKER, name="worker-4", machine="remote")


@pytest.fixture
def device(team: Team, owner: User) -> Device:
    return devices.create(team, owner, "Desk")[0]


def test_workers_of_one_machine_measure_for_a_search_whatever_their_numerics(search: Search) -> None:
    measure_instead(search, count=3)
    assert leases.claim(LOCAL) and leases.claim(SECOND) and leases.claim(GPU)
    assert search.placements.get().machine == "local"


def test_another_machine_does_not_measure_while_the_first_is_present(search: Search) -> None:
    measure_instead(search)
    assert leases.claim(LOCAL)
    assert leases.claim(REMOTE) is None


def test_another_machine_measures_when_the_first_is_gone(search: Search) -> None:
    measure_instead(search)
    lease = leases.claim(LOCAL)
    assert lease and leases.complete(lease, MEASURED, NUMERICS)
    Worker.objects.filter(machine="local").update(seen_at=clock.after(-3600))
    assert leases.claim(REMOTE)
    assert search.placements.get().machine == "remote"


def test_measurements_of_a_search_that_trains_on_a_gpu_are_done_by_any_worker(search: Search) -> None:
    Placement.objects.create(search=search, kind="train", queue="gpu", numerics="a card")
    measure_instead(search)
    assert leases.claim(LOCAL)


def test_a_latency_is_never_reused_for_an_equal_item(search: Search) -> None:
    measure_instead(search)
    first, second = leases.claim(LOCAL), leases.claim(LOCAL)
    assert first and second and first.key == second.key and first.work != second.work


def test_measurements_on_a_device_are_done_by_its_agent_alone(search: Search, device: Device) -> None:
    measure_instead(search, device)
    other, _ = devices.create(device.team, device.created_by, "Shelf")
    assert leases.claim(LOCAL) is None
    assert devices.claim(other) is None
    lease = devices.claim(device)
    assert lease and lease.payload["device"] == device.pk


def test_an_agent_is_given_measurements_alone(search: Search, device: Device) -> None:
    Work.objects.update(device=device)
    assert devices.claim(device) is None


def test_no_item_of_a_paused_search_is_handed_to_an_agent(search: Search, device: Device) -> None:
    measure_instead(search, device)
    lifecycle.pause(search, None)
    assert devices.claim(device) is None


def test_an_item_whose_agent_lost_the_lease_is_handed_out_again(search: Search, device: Device) -> None:
    measure_instead(search, device, count=1)
    late = devices.claim(device)
    assert late
    Work.objects.update(lease_until=Now())
    leases.expire()
    again = devices.claim(device)
    assert again and again.work == late.work
    assert devices.renew(device, late.work, late.token) == "stop"
    assert not devices.complete(device, late.work, late.token, MEASURED)
    assert devices.complete(device, again.work, again.token, MEASURED)
    assert Work.objects.get().lost_leases == 1


def test_workers_of_both_queues_are_woken_and_agents_are_not(search: Search, device: Device) -> None:
    woken: list[tuple[str | None, int]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queue, "wake", lambda queue, items=1: woken.append((queue, items)))
        Placement.objects.create(search=search, kind="train", queue="gpu", numerics="a card")
        measure_instead(search, device)
        rounds.wake_workers(rounds.current_round(search))
        measure_instead(search, None)
        rounds.wake_workers(rounds.current_round(search))
    assert woken == [("cpu", 0), ("gpu", 0), ("cpu", 2), ("gpu", 2)]


def test_the_last_latency_of_a_round_queues_its_advance(
    search: Search,
    device: Device,
    sent: list[tuple[str, str]],
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    measure_instead(search, device, count=1)
    lease = devices.claim(device)
    assert lease
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        devices.complete(device, lease.work, lease.token, MEASURED)
    assert ("espalier.advance", search.pk) in sent


def test_latencies_of_a_withdrawn_round_make_no_candidates(search: Search, owner: User) -> None:
    measure_instead(search)
    done, late = leases.claim(LOCAL), leases.claim(LOCAL)
    assert done and late and leases.complete(done, MEASURED, NUMERICS)
    steering.steer(search.pk, owner, CommandKind.STOP)
    assert not leases.complete(late, MEASURED, NUMERICS)
    assert set(Candidate.objects.values_list("status", "quality")) == {("skipped", None)}


def test_a_search_reports_which_device_it_waits_for(search: Search, device: Device) -> None:
    measure_instead(search, device)
    prefix = "Waiting for the device Desk"
    assert (
        waiting(search)
        == f"{prefix}: its agent was never seen. Start the agent on the device, with the device's token."
    )
    Device.objects.update(seen_at=clock.now() - timedelta(minutes=5))
    assert waiting(search) == f"{prefix}: its agent was last seen 5 minutes ago. Start the agent on the device again."
    Device.objects.update(seen_at=Now())
    assert waiting(search) is None
    devices.retire(device)
    assert waiting(search) == f"{prefix}, which was retired. Limit the latency on another device, or stop the search."


def test_a_search_with_measurements_waits_for_any_worker(search: Search) -> None:
    Placement.objects.create(search=search, kind="train", queue="cpu", numerics="of a machine that is gone")
    measure_instead(search)
    search.refresh_from_db()
    assert waiting(search) == "Waiting for a worker to start on it."
    presence.record_presence(SECOND)
    assert waiting(search) is None


def test_rows_of_candidates_follow_the_latencies_of_their_round(make_search: MakeSearch) -> None:
    search = make_search(budget={"latency": 500}, settings={"space": {"nodes": 4}})
    skipped = 0
    while search.state.is_live:
        run_round(search)
        if search.state.is_live:
            assert search.cost == summary(search)["cost"]
        timed = payloads(search, "candidates_timed")
        for one in timed[-1]["shown"] if timed else []:
            row = search.candidates.get(branch=0, number=one["id"])
            assert (row.feasible, row.why_not) == (one["feasible"], one["why_not"])
            assert one["latency"] is None or row.latency == row.cost["latency"] == one["latency"]["median"]
            assert one["feasible"] or row.status == "skipped"
            skipped += not one["feasible"]
    assert search.status == "finished" and skipped
    assert search.architectures.get().cost["latency"] <= 500


def test_telemetry_shows_the_progress_of_a_measuring_round(search: Search, device: Device) -> None:
    assert presenters.telemetry(search)["measuring"] is None
    measure_instead(search, device)
    lease = devices.claim(device)
    assert lease and devices.complete(device, lease.work, lease.token, MEASURED)
    telemetry = presenters.telemetry(search)
    assert telemetry["measuring"] == {"done": 1, "of": 2, "device": "Desk"}
    assert [(row["status"], row["curve"]) for row in telemetry["work"]] == [("done", [])]


@pytest.mark.parametrize("latency", [None, 5_000])
def test_a_search_whose_device_was_retired_continues_when_its_budget_no_longer_needs_it(
    make_search: MakeSearch, device: Device, owner: User, sent: list[tuple[str, str]], latency: int | None
) -> None:
    search = make_search(budget={"latency": 10**6, "device": device.pk})
    assert set(Work.objects.values_list("kind", "device")) == {("measure", device.pk)}
    held = devices.claim(device)
    assert held
    budget = {**search.task["budget"], "latency": latency, "device": None}
    steering.steer(search.pk, owner, CommandKind.SET_BUDGET, budget=budget)
    assert not devices.complete(device, held.work, held.token, MEASURED)
    lifecycle.advance(search.pk)
    search.refresh_from_db()
    assert search.status == "running" and search.task["budget"]["device"] is None
    (kind,) = set(rounds.current_round(search).work.filter(device=None).values_list("kind", flat=True))
    assert kind == ("train" if latency is None else "measure")


def test_changing_another_limit_keeps_the_measurements(make_search: MakeSearch, device: Device, owner: User) -> None:
    search = make_search(budget={"latency": 10**6, "device": device.pk})
    steering.steer(search.pk, owner, CommandKind.SET_BUDGET, budget={**search.task["budget"], "params": 40_000})
    assert not Work.objects.exclude(status=WorkStatus.QUEUED).exists()


def test_training_is_not_affected_by_measurements_of_another_search(make_search: MakeSearch, device: Device) -> None:
    measure_instead(make_search("measured"), device)
    make_search("trained", seed=3)
    lease = leases.claim(LOCAL)
    assert lease and lease.kind == "train"
    assert leases.complete(lease, outcome_of(lease.payload), NUMERICS)
    assert Work.objects.filter(device=device, status=WorkStatus.QUEUED).count() == 2
