"""The only writer of devices: machines whose agents measure latency, and the requests that such an agent may make.

An agent authenticates with a token that was shown once, when its device was added. With it the agent can describe its
machine, claim measurements for its device, and report latencies. Reports are validated: a token may be stolen.
"""

import re
import secrets
import uuid
from hmac import compare_digest
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from search.base import serialization
from search.base.serialization import Json
from search.network.latency import Latency
from search.network.limits import BOUNDS
from webapp.core.errors import InvalidField, Unauthenticated
from webapp.core.tokens import hash_token
from webapp.core.transactions import short_transaction
from webapp.devices import measurements
from webapp.models import Device, Team, User
from webapp.scheduling import leases
from webapp.scheduling.leases import Lease, Renewal

TOKEN_PREFIX = "espalier"  # makes a leaked token recognisable
MAX_DEVICES = 50  # of a team
MAX_COUNT = 10**6  # repeats of a measurement
CODE = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)


def create(team: Team, user: User, name: str) -> tuple[Device, str]:
    """A new device and its agent's token, which is not stored and cannot be shown again. Raises InvalidField."""
    present = Device.objects.filter(team=team, retired_at=None)
    if present.count() >= MAX_DEVICES:
        raise InvalidField(
            "name", f"The team has {MAX_DEVICES} devices, the most that are allowed. Retire one that is no longer used."
        )
    device = Device(team=team, created_by=user, name=name)
    token = f"{TOKEN_PREFIX}_{device.pk}_{secrets.token_urlsafe(32)}"
    device.token_hash = hash_token(token)
    try:
        with transaction.atomic():
            device.save()
    except IntegrityError:
        raise InvalidField("name", f"The team already has a device “{name}”. Choose another name.") from None
    device.refresh_from_db()
    return device, token


@short_transaction()
def retire(device: Device) -> None:
    """Invalidates the device's token. Its latencies stay; its open measurements fail with a reason."""
    Device.objects.filter(pk=device.pk, retired_at=None).update(retired_at=Now())
    measurements.give_up_on(device)


def by_token(token: str) -> Device:
    """The device with this token. Raises Unauthenticated."""
    prefix, _, rest = token.partition("_")
    device = (
        Device.objects.filter(pk=rest.partition("_")[0]).select_related("team").first()
        if prefix == TOKEN_PREFIX
        else None
    )
    expected = device.token_hash if device is not None else hash_token("")
    if not compare_digest(expected, hash_token(token)) or device is None:
        raise Unauthenticated("This is not the token of a device. Add the device in the studio to get one.")
    if device.retired_at is not None:
        raise Unauthenticated(f"The device {device.name} was retired. Add it again in the studio to get a new token.")
    return device


def validate_budget(team: Team | None, budget: Json) -> None:
    """A limit on latency may name only a present device of the team. Raises InvalidField."""
    device = budget.get("device")
    if device is not None and not Device.objects.filter(team=team, pk=device, retired_at=None).exists():
        raise InvalidField("budget.device", "The team has no such device, or it was retired. Choose one from the list.")


def describe(device: Device, about: Json) -> None:
    """Stores how the agent describes its machine: processor, system, runtime, threads."""
    Device.objects.filter(pk=device.pk).update(about=about, seen_at=Now())


def claim(device: Device) -> Lease | None:
    """Leases the next measurement for the device; None if there is none."""
    _record_presence(device)
    return leases.claim_for_device(device.pk)


def renew(device: Device, work: int, token: uuid.UUID) -> Renewal:
    _record_presence(device)
    lease = leases.lease_of_device(device.pk, work, token)
    return "stop" if lease is None else leases.renew(lease)


def complete(device: Device, work: int, token: uuid.UUID, outcome: Any) -> bool:
    """Stores the latency. False: the lease was lost. Raises InvalidField, which counts as a failed try."""
    _record_presence(device)
    lease = leases.lease_of_device(device.pk, work, token)
    if lease is None:
        return False
    try:
        latency = parse_outcome(outcome)
    except InvalidField as error:
        leases.fail(lease, "bad_outcome", f"The agent reported no valid latency: {error}", _numerics(device))
        raise
    return leases.complete(lease, {"status": "ok", "latency": serialization.to_jsonable(latency)}, _numerics(device))


def fail(device: Device, work: int, token: uuid.UUID, code: str, message: str) -> bool:
    """Counts a failed try; the last one fails the measurement. False: the lease was lost."""
    _record_presence(device)
    lease = leases.lease_of_device(device.pk, work, token)
    if lease is None:
        return False
    leases.fail(lease, code, message, _numerics(device))
    return True


def parse_outcome(outcome: Any) -> Latency:
    """The latency in an agent's report, if it is plausible and the report holds nothing else. Raises InvalidField."""
    if not isinstance(outcome, dict) or set(outcome) != {"status", "latency"} or outcome["status"] != "ok":
        raise InvalidField("outcome", 'give {"status": "ok", "latency": {…}} and nothing else.')
    try:
        latency = serialization.decode(Latency, outcome["latency"], "latency")
    except serialization.DecodeError as error:
        raise InvalidField("outcome", f"{str(error)[:200]}.") from None
    if not 0 < latency.low <= latency.median <= latency.high <= BOUNDS.budget.latency:
        raise InvalidField(
            "outcome", f"low, median and high must be in this order, from 1 to {BOUNDS.budget.latency:,} microseconds."
        )
    if not (0 < latency.repeats <= MAX_COUNT and 0 <= latency.warmup <= MAX_COUNT and 0 < latency.threads <= 1024):
        raise InvalidField("outcome", "repeats, warmup and threads are out of range.")
    for name, text in (("device", latency.device), ("runtime", latency.runtime)):
        if not 0 < len(text) <= 200 or not text.isprintable():
            raise InvalidField("outcome", f"{name} must be a line of 1 to 200 characters.")
    return latency


def _record_presence(device: Device) -> None:
    Device.objects.filter(pk=device.pk).update(seen_at=Now())


def _numerics(device: Device) -> str:
    return f"device {device.pk}"
