"""Which workers are present: each says so at its start, whenever it asks for work, and three times a minute."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from webapp.core import clock
from webapp.models import Work, Worker
from webapp.models.enums import WorkStatus

SEEN_SECONDS = 60.0  # after which a worker counts as absent, unless it holds a lease
FORGET_SECONDS = 86_400  # each start of a worker has a new name, so their rows would pile up


@dataclass(frozen=True)
class WorkerIdentity:
    """A worker process. Equal `numerics` give equal results bit for bit (on a CPU)."""

    name: str
    queue: str
    numerics: str
    machine: str = "localhost"


def record_presence(worker: WorkerIdentity) -> None:
    """The worker is present, whether or not there is work."""
    Worker.objects.update_or_create(
        name=worker.name,
        defaults={
            "queue": worker.queue,
            "numerics": worker.numerics,
            "machine": worker.machine,
            "seen_at": Now(),
        },
    )


def present_workers() -> QuerySet[Worker]:
    """Workers seen lately, and those that hold a lease."""
    busy = Work.objects.filter(status=WorkStatus.LEASED, worker__isnull=False).values("worker")
    return Worker.objects.filter(Q(seen_at__gt=clock.after(-SEEN_SECONDS)) | Q(name__in=busy))


def forget_absent_workers() -> None:
    """Deletes the rows of workers not seen for a day."""
    Worker.objects.filter(seen_at__lt=clock.after(-FORGET_SECONDS)).delete()
