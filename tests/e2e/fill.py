"""`python -m tests.e2e.fill`: fills every page of a running studio without workers; prints the ids as JSON.

It creates two ended searches, a running one with a leased item, a paused, a cancelled and a failed one, a trained
model, a device, a dataset and uploads, so that every page has content and none changes.
"""

import json
import os
import tempfile
from pathlib import Path

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
    django.setup()
    from tests.webapp import endpoints
    from tests.webapp.ended import ended_search
    from tests.webapp.fakes import WORKER
    from webapp.models import Architecture, Membership, Search
    from webapp.models.enums import CommandKind, Role, SearchStatus
    from webapp.scheduling import leases
    from webapp.searches import lifecycle, steering

    owner = Membership.objects.filter(role=Role.OWNER).earliest("pk").user
    team = owner.memberships.get().team
    for sample in Search.objects.all():
        lifecycle.pause(sample, None)  # so that its items are not claimed below
    with tempfile.TemporaryDirectory() as folder:
        world = endpoints.world(team, owner, Path(folder))
    while (lease := leases.claim(WORKER)) is not None and lease.search != world.search.pk:
        pass  # the export of the model is queued too
    assert lease is not None
    leases.renew(lease, {"curve": [{"epoch": 1, "train_loss": 1.5, "val_loss": 1.25, "val_accuracy": 0.5}]})
    ended = Search.objects.get(ended_at__isnull=False)
    other = ended_search(team, owner, "Fern", "evolution").architectures.get()
    paused, cancelled, failed = (endpoints.launch(team, owner, name) for name in ("Paused", "Cancelled", "Failed"))
    lifecycle.pause(paused, "All 3 items failed: the dataset's file is damaged.")
    steering.steer(cancelled.pk, owner, CommandKind.CANCEL)
    Search.objects.filter(pk=failed.pk).update(status=SearchStatus.FAILED, error="The next turn raised an error.")
    language = Architecture.objects.get(name="ShrinkRNN")
    print(
        json.dumps(
            {
                "search": ended.pk,
                "running": world.search.pk,
                "paused": paused.pk,
                "cancelled": cancelled.pk,
                "failed": failed.pk,
                "architecture": world.architecture.pk,
                "other": other.pk,
                "language": language.pk,
                "model": world.model.pk,
            }
        )
    )


if __name__ == "__main__":
    main()
