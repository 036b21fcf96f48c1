"""Turns of several searches in one coordinator: side by side, and of each search one at a time."""

from threading import Event, Lock

from tests.processes import wait_until
from webapp.searches.coordinator import Coordinator


class Advance:
    """Records which turns began and ended. Those of `held` end when they are released."""

    def __init__(self, *held: str) -> None:
        self.began: list[str] = []
        self.ended: list[str] = []
        self.held = {search: Event() for search in held}
        self._lock = Lock()

    def __call__(self, search: str) -> None:
        with self._lock:
            self.began.append(search)
        if search in self.held:
            assert self.held[search].wait(20)
        with self._lock:
            self.ended.append(search)
        if search == "broken":
            raise ValueError("it broke")


def test_a_long_turn_holds_up_no_other_search() -> None:
    advance = Advance("long")
    coordinator = Coordinator(advance)
    for search in ("long", "short", "another"):
        coordinator.ask(search)
    wait_until(lambda: sorted(advance.ended) == ["another", "short"], 20, "the short turns")
    assert advance.began[0] == "long"
    advance.held["long"].set()
    wait_until(lambda: "long" in advance.ended, 20, "the long turn")


def test_a_search_that_is_asked_for_during_its_turn_has_one_more_afterwards() -> None:
    advance = Advance("long")
    coordinator = Coordinator(advance)
    coordinator.ask("long")
    wait_until(lambda: advance.began == ["long"], 20, "the turn")
    for _ in range(3):
        coordinator.ask("long")
    coordinator.ask("short")
    wait_until(lambda: advance.ended == ["short"], 20, "the other search")
    assert advance.began == ["long", "short"]
    advance.held["long"].set()
    wait_until(lambda: advance.ended == ["short", "long", "long"], 20, "both turns")
    coordinator.ask("long")
    wait_until(lambda: advance.ended.count("long") == 3, 20, "a later turn")


def test_a_search_that_is_asked_for_during_its_turn_waits_behind_the_others() -> None:
    advance = Advance("long")
    coordinator = Coordinator(advance, threads=1)
    for search in ("long", "long", "short"):
        coordinator.ask(search)
    wait_until(lambda: advance.began == ["long"], 20, "the turn")
    advance.held["long"].set()
    wait_until(lambda: len(advance.ended) == 3, 20, "all turns")
    assert advance.ended == ["long", "short", "long"]


def test_a_turn_that_fails_ends_no_other() -> None:
    advance = Advance()
    coordinator = Coordinator(advance, threads=1)
    for search in ("broken", "broken", "short"):
        coordinator.ask(search)
    wait_until(lambda: "short" in advance.ended, 20, "the turn after it")


def test_no_turn_begins_once_the_process_is_to_end() -> None:
    advance = Advance("long")
    ending = Event()
    coordinator = Coordinator(advance, threads=1, ending=ending)
    coordinator.ask("long")
    wait_until(lambda: advance.began == ["long"], 20, "the turn")
    coordinator.ask("waiting")
    coordinator.ask("long")
    ending.set()
    coordinator.ask("late")
    advance.held["long"].set()
    wait_until(lambda: advance.ended == ["long"], 20, "the turn that was being taken")
    coordinator._pool.shutdown(wait=True)
    assert advance.began == ["long"]
