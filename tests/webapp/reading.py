"""What tests read of a stored search: payloads of its log, and the parts of its current graph."""

from search.base.serialization import Json
from webapp.models import Search
from webapp.searches import event_log


def payloads(search: Search, kind: str) -> list[Json]:
    """Of all events of this kind, oldest first."""
    return [event["payload"] for event in event_log.read(search.pk, 0, 1_000_000, [kind])]


def summary(search: Search) -> Json:
    found: Json | None = Search.objects.values_list("summary", flat=True).get(pk=search.pk)
    assert found is not None
    return found


def edges_now(search: Search) -> set[str]:
    """Ids of the edges of the current graph."""
    now = summary(search)
    return {f"{source}-{target}" for source, target in now["graph"]["edges"]} - {edge["id"] for edge in now["removed"]}


def nodes_now(search: Search) -> set[int]:
    now = summary(search)
    return {row[0] for row in now["graph"]["nodes"]} - {node["id"] for node in now["removed_nodes"]}


def edges_removed(search: Search) -> list[str]:
    """In the order of removal, with those that were lost by it."""
    edits = [payload["edits"] for payload in payloads(search, "graph_edited")]
    return [edge for each in edits for edge in (*each["edges_removed"], *each["edges_lost"])]
