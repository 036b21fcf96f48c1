"""Latency rounds of a search: which graphs they measure, and how the latencies change the candidates.

Candidates are drawn as if unmeasured graphs were fast enough. Then a latency round measures them, and those over the
limit are marked infeasible and never trained. While the current graph breaks a limit, the smallest graph that each
candidate can lead to is measured too: one that fits proves that the search can end within its budget.

All latencies in use come from one machine. When another machine takes over, or its runtime changes, the old latencies
are dropped, and the graphs of the round and the answer are measured again before a training or the end of the search.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import replace

from search.evaluation.latencies import LatencyRecord, LatencyRound, drop_oldest, merge_latencies
from search.log.events import Phase
from search.network.budget import Limit, Over
from search.network.graph import Graph
from search.strategies.autoshrink.loop import Loop
from search.strategies.autoshrink.removals import Removals
from search.strategies.base import Outcome


class LatencyLoop(Loop, ABC):
    """A loop with latency rounds before its rounds of training."""

    @abstractmethod
    def choose_penalised_cost(self, over: tuple[Over, ...]) -> Limit:
        """The cost that lowers the scores of this round."""

    @abstractmethod
    def end_reason(self, over: tuple[Over, ...]) -> str:
        """Why the search ends when no candidate is left, as a sentence for people."""


def start_latency_round(run: LatencyLoop, removals: Removals, *, fresh: bool = False) -> None:
    """Starts a round that measures the graphs without a latency; if there are none, applies the known latencies.

    `fresh`: measurements have just been made, rather than candidates drawn.
    """
    unmeasured = {
        graph.hash: graph for graph in _graphs_to_measure(run, removals) if not removals.latencies.tried(graph)
    }
    if not unmeasured:
        _apply_latencies(run, fresh=fresh)
        return
    graphs = tuple(graph.to_rows() for graph in unmeasured.values())
    run.change(latency_round=LatencyRound(graphs, run.budget.device))


def _graphs_to_measure(run: LatencyLoop, removals: Removals) -> Iterator[Graph]:
    """May yield equal networks more than once."""
    graphs = [run.candidate_graph(candidate) for candidate in run.feasible_candidates]
    yield removals.graph
    yield from graphs
    if run.state.best is not None:
        yield Graph.from_rows(run.state.best.graph)
    if removals.as_strict.fits(removals.graph):
        return  # no proof is needed that the limit can be met
    yield removals.smallest(removals.graph)
    yield from (removals.smallest(graph) for graph in graphs)
    if run.state.feasible_witness:
        yield run.graph_of(run.state.feasible_witness)


def tell_latency_round(run: LatencyLoop, latency_round: LatencyRound, outcomes: list[Outcome]) -> None:
    new = latency_round.records(outcomes)
    if latency_round.device == run.budget.device:  # a command may have changed the device during the round
        _store_records(run, new)
    run.change(round=run.state.round + 1, latency_round=None)
    if run.state.best is not None and run.answer is None:
        start_latency_round(run, run.removals())  # measures the answer again before the search may end
    elif run.state.redraw or len(new) < len(outcomes):
        run.propose()
    else:
        start_latency_round(run, run.removals(), fresh=True)


def _store_records(run: LatencyLoop, new: list[LatencyRecord]) -> None:
    """Stores the new records. If they include the answer, updates its cost, or drops it if it is too slow now."""
    records, best = merge_latencies(run.state.latency_records, new), run.state.best
    needed = {run.graph.hash}
    if run.state.feasible_witness:
        needed.add(run.graph_of(run.state.feasible_witness).hash)
    if best is not None:
        needed.add(best.hash)
    run.change(latency_records=drop_oldest(records, needed))
    if best is None or run.answer is None or all(record.hash != best.hash for record in new):
        return
    cost = run.with_latency(best.cost, Graph.from_rows(best.graph))
    if run.fits_budget(cost):
        run.change(best=replace(best, cost=cost))
    else:
        run.change(best=None, measured=False, stale=0)  # as after a command that tightens the limit


def _apply_latencies(run: LatencyLoop, *, fresh: bool) -> None:
    """Marks the candidates that the latencies make infeasible, and emits candidates_timed.

    If no candidate is left, ends the search, or after `fresh` measurements draws other candidates.
    """
    removals = run.removals(strict=True)
    if run.state.phase == "descent" and not removals.must_descend:
        run.propose()  # on another machine the current graph fits, and must be trained itself
        return
    drawn, parent = run.state.drawn, run.state.parent_result
    candidates = tuple(removals.with_latency(candidate) if candidate.feasible else candidate for candidate in drawn)
    smallest = removals.smallest(removals.graph)
    present = removals.latencies.of(removals.graph)
    phase: Phase = "descent" if removals.must_descend else "choice"
    witness = removals.find_feasible(removals.graph) if removals.must_descend else None
    run.change(
        phase=phase,
        penalised_cost=run.choose_penalised_cost(removals.over),
        drawn=candidates,
        reference_latency=None if present is None else present.median,
        parent_result=parent and parent._replace(cost=run.with_latency(parent.cost, removals.graph)),
        feasible_witness=() if witness is None else tuple(edge.id for edge in witness.edges),
    )
    run.emit_latencies(drawn, candidates, phase, removals.latencies.of(smallest))
    if any(candidate.feasible for candidate in candidates):
        return
    if removals.over and (unreachable := removals.budget.over(removals.cost(smallest))):
        sentences = "; ".join(over.sentence for over in unreachable)
        run.finish("finished", f"{sentences}, even for {run.smallest_cell_text}")
    elif fresh:
        run.propose()  # other candidates may fit
    else:
        run.finish("finished", run.end_reason(removals.over))
