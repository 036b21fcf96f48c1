"""Transactions that hold what others wait for: a lease's item, a search's turn.

A process that stands still inside one (stopped, swapped out, cut off) loses it after the time of a lease, and whoever
waits goes on; without that, its locks would be kept for as long as its connection lives.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import InternalError, OperationalError, connection, transaction


@contextmanager
def short_transaction() -> Iterator[None]:
    """As `transaction.atomic`, also as a decorator. Raises OperationalError where it was lost to standing still."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL idle_in_transaction_session_timeout = {settings.LEASE_SECONDS * 1000:.0f}")
            yield
    except InternalError as error:  # how Postgres says why it hung up, where that was still heard
        if connection.in_atomic_block or connection.is_usable():
            raise
        connection.close()
        raise OperationalError(str(error)) from error
