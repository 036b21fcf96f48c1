"""The only writer of measurements: the latency of an architecture, requested by a person.

Pages poll while a measurement is not done; watchers are not poked. Order of locks: the measurement before its work.
"""

from search.base import serialization
from search.base.serialization import Json
from search.network.graph import Graph
from webapp.core.errors import Conflict
from webapp.core.transactions import short_transaction
from webapp.entries import locks
from webapp.models import Architecture, Device, Measurement, Team, User, Work
from webapp.models.enums import MeasurementStatus, WorkStatus
from webapp.models.kinds import MEASURE
from webapp.scheduling import outcomes, queue

MAX_UNDER_WAY = 50  # unfinished measurements of a team


@short_transaction()
def request(architecture: Architecture, team: Team, user: User, device: Device | None) -> Measurement:
    """Queues a measurement for the device's agent, or for any worker where `device` is None. Raises Conflict, and
    NotFound where the architecture was just deleted."""
    locks.existing(Architecture, architecture.pk)
    if device is not None:
        # keeps it from being retired meanwhile
        device = Device.objects.select_for_update(no_key=True).get(pk=device.pk)
        if device.retired_at is not None:
            raise Conflict(f"The device {device.name} was retired. Choose another.")
    under_way = Measurement.objects.filter(team=team, status=MeasurementStatus.QUEUED)
    if under_way.filter(architecture=architecture, device=device).exists():
        raise Conflict("This architecture is already being measured there.")
    if under_way.count() >= MAX_UNDER_WAY:
        raise Conflict(f"{MAX_UNDER_WAY} measurements of the team are unfinished. Wait until some have ended.")
    measurement = Measurement.objects.create(team=team, architecture=architecture, created_by=user, device=device)
    payload = {
        "kind": MEASURE,
        "graph": Graph.from_dict(architecture.graph).canonical.to_dict(),
        "macro": architecture.macro,
        "device": None if device is None else device.pk,
    }
    Work.objects.create(
        team=team,
        measurement=measurement,
        device=device,
        kind=MEASURE,
        key=serialization.cache_key(payload, ""),
        payload=serialization.dumps(payload),
    )
    if device is None:  # agents of devices poll by themselves
        queue.wake(None)
    measurement.refresh_from_db()
    return measurement


def status_of(measurement: Measurement) -> MeasurementStatus:
    """The stored status, or RUNNING while its item is leased."""
    if any(item.status == WorkStatus.LEASED for item in measurement.work.all()):
        return MeasurementStatus.RUNNING
    return MeasurementStatus(measurement.status)


def settle(item: Work, outcome: Json) -> None:
    """Handles the outcome of a measurement. The caller holds the locks on both."""
    measurement = item.measurement
    assert measurement is not None
    if outcome["status"] == "ok":
        measurement.status, measurement.latency = MeasurementStatus.DONE, outcome["latency"]
    else:
        measurement.status = MeasurementStatus.FAILED
        measurement.error = item.last_error or f"The latency could not be measured: {outcome['code']}."
    measurement.save()


def give_up_on(device: Device) -> None:
    """Fails the open measurements of a retired device."""
    under_way = Work.objects.filter(measurement__device=device).exclude(status=WorkStatus.DONE)
    outcomes.give_up(under_way, "measurement", "retired", "The device was retired before it measured this.")
