"""Seconds per network of ZiCo, against the plain way: `make bench NAME=proxies`.

The plain way is that of the released code: two passes with gradients of all parameters, copied to NumPy, and statistics
per layer there. Both ways score the same networks with the same weights and batches, one after the other, and the order
changes from network to network. With one thread, seconds are those of the processor, so that others on the machine
count less. NETS says how many of each space, BATCH the images of a batch, THREADS torch's threads.
"""

import math
import os
import random
import time
from collections.abc import Callable
from statistics import mean, stdev
from typing import NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from search.data.datasets import ImageData
from search.network.graph import Graph
from search.network.locks import Locks
from search.network.lowering import lower
from search.network.macro import AnyImageMacro
from search.runtime.data.images import LabelledImages
from search.runtime.networks.first_weights import SeedNames
from search.runtime.networks.image import INITIALISERS, Network, initialise
from search.runtime.proxies import zico
from search.runtime.proxies.probe import Probe
from search.runtime.rng import seeded_generator
from search.spaces import SPACES
from tests.benchmarks.latency import processor

NETS, BATCH = int(os.environ.get("NETS", "20")), int(os.environ.get("BATCH", "16"))
THREADS = int(os.environ.get("THREADS", "1"))
DATA = ImageData(shape=(3, 32, 32), classes=10)
clock = time.process_time if THREADS == 1 else time.perf_counter
TARGETS = {"statistics": 1.5, "whole": 1.2}


class Timed(NamedTuple):
    score: float
    exact: float  # with statistics in float64: where two gradients nearly agree, NumPy's float32 deviation is rounding
    statistics: float  # seconds
    whole: float


def main() -> None:
    torch.set_num_threads(THREADS)
    print(f"{processor()}, {THREADS} thread, torch {torch.__version__}, 2 batches of {BATCH} images of 32 px")
    rng = seeded_generator("bench")
    batches = [
        LabelledImages(torch.rand(BATCH, 3, 32, 32, generator=rng), torch.randint(10, (BATCH,), generator=rng))
        for _ in range(2)
    ]
    for name in ("nasbench201", "nasbench_macro", "chain"):
        space = SPACES[name]
        config = space.Config()
        macro, start = space.macro(config, DATA), space.start(config, 0)
        graphs = [space.sample(start, Locks(), random.Random(seed)) for seed in range(NETS)]
        compare(name, graphs, macro, batches)  # type: ignore[arg-type]


def compare(name: str, graphs: list[Graph], macro: AnyImageMacro, batches: list[LabelledImages]) -> None:
    ways: tuple[Callable[..., Timed], ...] = (as_released, ours)
    for score in ways:
        score(graphs[0], macro, batches)  # warm
    pairs = []
    for i, graph in enumerate(graphs):
        order = ways if i % 2 else ways[::-1]
        found = {each: each(graph, macro, batches) for each in order}
        assert math.isclose(found[as_released].exact, found[ours].exact, rel_tol=1e-4), (
            found[as_released],
            found[ours],
        )
        pairs.append((found[as_released], found[ours]))
    off = sum(not math.isclose(one.score, one.exact, rel_tol=1e-4) for one, _ in pairs)
    print(f"{name}: {len(pairs)} networks, equal scores to 1e-4 with statistics in float64; in float32, {off} differ")
    for part, target in TARGETS.items():
        ratios = [getattr(one, part) / getattr(other, part) for one, other in pairs]
        half = 1.96 * stdev(ratios) / math.sqrt(len(ratios))
        seconds = [1_000 * mean(getattr(pair[i], part) for pair in pairs) for i in (0, 1)]
        print(
            f"  {part:>10}: {seconds[0]:7.1f} ms the plain way, {seconds[1]:7.1f} ms here;"
            f" {mean(ratios):.2f} ± {half:.2f} times as fast (target {target})"
        )


def ours(graph: Graph, macro: AnyImageMacro, batches: list[LabelledImages]) -> Timed:
    began = clock()
    probe = Probe(graph, macro, batches, 0)
    _ = probe.passes
    passed = clock()
    score = zico.score(probe)
    ended = clock()
    return Timed(score, score, ended - passed, ended - began)


def as_released(graph: Graph, macro: AnyImageMacro, batches: list[LabelledImages]) -> Timed:
    began = clock()
    network = Network(lower(graph, macro), ordered=False)
    initialise(network, SeedNames(graph), 0, INITIALISERS["torch"])  # for equal weights
    network.train()
    layers = [module for module in network.modules() if isinstance(module, nn.Conv2d | nn.Linear)]
    gradients: list[list[np.ndarray]] = [[] for _ in layers]
    for images, labels in batches:
        network.zero_grad()
        F.cross_entropy(network(images), labels).backward()  # type: ignore[no-untyped-call]
        for kept, layer in zip(gradients, layers, strict=True):
            grad = layer.weight.grad
            kept.append((torch.zeros_like(layer.weight) if grad is None else grad).cpu().reshape(-1).numpy().copy())
    passed = clock()
    score = statistics(gradients)
    ended = clock()
    exact = statistics([[each.astype(np.float64) for each in kept] for kept in gradients])
    return Timed(score, exact, ended - passed, ended - began)


def statistics(gradients: list[list[np.ndarray]]) -> float:
    score = 0.0
    for kept in gradients:
        stacked = np.array(kept)
        deviation = np.std(stacked, axis=0)
        varies = np.nonzero(deviation)[0]
        total = np.sum(np.mean(np.abs(stacked), axis=0)[varies] / deviation[varies])
        score += math.log(total) if total else 0.0
    return score


if __name__ == "__main__":
    main()
