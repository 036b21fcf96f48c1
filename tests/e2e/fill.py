"""`python -m tests.e2e.fill`: something on every page of a running studio in which nobody works; prints what, as JSON.

A search that has ended, one that runs and has an item in hand, a model that was trained, a device, a dataset, and
uploads. So every page can be looked at while nothing on it moves, and nothing is computed meanwhile.
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
    from tests.webapp.fakes import WORKER
    from webapp.models import Architecture, Membership, Search
    from webapp.models.enums import Role
    from webapp.scheduling import leases
    from webapp.searches import lifecycle

    owner = Membership.objects.filter(role=Role.OWNER).earliest("pk").user
    team = owner.memberships.get().team
    for sample in Search.objects.all():
        lifecycle.pause(sample, None)  # or its items would be taken for those of the search below
    with tempfile.TemporaryDirectory() as folder:
        world = endpoints.world(team, owner, Path(folder))
    while (lease := leases.claim(WORKER)) is not None and lease.search != world.search.pk:
        pass  # the export of the model waits too
    assert lease is not None
    leases.renew(lease, {"curve": [{"epoch": 1, "train_loss": 1.5, "val_loss": 1.25, "val_accuracy": 0.5}]})
    ended = Search.objects.get(ended_at__isnull=False)
    language = Architecture.objects.get(name="ShrinkRNN")
    print(
        json.dumps(
            {
                "search": ended.pk,
                "running": world.search.pk,
                "architecture": world.architecture.pk,
                "language": language.pk,
                "model": world.model.pk,
            }
        )
    )


if __name__ == "__main__":
    main()
