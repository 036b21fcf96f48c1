"""What-if: the cost of a graph after edits, fast enough to show next to the edge that a person points at.

Nothing is stored. Requests may contain any graph, so its canonical form is never computed: a graph built for that
purpose could make it take forever.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from search.base.sentences import as_sentence
from search.network.budget import Budget, Over
from search.network.cost import Cost, program_cost
from search.network.edits import Edits, apply, edges_with, why_not_removable
from search.network.graph import INPUT, BadGraph, Edge, Graph, Node, parse_edge
from search.network.locks import Locks
from search.network.lowering import LOWERINGS, lower
from search.network.macro import Macro
from search.network.memory_order import best_order
from search.network.program import Program

Kind = Literal["remove_edge", "add_edge", "remove_node", "set_op"]

MAX_STATES = 1_000  # per search for the best order of a graph
#: Instructions, over all graphs of `price_each`, for which the best order is searched: some 50 ms, and enough for every
#: edit of a complete cell of 12 nodes.
MAX_ORDERED_INSTRUCTIONS = 8_500


class BadEdit(ValueError):
    """The edit is not possible on this graph. The message is a sentence that says why."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """A requested edit. It also removes everything that the input then no longer reaches."""

    kind: Kind
    edge: str | None = None
    node: int | None = None
    op: str | None = None


class PricedGraph(NamedTuple):
    """A graph, its cost, and the limits that it violates."""

    graph: Graph
    cost: Cost
    over: tuple[Over, ...]


@dataclass(frozen=True, slots=True)
class PricedChange:
    """The effect of one change alone, or the reason why it is not possible."""

    edit: int  # index of the change in the request
    cost: Cost | None  # of the graph after the change
    why_not: str | None
    over: tuple[Over, ...]  # violated limits
    nodes: tuple[int, ...]  # removed nodes
    edges: tuple[str, ...]  # ids of removed edges


def price_together(graph: Graph, macro: Macro, budget: Budget, changes: Sequence[Change]) -> PricedGraph:
    """The graph after all changes, one after the other. Raises BadEdit, and BadGraph if the graph is no network."""
    for change in changes:
        graph = apply_change(graph, change, macro)
    program = lower(graph, macro)
    cost = _with_best_order(program_cost(program, budget.bytes_per_element), program, budget)
    return PricedGraph(graph, cost, budget.over(cost))


def price_each(graph: Graph, macro: Macro, budget: Budget, changes: Sequence[Change]) -> list[PricedChange]:
    """The effect of each change alone. Raises BadGraph if the graph itself is no network.

    The best order is searched for up to `MAX_ORDERED_INSTRUCTIONS`, first for graphs whose own order violates the limit
    on peak memory, because only there it decides. Where `optimal` is None, `over` is for the program's own order.
    """
    lower(graph, macro)  # raises BadGraph even if there are no changes
    prices, programs = list[PricedChange](), dict[int, Program]()
    for i, change in enumerate(changes):
        try:
            after = apply_change(graph, change, macro)
            programs[i] = lower(after, macro)
        except BadEdit as error:
            prices.append(PricedChange(i, None, str(error), (), (), ()))
            continue
        except BadGraph as error:  # what is left is no network
            prices.append(PricedChange(i, None, as_sentence(str(error)), (), (), ()))
            continue
        cost = program_cost(programs[i], budget.bytes_per_element)
        nodes = tuple(node.id for node in graph.nodes if node.id not in after.by_id)
        edges = tuple(edge.id for edge in graph.edges if not after.has(edge))
        prices.append(PricedChange(i, cost, None, budget.over(cost), nodes, edges))
    remaining = MAX_ORDERED_INSTRUCTIONS
    for price in sorted(prices, key=lambda price: not _exceeds_peak(price.over)):
        if price.cost is not None and (remaining := remaining - len(programs[price.edit].instructions)) >= 0:
            cost = _with_best_order(price.cost, programs[price.edit], budget)
            prices[price.edit] = replace(price, cost=cost, over=budget.over(cost))
    return prices


def apply_change(graph: Graph, change: Change, macro: Macro) -> Graph:
    """The graph after the change. Raises BadEdit."""
    try:
        match change:
            case Change(kind="remove_edge", edge=str() as name):
                return _without(graph, parse_edge(name))
            case Change(kind="remove_node", node=int() as node):
                return _without(graph, node)
            case Change(kind="add_edge", edge=str() as name):
                return apply(graph, Edits(edges_added=(_new_edge(graph, parse_edge(name)).id,)))
            case Change(kind="set_op", node=int() as node, op=str() as op):
                return apply(graph, Edits(nodes_changed=(tuple(_with_op(graph, node, op, macro).to_row()),)))
    except BadGraph as error:
        raise BadEdit(as_sentence(str(error))) from None
    raise BadEdit(f"{change.kind} needs {'a node' if 'edge' not in change.kind else 'an edge'}.")


def _without(graph: Graph, part: Edge | int) -> Graph:
    if why_not := why_not_removable(graph, part, Locks()):
        raise BadEdit(as_sentence(why_not))
    return graph.without(*edges_with(graph, part))


def _new_edge(graph: Graph, edge: Edge) -> Edge:
    """The edge, if it can be added. Raises BadEdit."""
    if graph.has(edge):
        raise BadEdit(f"Edge {edge.id} already exists.")
    for end in edge:
        if end not in graph.by_id:
            raise BadEdit(f"Node {end} is not in the graph (any more).")
    if graph.by_id[edge.source].rank >= graph.by_id[edge.target].rank:
        raise BadEdit(f"Edge {edge.id} would go backwards.")
    return edge


def _with_op(graph: Graph, node: int, op: str, macro: Macro) -> Node:
    """The node with this operation, if it can change to it. Raises BadEdit."""
    ops = tuple(LOWERINGS[macro.kind].OPS)
    if node not in graph.by_id:
        raise BadEdit(f"Node {node} is not in the graph (any more).")
    if graph.by_id[node].op == INPUT:
        raise BadEdit(f"Node {node} is the input, which does nothing.")
    if op not in ops:
        raise BadEdit(f"There is no operation {op!r} in this network; the operations are {', '.join(ops)}.")
    if op == graph.by_id[node].op:
        raise BadEdit(f"Node {node} is already {op}.")
    return graph.by_id[node]._replace(op=op)


def _with_best_order(cost: Cost, program: Program, budget: Budget) -> Cost:
    """The cost with the peak of the best order found."""
    order = best_order(program, MAX_STATES)
    peak = cost.peak_memory._replace(optimal=order.peak * budget.bytes_per_element, exact=order.exact)
    return cost._replace(peak_memory=peak)


def _exceeds_peak(over: tuple[Over, ...]) -> bool:
    return any(limit == "peak_memory" for limit, _, _ in over)
