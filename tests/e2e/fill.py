"""`python -m tests.e2e.fill`: fills every page of a running studio without workers; prints the ids as JSON.

It creates ended searches, of images and of text, running ones with leased items, a paused, a cancelled and a failed
one, a trained model, a device, a dataset and uploads, so that every page has content and none changes.
"""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import django

TESTS = 5  # candidates of the first step of a `draft`, besides one that raises a cost


def draft(nodes: int, seed: int = 0) -> dict[str, Any]:
    limits = {"params": 20_000, "macs": None, "peak_memory": None, "bytes_per_element": 4}
    settings = {"space": {"nodes": nodes}, "strategy": {"candidates": TESTS}}
    return {"strategy": "autoshrink", "dataset": "digits", "seed": seed, "budget": limits, "settings": settings}


#: Losses and accuracies of a training whose ninth epoch is the best; both losses end close to each other.
CURVE = [
    {
        "epoch": i,
        "train_loss": 2 / i**1.4,
        "val_loss": 2.1 / i**1.4 + 0.01 * max(0, i - 9),
        "val_accuracy": 1 - 0.5 / min(i, 18 - i),
    }
    for i in range(1, 15)
]


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
    django.setup()
    from search.evaluation.proxies import PROXIES
    from search.evaluation.proxies.scoring import Batches
    from tests.processes import wait_until
    from tests.webapp import endpoints
    from tests.webapp.ended import ended_search
    from tests.webapp.fakes import WORKER, work_one
    from webapp.catalog import scores
    from webapp.models import Architecture, Membership, Score, Search, TrainedModel
    from webapp.models.enums import CommandKind, Role, ScoreStatus, SearchStatus
    from webapp.scheduling import leases
    from webapp.searches import lifecycle, steering

    owner = Membership.objects.filter(role=Role.OWNER).earliest("pk").user
    team = owner.memberships.get().team

    def train(count: int) -> None:
        """So many of the items that wait."""
        for _ in range(count):
            assert work_one() is not None

    def finish_step(search: Search) -> None:
        """Waits until its first step is decided, here or by the coordinator, so that the items of the next one wait."""

        def decided() -> bool:
            lifecycle.advance(search.pk)
            return Search.objects.get(pk=search.pk).step == 1

        wait_until(decided, 60, "the decision of the first step")

    def claim_all() -> None:
        """All items that wait go on, and never end, unless their results are at hand."""
        while leases.claim(WORKER) is not None:
            pass

    def score(architecture: Architecture) -> None:
        """By all proxies, of which one gives no score."""
        scores.request(architecture, team, owner, list(PROXIES), "digits", Batches(), 0)
        own, code = Score.objects.filter(architecture=architecture), "not_finite"
        own.filter(status=ScoreStatus.WAITING).update(status=ScoreStatus.DONE, value=123.456, seconds=0.25)
        own.filter(proxy="ntk").update(status=ScoreStatus.FAILED, value=None, code=code, error=scores.SENTENCES[code])

    for sample in Search.objects.all():
        lifecycle.pause(sample, None)  # so that its items are not claimed below
    tested = endpoints.launch(team, owner, "Tested", draft(nodes=5))
    train(TESTS - 1)
    assert leases.claim(WORKER) is not None  # the last one goes on
    twice = draft(nodes=4, seed=1)  # a seed of its own: no other search here has trained the same
    before = endpoints.launch(team, owner, "Before", twice)
    train(TESTS)
    finish_step(before)
    claim_all()
    repeated = endpoints.launch(team, owner, "Repeated", twice)  # its first step has the results of the former
    claim_all()
    finish_step(repeated)
    claim_all()

    words = ended_search(team, owner, "Words", "recurrent")
    with tempfile.TemporaryDirectory() as folder:
        world = endpoints.world(team, owner, Path(folder))
    while (lease := leases.claim(WORKER)) is not None and lease.search != world.search.pk:
        pass  # the export of the model is queued too
    assert lease is not None
    leases.renew(lease, {"curve": [{"epoch": 1, "train_loss": 1.5, "val_loss": 1.25, "val_accuracy": 0.5}]})
    recipe = {**world.model.recipe, "epochs": len(CURVE)}
    TrainedModel.objects.filter(pk=world.model.pk).update(curve=CURVE, best_epoch=9, recipe=recipe)
    other = ended_search(team, owner, "Fern", "evolution").architectures.get()
    score(other)
    paused, cancelled, failed = (endpoints.launch(team, owner, name) for name in ("Paused", "Cancelled", "Failed"))
    lifecycle.pause(paused, "All 3 items failed: the dataset's file is damaged.")
    steering.steer(cancelled.pk, owner, CommandKind.CANCEL)
    Search.objects.filter(pk=failed.pk).update(status=SearchStatus.FAILED, error="The next turn raised an error.")
    language = Architecture.objects.get(name="ShrinkRNN")
    print(
        json.dumps(
            {
                "search": world.architecture.search_id,
                "running": world.search.pk,
                "paused": paused.pk,
                "cancelled": cancelled.pk,
                "failed": failed.pk,
                "architecture": world.architecture.pk,
                "other": other.pk,
                "language": language.pk,
                "model": world.model.pk,
                "tested": tested.pk,
                "repeated": repeated.pk,
                "words": words.pk,
                "fern": other.search_id,
            }
        )
    )


if __name__ == "__main__":
    main()
