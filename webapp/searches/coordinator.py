"""Turns of several searches at once, in threads of the coordinator: a long one holds up no other search, until there
are as many of them as threads.

A search has one turn at a time in a process. Whoever asks for another one meanwhile gets it afterwards, behind the
searches that wait by then.
"""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock

from django.db import close_old_connections

from webapp.config import logs
from webapp.scheduling.heartbeat import shutting_down
from webapp.searches import lifecycle

logger = logging.getLogger(__name__)

THREADS = 4


class Coordinator:
    def __init__(
        self,
        advance: Callable[[str], None] = lifecycle.advance,
        threads: int = THREADS,
        ending: Event = shutting_down,
    ) -> None:
        """`ending`: set when the process is to end."""
        self._advance, self._ending = advance, ending
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="turns")
        self._lock = Lock()
        self._asked_again: dict[str, bool] = {}  # of searches that wait for their turn, or have it

    def ask(self, search_id: str) -> None:
        """Advances the search as soon as a thread is free. Does nothing once the process is to end."""
        if self._ending.is_set():
            return
        with self._lock:
            if search_id in self._asked_again:
                self._asked_again[search_id] = True
                return
            self._asked_again[search_id] = False
            self._pool.submit(self._run, search_id)

    def take(self, search_id: str) -> None:
        """Advances the search in this thread. Logs what fails, such as a database that is away."""
        with logs.bound(search=search_id):
            try:
                close_old_connections()  # closes only those that no longer work
                self._advance(search_id)
            except Exception:
                logger.exception("a turn failed; the next sweep asks for it again")

    def _run(self, search_id: str) -> None:
        if self._ending.is_set():
            return
        self.take(search_id)
        with self._lock:
            if self._asked_again.pop(search_id) and not self._ending.is_set():
                self._asked_again[search_id] = False
                self._pool.submit(self._run, search_id)  # after the searches that wait already
