"""Turns of several searches at once, in threads of the coordinator: a long one holds up no other search.

A search has one turn at a time in a process. Whoever asks for another one meanwhile gets it afterwards.
"""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

from django.db import close_old_connections

from webapp.config import logs
from webapp.searches import lifecycle

logger = logging.getLogger(__name__)

THREADS = 4


class Coordinator:
    def __init__(self, advance: Callable[[str], None] = lifecycle.advance, threads: int = THREADS) -> None:
        self._advance = advance
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="turns")
        self._lock = Lock()
        self._asked_again: dict[str, bool] = {}  # of searches that wait for their turn, or have it
        self._is_stopped = False

    def ask(self, search_id: str) -> None:
        """Advances the search as soon as a thread is free. Does nothing once the process is to end."""
        with self._lock:
            if self._is_stopped:
                return
            if search_id in self._asked_again:
                self._asked_again[search_id] = True
                return
            self._asked_again[search_id] = False
            self._pool.submit(self._run, search_id)

    def stop(self) -> None:
        """Begins no more turns. The process ends after those that are being taken."""
        with self._lock:
            self._is_stopped = True
        self._pool.shutdown(wait=False, cancel_futures=True)

    def take(self, search_id: str) -> None:
        """Advances the search in this thread. Logs what fails, such as a database that is away."""
        with logs.bound(search=search_id):
            try:
                close_old_connections()  # closes only those that no longer work
                self._advance(search_id)
            except Exception:
                logger.exception("a turn failed; the next sweep asks for it again")

    def _run(self, search_id: str) -> None:
        while True:
            self.take(search_id)
            with self._lock:
                if not self._asked_again.pop(search_id) or self._is_stopped:
                    return
                self._asked_again[search_id] = False
