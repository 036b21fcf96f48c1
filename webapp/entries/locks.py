"""The lock on an entry that must not be deleted meanwhile. Turns lock the row of their search (searches/lifecycle.py).

Whoever changes or deletes an entry takes it, and so does whoever makes something that depends on that entry: a search
on its dataset, a training, a measurement or a score of an architecture. So of a deletion and a use at once, one is
refused. Where several are locked, an entry comes before what it depends on, and datasets come before architectures.
"""

from typing import TypeVar

from webapp.core.errors import NotFound
from webapp.entries.families import family_of
from webapp.models import Entry

T = TypeVar("T", bound=Entry)


def existing(model: type[T], pk: str) -> T:
    """The entry, which nobody changes or deletes until the transaction ends. Raises NotFound if it was deleted."""
    rows = model._default_manager.select_for_update(no_key=True)  # rows that only refer to it can be added meanwhile
    entry = rows.filter(pk=pk, deleted_at=None).first()
    if entry is None:
        raise NotFound(f"This {family_of(model).noun} was deleted.")
    return entry
