"""Transactions that hold locks that others wait for: a lease's item, a search's row.

Where a process hangs inside one (stopped, swapped out, cut off), Postgres ends it after LEASE_SECONDS and frees its
locks. Otherwise they would be held for as long as the connection lives.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import DatabaseError, OperationalError, connection, transaction


@contextmanager
def short_transaction() -> Iterator[None]:
    """Like `transaction.atomic`, also as a decorator. Raises OperationalError where Postgres ended it for hanging."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL idle_in_transaction_session_timeout = {settings.LEASE_SECONDS * 1000:.0f}")
            yield
    except DatabaseError as error:  # the driver has no class of its own for a connection that the server closed
        if isinstance(error, OperationalError) or connection.in_atomic_block or connection.is_usable():
            raise
        connection.close()
        raise OperationalError(str(error)) from error
