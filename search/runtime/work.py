"""Fields of a work item that all modalities read in the same way."""

from search.base.serialization import Json
from search.network.graph import Graph
from search.runtime.context import Context
from search.runtime.data.packed import Packed


class BadWork(ValueError):
    """A work item that no worker can execute."""


def graph_of(work: Json) -> Graph:
    """The graph in canonical form: isomorphic graphs give the same outcome, however their nodes are numbered."""
    return Graph.from_dict(work["graph"]).canonical


def packed_of(work: Json, name: str, context: Context) -> Packed | None:
    """The packed dataset that the work item names; None where the dataset is built in."""
    return Packed(work[name], context.files) if name in work else None
