"""The only writer of architectures: answers of searches, published ones, and cells scaled to a budget."""

from typing import Any

from search.base.serialization import Json
from search.network.graph import Graph
from webapp.core.transactions import short_transaction
from webapp.entries import locks
from webapp.models import Architecture, Search, Team, User
from webapp.models.enums import ArchitectureKind


def record(search: Search, best: Json, lineage: Json) -> Architecture:
    """Enters a search's answer in its team's catalog. The caller holds the search's lock.

    `lineage`: where in the search the answer was measured (webapp/searches/lineage.py).
    """
    assert search.summary is not None  # it has an answer
    graph = Graph.from_rows(best["graph"]).to_dict()
    found, _ = Architecture.objects.get_or_create(
        search=search,
        hash=best["hash"],
        defaults={
            "team_id": search.team_id,
            "created_by_id": search.created_by_id,
            "kind": ArchitectureKind.FOUND,
            "name": search.name,
            "source": f"Found by the search “{search.name}”",
            "strategy": search.strategy,
            "dataset": search.dataset,
            "graph": graph,
            "macro": search.summary["macro"],
            "bytes_per_element": search.task["budget"]["bytes_per_element"],
            **({} if best["metric"] == "proxy" else {f"val_{best['metric']}": best["quality"]}),
            "lineage": lineage,
            **_sizes(graph, best["cost"]),
        },
    )
    return found


def publish(name: str, *, graph: Json, macro: Json, hash: str, cost: Json, **more: Any) -> None:
    """Enters a published architecture, which all teams see. Idempotent."""
    Architecture.objects.update_or_create(
        team=None,
        name=name,
        defaults={
            "kind": ArchitectureKind.PUBLISHED,
            "graph": graph,
            "macro": macro,
            "hash": hash,
            **_sizes(graph, cost),
            **more,
        },
    )


@short_transaction()
def scale(
    parent: Architecture, team: Team, user: User, name: str, dataset: str | None, macro: Json, cost: Json, budget: Json
) -> Architecture:
    """Enters the cell of an architecture, in a macro that fits a budget, in the team's catalog. Raises NotFound where
    the architecture was just deleted."""
    locks.existing(Architecture, parent.pk)
    scaled = Architecture.objects.create(
        team=team,
        created_by=user,
        kind=ArchitectureKind.SCALED,
        name=name,
        source=f"Scaled from “{parent.name}”",
        strategy=parent.strategy,
        dataset=dataset,
        graph=parent.graph,
        macro=macro,
        hash=parent.hash,
        parent=parent,
        budget=budget,
        bytes_per_element=budget["bytes_per_element"],
        **_sizes(parent.graph, cost),
    )
    scaled.refresh_from_db(fields=["created_at"])
    return scaled


def _sizes(graph: Json, cost: Json) -> Json:
    return {
        "nodes": len(graph["nodes"]),
        "edges": len(graph["edges"]),
        "cost": cost,
        "params": cost["params"],
        "macs": cost["macs"],
    }
