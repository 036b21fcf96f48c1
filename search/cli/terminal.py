"""The terminal display of a running search: the cell as a small picture, its costs and the progress."""

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from search.base import serialization
from search.log import view as views
from search.network.budget import LIMITS, Budget, Limit, spent
from search.network.cost import Cost

NAMES: dict[Limit, str] = {"params": "parameters", "macs": "MACs", "peak_memory": "peak bytes", "latency": "µs"}


def picture(view: serialization.Json) -> Text:
    """The cell's adjacency matrix, from row to column: ■ an edge, · a removed edge, ‖ a locked edge."""
    nodes = view["nodes"]
    edges = {(edge["source"], edge["target"]): edge for edge in view["edges"]}
    text = Text()
    text.append("   " + "".join(f"{node['id']:>3}" for node in nodes[1:]) + "\n", style="dim")
    for row in nodes[:-1]:
        text.append(f"{row['id']:>3}", style="dim")
        for column in nodes[1:]:
            mark, style = _mark(edges.get((row["id"], column["id"])))
            text.append(f"  {mark}", style=style)
        text.append(f"  {row['op']}\n", style="" if row["state"] == "active" else "dim strike")
    last = nodes[-1]
    text.append(f"{last['id']:>3}" + "   " * (len(nodes) - 1), style="dim")
    text.append(f"  {last['op']}", style="" if last["state"] == "active" else "dim strike")
    return text


def _mark(edge: serialization.Json | None) -> tuple[str, str]:
    if edge is None:
        return " ", ""
    if edge["locked"]:
        return "‖", "yellow"
    return ("■", "green") if edge["state"] == "active" else ("·", "dim")


def budget_lines(view: serialization.Json) -> Text:
    """Each cost against its limit."""
    cost, budget = serialization.decode(Cost, view["cost"]), serialization.decode(Budget, view["budget"])
    text = Text()
    for limit in LIMITS:
        allowed = budget.allowed(limit)
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
        self.view = views.empty()
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
        elif self.view["task"] is not None:
            self.console.print(self._render())

    def show_event(self, event: serialization.Json) -> None:
        self.view = views.apply(self.view, event)
        p = event["payload"]
        if event["kind"] in ("candidates_proposed", "candidates_timed"):
            # where latency is limited, the feasible candidates are known only after they were measured
            measuring = event["kind"] == "candidates_proposed" and self.view["budget"].get("latency") is not None
            total = None if measuring else sum(candidate["feasible"] for candidate in self.view["candidates"])
            activity = "latencies" if measuring else p["phase"]
            self.progress.update(self.bar, description=f"step {p['step']}, {activity}", total=total, completed=0)
        elif event["kind"] == "step_decided" and not self.console.is_terminal:
            self.console.print(
                f"step {p['step']}: {p['edge']} cut, {p['phase']}, score {p['score']:.4f}, edges left: {p['edges']}"
            )
        if self.console.is_terminal:
            self.live.update(self._render())

    def count_outcome(self) -> None:
        """Advances the progress bar by one work item."""
        self.progress.advance(self.bar)

    def show_final_training(self) -> None:
        """Shows that the search has ended and its answer is being trained once more."""
        self.progress.update(self.bar, description="training the best network", total=1, completed=0)

    def _render(self) -> RenderableType:
        if self.view["task"] is None:
            return self.progress
        return Group(picture(self.view), Text(), budget_lines(self.view), self.progress)
