"""Devices, and the measurements that people request of them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client

from search.base import serialization
from tests.webapp.fakes import NUMERICS, TASK, WORKER
from tests.webapp.measuring import LATENCY, MEASURED, architecture_of
from webapp.core import errors
from webapp.core.errors import Conflict, InvalidField
from webapp.devices import devices, measurements
from webapp.models import Architecture, Device, Measurement, Team, User, Work
from webapp.scheduling import leases
from webapp.scheduling.leases import Lease
from webapp.searches import lifecycle, sweep

pytestmark = pytest.mark.django_db

SignedIn = Callable[[User], Client]


@pytest.fixture
def device(team: Team, owner: User) -> Device:
    return devices.create(team, owner, "Desk")[0]


@pytest.fixture
def architecture(team: Team) -> Architecture:
    return architecture_of(team)


def ask(browser: Client, architecture: Architecture, device: Device | None = None) -> Any:
    body = {"device": device and device.pk}
    return browser.post(f"/api/architectures/{architecture.pk}/measurements", body, content_type="application/json")


def shown(browser: Client, architecture: Architecture) -> Any:
    return browser.get(f"/api/architectures/{architecture.pk}/measurements").json()


def claimed(device: Device) -> Lease:
    lease = devices.claim(device)
    assert lease is not None
    return lease


def test_the_token_of_a_device_is_shown_once_and_stored_as_a_hash(browser: Client) -> None:
    made = browser.post("/api/devices", {"name": "Desk"}, content_type="application/json").json()
    assert made["token"].startswith(f"espalier_{made['id']}_") and len(made["token"]) > 50
    listed = browser.get("/api/devices").json()
    assert [row["id"] for row in listed] == [made["id"]] and "token" not in listed[0]
    assert made["token"] not in str(Device.objects.values())
    assert devices.by_token(made["token"]).pk == made["id"]


def test_two_devices_of_a_team_cannot_have_the_same_name(browser: Client, device: Device, stranger: User) -> None:
    answer = browser.post("/api/devices", {"name": "Desk"}, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == "name"
    assert devices.create(Team.objects.get(slug="meadow"), stranger, "Desk")
    devices.retire(device)
    assert browser.post("/api/devices", {"name": "Desk"}, content_type="application/json").status_code == 201


def test_a_team_has_a_maximum_number_of_devices(
    browser: Client, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "MAX_DEVICES", 1)
    assert browser.post("/api/devices", {"name": "Shelf"}, content_type="application/json").status_code == 400


def test_a_measurement_on_a_device_is_done_by_its_agent(
    browser: Client, device: Device, architecture: Architecture
) -> None:
    asked = ask(browser, architecture, device)
    assert asked.status_code == 201 and asked.json()["status"] == "queued"
    assert asked.json()["device"] == {"id": device.pk, "name": "Desk"}
    assert leases.claim(WORKER) is None
    lease = claimed(device)
    assert shown(browser, architecture)[0]["status"] == "running"
    assert lease.payload == {
        "kind": "measure",
        "graph": lease.payload["graph"],
        "macro": architecture.macro,
        "device": device.pk,
    }
    assert devices.complete(device, lease.work, lease.token, MEASURED)
    (row,) = shown(browser, architecture)
    assert (row["status"], row["latency"], row["error"]) == ("done", LATENCY, None)


def test_a_measurement_without_a_device_is_done_by_any_worker(browser: Client, architecture: Architecture) -> None:
    assert ask(browser, architecture).json()["device"] is None
    lease = leases.claim(WORKER)
    assert lease and lease.measurement
    assert leases.complete(lease, MEASURED, NUMERICS)
    assert shown(browser, architecture)[0]["latency"] == LATENCY


def test_a_measurement_that_is_pending_is_not_requested_again(
    browser: Client, device: Device, architecture: Architecture
) -> None:
    assert ask(browser, architecture, device).status_code == 201
    assert ask(browser, architecture, device).status_code == 409
    assert ask(browser, architecture).status_code == 201


def test_a_team_has_a_maximum_number_of_pending_measurements(
    browser: Client, device: Device, architecture: Architecture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measurements, "MAX_UNDER_WAY", 1)
    assert ask(browser, architecture, device).status_code == 201
    assert ask(browser, architecture).status_code == 409


def test_three_failures_end_a_measurement_with_the_message_of_the_agent(
    browser: Client, device: Device, architecture: Architecture
) -> None:
    ask(browser, architecture, device)
    for _ in range(leases.MAX_TRIES):
        lease = claimed(device)
        devices.fail(device, lease.work, lease.token, "out_of_memory", "No room for it.")
    (row,) = shown(browser, architecture)
    assert (row["status"], row["latency"], row["error"]) == ("failed", None, "No room for it.")


def test_a_measurement_whose_agent_keeps_dying_is_given_up(
    browser: Client, device: Device, architecture: Architecture
) -> None:
    ask(browser, architecture, device)
    for _ in range(leases.MAX_LOST_LEASES):
        claimed(device)
        Work.objects.update(lease_until=Now())
        leases.expire()
    sweep.sweep()
    (row,) = shown(browser, architecture)
    assert row["status"] == "failed" and "lost its worker 10 times" in row["error"]


def test_retiring_a_device_fails_its_pending_measurements_and_keeps_the_finished_ones(
    browser: Client, device: Device, architecture: Architecture
) -> None:
    ask(browser, architecture, device)
    lease = claimed(device)
    devices.complete(device, lease.work, lease.token, MEASURED)
    ask(browser, architecture, device)
    lease = claimed(device)
    assert browser.delete(f"/api/devices/{device.pk}").status_code == 204
    assert browser.get("/api/devices").json() == []
    rows = shown(browser, architecture)
    assert [(row["status"], row["device"]["name"]) for row in rows] == [("failed", "Desk"), ("done", "Desk")]
    assert rows[0]["error"] == "The device was retired before it measured this."
    assert not leases.complete(lease, MEASURED, "")
    assert browser.delete(f"/api/devices/{device.pk}").status_code == 404


def test_a_retired_device_or_that_of_another_team_takes_no_requests(
    browser: Client, device: Device, architecture: Architecture, stranger: User
) -> None:
    theirs, _ = devices.create(Team.objects.get(slug="meadow"), stranger, "Theirs")
    devices.retire(device)
    for other in (device, theirs):
        answer = ask(browser, architecture, other)
        assert answer.status_code == 400 and answer.json()["errors"][0]["attr"] == "device"
    with pytest.raises(Conflict):  # retired during the request
        measurements.request(architecture, device.team, device.created_by, device)
    assert not Measurement.objects.exists()


def test_each_team_sees_only_its_own_measurements_of_a_published_architecture(
    browser: Client, device: Device, stranger: User, signed_in: SignedIn
) -> None:
    published = architecture_of(None)
    assert ask(browser, published, device).status_code == 201
    assert len(shown(browser, published)) == 1
    assert shown(signed_in(stranger), published) == []


def test_a_limit_on_latency_needs_an_existing_device(browser: Client, device: Device, stranger: User) -> None:
    theirs, _ = devices.create(Team.objects.get(slug="meadow"), stranger, "Theirs")
    gone, _ = devices.create(device.team, device.created_by, "Gone")
    devices.retire(gone)
    for named in ("nobody", theirs.pk, gone.pk):
        body = {**TASK, "budget": {**TASK["budget"], "device": named}}
        answer = browser.post("/api/searches", body, content_type="application/json")
        assert answer.status_code == 400 and answer.json()["errors"][0]["attr"] == "budget.device"
    body = {**TASK, "budget": {**TASK["budget"], "device": device.pk}}
    assert browser.post("/api/searches", body, content_type="application/json").status_code == 201


def test_a_budget_cannot_be_changed_to_a_missing_device(browser: Client, device: Device) -> None:
    search = browser.post("/api/searches", TASK, content_type="application/json").json()["id"]
    lifecycle.advance(search)

    def change(named: str) -> int:
        budget = {"params": 40_000, "macs": None, "peak_memory": None, "latency": None, "device": named}
        body = {"kind": "set_budget", "budget": budget}
        return browser.post(f"/api/searches/{search}/commands", body, content_type="application/json").status_code

    assert change("nobody") == 409
    assert change(device.pk) == 201


@pytest.mark.parametrize(
    "outcome",
    [
        None,
        [],
        {},
        {"status": "ok"},
        {"status": "error", "code": "x"},
        {**MEASURED, "weights": "0" * 64},
        {**MEASURED, "numerics": "mine"},
        {"status": "ok", "latency": None},
        {"status": "ok", "latency": {**LATENCY, "more": 1}},
        {"status": "ok", "latency": {**LATENCY, "median": 130.5}},
        {"status": "ok", "latency": {**LATENCY, "median": True}},
        {"status": "ok", "latency": {**LATENCY, "median": 0, "low": 0}},
        {"status": "ok", "latency": {**LATENCY, "median": 100}},
        {"status": "ok", "latency": {**LATENCY, "high": 10**11}},
        {"status": "ok", "latency": {**LATENCY, "repeats": 0}},
        {"status": "ok", "latency": {**LATENCY, "threads": -1}},
        {"status": "ok", "latency": {**LATENCY, "warmup": 10**9}},
        {"status": "ok", "latency": {**LATENCY, "device": ""}},
        {"status": "ok", "latency": {**LATENCY, "device": "x" * 201}},
        {"status": "ok", "latency": {**LATENCY, "runtime": "a\nb"}},
        {"status": "ok", "latency": {**LATENCY, "runtime": "\ud800"}},
        {"status": "ok", "latency": {name: LATENCY[name] for name in LATENCY if name != "threads"}},
    ],
)
def test_an_invalid_latency_is_rejected(outcome: Any) -> None:
    with pytest.raises(errors.InvalidField) as refused:
        devices.parse_outcome(outcome)
    serialization.dumps(str(refused.value))  # the message can be serialised


def test_an_invalid_outcome_counts_as_a_failure(device: Device, architecture: Architecture) -> None:
    measurements.request(architecture, device.team, device.created_by, device)
    lease = claimed(device)
    with pytest.raises(InvalidField):
        devices.complete(device, lease.work, lease.token, {"status": "ok", "latency": 5})
    item = Work.objects.get(pk=lease.work)
    assert (item.status, item.tries, item.outcome) == ("queued", 1, None)
    assert item.last_error and item.last_error.startswith("The agent reported no valid latency: latency: expected dict")
