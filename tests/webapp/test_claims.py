"""Claims: which item a worker receives, also when many workers ask at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.db import connection

from search.base import serialization
from search.evaluation.recipes.image import full
from tests.webapp.fakes import NUMERICS, WORKER, outcome_of
from tests.webapp.measuring import architecture_of
from tests.webapp.test_leases import claimed
from webapp.catalog import training
from webapp.models import Search, Team, TrainedModel, User, Work
from webapp.models.enums import ModelStatus, WorkStatus
from webapp.scheduling import leases
from webapp.scheduling.presence import WorkerIdentity

pytestmark = pytest.mark.django_db

MakeSearch = Callable[..., Search]
MANY = {"strategy": {"candidates": 9}}


@pytest.mark.django_db(transaction=True)
def test_workers_that_claim_and_complete_at_once_do_each_item_once(make_search: MakeSearch) -> None:
    searches = [make_search(f"Seed {seed}", seed=seed, settings=MANY) for seed in range(3)]
    items = Work.objects.filter(round__search__in=searches)

    def work(number: int) -> list[int]:
        done = []
        try:
            while items.filter(status=WorkStatus.QUEUED).exists():
                lease = leases.claim(replace(WORKER, name=f"worker-{number}"))
                if lease is not None:  # others may hold the rest at this moment
                    assert leases.complete(lease, outcome_of(lease.payload), NUMERICS)
                    done.append(lease.work)
        finally:
            connection.close()
        return done

    with ThreadPoolExecutor(6) as workers:
        done = [item for each in workers.map(work, range(6)) for item in each]
    assert sorted(done) == sorted(items.values_list("pk", flat=True))
    assert not items.exclude(status=WorkStatus.DONE, lost_leases=0, tries=0).exists()


def test_a_search_whose_items_are_all_leased_leaves_its_turn_to_the_next(make_search: MakeSearch) -> None:
    first = make_search("first")
    assert {claimed().search for _ in range(3)} == {first.pk}
    second = make_search("second", seed=7)
    assert claimed().search == second.pk


def test_training_that_is_paused_does_not_keep_a_worker_from_a_search(
    make_search: MakeSearch, team: Team, owner: User
) -> None:
    recipe = serialization.to_jsonable(full("digits"))
    model = training.train(architecture_of(team), team, owner, "digits", 0, recipe)
    search = make_search()
    TrainedModel.objects.filter(pk=model.pk).update(status=ModelStatus.PAUSED)
    assert claimed().search == search.pk
    TrainedModel.objects.filter(pk=model.pk).update(status=ModelStatus.QUEUED)
    assert claimed().model == model.pk


def test_an_outcome_of_other_numerics_is_not_reused(make_search: MakeSearch) -> None:
    make_search("first")
    lease = claimed()
    leases.complete(lease, outcome_of(lease.payload), NUMERICS)
    Work.objects.exclude(pk=lease.work).update(status=WorkStatus.WITHDRAWN)
    make_search("second")
    assert claimed(WorkerIdentity("worker-2", "cpu", "torch 0, cpu other, 1 thread")).key == lease.key
