"""The terminal display of a running search: the cell as a small picture, its costs and the progress."""

from collections.abc import Iterable

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from search.base import serialization
from search.log.events import Snapshot
from search.network.budget import LIMITS, Limit, spent
from search.network.edits import Edits
from search.network.graph import Graph, Node

NAMES: dict[Limit, str] = {"params": "parameters", "macs": "MACs", "peak_memory": "peak bytes", "latency": "µs"}


def picture(snapshot: Snapshot) -> Text:
    """The adjacency matrix of the cell, after the end of the answer: ■ an edge from row to column, · a removed edge,
    ‖ a locked edge."""
    nodes = [Node.from_row(row) for row in snapshot.graph["nodes"]]
    removed = {node.id for node in snapshot.removed_nodes}
    marks = {f"{source}-{target}": ("■", "green") for source, target in snapshot.graph["edges"]}
    marks |= {edge.id: ("·", "dim") for edge in snapshot.removed}
    marks |= dict.fromkeys(snapshot.locked, ("‖", "yellow"))
    if snapshot.answer is not None:  # which may be an earlier graph than the last one
        answer = Graph.from_rows(snapshot.answer.graph)
        nodes = [answer.by_id.get(node.id, node) for node in nodes]
        removed = {node.id for node in nodes} - set(answer.by_id)
        marks = dict.fromkeys(marks, ("·", "dim")) | dict.fromkeys((e.id for e in answer.edges), ("■", "green"))
    text = Text()
    text.append("   " + "".join(f"{node.id:>3}" for node in nodes[1:]) + "\n", style="dim")
    for row in nodes:
        text.append(f"{row.id:>3}", style="dim")
        for column in nodes[1:]:
            mark, style = marks.get(f"{row.id}-{column.id}", (" ", ""))
            text.append(f"  {mark}", style=style)
        text.append(f"  {row.op}", style="dim strike" if row.id in removed else "")
        text.append("" if row is nodes[-1] else "\n")
    return text


def budget_lines(snapshot: Snapshot) -> Text:
    """Each cost against its limit."""
    text, cost = Text(), snapshot.cost if snapshot.answer is None else snapshot.answer.cost
    for limit in LIMITS:
        allowed = snapshot.budget.allowed(limit)
        value = spent(cost, limit)
        if limit == "latency" and allowed is None and cost.latency is None:
            continue  # latency is neither limited nor measured
        fits = allowed is None or value <= allowed
        of = "" if allowed is None else f" of {allowed:,}"
        text.append(f"{NAMES[limit]:>11} {value:>12,}{of}\n", style="" if fits else "red")
    return text


class Watch:
    """A live display of a search; prints plain lines where the output is not a terminal. A context manager."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.snapshot: Snapshot | None = None
        self.progress = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
        )
        self.bar = self.progress.add_task("candidates", total=None)
        self.live = Live(self._render(), console=console, refresh_per_second=4)

    def __enter__(self) -> "Watch":
        if self.console.is_terminal:
            self.live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.console.is_terminal:
            self.live.update(self._render(), refresh=True)
            self.live.stop()
        elif self.snapshot is not None:
            self.console.print(self._render())

    def show(self, events: Iterable[serialization.Json], snapshot: Snapshot) -> None:
        """Shows the events of a turn, and the search after it."""
        self.snapshot = snapshot
        for event in events:
            self._show_event(event["kind"], event["payload"], snapshot)
        if self.console.is_terminal:
            self.live.update(self._render())

    def _show_event(self, kind: str, payload: serialization.Json, snapshot: Snapshot) -> None:
        if kind in ("candidates_proposed", "candidates_timed"):
            # where latency is limited, the feasible candidates are known only after they were measured
            is_answer = payload["phase"] == "answer"  # most finalists were measured when they were candidates
            measuring = kind == "candidates_proposed" and snapshot.budget.latency is not None and not is_answer
            activity = "latencies" if measuring else payload["phase"]
            step = "finalists" if is_answer else f"step {payload['step']}, {activity}"
            total = None if measuring else payload["feasible"]
            self.progress.update(self.bar, description=step, total=total, completed=0)
        elif kind == "step_decided" and not self.console.is_terminal:
            edits = serialization.decode(Edits, payload["edits"])
            change = payload["label"] if edits.removed_edge is None else f"{edits.removed_edge} cut"
            self.console.print(
                f"step {payload['step']}: {change}, {payload['phase']}, score {payload['score']:.4f}, "
                f"edges left: {payload['edges']}"
            )

    def count_outcome(self) -> None:
        """Advances the progress bar by one work item."""
        self.progress.advance(self.bar)

    def show_final_training(self) -> None:
        """Shows that the search has ended and its answer is being trained once more."""
        self.progress.update(self.bar, description="training the best network", total=1, completed=0)

    def _render(self) -> RenderableType:
        if self.snapshot is None:
            return self.progress
        return Group(picture(self.snapshot), Text(), budget_lines(self.snapshot), self.progress)
