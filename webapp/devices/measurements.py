"""The only writer of measurements: latency of an architecture, asked for by a person, told by whoever measured it.

A page looks again by itself while one is not done; nothing is poked. Order of locks: the measurement before its work.
"""

from typing import Any

from search.base import serialization
from search.network.graph import Graph
from webapp.core.errors import Conflict
from webapp.core.transactions import short_transaction
from webapp.models import Architecture, Device, Measurement, Team, User, Work
from webapp.models.enums import MeasurementStatus, WorkKind, WorkStatus
from webapp.scheduling import leases, queue

Json = dict[str, Any]

MOST_AT_ONCE = 50  # of a team that are not done


@short_transaction()
def request(architecture: Architecture, team: Team, user: User, device: Device | None) -> Measurement:
    """Queues one, for the device's agent, or for a worker of this installation. Raises Conflict."""
    if device is not None:
        device = Device.objects.select_for_update(no_key=True).get(pk=device.pk)  # it may be retired just now
        if device.retired_at is not None:
            raise Conflict(f"The device {device.name} was retired. Pick another.")
    under_way = Measurement.objects.filter(team=team, status=MeasurementStatus.QUEUED)
    if under_way.filter(architecture=architecture, device=device).exists():
        raise Conflict("This is about to be measured there already.")
    if under_way.count() >= MOST_AT_ONCE:
        raise Conflict(f"{MOST_AT_ONCE} measurements of the team wait already. Let some of them end first.")
    measurement = Measurement.objects.create(team=team, architecture=architecture, created_by=user, device=device)
    payload = {
        "kind": WorkKind.MEASURE.value,
        "graph": Graph.from_dict(architecture.graph).canonical.to_dict(),
        "macro": architecture.macro,
        "device": None if device is None else device.pk,
    }
    Work.objects.create(
        team=team,
        measurement=measurement,
        device=device,
        kind=WorkKind.MEASURE,
        key=serialization.cache_key(payload, ""),
        payload=serialization.dumps(payload),
    )
    if device is None:  # an agent asks by itself
        queue.wake(None)
    measurement.refresh_from_db()
    return measurement


def status_of(measurement: Measurement) -> MeasurementStatus:
    """Whether somebody measures right now, the lease of its item says."""
    if any(item.status == WorkStatus.LEASED for item in measurement.work.all()):
        return MeasurementStatus.RUNNING
    return MeasurementStatus(measurement.status)


def settle(item: Work, outcome: Json) -> None:
    """What an outcome makes of its measurement. The caller holds both locks."""
    measurement = item.measurement
    assert measurement is not None
    if outcome["status"] == "ok":
        measurement.status, measurement.latency = MeasurementStatus.DONE, outcome["latency"]
    else:
        measurement.status = MeasurementStatus.FAILED
        measurement.error = item.last_error or f"It could not be measured: {outcome['code']}."
    measurement.save()


def give_up_on(device: Device) -> None:
    """What a device that was retired has not measured, it never will."""
    under_way = Work.objects.filter(measurement__device=device).exclude(status=WorkStatus.DONE)
    leases.give_up(under_way, "measurement", "retired", "The device was retired before it had measured this.")
