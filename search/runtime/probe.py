"""A probe: how long the first steps of a few trainings take on this machine, so that a search's time can be estimated.

Each item trains for SECONDS, or an epoch if that is shorter. Nothing of the training is kept.
"""

import time
from collections.abc import Callable
from itertools import pairwise

import torch

from search.base.serialization import Json
from search.runtime.context import Context, Interrupted
from search.runtime.modalities import modality_of
from search.runtime.training import Diverged
from search.runtime.work import BadWork

SECONDS = 1.5  # of each item
WARM_UP = 2  # first steps, which allocate memory and compile


class Stopwatch:
    """Notes the time before each step, and stops the training when it has seen enough."""

    def __init__(self, should_stop: Callable[[], bool], device: str) -> None:
        self._should_stop, self._on_gpu = should_stop, torch.device(device).type == "cuda"
        self.interrupted = False
        self.times: list[float] = []

    def __call__(self) -> bool:
        self.interrupted = self._should_stop()
        self.mark()
        return self.interrupted or (len(self.times) > WARM_UP + 1 and self.times[-1] - self.times[0] >= SECONDS)

    def mark(self) -> None:
        if self._on_gpu:
            torch.cuda.synchronize()  # steps are queued there; only their end tells how long they take
        self.times.append(time.perf_counter())

    @property
    def steps(self) -> list[float]:
        """Seconds of each step after the first ones, or of these where there are no others."""
        steps = [after - before for before, after in pairwise(self.times)]
        return steps[WARM_UP:] or steps


def run(work: Json, context: Context) -> Json:
    """`seconds`: for each item in work["items"], those that one image or token takes."""
    if not work.get("items") or not all("recipe" in item for item in work["items"]):
        raise BadWork("a probe needs items that train a graph")
    return {"status": "ok", "seconds": [_measure(item, context) for item in work["items"]]}


def _measure(item: Json, context: Context) -> float:
    training = modality_of(item).create_training(item, context, keep_best=False)
    watch = Stopwatch(context.should_stop, context.device)
    try:
        training.epoch(watch)
        watch.mark()  # the whole epoch fitted in: then its validation counts too
    except Interrupted:
        if watch.interrupted:
            raise
    except Diverged:
        watch.mark()
    samples = int(item["recipe"]["batch"]) * int(item["recipe"].get("bptt", 1))  # of one step
    return sum(watch.steps) / (len(watch.steps) * samples)
