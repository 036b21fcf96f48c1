"""Workers without a common folder: they share only the database, the broker and an object store."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as studio
from django.db.models import Q

from search.base import serialization
from search.base.serialization import Json
from search.evaluation.recipes.image import full
from tests.processes import wait_until
from tests.webapp.ended import ended_search
from tests.webapp.objects import KEYS, Objects
from tests.webapp.stack import OPTIONS, QUICK, ROOT, TASK, run_locally
from webapp.catalog import training
from webapp.models import ArtifactUse, Search, Team, TrainedModel, User, Work, Worker
from webapp.models.enums import FileFormat, ModelStatus, SearchStatus
from webapp.processes.supervisor import Child, Keeper, Supervisor
from webapp.searches import event_log
from webapp.worker import garbage_collection

pytestmark = [
    pytest.mark.spine,
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("file_store", ["bucket"], indirect=True),
]

Start = Callable[[str, str], Keeper]


@pytest.fixture
def start(process_env: dict[str, str], file_store: Objects, tmp_path: Path) -> Iterator[Start]:
    """Starts a worker (name, queue) with its own folder, as on a machine of its own."""
    shared = {
        **process_env,
        **QUICK,
        **KEYS,
        "REDIS_URL": studio.REDIS_URL,
        "ESPALIER_SECRET_KEY": studio.SECRET_KEY,
        "ESPALIER_STORAGE": file_store.address,
        "ESPALIER_CHECKPOINT_SECONDS": "3600",  # so that a worker uploads a checkpoint only when it is terminated
    }
    with Supervisor(tmp_path / "log") as supervisor:

        def start(name: str, queue: str) -> Keeper:
            command = (sys.executable, str(ROOT / "manage.py"), "worker", "--queue", queue)
            env = {**shared, "ESPALIER_VAR": str(tmp_path / name)}
            return supervisor.start(Child(name=name, command=command, env=env, grace_seconds=10))

        yield start


def end(worker: Keeper) -> None:
    """Terminates a worker as a supervisor does; it is not restarted."""
    worker.ask_to_stop()
    worker.wait(time.monotonic() + 20)


def test_a_training_continues_where_another_machine_stopped(
    start: Start, team: Team, owner: User, tmp_path: Path
) -> None:
    architecture = ended_search(team, owner).architectures.get()
    recipe: Any = {**serialization.to_jsonable(full("digits")), "epochs": 8, "patience": 0}
    model = training.train(architecture, team, owner, "digits", 0, recipe)
    item = Work.objects.get(model=model)

    start("coordinator", "advance")
    first = start("first", "cpu")
    wait_until(lambda: len(curve_of(item)) >= 2, 120, "the second epoch")
    end(first)
    item.refresh_from_db()
    so_far = item.telemetry["curve"]
    assert (item.status, item.tries, item.lost_leases) == ("queued", 0, 0)
    assert ArtifactUse.objects.get(work=item).format == FileFormat.CHECKPOINT

    start("second", "cpu")
    wait_until(lambda: TrainedModel.objects.get().status == ModelStatus.FINISHED, 120, "the end of the training")
    curve = TrainedModel.objects.get().curve
    assert (len(curve), curve[: len(so_far)]) == (8, so_far)
    assert "continues from the stored checkpoint" in (tmp_path / "log" / "second.log").read_text()
    assert not any((tmp_path / name / "files").exists() for name in ("first", "second"))
    garbage_collection.sweep()
    assert not ArtifactUse.objects.filter(work=item).exists()


def test_two_machines_finish_a_search_with_inherited_weights(
    start: Start, make_search: Callable[..., Search], tmp_path: Path
) -> None:
    """With the same events as on one machine alone."""
    alone = run_locally(tmp_path / "alone", (*OPTIONS, "--inherit", "yes"))
    for name, queue in (("coordinator", "advance"), ("first", "cpu"), ("second", "cpu")):
        start(name, queue)
    wait_until(lambda: Worker.objects.count() == 2, 60, "two workers")
    search = make_search(**{**TASK, "evaluator": "inherit"})
    wait_until(lambda: Search.objects.get().status == SearchStatus.FINISHED, 240, "the end of the search")
    assert [timeless(event) for event in event_log.read(search.pk, 0, 1000)] == [timeless(event) for event in alone]

    work = Work.objects.filter(round__search=search)
    assert {item.worker for item in work if not item.reused} == set(Worker.objects.values_list("pk", flat=True))
    assert not work.filter(Q(tries__gt=0) | Q(lost_leases__gt=0)).exists()
    assert any("inherit" in serialization.loads(bytes(item.payload)) for item in work)
    assert not any((tmp_path / name / "files").exists() for name in ("first", "second"))
    garbage_collection.sweep()
    kept_by = ArtifactUse.objects.values_list("round__number", "work")  # only inherited weights are kept
    assert kept_by and all(number is not None and item is None for number, item in kept_by)


def timeless(event: Json) -> bytes:
    return serialization.dumps({**event, "at": ""})


def curve_of(work: Work) -> list[Any]:
    work.refresh_from_db()
    curve: list[Any] = work.telemetry.get("curve", [])
    return curve
