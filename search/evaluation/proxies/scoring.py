"""Work items that score untrained networks by proxies."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from search.base import serialization
from search.base.serialization import to_jsonable
from search.evaluation.base import BadEvaluation, Source, Work
from search.evaluation.proxies import PROXIES
from search.network.cost import cost_of
from search.network.graph import Graph
from search.network.macro import AnyImageMacro, Macro


@dataclass(frozen=True, kw_only=True)
class Batches:
    """What every network is given: the first images of the training part, in an order drawn by the seed."""

    size: int = 128  # images of each; published
    count: int = 2  # published: the best of 2 to 10
    side: int = 0  # pixels, of the images and of the network that takes them; 0: those of the network

    def why_not(self, images: int) -> str | None:
        """Why this many training images are too few; None where they are enough."""
        if images >= self.count * self.size:
            return None
        return (
            f"{self.count} batches of {self.size} need {self.count * self.size:,} training images, and there are "
            f"{images:,}; choose smaller batches"
        )


def score_work(graphs: Sequence[Graph], macro: Macro, proxies: Sequence[str], source: Source, batches: Batches) -> Work:
    """Scores these graphs by proxies that are not in closed form; each network is seen once. Raises BadEvaluation."""
    native, scored = scored_macro(macro).input, scored_macro(macro, batches.side)
    work: Work = {
        "kind": "score",
        "graphs": [graph.canonical.to_dict() for graph in graphs],
        "macro": to_jsonable(scored),
        "share": (scored.input[1] * scored.input[2]) / (native[1] * native[2]),
        "proxies": list(proxies),
        "batches": to_jsonable(batches),
        "dataset": source.dataset,
        "split": source.split,
        "replicate": source.seed,
    }
    return work if source.data.file is None else work | {"file": source.data.file}


def samples_of_score(work: Work) -> int:
    """Images that one network of this work reads. Each counts by the share of its pixels in those that the network
    takes on the device, at which MACs are counted."""
    batches, share = serialization.decode(Batches, work["batches"]), float(work["share"])
    return max(1, round(batches.size * batches.count * share))


def scored_macro(macro: Macro, side: int = 0) -> AnyImageMacro:
    """The network that is scored in place of the one that is trained: at the side of the scored images, and a chain
    without its shortcuts, as ZiCo scores it (spec section 1.3). Raises BadEvaluation."""
    if macro.kind == "text":
        raise BadEvaluation("proxies score image networks; train language models instead")
    scored: AnyImageMacro = replace(macro, shortcuts=False) if macro.kind == "chain" else macro
    return replace(scored, input=(scored.input[0], side, side)) if side else scored


def closed_scores(graph: Graph, macro: Macro, proxies: Sequence[str]) -> dict[str, float]:
    """The scores in closed form among these proxies."""
    closed = {name: form for name in proxies if (form := PROXIES[name].closed) is not None}
    if not closed:
        return {}
    cost = cost_of(graph, macro, order=False)
    return {name: form(cost) for name, form in closed.items()}
