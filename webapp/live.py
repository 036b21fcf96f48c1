"""The only caller of the channel layer: pokes, after the commit, that say "look again" and carry nothing.

A poke that is lost costs a watcher at most the five seconds until it looks by itself.
"""

import logging
from functools import partial

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

logger = logging.getLogger(__name__)


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
        async_to_sync(layer.group_send)(group, {"type": "poke"})
    except Exception as error:  # the layer's client and the socket each have their own
        logger.warning("watchers of %s were not poked: %s", group, error)
