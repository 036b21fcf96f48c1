"""ZiCo's evolution over chains, by ZiCo, parameters and random numbers: `make bench NAME=chains`; OUT=FILE keeps the
lines.

PART=published searches under 450M MACs at 224 px, with scores at 64 px, and says the ZiCo of the best chain so far.
PART=small searches `chain-small` under 6M MACs at 16 px, trains what each search chose, and tests it once. Needs
../shared/data. ITERATIONS, SEEDS and EPOCHS say how much; networks are scored and trained side by side, in WORKERS
processes of one thread each.
"""

import os
import random
import tarfile
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from statistics import mean, stdev
from typing import Any, NamedTuple

from search.base import serialization
from search.base.serialization import Json
from search.cli.cache import Cache
from search.cli.datasets import Source, pack
from search.evaluation.proxies.scoring import Batches, score_work
from search.evaluation.recipes import full
from search.evaluation.training import training_work
from search.log.events import Answer
from search.log.task import Task
from search.network.budget import Budget
from search.network.graph import Graph
from search.spaces import chain
from search.strategies import STRATEGIES
from search.strategies.base import Finished
from search.strategies.factors import Factors
from search.strategies.tasks import build_task
from tests.benchmarks.latency import processor
from tests.shared import SHARED

WORKERS, SEEDS = int(os.environ.get("WORKERS", "2")), int(os.environ.get("SEEDS", "3"))
PARTS = os.environ.get("PART", "published,small").split(",")
EPOCHS = int(os.environ.get("EPOCHS", "12"))
T_95 = 4.303  # of Student's t with two degrees of freedom, for three seeds
RANKED_BY = ("zico", "params", "random")
IMAGES = {"train": 556, "test": 200}  # of each class, at 16 px: a tenth of the first are for validation


class Part(NamedTuple):
    space: Json
    budget: Budget
    side: int  # at which networks are scored
    iterations: int


SEARCHES = {
    "published": Part(
        {"start": "published", "resolution": 224},
        Budget(macs=450_000_000),
        64,
        int(os.environ.get("ITERATIONS", "5000")),
    ),
    "small": Part(
        {"start": "small", "max_layers": 14, "head": 256},
        Budget(macs=6_000_000),
        0,
        int(os.environ.get("ITERATIONS", "2000")),
    ),
}


def main() -> None:
    lines: list[str] = []
    with tempfile.TemporaryDirectory() as folder, workers() as pool:
        for line in report(Path(folder), pool):
            print(line, flush=True)
            lines.append(line)
    if out := os.environ.get("OUT"):
        Path(out).write_text("\n".join(lines) + "\n")


def workers() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(WORKERS, get_context("spawn"))


def report(folder: Path, pool: ProcessPoolExecutor) -> Iterator[str]:
    yield f"{processor()}, {WORKERS} processes of one thread, two batches of 16 images of CIFAR-10"
    for part in PARTS:
        data = packed(folder, 16 if part == "small" else 32)
        found: dict[str, list[Answer]] = {}
        for by in RANKED_BY:
            yield f"\n{part} chain, {SEARCHES[part].iterations:,} iterations, by {by}"
            for seed in range(SEEDS):
                began = time.monotonic()
                search = Search(task_of(part, by, seed, data), by, data, pool)
                best = search.run()
                found.setdefault(by, []).append(best)
                seconds = time.monotonic() - began
                curve = search.zico_of_best()
                yield (
                    f"  seed {seed}: {search.scored:,} scored, {search.refused:,} refused, {seconds:.0f} s, "
                    f"{seconds / max(1, search.scored):.3f} s each; ZiCo of the best after "
                    f"{', '.join(f'{at:,}: {value:.1f}' for at, value in curve)}"
                )
                yield f"    {best.cost.macs:,} MACs, {best.cost.params:,} params: {chain.encode(answer_graph(best))}"
        if part == "small":
            yield from trained(found, data, pool)


def answer_graph(answer: Answer) -> Graph:
    return Graph.from_rows(answer.graph)


def trained(found: dict[str, list[Answer]], data: Source, pool: ProcessPoolExecutor) -> Iterator[str]:
    """What each is searched by, with the chain that its seed found, trained with that seed, and tested once."""
    recipe = replace(full(data.dataset.name, "image"), epochs=EPOCHS)
    works = []
    for by, answers in found.items():
        for seed, answer in enumerate(answers):
            factors = Factors.of(task_of("small", by, seed, data))
            work = training_work(answer_graph(answer), factors.macro, recipe, factors.task.source)
            works.append(work | {"kind": "final", **data.test_part})
    outcomes = list(pool.map(execute, works, [data] * len(works)))
    images = 10 * IMAGES["train"]
    yield f"\ntrained for {EPOCHS} epochs on {images:,} images, a tenth of them for validation; tested once"
    for i, by in enumerate(found):
        accuracies = [100 * each["test_accuracy"] for each in outcomes[i * SEEDS : (i + 1) * SEEDS]]
        half = T_95 * stdev(accuracies) / SEEDS**0.5 if SEEDS == 3 else float("nan")
        each = ", ".join(f"{accuracy:.1f}" for accuracy in accuracies)
        yield f"  {by:>7}: {mean(accuracies):.1f} ± {half:.1f} % ({each})"


