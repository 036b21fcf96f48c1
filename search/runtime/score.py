"""Scores untrained networks: the work of kind "score"."""

import logging
import time
from collections import OrderedDict
from collections.abc import Sequence

import torch

from search.base import serialization
from search.base.serialization import Json
from search.evaluation.proxies.scoring import Batches
from search.network import macro as macros
from search.network.graph import BadGraph, Graph
from search.network.macro import AnyImageMacro
from search.runtime.context import Context, Interrupted
from search.runtime.data.images import LabelledImages, at_size, load_training_data, to_float
from search.runtime.data.resident import resident
from search.runtime.failures import code_of
from search.runtime.proxies import COMPUTED, scores
from search.runtime.proxies.probe import Normalisation, Probe
from search.runtime.rng import seeded_generator
from search.runtime.work import BadWork, packed_of

logger = logging.getLogger(__name__)

RESULTS = 10_000  # that a process remembers


def run(work: Json, context: Context) -> Json:
    """The scores of each graph of the work, in their order, and the seconds that they took. Raises Interrupted."""
    try:
        macro = macros.read(work["macro"])
        graphs = [Graph.from_dict(graph).canonical for graph in work["graphs"]]
    except (BadGraph, serialization.DecodeError) as error:
        raise BadWork(str(error)) from None
    if macro.kind == "text":
        raise BadWork("proxies score image networks")
    if unknown := [name for name in work["proxies"] if name not in COMPUTED]:
        raise BadWork(f"there is no proxy {unknown[0]!r}; there are {', '.join(COMPUTED)}")
    batches, normalisation = _batches_of(work, macro.input, context)
    others = serialization.canonical_hash({name: part for name, part in work.items() if name != "graphs"})
    results: list[Json] = []
    for graph in graphs:
        if context.should_stop():
            raise Interrupted
        key = others, context.device, graph.hash
        if (result := known.get(key)) is None:
            result = _score(graph, macro, batches, normalisation, work)
            known.add(key, result)
        results.append(result)
        context.report({"scored": len(results)})
    return {"status": "ok", "results": results}


class _Known(OrderedDict[tuple[str, str, str], Json]):
    """The scores that this process has computed last: equal networks that see equal batches have equal ones."""

    def add(self, key: tuple[str, str, str], result: Json) -> None:
        if result["status"] == "ok":  # a network that did not fit into memory may do so the next time
            self[key] = result
        if len(self) > RESULTS:
            self.popitem(last=False)


known = _Known()


def _score(
    graph: Graph, macro: AnyImageMacro, batches: Sequence[LabelledImages], normalisation: Normalisation, work: Json
) -> Json:
    """A network that cannot be scored does not end the others."""
    began = time.perf_counter()
    try:
        record = "naswot" in work["proxies"]
        probe = Probe(graph, macro, batches, work["replicate"], normalisation, record_active=record)
        result: Json = {"status": "ok", "scores": scores(probe, work["proxies"])}
    except (RuntimeError, MemoryError) as error:
        logger.warning("a network could not be scored: %s: %s", type(error).__name__, error)
        result = {"status": "error", "code": code_of(error)}
    return result | {"seconds": round(time.perf_counter() - began, 4)}


def _batches_of(
    work: Json, shape: tuple[int, int, int], context: Context
) -> tuple[list[LabelledImages], Normalisation]:
    """The batches, on the device, where they stay for the next item. Raises BadWork where there are too few images."""
    wanted = serialization.decode(Batches, work["batches"])

    def load() -> tuple[list[LabelledImages], Normalisation]:
        data = load_training_data(work["dataset"], work["split"], packed=packed_of(work, "file", context))
        count, needed = len(data.train.labels), wanted.size * wanted.count
        if (why_not := wanted.why_not(count)) is not None:
            raise BadWork(why_not)
        order = torch.randperm(count, generator=seeded_generator("proxy batches", work["split"], work["replicate"]))
        images = at_size(to_float(data.train.images[order[:needed]]), shape)
        labels = data.train.labels[order[:needed]]
        drawn = zip(torch.split(images, wanted.size), torch.split(labels, wanted.size), strict=True)
        mean, deviation = (torch.tensor(values).reshape(1, -1, 1, 1) for values in data.statistics)
        return [LabelledImages(*batch).to(context.device) for batch in drawn], (mean, deviation)

    key = "score", work["dataset"], work["split"], work.get("file"), wanted, shape, work["replicate"]
    return resident(context.device, key, load)
