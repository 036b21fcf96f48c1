"""What every kind of data reads out of a work item in the same way."""

from search.base.serialization import Json
from search.network.graph import Graph
from search.runtime.context import Context
from search.runtime.data.packed import Packed


class BadWork(ValueError):
    """Work that no worker can do."""


def graph_of(work: Json) -> Graph:
    """In canonical form, so that equal graphs give one outcome, whoever numbered their nodes."""
    return Graph.from_dict(work["graph"]).canonical


def packed_of(work: Json, name: str, context: Context) -> Packed | None:
    """The file that the work names; None: the program brings the data."""
    return Packed(work[name], context.files) if name in work else None
