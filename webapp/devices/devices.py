"""The only writer of devices: machines whose agents measure latency, and what such an agent may say and ask.

An agent holds a token that was shown once, when its device was added. All that it can do with it is here: introduce
itself, take measurements that are its device's, and tell latencies. What it tells is checked before it is kept, for
nobody knows who holds the token by now.
"""

import re
import secrets
import uuid
from hmac import compare_digest
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from search.base import serialization
from search.network.latency import Latency
from webapp.core.errors import InvalidField, Unauthenticated
from webapp.core.tokens import hash_token
from webapp.core.transactions import short_transaction
from webapp.devices import measurements
from webapp.models import Device, Team, User
from webapp.scheduling import leases
from webapp.scheduling.leases import Answer, Lease

Json = dict[str, Any]

MARK = "espalier"  # what a token begins with, so that one that lies about is known for what it is
MOST_DEVICES = 50  # of a team
LONGEST = 10**10  # microseconds: nearly three hours
MOST_COUNT = 10**6
CODE = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)


def create(team: Team, user: User, name: str) -> tuple[Device, str]:
    """A device and its agent's token, which nobody can read again. Raises InvalidField."""
    present = Device.objects.filter(team=team, retired_at=None)
    if present.count() >= MOST_DEVICES:
        raise InvalidField("name", f"The team has {MOST_DEVICES} devices. Retire one that is not used any more.")
    device = Device(team=team, created_by=user, name=name)
    token = f"{MARK}_{device.pk}_{secrets.token_urlsafe(32)}"
    device.token_hash = hash_token(token)
    try:
        with transaction.atomic():
            device.save()
    except IntegrityError:
        raise InvalidField("name", f"The team has a device “{name}” already. Give this one another name.") from None
    device.refresh_from_db()
    return device, token


@short_transaction()
def retire(device: Device) -> None:
    """From now on its token is worth nothing. What it measured stays; what it has not, fails and says why."""
    Device.objects.filter(pk=device.pk, retired_at=None).update(retired_at=Now())
    measurements.give_up_on(device)


def by_token(token: str) -> Device:
    """Whose token this is. Raises Unauthenticated."""
    mark, _, rest = token.partition("_")
    device = Device.objects.filter(pk=rest.partition("_")[0]).select_related("team").first() if mark == MARK else None
    known = device.token_hash if device is not None else hash_token("")
    if not compare_digest(known, hash_token(token)) or device is None:
        raise Unauthenticated("This is no token of a device. Add the device in the studio to get one.")
    if device.retired_at is not None:
        raise Unauthenticated(f"The device {device.name} was retired. Add it again in the studio to get a new token.")
    return device


def of_budget(team: Team | None, budget: Json) -> None:
    """A limit on latency may name devices that the team has now. Raises InvalidField."""
    named = budget.get("device")
    if named is not None and not Device.objects.filter(team=team, pk=named, retired_at=None).exists():
        raise InvalidField("budget.device", "The team has no such device. Pick one from the list.")


def hello(device: Device, about: Json) -> None:
    """Its agent introduces itself."""
    Device.objects.filter(pk=device.pk).update(about=about, seen_at=Now())


def claim(device: Device) -> Lease | None:
    """The next measurement for it, or None."""
    _seen(device)
    return leases.claim_on(device.pk)


def renew(device: Device, work: int, token: uuid.UUID) -> Answer:
    _seen(device)
    lease = leases.held_on(device.pk, work, token)
    return "stop" if lease is None else leases.renew(lease)


def complete(device: Device, work: int, token: uuid.UUID, outcome: Any) -> bool:
    """Keeps the latency. False: it came too late and was refused. Raises InvalidField, which counts as a failure."""
    _seen(device)
    lease = leases.held_on(device.pk, work, token)
    if lease is None:
        return False
    try:
        latency = checked(outcome)
    except InvalidField as error:
        leases.fail(lease, "bad_outcome", f"The agent's answer is no latency: {error}", _numerics(device))
        raise
    return leases.complete(lease, {"status": "ok", "latency": serialization.to_jsonable(latency)}, _numerics(device))


def fail(device: Device, work: int, token: uuid.UUID, code: str, message: str) -> bool:
    """Counts a try; the third makes an outcome of it. False: it came too late and was refused."""
    _seen(device)
    lease = leases.held_on(device.pk, work, token)
    if lease is None:
        return False
    leases.fail(lease, code, message, _numerics(device))
    return True


def checked(outcome: Any) -> Latency:
    """The latency in an outcome that holds nothing else, within the range of real machines. Raises InvalidField."""
    if not isinstance(outcome, dict) or set(outcome) != {"status", "latency"} or outcome["status"] != "ok":
        raise InvalidField("outcome", 'give {"status": "ok", "latency": {…}} and nothing else.')
    try:
        latency = serialization.decode(Latency, outcome["latency"], "latency")
    except serialization.DecodeError as error:
        raise InvalidField("outcome", f"{str(error)[:200]}.") from None
    if not 0 < latency.low <= latency.median <= latency.high <= LONGEST:
        raise InvalidField(
            "outcome", f"low, median and high must come in this order, from 1 to {LONGEST:,} microseconds."
        )
    if not (0 < latency.repeats <= MOST_COUNT and 0 <= latency.warmup <= MOST_COUNT and 0 < latency.threads <= 1024):
        raise InvalidField("outcome", "repeats, warmup and threads are out of range.")
    for name, text in (("device", latency.device), ("runtime", latency.runtime)):
        if not 0 < len(text) <= 200 or not text.isprintable():
            raise InvalidField("outcome", f"{name} must be a line of 1 to 200 characters.")
    return latency


def _seen(device: Device) -> None:
    Device.objects.filter(pk=device.pk).update(seen_at=Now())


def _numerics(device: Device) -> str:
    return f"device {device.pk}"
