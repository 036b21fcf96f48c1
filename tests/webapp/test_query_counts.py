"""Reading takes as many queries for five hundred rows as for one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.webapp.endpoints import World, world
from webapp.core import clock
from webapp.models import (
    Architecture,
    ArtifactUse,
    Branch,
    Command,
    Dataset,
    Device,
    Measurement,
    Score,
    Search,
    SearchDraft,
    Team,
    TrainedModel,
    Upload,
    User,
    Work,
    Worker,
)
from webapp.models.enums import ScoreStatus
from webapp.models.ids import public_id

pytestmark = pytest.mark.django_db

COUNT = 500


@pytest.fixture
def made(team: Team, owner: User, settings: Any, tmp_path: Path) -> World:
    settings.FILES_DIR, settings.SCRATCH_DIR = tmp_path / "files", tmp_path / "scratch"
    return world(team, owner, tmp_path)


def multiply(row: Any, change: Callable[[int], dict[str, Any]] = lambda number: {}) -> list[Any]:
    """Copies of a row: COUNT of them, with what `change` says for each."""
    kind = type(row)
    values = {
        field.attname: getattr(row, field.attname) for field in kind._meta.concrete_fields if not field.primary_key
    }
    ids = [{} if kind._meta.pk.get_internal_type() == "BigAutoField" else {"pk": public_id()} for _ in range(COUNT)]
    made: list[Any] = kind._default_manager.bulk_create(
        kind(**ids[number] | values | change(number)) for number in range(COUNT)
    )
    return made


def leased(number: int) -> dict[str, Any]:
    moment = clock.now()
    return {
        **{"status": "leased", "token": uuid4(), "lease_until": moment, "started_at": moment, "outcome": None},
        "worker": f"desk-{number}",
    }


def multiply_everything(made: World) -> None:
    search, model = Search.objects.get(pk=made.search.pk), made.model
    drafts, devices = SearchDraft.objects.get(), Device.objects.get()
    multiply(drafts)
    multiply(devices, lambda number: {"name": f"Desk {number}", "token_hash": uuid4().hex})
    searches = multiply(search, lambda number: {"group": made.ids["groups"], "parent_id": search.pk, "parent_step": 0})
    multiply(
        Architecture.objects.get(pk=made.architecture.pk),
        lambda number: {"search_id": searches[number].pk, "parent_id": made.architecture.pk},
    )
    work, use = model.work.filter(kind="final").get(), ArtifactUse.objects.filter(model=model).first()
    models = multiply(TrainedModel.objects.get(pk=model.pk))
    multiply(work, lambda number: leased(number) | {"model_id": models[number].pk})
    multiply(use, lambda number: {"model_id": models[number].pk})
    Worker.objects.bulk_create(Worker(name=f"desk-{number}", queue="cpu", numerics="") for number in range(COUNT))
    dataset = Dataset.objects.get()
    datasets = multiply(dataset, lambda number: {"split": uuid4().hex})
    for each in ArtifactUse.objects.filter(dataset=dataset):
        multiply(each, lambda number: {"dataset_id": datasets[number].pk})
    multiply(Upload.objects.first(), lambda number: {"dataset_id": dataset.pk})
    measurement = Measurement.objects.get()
    measurements = multiply(measurement)
    item = measurement.work.get()
    multiply(item, lambda number: leased(number) | {"measurement_id": measurements[number].pk})
    multiply(Score.objects.get(), lambda number: {"seed": number + 1})
    multiply(Branch.objects.get(search=search), lambda number: {"number": number + 1})
    multiply(Command.objects.get(search=search), lambda number: {"number": number + 2})


READ = [
    *(f"/api/{family}?page_size=200" for family in ("searches", "architectures", "models", "datasets")),
    *(f"/api/{family}/facets" for family in ("searches", "architectures", "models", "datasets")),
    *("/api/drafts", "/api/devices", "/api/uploads", "/api/me", "/api/engine", "/api/searches/groups/{groups}"),
    *("/api/searches/{searches}", "/api/searches/{searches}/commands", "/api/searches/{searches}/candidates"),
    *("/api/architectures/{architectures}", "/api/architectures/{architectures}/measurements"),
    *("/api/architectures/{architectures}/scores", "/api/architectures/scores"),
    "/api/architectures?scored_on=digits&page_size=200",
    *("/api/models/{models}", "/api/datasets/{datasets}", "/api/uploads/{uploads}"),
]


def test_reading_takes_as_many_queries_whatever_the_number_of_rows(browser: Client, made: World) -> None:
    def queries() -> dict[str, int]:
        found = {}
        for address in READ:
            with CaptureQueriesContext(connection) as asked:
                assert browser.get(address.format(**made.ids)).status_code == 200, address
            found[address] = len(asked)
        return found

    queries()  # what is cached for all is read once
    Work.objects.filter(pk=made.model.work.filter(kind="final").get().pk).update(**leased(0))
    Score.objects.update(status=ScoreStatus.DONE, value=1.5)
    before = queries()
    multiply_everything(made)
    assert queries() == before
    assert browser.get("/api/models?page_size=200").json()["count"] == COUNT + 1
    page = browser.get(f"/api/architectures/{made.architecture.pk}").json()
    assert {each["running_on"]["worker"] for each in page["models"]} == {f"desk-{number}" for number in range(COUNT)}
