"""Fake outcomes, a function of the work alone, so that whole searches run in milliseconds without any training."""

import hashlib
from typing import Any

from search.base import serialization
from search.base.config import schema
from search.data import builtin
from search.data.datasets import Data, TextData
from search.log.task import Task
from search.network.budget import Budget
from search.network.latency import Latency
from search.spaces import SPACES
from search.strategies.base import Factor, Origin
from search.strategies.tasks import FACTORS, build_task, classes_of

NUMERICS = "fake"


def outcome_of(work: serialization.Json) -> serialization.Json:
    """An accuracy from 0.5 to 1 or a perplexity, derived from the hash of the work; or a latency.

    One training or score in 16 fails, among the graphs with more than four edges.
    """
    if work["kind"] == "measure":
        return latency_outcome(latency_of(work))
    if work["kind"] == "score":
        return {"status": "ok", "results": [_scored(graph, work) for graph in work["graphs"]], "numerics": NUMERICS}
    epochs = work["recipe"]["epochs"]
    drawn = hashlib.sha256(serialization.dumps([work["graph"], epochs, work["replicate"]])).digest()
    if drawn[0] < 16 and len(work["graph"]["edges"]) > 4:
        return {"status": "error", "code": "diverged"}
    accuracy = 0.5 + int.from_bytes(drawn[1:3]) / 131072
    curve = [
        {"epoch": i, "train_loss": 2.0 / i, "val_loss": 2.25 / i, "val_accuracy": accuracy * i / epochs}
        for i in range(1, epochs + 1)
    ]
    quality = {"val_accuracy": accuracy}
    if work["macro"]["kind"] == "text":
        quality = {"val_perplexity": 400 - 200 * accuracy}
        curve = [point | {"val_accuracy": None} for point in curve]
    outcome = {"status": "ok", **quality, "epochs": epochs, "curve": curve, "numerics": NUMERICS}
    return outcome | ({"files": {"weights": serialization.canonical_hash(work)}} if work.get("keep") else {})


def graphs_of(work: serialization.Json) -> list[serialization.Json]:
    """Those that an item of work is about."""
    graphs: list[serialization.Json] = work["graphs"] if work["kind"] == "score" else [work["graph"]]
    return graphs


def _scored(graph: serialization.Json, work: serialization.Json) -> serialization.Json:
    """Scores by each proxy from -50 to 50, derived from the hash of the graph."""
    drawn = hashlib.sha256(serialization.dumps([graph, work["replicate"]])).digest()
    if drawn[0] < 16 and len(graph["edges"]) > 4:
        return {"status": "error", "code": "out_of_memory"}
    scores = {name: drawn[i] * 100 / 255 - 50 for i, name in enumerate(work["proxies"], 1)}
    return {"status": "ok", "scores": scores, "seconds": 0.1}


def latency_of(work: serialization.Json) -> int:
    """200 us, plus 100 us per edge, plus up to 200 us by hash: a graph may be slower with an edge less."""
    drawn = hashlib.sha256(serialization.dumps(work["graph"])).digest()
    return 200 + 100 * len(work["graph"]["edges"]) + drawn[2] * 200 // 255


def latency_outcome(median: int) -> serialization.Json:
    """The outcome of a latency measurement; `median` is in microseconds."""
    latency = Latency(
        median=median, low=median - 3, high=median + 9, repeats=50, warmup=10, device="a machine of the tests",
        threads=1, runtime="fake 1.0",
    )  # fmt: skip
    return {"status": "ok", "latency": serialization.to_jsonable(latency), "numerics": NUMERICS}


def task(
    *,
    seed: int = 0,
    strategy: str = "autoshrink",
    space: str = "cnn",
    evaluator: str = "train",
    budget: Budget | None = None,
    data: Data | None = None,
    **config: Any,
) -> Task:
    """A task on digits; for a recurrent cell, on an uploaded text. `config`: settings of any factor.

    Defaults are those of a search without limits, unless `config` says otherwise.
    """
    if config.get("protocol") != "published":
        config = {"cost_weight": 0.1, **({"keep_parent": False} if strategy == "autoshrink" else {}), **config}
    if space == "rnn" and data is None:
        data = TextData(vocabulary=500, file="a" * 64)
    kind = "image" if data is None else data.kind
    classes = classes_of(strategy, space, evaluator, SPACES[space].KIND)
    factor_of = {row["name"]: factor for factor, cls in classes.items() for row in schema(cls)}
    settings: dict[Factor, dict[str, object]] = {factor: {} for factor in FACTORS}
    for name, value in config.items():
        settings[factor_of[name]][name] = value
    return build_task(
        strategy=strategy,
        space=space,
        evaluator=evaluator,
        settings=settings,
        kind=kind,
        dataset="digits" if data is None else "brought",
        split=builtin.get("digits").split,
        seed=seed,
        budget=budget or Budget(),
        data=data,
    )


#: Of a branch in the same search.
ORIGIN = Origin(search=None, branch=0, round=0, by="owner", command=None)
