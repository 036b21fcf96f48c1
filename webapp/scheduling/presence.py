"""Which workers are present. Each records itself when it starts, when it claims work, and three times a minute."""

import re
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q, QuerySet

from webapp.core import clock
from webapp.models import Work, Worker
from webapp.models.enums import WorkStatus

SEEN_SECONDS = 60.0  # a worker that was not seen for longer is absent, unless it holds a lease
FORGET_SECONDS = 86_400  # each start of a worker has a new name, so old rows would pile up

#: The machines of `present_workers`, as a query.
PRESENT_MACHINES = f"""
SELECT machine FROM webapp_worker
WHERE seen_at > statement_timestamp() - interval '{SEEN_SECONDS} seconds'
OR name IN (SELECT worker FROM webapp_work WHERE status = 'leased' AND worker IS NOT NULL)
"""


@dataclass(frozen=True)
class WorkerIdentity:
    """A worker process. Equal `numerics` give equal results bit for bit (on a CPU)."""

    name: str
    queue: str
    numerics: str
    machine: str = "localhost"


@dataclass(frozen=True)
class Crew:
    """Workers that are present and of one queue and numerics: the trainings of a search are done by one crew."""

    queue: str
    numerics: str
    machines: tuple[str, ...]
    alive: int
    busy: int  # hold a lease

    @property
    def device(self) -> str:
        return device_of(self.queue)


def worker_name(machine: str, process: int) -> str:
    """Another one after each start."""
    return f"{machine}-{process}"


def names_on(machine: str) -> str:
    """A regular expression for the names of all workers that were ever on this machine."""
    return f"^{re.escape(machine)}-[0-9]+$"


def device_of(queue: str) -> str:
    """Where workers of the queue compute, in the words of pages."""
    return "GPU" if queue == "gpu" else "CPU"


def record_presence(worker: WorkerIdentity) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO webapp_worker (name, queue, numerics, machine, seen_at) "
            "VALUES (%s, %s, %s, %s, statement_timestamp()) "
            "ON CONFLICT (name) DO UPDATE SET (queue, numerics, machine, seen_at) = "
            "(excluded.queue, excluded.numerics, excluded.machine, excluded.seen_at)",
            [worker.name, worker.queue, worker.numerics, worker.machine],
        )


def present_workers() -> QuerySet[Worker]:
    """Workers seen in the last minute, and those that hold a lease."""
    busy = Work.objects.filter(status=WorkStatus.LEASED, worker__isnull=False).values("worker")
    return Worker.objects.filter(Q(seen_at__gt=clock.after(-SEEN_SECONDS)) | Q(name__in=busy))


def crews() -> list[Crew]:
    """The workers that are present, the largest crew first."""
    busy = set(Work.objects.filter(status=WorkStatus.LEASED, worker__isnull=False).values_list("worker", flat=True))
    members: dict[tuple[str, str], list[Worker]] = {}
    for worker in present_workers().order_by("name"):
        members.setdefault((worker.queue, worker.numerics), []).append(worker)
    found = [
        Crew(
            queue=name,
            numerics=numerics,
            machines=tuple(sorted({each.machine for each in workers})),
            alive=len(workers),
            busy=sum(each.name in busy for each in workers),
        )
        for (name, numerics), workers in members.items()
    ]
    return sorted(found, key=lambda crew: (-crew.alive, crew.queue, crew.numerics))


def forget_absent_workers() -> None:
    """Deletes the rows of workers not seen for a day."""
    Worker.objects.filter(seen_at__lt=clock.after(-FORGET_SECONDS)).delete()
