"""Scaling: the largest network of a found cell that fits a budget, computed on the cost model alone.

An image network is a member of a family (AutoShrink's ImageNet macro, or the search's own) at some depth and width. A
language model is scaled by its hidden size.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from search.data.datasets import Data, ImageData, TextData
from search.network.budget import LIMIT_WORDS, LIMITS, Budget, Infeasible, Limit, Over, spent
from search.network.cost import Cost, cost_of
from search.network.graph import Graph
from search.network.limits import BOUNDS
from search.network.macro import Activation, ImageMacro, Macro, TextMacro
from search.spaces.cnn import FAMILIES, Family, filters
from search.spaces.rnn import MAX_HIDDEN

DEPTHS = (1.0, 0.75, 1.25, 0.5, 1.5)  # factors for the family's cells; further away it would be another design
MIN_MAP = 4  # pixels per side of the last stage: below that, a 3x3 kernel reads mostly padding
SMALL_IMAGE = 64  # pixels per side below which the stem keeps the resolution, as in the search's own network
WIDEST = max(filters(max(family.scales)) for family in FAMILIES.values())  # filters of a stage at width 1
MAX_WIDTH = 100 * BOUNDS.width // WIDEST  # hundredths


class CannotScale(Infeasible):
    """No network of this cell and family fits. The message is a sentence; `over`: what the smallest one violates."""

    def __init__(self, message: str, over: tuple[Over, ...] = ()) -> None:
        super().__init__(message)
        self.over = over


@dataclass(frozen=True, kw_only=True)
class Scaled:
    """The largest network that fits the budget, and the share of each limit that it uses, up to 1."""

    macro: Macro
    cost: Cost
    shares: dict[Limit, float]
    limited_by: Limit  # the limit with the largest share


def scale(
    graph: Graph, data: Data, budget: Budget, family: str = "published", activation: Activation = "relu"
) -> Scaled:
    """The network of this cell for this data that uses the budget best without exceeding it.

    A limit on latency is ignored, because latency is only known by measuring. Raises CannotScale, and BadGraph if the
    cell is for another kind of data.
    """
    if not any(limit != "latency" and budget.allowed(limit) for limit in LIMITS):
        raise CannotScale("Give a limit to scale to: parameters, MACs or peak memory.")
    pricing = _Pricing(graph, replace(budget, latency=None))
    if isinstance(data, TextData):
        macro: Macro = _scale_text(pricing, data)
    else:
        macro = _scale_image(pricing, data, FAMILIES[family], activation)
    cost = cost_of(graph, macro, budget.bytes_per_element)
    shares = pricing.shares(cost)
    return Scaled(macro=macro, cost=cost, shares=shares, limited_by=max(shares, key=shares.__getitem__))


def activation_of(macro: Macro) -> Activation:
    """The activation of a network that can be scaled. Raises CannotScale."""
    if macro.kind == "text":
        return "relu"  # language models are scaled without it
    if macro.kind == "image":
        return macro.activation
    raise CannotScale("Only networks of repeated cells are scaled. Search for this one under your limits instead.")


class _Pricing:
    """The cost of networks of one cell under one budget. The best order is searched for only if memory is limited."""

    def __init__(self, graph: Graph, budget: Budget) -> None:
        self.graph, self.budget = graph, budget

    def cost(self, macro: Macro) -> Cost:
        order = self.budget.peak_memory is not None
        return cost_of(self.graph, macro, self.budget.bytes_per_element, order=order)

    def fits(self, macro: Macro) -> bool:
        return not self.budget.over(self.cost(macro))

    def shares(self, cost: Cost) -> dict[Limit, float]:
        return {limit: spent(cost, limit) / allowed for limit in LIMITS if (allowed := self.budget.allowed(limit))}

    def cannot_scale(self, smallest: Macro, description: str) -> CannotScale:
        over = self.budget.over(self.cost(smallest))
        needs = " and ".join(
            f"{value:,} {LIMIT_WORDS[limit].unit}, with {allowed:,} allowed" for limit, value, allowed in over
        )
        return CannotScale(f"No network of this cell fits. The smallest, {description}, needs {needs}.", over)


def _scale_text(pricing: _Pricing, data: TextData) -> TextMacro:
    def macro_of(hidden: int) -> TextMacro:
        return TextMacro(vocabulary=data.vocabulary, hidden=hidden)

    if not pricing.fits(macro_of(1)):
        raise pricing.cannot_scale(macro_of(1), "a hidden size of 1")
    return macro_of(_largest(MAX_HIDDEN, lambda hidden: pricing.fits(macro_of(hidden))))


def _scale_image(pricing: _Pricing, data: ImageData, family: Family, activation: Activation) -> ImageMacro:
    side = min(data.shape[1:])
    stem_stride = family.stem_stride if side >= SMALL_IMAGE else 1

    def macro_of(cells: tuple[int, ...], hundredths: int) -> ImageMacro:
        return family.macro(
            data.shape,
            data.classes,
            width=hundredths / 100,
            cells=cells,
            stem_stride=stem_stride,
            activation=activation,
        )

    smallest = [macro_of((1,) * count, 1) for count in range(_max_stages(family, side, stem_stride), 0, -1)]
    count = next((len(macro.stages) for macro in smallest if pricing.fits(macro)), None)
    if count is None:
        closest = min(smallest, key=lambda macro: pricing.budget.budget_utilisation(pricing.cost(macro)))
        cells = "one cell" if len(closest.stages) == 1 else f"{len(closest.stages)} cells"
        raise pricing.cannot_scale(closest, f"{cells} of {closest.stages[0].filters} filters")

    def widest(cells: tuple[int, ...]) -> ImageMacro:
        width = _largest(MAX_WIDTH, lambda hundredths: pricing.fits(macro_of(cells, hundredths)))
        return _widen_stages(macro_of(cells, width), pricing.fits)

    candidates = [widest(cells) for cells in _depths(family.cells[:count]) if pricing.fits(macro_of(cells, 1))]
    shares = {macro: max(pricing.shares(pricing.cost(macro)).values()) for macro in candidates}
    return max(candidates, key=lambda macro: (shares[macro], sum(stage.cells for stage in macro.stages)))


def _max_stages(family: Family, side: int, stem_stride: int) -> int:
    """The most stages of the family whose last map is large enough, at least one. `side`: pixels of the input."""
    side, count = -(-side // stem_stride), 0
    for stride in family.strides:
        side = -(-side // stride)
        if count and side < MIN_MAP:
            break
        count += 1
    return count


def _depths(cells: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Cells per stage to try: the family's times each depth, and last the minimum of one per stage."""
    scaled = [tuple(max(1, round(count * depth)) for count in cells) for depth in DEPTHS]
    yield from dict.fromkeys([*scaled, (1,) * len(cells)])


def _largest(maximum: int, fits: Callable[[int], bool]) -> int:
    """The largest number from 1 to `maximum` that fits, by bisection. `fits` is monotonic, and 1 fits."""
    low, high = 1, maximum
    while low < high:
        middle = (low + high + 1) // 2
        if fits(middle):
            low = middle
        else:
            high = middle - 1
    return low


def _widen_stages(macro: ImageMacro, fits: Callable[[ImageMacro], bool]) -> ImageMacro:
    """The network with 4 more filters in each stage where it still fits.

    The last stage comes first, and no stage becomes wider than the one after it.
    """
    stages = list(macro.stages)
    for i in reversed(range(len(stages))):
        stage, filters = stages[i], stages[i].filters + 4
        if i + 1 == len(stages) or filters <= stages[i + 1].filters:
            stages[i] = replace(stage, filters=filters)
            if not fits(replace(macro, stages=tuple(stages))):
                stages[i] = stage
    return replace(macro, stages=tuple(stages))
