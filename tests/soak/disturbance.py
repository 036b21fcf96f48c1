"""One search with one disturbance: at a drawn moment a process is killed, or a worker is stopped until another worker
has taken over its item."""

import os
import signal
import threading
import time
from dataclasses import dataclass

from search.base.serialization import Json
from tests.person import Page
from tests.processes import wait_until
from tests.soak.moments import Moment
from tests.soak.stack import Stack, kill, wait_for
from tests.soak.trace import Trace, trace

TIMEOUT = 90.0  # seconds; a search that takes longer counts as a difference
OVER = ("finished", "stopped", "cancelled", "failed", "paused")


class MomentMissed(Exception):
    """The moment does not count: its victim was not running, or the search was over."""


class Wrong(Exception):
    """Something that must not happen; the message says what."""


@dataclass(frozen=True)
class Result:
    trace: Trace
    seconds: float  # from launch to end
    visits: int  # connections that its watcher needed


@dataclass(frozen=True)
class Late:
    """An item whose worker was stopped until another worker had it."""

    item: int
    worker: str


def run(stack: Stack, task: Json, victim: str | None = None, moment: Moment | None = None) -> tuple[Result, str | None]:
    """Runs a search of this task to its end. Returns the result and why the moment did not count (None: it did).
    Raises Wrong."""
    try:
        return _run(stack, task, victim, moment)
    except AssertionError as error:  # a timeout
        raise Wrong(str(error)) from error


def _run(stack: Stack, task: Json, victim: str | None, moment: Moment | None) -> tuple[Result, str | None]:
    stack.settle()
    person = stack.person()
    began = time.monotonic()
    search: str = person.ask("/api/searches", task)["id"]
    late = missed = None
    with Page(person, search) as page:
        try:
            late = disturb(stack, search, victim, moment) if victim and moment else None
        except MomentMissed as why:
            missed = str(why)
        seconds = _end(stack, search) - began
        log = wait_for(lambda: person.ask_patiently(f"/api/searches/{search}/events?limit=1000"), TIMEOUT, "the log")[
            "events"
        ]
        seen = list(page.until_seq(len(log), TIMEOUT))
    if late is not None:
        _check_discarded(stack, late)
    return Result(trace(stack, search, log, seen), seconds, page.visits), missed


def disturb(stack: Stack, search: str, victim: str, moment: Moment) -> Late | None:
    """Waits for the moment, then kills or stops the victim. Raises MomentMissed."""
    _reach(stack, search, moment.seq)
    threading.Event().wait(moment.delay)
    if victim == "stopped":
        return _hold(stack, search, moment)
    pids = stack.everybody() if victim == "all" else stack.pids(victim)
    if victim == "worker" and pids:
        pids = [pids[int(moment.pick * len(pids))]]
        if not stack.query("SELECT 1 FROM webapp_worker WHERE name = %s", stack.worker_name(pids[0])):
            raise MomentMissed("the worker had not started yet")
    if not pids:
        raise MomentMissed(f"{victim} was not running")
    if _status(stack, search) in OVER:
        raise MomentMissed("the search was over")
    kill(pids)
    return None


def _hold(stack: Stack, search: str, moment: Moment) -> Late:
    """Stops a worker with an item until another worker has leased the item, or (half the time) completed it."""
    pid, item = wait_for(lambda: _stop_worker(stack, search, moment), TIMEOUT, "a worker with an item")
    worker = stack.worker_name(pid)
    try:
        wait_for(lambda: _taken_over(stack, item, worker, done=moment.pick < 0.5), TIMEOUT, "another worker to take it")
    finally:
        os.kill(pid, signal.SIGCONT)
    return Late(item, worker)


def _stop_worker(stack: Stack, search: str, moment: Moment) -> tuple[int, int] | None:
    """Stops a worker and returns its pid and item. If it has no item, continues it and returns None."""
    pids = stack.pids("worker")
    if _status(stack, search) in OVER:
        raise MomentMissed("the search was over")
    if len(pids) < 2:
        raise MomentMissed("there was no other worker")
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


def _taken_over(stack: Stack, item: int, worker: str, done: bool) -> bool | None:
    [(holder, status)] = stack.rows("SELECT worker, status FROM webapp_work WHERE id = %s", item)
    if (holder, status) == (worker, "done"):
        raise MomentMissed("it had completed the item already")
    taken = holder not in (None, worker) and (status == "done" or (status == "leased" and not done))
    return True if taken else None


def _check_discarded(stack: Stack, late: Late) -> None:
    """Checks that the stored outcome is the other worker's, and that the late worker's log says that its own was not
    stored."""
    [(worker, lost)] = stack.rows("SELECT worker, lost_leases FROM webapp_work WHERE id = %s", late.item)
    if worker == late.worker or lost < 1:
        raise Wrong(f"the outcome of {worker}, which was stopped, was stored ({lost} leases lost)")
    warning = f"work {late.item}: the lease was lost or the work is no longer needed"
    wait_until(lambda: warning in stack.logs("worker"), 20, f"'{warning}' in the worker's log")


def _reach(stack: Stack, search: str, seq: int) -> None:
    def reached() -> bool | None:
        [(now, status)] = stack.rows("SELECT seq, status FROM webapp_search WHERE id = %s", search)
        if status in OVER:
            raise MomentMissed("the search was over")
        return True if now >= seq else None

    wait_for(reached, TIMEOUT, f"event {seq}")


def _status(stack: Stack, search: str) -> str:
    [(status,)] = stack.rows("SELECT status FROM webapp_search WHERE id = %s", search)
    return str(status)


def _end(stack: Stack, search: str) -> float:
    """Waits for the end and returns its time (time.monotonic). Raises Wrong if the search did not finish."""

    def ended() -> str | None:
        status = _status(stack, search)
        return status if status in OVER else None

    status = wait_for(ended, TIMEOUT, "the end of the search")
    if status != "finished":
        [why] = stack.rows("SELECT error, pause_reason FROM webapp_search WHERE id = %s", search)
        raise Wrong(f"the search is {status}: {why}")
    return time.monotonic()
