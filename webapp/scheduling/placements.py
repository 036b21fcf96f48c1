"""Where the items of one kind in a search are done. This module alone writes placements.

Results of one kind are compared with each other, so workers of one numerics compute all of them. Latencies are compared
with a limit, so one machine measures all of a search for as long as it has a worker. After that another machine does,
since the first may never return; each result names its machine.
"""

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from search.base.serialization import Json
from webapp.models import Placement
from webapp.models.kinds import KINDS
from webapp.scheduling.presence import PRESENT_MACHINES, WorkerIdentity

#: Whether a placement, `placed`, is that of the worker.
EQUAL = """
CASE WHEN placed.kind = ANY(%(one_machine)s) THEN placed.machine = %(machine)s
ELSE placed.queue = %(queue)s AND placed.numerics = %(numerics)s END
"""
#: Whether the worker may do items that are placed there.
FITTING = f"""
({EQUAL} OR placed.kind = ANY(%(one_machine)s) AND placed.machine NOT IN ({PRESENT_MACHINES}))
"""


def values(worker: WorkerIdentity) -> Json:
    """The values that EQUAL and FITTING refer to."""
    return {**_place_of(worker), "one_machine": _one_machine()}


def place(search: str, kind: str, worker: WorkerIdentity) -> bool:
    """Places the kind where this worker is. False: another worker, which this one does not equal, was faster."""
    first = Placement(search_id=search, kind=kind, **_place_of(worker))
    Placement.objects.bulk_create([first], ignore_conflicts=True)  # waits for a worker that does the same right now
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE webapp_placement placed SET queue = %(queue)s, numerics = %(numerics)s, machine = %(machine)s "
            f"WHERE placed.search_id = %(search)s AND placed.kind = %(kind)s AND {FITTING}",
            {**values(worker), "search": search, "kind": kind},
        )
        return bool(cursor.rowcount)


def elsewhere(queue: str) -> Exists:
    """Whether an item's kind is for good on workers of another queue."""
    placed = Placement.objects.filter(search=OuterRef("round__search"), kind=OuterRef("kind"))
    return Exists(placed.filter(~Q(kind__in=_one_machine())).exclude(queue=queue))


def _place_of(worker: WorkerIdentity) -> Json:
    return {"queue": worker.queue, "numerics": worker.numerics, "machine": worker.machine}


def _one_machine() -> list[str]:
    """Kinds that another machine may take over; the others are on workers of one numerics for good."""
    return [name for name, kind in KINDS.items() if kind.one_machine]
