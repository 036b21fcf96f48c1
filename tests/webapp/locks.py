"""Waiting for a lock in the database, for tests of two transactions in order."""

from django.db import connection

from tests.processes import wait_until


def wait_for_the_lock() -> None:
    """Waits until another connection waits for a lock that this one holds."""

    def waits() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            return bool(cursor.fetchone()[0])

    wait_until(waits, 20, "a sweep that waits")
