"""One search with one blow to it: at a moment, a victim is killed, or a worker is held until another has its work."""

import os
import signal
import threading
import time
from dataclasses import dataclass

from tests.person import Page
from tests.processes import wait_until
from tests.soak.moments import Moment
from tests.soak.stack import Stack, kill, wait_for
from tests.soak.trace import Trace, trace
from tests.webapp.stack import TASK

PATIENCE = 90.0  # seconds: a search that takes longer is a difference
OVER = ("finished", "stopped", "cancelled", "failed", "paused")


class NotToday(Exception):
    """The moment does not count: its victim did not live, or the search was over."""


class Wrong(Exception):
    """What must not happen, in words."""


@dataclass(frozen=True)
class Result:
    trace: Trace
    seconds: float  # from its launch to its end
    visits: int  # sockets that its watcher needed


@dataclass(frozen=True)
class Late:
    """An item that was taken from a worker that stood still."""

    item: int
    worker: str


def run(stack: Stack, victim: str | None = None, moment: Moment | None = None) -> tuple[Result, str | None]:
    """A search to its end, and why the blow did not count (None: it did). Raises Wrong."""
    try:
        return _run(stack, victim, moment)
    except AssertionError as error:  # something did not come in time
        raise Wrong(str(error)) from error


def _run(stack: Stack, victim: str | None, moment: Moment | None) -> tuple[Result, str | None]:
    stack.settle()
    person = stack.person()
    began = time.monotonic()
    search: str = person.ask("/api/searches", TASK)["id"]
    late = missed = None
    with Page(person, search) as page:
        try:
            late = strike(stack, search, victim, moment) if victim and moment else None
        except NotToday as why:
            missed = str(why)
        seconds = _end(stack, search) - began
        log = wait_for(lambda: person.ask_patiently(f"/api/searches/{search}/events"), PATIENCE, "the log")["events"]
        seen = list(page.until_seq(len(log), PATIENCE))
    if late is not None:
        _refused(stack, late)
    return Result(trace(stack, search, log, seen), seconds, page.visits), missed


def strike(stack: Stack, search: str, victim: str, moment: Moment) -> Late | None:
    """Waits for the moment and does it. Raises NotToday."""
    _reach(stack, search, moment.seq)
    threading.Event().wait(moment.delay)
    if victim == "stopped":
        return _hold(stack, search, moment)
    pids = stack.everybody() if victim == "all" else stack.pids(victim)
    if victim == "worker" and pids:
        pids = [pids[int(moment.pick * len(pids))]]
        if not stack.query("SELECT 1 FROM webapp_worker WHERE name = %s", stack.worker_name(pids[0])):
            raise NotToday("the worker was not there yet")
    if not pids:
        raise NotToday(f"{victim} did not live")
    if _status(stack, search) in OVER:
        raise NotToday("the search was over")
    kill(pids)
    return None


def _hold(stack: Stack, search: str, moment: Moment) -> Late:
    """Holds a worker that has an item in hand until another has taken it, or (half the time) has done it."""
    pid, item = wait_for(lambda: _held(stack, search, moment), PATIENCE, "a worker with an item in hand")
    worker = stack.worker_name(pid)
    try:
        wait_for(lambda: _with_another(stack, item, worker, done=moment.pick < 0.5), PATIENCE, "another to take it")
    finally:
        os.kill(pid, signal.SIGCONT)
    return Late(item, worker)


def _held(stack: Stack, search: str, moment: Moment) -> tuple[int, int] | None:
    """Stops a worker; if it had an item in hand, both. If not, lets it go and returns None."""
    pids = stack.pids("worker")
    if _status(stack, search) in OVER:
        raise NotToday("the search was over")
    if len(pids) < 2:
        raise NotToday("there was no other worker")
    pid = pids[int(moment.pick * 2 * len(pids)) % len(pids)]
    os.kill(pid, signal.SIGSTOP)
    found = stack.query(
        "SELECT w.id FROM webapp_work w JOIN webapp_round r ON r.id = w.round_id "
        "WHERE r.search_id = %s AND w.status = 'leased' AND w.worker = %s",
        search,
        stack.worker_name(pid),
    )
    if found:
        return pid, found[0][0]
    os.kill(pid, signal.SIGCONT)
    return None


def _with_another(stack: Stack, item: int, worker: str, done: bool) -> bool | None:
    [(holder, status)] = stack.rows("SELECT worker, status FROM webapp_work WHERE id = %s", item)
    if (holder, status) == (worker, "done"):
        raise NotToday("its last word was on its way already")
    taken = holder not in (None, worker) and (status == "done" or (status == "leased" and not done))
    return True if taken else None


def _refused(stack: Stack, late: Late) -> None:
    """The outcome that stands is the other's, and the one that was late has been told."""
    [(worker, lost)] = stack.rows("SELECT worker, lost FROM webapp_work WHERE id = %s", late.item)
    if worker == late.worker or lost < 1:
        raise Wrong(f"the outcome of {worker}, which stood still, was taken ({lost} lost)")
    said = f"work {late.item} is with another or no longer wanted"
    wait_until(lambda: said in stack.logs("worker"), 20, f"'{said}' in the worker's log")


def _reach(stack: Stack, search: str, seq: int) -> None:
    def reached() -> bool | None:
        [(now, status)] = stack.rows("SELECT seq, status FROM webapp_search WHERE id = %s", search)
        if status in OVER:
            raise NotToday("the search was over")
        return True if now >= seq else None

    wait_for(reached, PATIENCE, f"event {seq}")


def _status(stack: Stack, search: str) -> str:
    [(status,)] = stack.rows("SELECT status FROM webapp_search WHERE id = %s", search)
    return str(status)


def _end(stack: Stack, search: str) -> float:
    """When it ended, by our clock. Raises Wrong where that is not as it should."""

    def ended() -> str | None:
        status = _status(stack, search)
        return status if status in OVER else None

    status = wait_for(ended, PATIENCE, "the end of the search")
    if status != "finished":
        [why] = stack.rows("SELECT error, paused_because FROM webapp_search WHERE id = %s", search)
        raise Wrong(f"the search is {status}: {why}")
    return time.monotonic()
