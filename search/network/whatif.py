"""What an edit of a graph would cost, at once: the figures beside an edge that somebody points at.

Nothing is looked up and nothing is kept. The graph may be anybody's, so its canonical form, which may take for ever on
one that was made for that, is never asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from search.base.sentences import as_sentence
from search.network.budget import Budget, Over
from search.network.cost import Cost, program_cost
from search.network.edits import Edit, apply, edges_with, why_not_removable
from search.network.graph import BadGraph, Edge, Graph, parse_edge
from search.network.locks import Locks
from search.network.lowering import image, lower, text
from search.network.macro import Macro, TextMacro
from search.network.memory_order import best
from search.network.program import Program

Kind = Literal["remove_edge", "add_edge", "remove_node", "set_op"]

STATES = 1_000  # that the search for the best order of a graph may visit
STEPS_OF_EACH = 8_500  # instructions that it may be made for, of many graphs together: some 50 ms, and all of 12 nodes


class BadEdit(ValueError):
    """It cannot be made on this graph; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """An edit as somebody asks for it. What can no longer be reached after it goes too."""

    kind: Kind
    edge: str | None = None
    node: int | None = None
    op: str | None = None


class Priced(NamedTuple):
    """A graph and what it costs; `over`: the limits that it breaks."""

    graph: Graph
    cost: Cost
    over: tuple[Over, ...]


@dataclass(frozen=True, slots=True)
class Alone:
    """One edit alone: what the graph would cost after it, and what would go; or why it cannot be."""

    edit: int
    cost: Cost | None
    why_not: str | None
    over: tuple[Over, ...]
    nodes: tuple[int, ...]
    edges: tuple[str, ...]


def together(graph: Graph, macro: Macro, budget: Budget, changes: Sequence[Change]) -> Priced:
    """All changes, one after the other. Raises BadEdit, and BadGraph where the graph itself is no network."""
    for change in changes:
        graph = changed(graph, change, macro)
    program = lower(graph, macro)
    cost = _ordered(program_cost(program, bytes_per_element=budget.bytes_per_element), program, budget)
    return Priced(graph, cost, budget.over(cost))


def each(graph: Graph, macro: Macro, budget: Budget, changes: Sequence[Change]) -> list[Alone]:
    """Every change by itself. Raises BadGraph where the graph itself is no network.

    The best order is looked for as long as there is time: first where it decides, which is where the program's own
    breaks the limit on peak memory. Where `optimal` is None, `over` holds of the program's own order.
    """
    lower(graph, macro)
    prices, programs = list[Alone](), dict[int, Program]()
    for i, change in enumerate(changes):
        try:
            after = changed(graph, change, macro)
        except BadEdit as error:
            prices.append(Alone(i, None, str(error), (), (), ()))
            continue
        programs[i] = lower(after, macro)
        cost = program_cost(programs[i], bytes_per_element=budget.bytes_per_element)
        nodes = tuple(node.id for node in graph.nodes if node.id not in after.by_id)
        edges = tuple(edge.id for edge in graph.edges if not after.has(edge))
        prices.append(Alone(i, cost, None, budget.over(cost), nodes, edges))
    left = STEPS_OF_EACH
    for one in sorted(prices, key=lambda one: not _breaks_peak(one.over)):
        if one.cost is not None and (left := left - len(programs[one.edit].instructions)) >= 0:
            cost = _ordered(one.cost, programs[one.edit], budget)
            prices[one.edit] = replace(one, cost=cost, over=budget.over(cost))
    return prices


def changed(graph: Graph, change: Change, macro: Macro) -> Graph:
    """The graph after the change. Raises BadEdit."""
    try:
        match change:
            case Change(kind="remove_edge", edge=str() as name):
                return _without(graph, parse_edge(name))
            case Change(kind="remove_node", node=int() as node):
                return _without(graph, node)
            case Change(kind="add_edge", edge=str() as name):
                return apply(graph, [Edit("edge_added", edge=_new(graph, parse_edge(name)))])
            case Change(kind="set_op", node=int() as node, op=str() as op):
                return apply(graph, [Edit("op_changed", node=node, op=_other(graph, node, op, macro))])
    except BadGraph as error:
        raise BadEdit(as_sentence(str(error))) from None
    raise BadEdit(f"{change.kind} needs {'a node' if 'edge' not in change.kind else 'an edge'}.")


def _without(graph: Graph, part: Edge | int) -> Graph:
    if refusal := why_not_removable(graph, part, Locks()):
        raise BadEdit(as_sentence(refusal))
    return graph.without(*edges_with(graph, part))


def _new(graph: Graph, edge: Edge) -> Edge:
    if graph.has(edge):
        raise BadEdit(f"Edge {edge.id} is there already.")
    for end in edge:
        if end not in graph.by_id:
            raise BadEdit(f"Node {end} is not in the graph (any more).")
    if graph.by_id[edge.source].rank >= graph.by_id[edge.target].rank:
        raise BadEdit(f"Edge {edge.id} would go backwards.")
    return edge


def _other(graph: Graph, node: int, op: str, macro: Macro) -> str:
    ops = tuple(text.CELL_OPS if isinstance(macro, TextMacro) else image.CELL_OPS)
    if node not in graph.by_id:
        raise BadEdit(f"Node {node} is not in the graph (any more).")
    if node == graph.input.id:
        raise BadEdit(f"Node {node} is the input, which does nothing.")
    if op not in ops:
        raise BadEdit(f"There is no operation {op!r} in this network; there are {', '.join(ops)}.")
    if op == graph.by_id[node].op:
        raise BadEdit(f"Node {node} is {op} already.")
    return op


def _ordered(cost: Cost, program: Program, budget: Budget) -> Cost:
    """The cost with the peak of the best order that is found."""
    order = best(program, STATES)
    peak = cost.peak_memory._replace(optimal=order.peak * budget.bytes_per_element, exact=order.exact)
    return cost._replace(peak_memory=peak)


def _breaks_peak(over: tuple[Over, ...]) -> bool:
    return any(one.limit == "peak_memory" for one in over)
