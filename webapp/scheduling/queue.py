"""The only caller of Celery: sends wake-ups by task name, after the commit.

Postgres is the queue. A lost message only delays work until the next sweep, so a broker that cannot be reached is
logged and ignored.
"""

import logging
from collections.abc import Sequence
from functools import partial

from django.db import transaction

from webapp.celery import app

logger = logging.getLogger(__name__)

MAX_WAKES = 16  # messages at once: one per item, so that idle workers share them; workers claim until none is left
RETRY = {"max_retries": 1, "interval_start": 0}  # a pooled connection may be dead after the broker restarted

QUEUES = ("cpu", "gpu")


def wake(queue: str | None, items: int = 1) -> None:
    """Tells workers of this queue (None: of all queues) that there are so many items."""
    for name in QUEUES if queue is None else (queue,):
        transaction.on_commit(partial(_wake, name, items))


def advance(search_id: str) -> None:
    """Asks the coordinator to give the strategy the outcomes of the search's finished round."""
    transaction.on_commit(partial(_send, "espalier.advance", search_id, "advance"))


def advance_again(search_ids: Sequence[str]) -> None:
    """Like `advance` for each, for messages that may have been lost. Those that a busy coordinator has not read would
    pile up, so no more are sent than the queue lacks."""
    room = MAX_WAKES - (_unread("advance") if search_ids else 0)
    for search_id in search_ids[: max(room, 0)]:
        advance(search_id)


def _wake(name: str, items: int) -> None:
    """Sends as many messages as the queue lacks: they would pile up while all workers are busy or absent."""
    for _ in range(min(items, MAX_WAKES) - (_unread(name) if items else 0)):
        _send("espalier.work", name, name)


def _unread(name: str) -> int:
    try:
        with app.connection_or_acquire() as broker:
            return int(broker.default_channel.client.llen(name))
    except Exception as error:  # as in _send
        logger.warning("the length of the queue %s is unknown: %s", name, error)
        return MAX_WAKES  # so that nothing is sent: each try would fail too, after seconds


def _send(name: str, argument: str, queue: str) -> None:
    try:
        app.send_task(
            name,
            args=[argument],
            queue=queue,
            ignore_result=True,
            retry=True,
            retry_policy=RETRY,  # and no `expires`: a worker whose clock is ahead would discard every message
        )
    except Exception as error:  # kombu, redis and sockets have no common class of errors
        logger.warning("%s(%s) was not sent: %s", name, argument, error)
