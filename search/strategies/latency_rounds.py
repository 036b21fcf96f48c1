"""Latency rounds: where latency is limited, graphs are measured before they are trained.

All latencies in use come from one machine. When another machine takes over, or its runtime changes, the old latencies
are dropped, and the graphs of the round and the answer are measured again. The finalists are measured before they are
trained.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import replace

from search.evaluation import training
from search.evaluation.latencies import LatencyRecord, LatencyRound, drop_oldest, merge_latencies
from search.log.events import Candidate, Phase, Timed
from search.network.graph import Graph
from search.network.latency import Latency
from search.strategies.base import Outcome, Round
from search.strategies.call import Call, S


class Measuring(Call[S], ABC):
    """A call of a strategy that may measure latencies."""

    @property
    @abstractmethod
    def feasible_candidates(self) -> list[Candidate]:
        """The candidates that the round evaluates, in the order of its work items."""

    @property
    def needed_latencies(self) -> set[str]:
        """Hashes of graphs whose latencies are kept however many there are."""
        best, finalists = self.state.best, self.state.finalists
        return {self.graph.hash, *(each.hash for each in finalists), *([] if best is None else [best.hash])}

    def drop_best(self) -> None:
        """A measurement has shown that the best so far is too slow."""
        self.change(best=None)

    def start_latency_round(self, graphs: Iterable[Graph]) -> bool:
        """Starts a round that measures those that were not measured; False where there are none. Equal networks are
        measured once."""
        unmeasured = {graph.hash: graph for graph in graphs if not self.latencies.tried(graph)}
        if unmeasured:
            rows = tuple(graph.to_rows() for graph in unmeasured.values())
            self.change(latency_round=LatencyRound(rows, self.budget.device))
        return bool(unmeasured)

    def measurements(self, latency_round: LatencyRound, keeps: tuple[str, ...]) -> Round:
        """Several candidates may be one network; a measured graph may be no candidate."""
        graphs = [Graph.from_rows(rows) for rows in latency_round.graphs]
        work = (training.measurement_work(graph, self.macro, latency_round.device) for graph in graphs)
        feasible = self.feasible_candidates
        about = (tuple(each.id for each in feasible if each.hash == graph.hash) for graph in graphs)
        return Round(tuple(work), tuple(about), keeps)

    def end_latency_round(self, latency_round: LatencyRound, outcomes: list[Outcome]) -> bool:
        """Stores what the round has measured; False where some of it was withdrawn."""
        new = latency_round.records(outcomes)
        if latency_round.device == self.budget.device:  # a command may have changed the device during the round
            self._store(new)
        self.change(round=self.state.round + 1, latency_round=None)
        return len(new) == len(outcomes)

    def _store(self, new: list[LatencyRecord]) -> None:
        """If the new records include the answer, updates its cost, or drops it if it is too slow now."""
        records, best = merge_latencies(self.state.latency_records, new), self.state.best
        self.change(latency_records=drop_oldest(records, self.needed_latencies))
        if best is None or all(record.hash != best.hash for record in new):
            return
        if self.latencies.record(best.hash) is None:
            return  # another machine measured it than the one that counts
        remeasured = self.remeasured(best)
        if self.fits_budget(remeasured.cost):
            self.change(best=remeasured)
        else:
            self.drop_best()

    def emit_latencies(
        self, before: Sequence[Candidate], after: Sequence[Candidate], phase: Phase, smallest: Latency | None
    ) -> None:
        """`before`, `after`: the candidates of the round, without and with what their latencies say. `smallest`: the
        latency of the smallest graph that can be reached, if it was measured."""
        timed = []
        for drawn, candidate in zip(before, after, strict=True):
            if drawn.feasible:
                record = self.latencies.record(candidate.hash)
                latency, code = (None, None) if record is None else (record.latency, record.code)
                timed.append(Timed(candidate.id, latency, code, candidate.feasible, candidate.why_not))
        ends = self.state.ends
        if smallest is not None and ends is not None and ends.smallest is not None:
            self.change(ends=replace(ends, smallest=ends.smallest._replace(latency=smallest.median)))
        self.output.time(
            after,
            timed,
            step=self.state.step + 1,
            phase=phase,
            present=self.latencies.of(self.graph),
            smallest=smallest,
            over=self.budget.over(self.cost(self.graph)),
        )
