"""Outcomes of items: each is stored once and handed to the item's owner.

Each kind of owner registers a handler for the outcomes of its items when the app starts (webapp/apps.py).
"""

import uuid
from collections.abc import Callable
from typing import TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.functions import Now

from search.base import serialization
from search.base.serialization import Json
from search.evaluation.base import WITHDRAWN
from webapp.core.transactions import short_transaction
from webapp.models import Measurement, Probe, Round, Score, TrainedModel, Upload, Work
from webapp.models.enums import WorkStatus

T = TypeVar("T", bound=Model)
OutcomeHandler = Callable[[Work, Json], None]  # called with the item, locked with its owner, and its outcome

#: Columns that an outcome changes.
OUTCOME = (
    *("status", "outcome", "failed", "reused", "numerics", "token", "lease_until", "finished_at"),
    *("tries", "last_error"),
)

#: Columns of Work that name its owner, and the owners' tables.
OWNERS: dict[str, type[Model]] = {
    "round": Round,
    "model": TrainedModel,
    "upload": Upload,
    "measurement": Measurement,
    "probe": Probe,
    "score": Score,
}
_handlers: dict[str, OutcomeHandler] = {}  # by owner

#: Stores the outcome of a search's item where its lease is still valid. Composing the same with the ORM, and reading
#: the item first, takes several times as long.
OF_SEARCH = """
UPDATE webapp_work work SET
    status = 'done', outcome = %(outcome)s, failed = false, reused = false, numerics = %(numerics)s,
    token = NULL, lease_until = NULL, finished_at = statement_timestamp()
FROM webapp_round round
WHERE work.id = %(work)s AND work.token = %(token)s AND work.status = 'leased' AND round.id = work.round_id
RETURNING work.kind, work.index, round.id, round.branch, round.search_id
"""


def register(owner: str, handler: OutcomeHandler) -> None:
    """Sets the handler of an owner's outcomes. Needed in web processes too, where agents complete leases."""
    _handlers[owner] = handler


def store(item: Work, packed: bytes, *, failed: bool, numerics: str | None, reused: bool = False) -> None:
    item.status, item.outcome, item.failed, item.reused = WorkStatus.DONE, packed, failed, reused
    item.numerics, item.token, item.lease_until = numerics, None, None
    item.finished_at = Now()
    item.save(update_fields=OUTCOME)
    _handlers[_owner(item)](item, serialization.loads(packed))


def store_for_search(work: int, token: uuid.UUID, packed: bytes, numerics: str) -> bool:
    """Like `store`, for an item of a search. False: it has no lease with this token any more."""
    with connection.cursor() as cursor:
        cursor.execute(OF_SEARCH, {"work": work, "token": token, "outcome": packed, "numerics": numerics})
        row = cursor.fetchone()
    if row is None:
        return False
    kind, index, round_id, branch, search = row
    item = _loaded(Work, {"id": work, "kind": kind, "index": index, "round_id": round_id})
    item.round = _loaded(Round, {"id": round_id, "branch": branch, "search_id": search})
    _handlers["round"](item, serialization.loads(packed))
    return True


def cancel(items: QuerySet[Work]) -> None:
    """Completes these items with the error "withdrawn", so that their round continues without them. The caller holds
    the search's lock."""
    items.exclude(status=WorkStatus.DONE).update(
        status=WorkStatus.DONE,
        outcome=serialization.dumps({"status": "error", "code": WITHDRAWN}),
        token=None,
        lease_until=None,
        finished_at=Now(),
    )


def give_up(items: QuerySet[Work], owner: str, code: str, message: str) -> None:
    """Completes items of this kind of owner with an error. The caller holds no lock."""
    outcome = {"status": "error", "code": code}
    for pk, owner_id in items.values_list("pk", owner):
        with short_transaction():
            OWNERS[owner]._default_manager.select_for_update().filter(pk=owner_id).first()
            # Read again under the locks: it may have been completed, resumed or leased in the meantime.
            item = items.filter(pk=pk).select_for_update(of=("self",)).select_related(owner).first()
            if item is None:
                continue
            item.last_error = message
            store(item, serialization.dumps(outcome), failed=True, numerics=item.numerics)


def _loaded(model: type[T], values: Json) -> T:
    """A row of which only these columns were read; the others are read when they are used."""
    names = [field.attname for field in model._meta.concrete_fields if field.attname in values]  # in the model's order
    return model.from_db(None, names, [values[name] for name in names])


def _owner(item: Work) -> str:
    return next(owner for owner in OWNERS if getattr(item, f"{owner}_id") is not None)
