"""The only sender to the channel layer: pokes, sent after the commit, tell watchers to read again. They carry no data.

After a lost poke a watcher reads again by itself, within five seconds.
"""

import asyncio
import logging
import threading
from concurrent.futures import Future
from functools import partial

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

logger = logging.getLogger(__name__)


_loop: asyncio.AbstractEventLoop | None = None  # of processes that call `start`


def start() -> None:
    """For workers: sends all pokes from one event loop and one connection, instead of a new one for each poke."""
    global _loop
    _loop = asyncio.new_event_loop()
    threading.Thread(target=_loop.run_forever, name="pokes", daemon=True).start()


def search_group(search_id: str) -> str:
    return f"search.{search_id}"


def model_group(model_id: str) -> str:
    return f"model.{model_id}"


def poke_search(search_id: str) -> None:
    transaction.on_commit(partial(_poke, search_group(search_id)))


def poke_model(model_id: str) -> None:
    transaction.on_commit(partial(_poke, model_group(model_id)))


def _poke(group: str) -> None:
    layer = get_channel_layer()
    if layer is None:
        return
    try:
        if _loop is None:
            async_to_sync(layer.group_send)(group, {"type": "poke"})
        else:
            sent = asyncio.run_coroutine_threadsafe(layer.group_send(group, {"type": "poke"}), _loop)
            sent.add_done_callback(partial(_log_failure, group))
    except Exception as error:  # the layer's client and sockets have no common class of errors
        logger.warning("watchers of %s were not poked: %s", group, error)


def _log_failure(group: str, sent: "Future[None]") -> None:
    if not sent.cancelled() and (error := sent.exception()) is not None:
        logger.warning("watchers of %s were not poked: %s", group, error)
