"""The only writer of probes: a worker trains the smallest and the largest graph of a task for a second or two, so that
the time of searches like it can be estimated.

Pages poll the preview while a probe is not done; watchers are not poked. Order of locks: the probe before its work.
"""

from search.base import serialization
from search.base.serialization import Json
from search.log.task import Task
from search.strategies import STRATEGIES
from webapp.core.errors import Conflict
from webapp.core.transactions import short_transaction
from webapp.datasets import lookup
from webapp.models import Probe, Team, User, Work
from webapp.models.enums import WorkStatus
from webapp.models.kinds import PROBE
from webapp.scheduling import presence, queue

NO_WORKER = "No worker is running, so nothing can be measured. Start one: `make run`, or `manage.py worker`."


@short_transaction()
def request(team: Team, user: User, task: Task) -> Probe:
    """Queues a probe, or returns the one of the team that is still under way. Raises Conflict, and InvalidField where
    the dataset was just deleted."""
    if not presence.crews():
        raise Conflict(NO_WORKER)
    preview = STRATEGIES[task.strategy.name].preview(task)
    lookup.lock(None if task.data is None else task.dataset)
    Team.objects.select_for_update(no_key=True).get(pk=team.pk)  # of two requests at once, the second finds the probe
    subject = subject_of(task)
    unfinished = Work.objects.filter(probe__team=team, probe__subject=subject).exclude(status=WorkStatus.DONE)
    under_way = Probe.objects.filter(pk__in=unfinished.values("probe")).first()
    if under_way is not None:
        return under_way
    costs = [cost for cost in (preview.smallest, preview.largest) if cost is not None]
    macs = [cost.macs for cost in costs]
    probe = Probe.objects.create(team=team, created_by=user, subject=subject, macs=macs)
    payload = {"kind": PROBE, "items": preview.examples}
    Work.objects.create(
        team=team,
        probe=probe,
        kind=PROBE,
        key=serialization.cache_key(payload, ""),
        payload=serialization.dumps(payload),
    )
    queue.wake(None)
    return probe


def subject_of(task: Task) -> str:
    """Equal for tasks whose candidates train alike: neither limits nor seed nor how long a training is matter."""
    return serialization.canonical_hash([task.space, task.evaluator.name, task.dataset, task.split])


def status_of(probe: Probe) -> str:
    """queued, running, done or failed."""
    if probe.error is not None:
        return "failed"
    if probe.seconds is not None:
        return "done"
    return "running" if probe.work.filter(status=WorkStatus.LEASED).exists() else "queued"


def settle(item: Work, outcome: Json) -> None:
    """Handles the outcome of a probe. The caller holds the locks on both."""
    probe = item.probe
    assert probe is not None
    probe.numerics = item.numerics
    if outcome["status"] == "ok":
        probe.seconds = outcome["seconds"]
    else:
        probe.error = item.last_error or f"The probe ended without a result: {outcome['code']}."
    probe.save(update_fields=["numerics", "seconds", "error"])
