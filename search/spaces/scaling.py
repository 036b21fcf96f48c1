"""From a found cell to a network that is deployed: as large as a budget lets it be, found on the cost model alone.

An image network is one of a family (AutoShrink's macro for ImageNet, or the search's own) at another depth and width, a
language model the same at another hidden size.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from search.data.datasets import Data, ImageData, TextData
from search.network.budget import LIMITS, UNITS, Budget, Infeasible, Limit, Over, spent
from search.network.cost import Cost, cost_of
from search.network.graph import Graph
from search.network.macro import Activation, ImageMacro, Macro, TextMacro
from search.spaces.cnn import FAMILIES, Family
from search.spaces.rnn import MAX_HIDDEN

DEPTHS = (1.0, 0.75, 1.25, 0.5, 1.5)  # of the family's cells: what is far from them is another network
SMALLEST_MAP = 4  # pixels a side that the last stage is to have: below, a 3x3 kernel reads mostly padding
SMALL_IMAGE = 64  # pixels a side below which the stem does not halve them, as in the search's own network
WIDTHS = 6400  # widths that are tried, in hundredths; the widest stage of the widest has 8,192 filters


class CannotScale(Infeasible):
    """No network of this cell and family fits; the message is a sentence. `over`: what breaks the smallest one."""

    def __init__(self, message: str, over: tuple[Over, ...] = ()) -> None:
        super().__init__(message)
        self.over = over


@dataclass(frozen=True, kw_only=True)
class Scaled:
    """A network as large as its budget lets it be: what it costs, and of each limit the share that it uses, up to 1."""

    macro: Macro
    cost: Cost
    shares: dict[Limit, float]
    limited_by: Limit


def scale(
    graph: Graph, data: Data, budget: Budget, family: str = "published", activation: Activation = "relu"
) -> Scaled:
    """The network of this cell for this data that comes nearest to the budget from below.

    A limit on latency is left aside: only measuring tells. Raises CannotScale, and BadGraph where the cell is of
    another kind than the data.
    """
    if not any(limit != "latency" and budget.allowed(limit) for limit in LIMITS):
        raise CannotScale("Give a limit to scale to: parameters, MACs or peak memory.")
    pricing = _Pricing(graph, replace(budget, latency=None))
    macro = _text(pricing, data) if isinstance(data, TextData) else _image(pricing, data, FAMILIES[family], activation)
    cost = cost_of(graph, macro, budget.bytes_per_element)
    shares = pricing.shares(cost)
    return Scaled(macro=macro, cost=cost, shares=shares, limited_by=max(shares, key=shares.__getitem__))


class _Pricing:
    """What networks of one cell cost under one budget; the best order is looked for only if memory is limited."""

    def __init__(self, graph: Graph, budget: Budget) -> None:
        self.graph, self.budget = graph, budget

    def cost(self, macro: Macro) -> Cost:
        order = self.budget.peak_memory is not None
        return cost_of(self.graph, macro, self.budget.bytes_per_element, order=order)

    def fits(self, macro: Macro) -> bool:
        return not self.budget.over(self.cost(macro))

    def shares(self, cost: Cost) -> dict[Limit, float]:
        return {limit: spent(cost, limit) / allowed for limit in LIMITS if (allowed := self.budget.allowed(limit))}

    def refusal(self, macro: Macro, what: str) -> CannotScale:
        over = self.budget.over(self.cost(macro))
        needs = " and ".join(f"{one.value:,} {UNITS[one.limit]}, with {one.allowed:,} allowed" for one in over)
        return CannotScale(f"No network of this cell fits. The smallest, {what}, needs {needs}.", over)


def _text(pricing: _Pricing, data: TextData) -> TextMacro:
    def of(hidden: int) -> TextMacro:
        return TextMacro(vocabulary=data.vocabulary, hidden=hidden)

    if not pricing.fits(of(1)):
        raise pricing.refusal(of(1), "a hidden size of 1")
    return of(_last(MAX_HIDDEN, lambda hidden: pricing.fits(of(hidden))))


def _image(pricing: _Pricing, data: ImageData, family: Family, activation: Activation) -> ImageMacro:
    side = min(data.shape[1:])
    stem_stride = family.stem_stride if side >= SMALL_IMAGE else 1

    def of(cells: tuple[int, ...], hundredths: int) -> ImageMacro:
        return family.macro(
            data.shape,
            data.classes,
            width=hundredths / 100,
            cells=cells,
            stem_stride=stem_stride,
            activation=activation,
        )

    smallest = [of((1,) * count, 1) for count in range(_stages(family, side, stem_stride), 0, -1)]
    count = next((len(macro.stages) for macro in smallest if pricing.fits(macro)), None)
    if count is None:
        least = min(smallest, key=lambda macro: pricing.budget.budget_utilisation(pricing.cost(macro)))
        cells = "one cell" if len(least.stages) == 1 else f"{len(least.stages)} cells"
        raise pricing.refusal(least, f"{cells} of {least.stages[0].filters} filters")

    def widest(cells: tuple[int, ...]) -> ImageMacro:
        return _widened(of(cells, _last(WIDTHS, lambda width: pricing.fits(of(cells, width)))), pricing.fits)

    found = [widest(cells) for cells in _depths(family.cells[:count]) if pricing.fits(of(cells, 1))]
    shares = {macro: max(pricing.shares(pricing.cost(macro)).values()) for macro in found}
    return max(found, key=lambda macro: (shares[macro], sum(stage.cells for stage in macro.stages)))


def _stages(family: Family, side: int, stem_stride: int) -> int:
    """As many of the family's as leave the last map large enough; one at least."""
    side, count = -(-side // stem_stride), 0
    for stride in family.strides:
        side = -(-side // stride)
        if count and side < SMALLEST_MAP:
            break
        count += 1
    return count


def _depths(cells: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """The family's cells times each depth, and last one a stage, which is the least."""
    yield from dict.fromkeys(
        [*[tuple(max(1, round(count * depth)) for count in cells) for depth in DEPTHS], (1,) * len(cells)]
    )


def _last(most: int, fits: Callable[[int], bool]) -> int:
    """The largest number from 1 that fits, where each below one that fits does too, and 1 does."""
    least = 1
    while least < most:
        middle = (least + most + 1) // 2
        if fits(middle):
            least = middle
        else:
            most = middle - 1
    return least


def _widened(macro: ImageMacro, fits: Callable[[ImageMacro], bool]) -> ImageMacro:
    """The network with single stages wider by 4 where it still fits, the last first, none wider than the next."""
    stages = list(macro.stages)
    for i in reversed(range(len(stages))):
        was, wider = stages[i], stages[i].filters + 4
        if i + 1 == len(stages) or wider <= stages[i + 1].filters:
            stages[i] = replace(was, filters=wider)
            if not fits(replace(macro, stages=tuple(stages))):
                stages[i] = was
    return replace(macro, stages=tuple(stages))