class Search:
    """A search that is run in this process, with the work in others."""

    def __init__(self, task: Task, by: str, data: Source, pool: ProcessPoolExecutor) -> None:
        self.task, self.by, self.data, self.pool = task, by, data, pool
        self.best: list[tuple[int, Answer]] = []  # iterations, and the best graph from then on
        self.scored = self.refused = 0

    def run(self) -> Answer:
        strategy = STRATEGIES[self.task.strategy.name]
        state, events, _ = strategy.start(self.task)
        while True:
            state = serialization.loads(serialization.dumps(state))
            self._count(state, events)
            asked = strategy.ask(state)
            if isinstance(asked, Finished):
                return self.best[-1][1]
            state, events, _ = strategy.tell(state, self._evaluated(asked.work))

    def zico_of_best(self) -> list[tuple[int, float]]:
        """The ZiCo of the best chain after a tenth of the iterations, a half, and all."""
        total = self.task.strategy.config["iterations"]
        marks = [max(1, total // 10), total // 2, total]
        first = self.best[0][1]
        answers = [next((best for at, best in reversed(self.best) if at <= mark), first) for mark in marks]
        factors = Factors.of(self.task)
        inputs = Batches(size=16, side=self.task.evaluator.config["side"])
        graphs = [answer_graph(each) for each in answers]
        outcome = self._executed([score_work(graphs, factors.macro, ["zico"], self.task.source, inputs)])[0]
        return [(mark, each["scores"]["zico"]) for mark, each in zip(marks, outcome["results"], strict=True)]

    def _count(self, state: Json, events: Sequence[Any]) -> None:
        for event in events:
            if event.kind == "candidates_proposed":
                self.refused += sum(each["count"] for each in event.payload["refused"])
                self.scored += event.payload["count"]
        if state["best"] and (not self.best or self.best[-1][1].hash != state["best"]["hash"]):
            drawn = state["drawn_in_all"] - state["draws"]  # before the round that is open
            self.best.append((max(1, drawn), serialization.decode(Answer, state["best"])))

    def _evaluated(self, works: Sequence[Json]) -> list[Json]:
        if self.by == "random":
            return [_drawn(work) for work in works]
        return self._executed(works)

    def _executed(self, works: Sequence[Json]) -> list[Json]:
        return list(self.pool.map(execute, works, [self.data] * len(works)))


def _drawn(work: Json) -> Json:
    """Random numbers in the place of scores, by the graph, so that a run can be repeated."""
    draws = [random.Random(f"{work['replicate']}/{serialization.canonical_hash(graph)}") for graph in work["graphs"]]
    return {"status": "ok", "results": [{"status": "ok", "scores": {"zico": rng.random()}} for rng in draws]}


def task_of(part: str, by: str, seed: int, data: Source) -> Task:
    search, dataset = SEARCHES[part], data.dataset
    proxy = "zico" if by == "random" else by
    return build_task(
        strategy="zico",
        settings={
            "space": search.space,
            "strategy": {"iterations": search.iterations},
            "evaluator": {"proxy": proxy, "side": search.side},
            "answer": {"finalists": 0},
        },
        kind="image",
        dataset=dataset.name,
        split=dataset.split,
        seed=seed,
        budget=search.budget,
        data=dataset.data,
    )


def packed(folder: Path, side: int) -> Source:
    """CIFAR-10, or at another side than its own a part of its images."""
    cache, archive = Cache(folder / "cache"), SHARED / "cifar10.tar.gz"
    if side == 32:
        entry = pack(archive, {}, cache)
    else:
        part = folder / "part"
        with tarfile.open(archive) as tar:
            tar.extractall(part, [member for member in tar if _is_wanted(member)], filter="data")
        entry = pack(part, {"side": side}, cache)
    return Source(entry.dataset, cache, entry)


def _is_wanted(member: tarfile.TarInfo) -> bool:
    path = Path(member.name)
    return member.isfile() and int(path.stem) < IMAGES[path.parts[0]]


def execute(work: Json, data: Source) -> Json:
    """In a process of its own."""
    from search.runtime.context import Context
    from search.runtime.execute import attempt

    with tempfile.TemporaryDirectory() as folder:
        return attempt(work, Context(threads=1, files=data.files(Path(folder))))


if __name__ == "__main__":
    main()
