"""Keeps a lease while its work runs: a thread that renews it, carries the telemetry, and learns whether to stop.

The database may go away for a while. The thread keeps trying, and the work goes on: whether the lease was lost
meanwhile is for the database to say when it is back.
"""

import logging
import threading
from contextvars import copy_context
from types import TracebackType
from typing import Any

from django.conf import settings
from django.db import close_old_connections, connection

from webapp.core.retry import CONNECTION_ERRORS
from webapp.scheduling import leases
from webapp.scheduling.leases import Lease

logger = logging.getLogger(__name__)
Json = dict[str, Any]

#: Set when this process is told to end: what it works on is handed back, and counts as nobody's failure.
leaving = threading.Event()


class Heartbeat:
    def __init__(self, lease: Lease) -> None:
        self.lease = lease
        self._telemetry: Json | None = None  # not sent yet; latest value only
        self._told_to_stop = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(
            target=copy_context().run, args=(self._run,), name=f"lease of work {lease.work}", daemon=True
        )

    def report(self, telemetry: Json) -> None:
        """Latest value only: it goes out with the next renewal."""
        self._telemetry = telemetry

    def should_stop(self) -> bool:
        return self._told_to_stop.is_set() or leaving.is_set()

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._over.wait(settings.RENEW_SECONDS):
                self._beat()
        finally:
            connection.close()  # each thread has its own

    def _beat(self) -> None:
        telemetry, self._telemetry = self._telemetry, None
        try:
            close_old_connections()
            if leases.renew(self.lease, telemetry) == "stop":
                self._told_to_stop.set()
        except CONNECTION_ERRORS as error:
            logger.warning("work %d: the lease could not be renewed: %s", self.lease.work, error)
            self._telemetry = self._telemetry or telemetry
        except Exception:  # whatever it was: without this thread the work would be taken for lost
            logger.exception("work %d: the lease could not be renewed", self.lease.work)
