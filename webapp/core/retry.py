"""Waiting for the database: the errors while it cannot be reached, and a retry until it can."""

import contextlib
import logging
import threading
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

logger = logging.getLogger(__name__)
T = TypeVar("T")

#: What Django raises where the database cannot be reached or closed the connection.
CONNECTION_ERRORS = (OperationalError, InterfaceError)


def retry_until_connected(action: Callable[[], T]) -> T:
    """Returns what the action returns; tries it every RENEW_SECONDS while the database cannot be reached."""
    pause = threading.Event()
    while True:
        try:
            return action()
        except CONNECTION_ERRORS as error:
            logger.warning("the database cannot be reached; trying again: %s", error)
            with contextlib.suppress(Exception):
                connection.close()
            pause.wait(settings.RENEW_SECONDS)
