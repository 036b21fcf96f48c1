"""Several transactions in order or at once: threads with connections of their own, and waiting for a lock."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

from django.db import connection

from tests.processes import wait_until
from webapp.core.errors import Refused


def wait_for_the_lock() -> None:
    """Waits until another connection waits for a lock that this one holds."""

    def waits() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            return bool(cursor.fetchone()[0])

    wait_until(waits, 20, "a transaction that waits")


class InAThread:
    """Runs a function in a thread with a connection of its own. `result`: what it returned, or the error it raised."""

    def __init__(self, act: Callable[[], Any]) -> None:
        self._pool = ThreadPoolExecutor(1)
        self._future = self._pool.submit(self._run, act)

    @staticmethod
    def _run(act: Callable[[], Any]) -> Any:
        try:
            return act()
        except Refused as refused:
            return refused
        finally:
            connection.close()

    @property
    def result(self) -> Any:
        return self._future.result(timeout=60)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Runs the functions at the same moment. Returns what they returned, or the errors they raised."""
    ready = Barrier(len(acts), timeout=20)

    def run(act: Callable[[], Any]) -> Any:
        ready.wait()
        return act()

    return [each.result for each in [InAThread(partial(run, act)) for act in acts]]
