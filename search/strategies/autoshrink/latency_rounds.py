"""Latency rounds of an AutoShrink search: which graphs they measure, and how the latencies change the candidates.

Candidates are drawn as if unmeasured graphs were fast enough. Then a latency round measures them, and those over the
limit are marked infeasible and never trained. While the current graph breaks a limit, the smallest graph that each
candidate can lead to is measured too: one that fits proves that the search can end within its budget.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator

from search.evaluation.latencies import LatencyRound
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


def measure_candidates(run: LatencyLoop, removals: Removals, *, fresh: bool = False) -> None:
    """Starts a round that measures the graphs without a latency; if there are none, applies the known latencies.

    `fresh`: measurements have just been made, rather than candidates drawn.
    """
    if not run.start_latency_round(_graphs_to_measure(run, removals)):
        _apply_latencies(run, fresh=fresh)


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
    complete = run.end_latency_round(latency_round, outcomes)
    if run.state.best is not None and run.answer is None:
        measure_candidates(run, run.removals())  # measures the answer again before another round may begin
    elif run.state.redraw or not complete:
        run.propose()
    else:
        measure_candidates(run, run.removals(), fresh=True)


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
