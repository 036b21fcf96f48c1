"""The only caller of Celery: wake-ups by task name, after the commit.

Postgres is the queue. A message that is lost costs time until the next sweep and nothing else, so a broker that
cannot be reached is logged and left alone.
"""

import logging
from functools import partial

from django.db import transaction

from webapp.celery import app

logger = logging.getLogger(__name__)

MOST_WAKES = 16  # one an item, so that idle workers take their share; a worker that is busy finds the rest by itself
RETRY = {"max_retries": 1, "interval_start": 0}  # a pooled connection may have died with its broker; a second is fresh

QUEUES = ("cpu", "gpu")


def wake(queue: str | None, items: int = 1) -> None:
    """Tells workers of this queue (None: all) that there is work."""
    for name in QUEUES if queue is None else (queue,):
        transaction.on_commit(partial(_wake, name, items))


def advance(search_id: str) -> None:
    """Asks for the search's finished round to be told."""
    transaction.on_commit(partial(_send, "espalier.advance", search_id, "advance"))


def _wake(name: str, items: int) -> None:
    """Only what is lacking: where all workers are busy for hours, or there are none, messages would pile up."""
    for _ in range(min(items, MOST_WAKES) - (_unread(name) if items else 0)):
        _send("espalier.work", name, name)


def _unread(name: str) -> int:
    try:
        with app.connection_or_acquire() as broker:
            return int(broker.default_channel.client.llen(name))
    except Exception as error:  # as in _send
        logger.warning("the broker did not say what is unread in %s: %s", name, error)
        return MOST_WAKES  # nothing could be sent either, and each try would take the sweep seconds


def _send(name: str, argument: str, queue: str) -> None:
    try:
        app.send_task(
            name,
            args=[argument],
            queue=queue,
            ignore_result=True,
            retry=True,
            retry_policy=RETRY,  # and no `expires`: a worker whose clock is ahead would take every message for old
        )
    except Exception as error:  # kombu, redis and the socket each have their own
        logger.warning("%s(%s) was not sent: %s", name, argument, error)
