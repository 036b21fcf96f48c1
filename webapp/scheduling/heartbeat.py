"""Keeps a lease while its work runs: a thread renews it, sends telemetry, and learns whether the work should stop.

While the database cannot be reached the work continues and the thread keeps trying. Whether the lease was lost in the
meantime is known once the database answers again.
"""

import logging
import threading
from contextvars import copy_context
from types import TracebackType

from django.conf import settings
from django.db import close_old_connections, connection

from search.base.serialization import Json
from webapp.core.retry import CONNECTION_ERRORS
from webapp.scheduling import leases
from webapp.scheduling.leases import Lease

logger = logging.getLogger(__name__)

#: Set when this process is asked to exit. Its item is then released, which does not count as a failure.
shutting_down = threading.Event()


class Heartbeat:
    """A context: within it, the lease is renewed every RENEW_SECONDS."""

    def __init__(self, lease: Lease) -> None:
        self.lease = lease
        self._telemetry: Json | None = None  # the latest report, until it is sent
        self._stop_requested = threading.Event()
        self._finished = threading.Event()
        self._thread = threading.Thread(
            target=copy_context().run, args=(self._run,), name=f"lease of work {lease.work}", daemon=True
        )

    def report(self, telemetry: Json) -> None:
        """Replaces the telemetry that the next renewal sends."""
        self._telemetry = telemetry

    def should_stop(self) -> bool:
        return self._stop_requested.is_set() or shutting_down.is_set()

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._finished.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._finished.wait(settings.RENEW_SECONDS):
                self._beat()
        finally:
            connection.close()  # Django opens one per thread

    def _beat(self) -> None:
        telemetry, self._telemetry = self._telemetry, None
        try:
            close_old_connections()
            if leases.renew(self.lease, telemetry) == "stop":
                self._stop_requested.set()
        except CONNECTION_ERRORS as error:
            logger.warning("work %d: the lease could not be renewed: %s", self.lease.work, error)
            self._telemetry = self._telemetry or telemetry
        except Exception:  # the thread must survive: without it the lease runs out and the work is repeated
            logger.exception("work %d: the lease could not be renewed", self.lease.work)
