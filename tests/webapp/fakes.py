"""A worker without torch: it claims and completes like a real one, with outcomes computed from the payload."""

from search.base import serialization
from search.base.serialization import Json
from search.network.latency import Latency
from webapp.models import Search
from webapp.models.enums import RoundStatus
from webapp.scheduling import leases
from webapp.scheduling.leases import Lease
from webapp.scheduling.presence import WorkerIdentity
from webapp.searches import lifecycle, sweep

NUMERICS = "torch 0, cpu test, 1 thread"
WORKER = WorkerIdentity("worker-1", "cpu", NUMERICS)
TASK: Json = {
    "strategy": "autoshrink",
    "dataset": "digits",
    "seed": 0,
    "budget": {"params": 30_000, "macs": None, "peak_memory": None, "bytes_per_element": 4},
    "settings": {"space": {"nodes": 6}, "strategy": {"candidates": 3}},
}


def outcome_of(payload: Json) -> Json:
    """A pseudo-random outcome that is equal for equal work: drawn from a hash of the payload."""
    rng = int(serialization.canonical_hash(payload)[:8], 16) / 0xFFFFFFFF
    if payload["kind"] == "score":
        results = [_scored(graph, payload) for graph in payload["graphs"]]
        return {"status": "ok", "results": results, "numerics": NUMERICS}
    if payload["kind"] == "measure":
        median = round(100 + 800 * rng)
        latency = Latency(median, median - 5, median + 5, 50, 5, "Some processor", 1, "onnxruntime 1")
        return {"status": "ok", "latency": serialization.to_jsonable(latency), "numerics": NUMERICS}
    if payload["macro"]["kind"] == "text":
        perplexity = round(100 + 100 * rng, 4)
        curve = [{"epoch": 1, "train_loss": 5.0, "val_loss": 4.75, "val_accuracy": None}]
        return {"status": "ok", "val_perplexity": perplexity, "epochs": 1, "curve": curve, "numerics": NUMERICS}
    accuracy = round(0.5 + rng / 2, 4)
    curve = [{"epoch": 1, "train_loss": 1.5, "val_loss": 1.25, "val_accuracy": accuracy}]
    return {"status": "ok", "val_accuracy": accuracy, "epochs": 1, "curve": curve, "numerics": NUMERICS}


def _scored(graph: Json, payload: Json) -> Json:
    rng = int(serialization.canonical_hash([graph, payload["replicate"]])[:8], 16) / 0xFFFFFFFF
    return {"status": "ok", "scores": dict.fromkeys(payload["proxies"], 100 * rng), "seconds": 0.1}


def work_one(identity: WorkerIdentity = WORKER) -> Lease | None:
    lease = leases.claim(identity)
    if lease is not None:
        assert leases.complete(lease, outcome_of(lease.payload), identity.numerics)
    return lease


def run_round(search: Search, identity: WorkerIdentity = WORKER) -> None:
    """Completes all queued work, then advances the search."""
    while work_one(identity) is not None:
        pass
    lifecycle.advance(search.pk)
    search.refresh_from_db()


def advance_until_work(search: Search) -> None:
    """The turns that rounds without work ask the coordinator for, each by the turn before it."""
    for _ in range(200):
        lifecycle.advance(search.pk)
        opened = search.rounds.filter(status=RoundStatus.OPEN).first()
        if opened is None or opened.work.exists():
            search.refresh_from_db()
            return
    raise AssertionError("no round has work")


def sweep_and_advance() -> None:
    """The sweep, and the turns that it asks the coordinator for."""
    sweep.sweep()
    for search_id in sweep.finished_rounds():
        lifecycle.advance(search_id)


def run_to_end(search: Search, identity: WorkerIdentity = WORKER) -> None:
    for _ in range(200):
        run_round(search, identity)
        if not search.state.is_live:
            return
    raise AssertionError(f"the search still runs at step {search.step}")
