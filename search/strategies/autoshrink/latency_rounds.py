"""Latency within a search: which graphs a round measures, and what follows from what was measured.

Candidates are drawn as if no latency that is not known stood against them; then all that matters is measured, and what
breaks the limit is marked and never trained. While the present graph breaks a limit, the smallest graphs that its
candidates lead to are measured too: one that fits is the proof that the search can end within its budget.

All that counts was measured on one machine. When another one takes over, or the runtime is another, the old figures
are dropped and the round's graphs and the answer are measured again before anything is trained or the search ends.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import replace

from search.base import serialization
from search.evaluation.latencies import LatencyRecord, LatencyRound, drop_oldest, merge_latencies
from search.log.events import CandidatesTimed, Phase, Timed
from search.network.budget import Limit, Over
from search.network.graph import Graph
from search.network.latency import Latency
from search.strategies.autoshrink.loop import Loop
from search.strategies.autoshrink.removals import Removals
from search.strategies.autoshrink.work import measurement_work
from search.strategies.base import Outcome, Work

NOT_MEASURED = "withdrawn"  # whoever runs the search did without it: nothing follows for the graph


class LatencyLoop(Loop, ABC):
    """A loop whose rounds may measure latencies before they train."""

    @abstractmethod
    def counted(self, over: tuple[Over, ...]) -> Limit:
        """The cost that lowers this round's scores."""

    @abstractmethod
    def dead_end(self, over: tuple[Over, ...]) -> str:
        """Why the search ends where no candidate is left, in words."""


def latency_work(run: LatencyLoop, latency_round: LatencyRound) -> Iterable[Work]:
    return (measurement_work(run, run.graph_of(edges), latency_round.device) for edges in latency_round.graphs)


def begin_latency_round(run: LatencyLoop, drawn: Removals, *, fresh: bool = False) -> None:
    """After the draw, or after measurements (`fresh`): a round that measures what is not known, or what follows where
    all is."""
    unknown = {graph.hash: graph for graph in _wanted(run, drawn) if not drawn.latencies.tried(graph)}
    if not unknown:
        _judge(run, fresh=fresh)
        return
    graphs = tuple(tuple(edge.id for edge in graph.edges) for graph in unknown.values())
    run.change(latency_round=LatencyRound(graphs, run.budget.device))


def _wanted(run: LatencyLoop, drawn: Removals) -> Iterator[Graph]:
    """Equal networks may come more than once."""
    graphs = [run.measured_graph(candidate) for candidate in run.asked]
    yield drawn.graph
    yield from graphs
    if run.state.best is not None:
        yield Graph.from_dict(run.state.best.graph)
    if drawn.strictly.fits(drawn.graph):
        return  # each candidate that fits is its own proof
    yield drawn.smallest(drawn.graph)
    yield from (drawn.smallest(graph) for graph in graphs)
    if run.state.feasible_witness:
        yield run.graph_of(run.state.feasible_witness)


def tell_latency_round(run: LatencyLoop, latency_round: LatencyRound, outcomes: list[Outcome]) -> None:
    measured = [
        (edges, one)
        for edges, one in zip(latency_round.graphs, outcomes, strict=True)
        if one.get("code") != NOT_MEASURED
    ]
    new = [_record(run.graph_of(edges), outcome) for edges, outcome in measured]
    if latency_round.device == run.budget.device:  # otherwise people chose another meanwhile
        _merge(run, new)
    run.change(round=run.state.round + 1, latency_round=None)
    if run.state.best is not None and run.answer is None:
        begin_latency_round(run, run.removals())  # before anything may end the search
    elif run.state.redraw or len(measured) < len(outcomes):
        run.propose()  # what was measured is known, and counts for what is drawn now
    else:
        begin_latency_round(run, run.removals(), fresh=True)


def _merge(run: LatencyLoop, new: list[LatencyRecord]) -> None:
    """What was measured; and where the answer was measured again, what it costs on the machine that counts now."""
    records, best = merge_latencies(run.state.latency_records, new), run.state.best
    needed = {run.graph.hash}
    if run.state.feasible_witness:
        needed.add(run.graph_of(run.state.feasible_witness).hash)
    if best is not None:
        needed.add(best.hash)
    run.change(latency_records=drop_oldest(records, needed))
    if best is None or run.answer is None or all(one.hash != best.hash for one in new):
        return
    cost = run.with_latency(best.cost, Graph.from_dict(best.graph))
    if run.obeys_budget(cost):
        run.change(best=replace(best, cost=cost))
    else:
        run.change(best=None, measured=False, stale=0)  # as when people tighten the limit


def _record(graph: Graph, outcome: Outcome) -> LatencyRecord:
    if outcome["status"] == "ok":
        return LatencyRecord(graph.hash, serialization.decode(Latency, outcome["latency"]), None)
    return LatencyRecord(graph.hash, None, str(outcome.get("code")))


def _judge(run: LatencyLoop, *, fresh: bool) -> None:
    """What follows from the latencies: `fresh` ones may make it worth to draw again where no candidate is left."""
    possible = run.removals(strict=True)
    if run.state.phase == "descent" and not possible.descends:
        run.propose()  # on another machine the graph fits, and is to be measured as it is
        return
    was, parent = run.state.candidates, run.state.parent_result
    candidates = tuple(possible.timed(candidate) if candidate.feasible else candidate for candidate in was)
    smallest = possible.smallest(possible.graph)
    present = possible.latencies.of(possible.graph)
    phase: Phase = "descent" if possible.descends else "choice"
    witness = possible.find_feasible(possible.graph) if possible.descends else None
    run.change(
        phase=phase,
        penalised_cost=run.counted(possible.over),
        candidates=candidates,
        reference_latency=None if present is None else present.median,
        parent_result=parent and parent._replace(cost=run.with_latency(parent.cost, possible.graph)),
        feasible_witness=() if witness is None else tuple(edge.id for edge in witness.edges),
    )
    run.emit(
        CandidatesTimed(
            run.state.step + 1,
            phase,
            tuple(
                Timed(
                    one.index, possible.latencies.of(run.measured_graph(one)),
                    possible.latencies.failure(run.measured_graph(one)), one.feasible, one.why_not,
                )
                for one, before in zip(candidates, was, strict=True)
                if before.feasible
            ),
            present,
            possible.latencies.of(smallest),
            possible.over,
        )
    )  # fmt: skip
    if any(candidate.feasible for candidate in candidates):
        return
    if possible.over and (beyond := _out_of_reach(possible, smallest)):
        run.finish("finished", "; ".join(one.sentence for one in beyond) + f", even for {run.smallest_cell}")
    elif fresh:
        run.propose()  # others may fit
    else:
        run.finish("finished", run.dead_end(possible.over))


def _out_of_reach(possible: Removals, smallest: Graph) -> tuple[Over, ...]:
    return possible.budget.over(possible.cost(smallest))
