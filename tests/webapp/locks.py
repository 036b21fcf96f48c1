"""Two at once, one behind the other: for tests of what is looked at again under a lock."""

from django.db import connection

from tests.processes import wait_until


def wait_for_the_lock() -> None:
    """Until another connection waits for what this one holds."""

    def waits() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            return bool(cursor.fetchone()[0])

    wait_until(waits, 20, "a sweep that waits")
