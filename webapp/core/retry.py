"""Waiting for the database: what is raised while it cannot be reached, and trying again until it can."""

import contextlib
import logging
import threading
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

logger = logging.getLogger(__name__)
T = TypeVar("T")

#: What Django raises where the database cannot be reached, or hung up.
CONNECTION_ERRORS = (OperationalError, InterfaceError)


def retry_until_connected(action: Callable[[], T]) -> T:
    """What the action returns. It is tried again, every RENEW_SECONDS, for as long as the database is away."""
    pause = threading.Event()
    while True:
        try:
            return action()
        except CONNECTION_ERRORS as error:
            logger.warning("the database cannot be reached; trying again: %s", error)
            with contextlib.suppress(Exception):
                connection.close()
            pause.wait(settings.RENEW_SECONDS)
