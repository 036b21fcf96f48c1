"""Who needs which file: rows written with what names it, and dropped when it is over. A sweep takes what has none.

Models keep what they offer (catalog.py) and datasets what they are made of (datasets.py). Here is what comes and goes
with work: weights that a candidate leaves, weights that a round goes on from, the checkpoint of a training.
"""

import uuid
from typing import Any

from django.db.models import Q

from webapp.models import Artifact, ArtifactUse, Round, Work
from webapp.models.enums import FileFormat, ModelStatus, RoundStatus, WorkStatus

Json = dict[str, Any]

#: Work that nobody will go on with. A training that failed may be resumed, from its checkpoint.
FINISHED = Q(status=WorkStatus.WITHDRAWN) | (Q(status=WorkStatus.DONE) & ~Q(model__status=ModelStatus.FAILED))


def add_for_outcome(item: Work, outcome: Json) -> None:
    """A candidate's weights, for as long as its round may still choose it. The caller holds the item's lock."""
    if "weights" in outcome:
        ArtifactUse.objects.update_or_create(
            work=item, format=FileFormat.WEIGHTS, defaults={"artifact_id": outcome["weights"], "name": "weights"}
        )


def are_available(outcome: Json) -> bool:
    """Whether the outcome may stand for another item: what it names can be used, and until the commit stays so."""
    return "weights" not in outcome or bool(_held({outcome["weights"]}))


def add_for_round(opened: Round, weights: set[str]) -> set[str]:
    """Weights that the search goes on from: kept with the round, from which a branch may be opened any time. Those of
    them that are there."""
    held = _held(weights)
    ArtifactUse.objects.bulk_create(
        ArtifactUse(round=opened, artifact=artifact, format=FileFormat.WEIGHTS, name="weights") for artifact in held
    )
    return {artifact.pk for artifact in held}


def replace_checkpoint(work: int, token: uuid.UUID, sha256: str) -> str | None:
    """Makes this the item's checkpoint, if the lease still holds. What was its checkpoint until now."""
    item = Work.objects.select_for_update().filter(pk=work, token=token, status=WorkStatus.LEASED).first()
    if item is None:
        return None
    before = checkpoint_of(work)
    ArtifactUse.objects.update_or_create(
        work=item, format=FileFormat.CHECKPOINT, defaults={"artifact_id": sha256, "name": "checkpoint.pt"}
    )
    return None if before == sha256 else before


def checkpoint_of(work: int) -> str | None:
    uses = ArtifactUse.objects.filter(work=work, format=FileFormat.CHECKPOINT)
    return uses.values_list("artifact_id", flat=True).first()


def delete_finished() -> int:
    """Weights of rounds that were told or withdrawn, checkpoints of trainings that are over. How many there were."""
    of_told = Q(format=FileFormat.WEIGHTS, work__round__isnull=False) & ~Q(work__round__status=RoundStatus.OPEN)
    of_over = Q(format=FileFormat.CHECKPOINT, work__in=Work.objects.filter(FINISHED))
    dropped, _ = ArtifactUse.objects.filter(of_told | of_over).delete()
    return dropped


def _held(hashes: set[str]) -> list[Artifact]:
    """Of these the ones that are there, held against the sweep until the transaction ends."""
    return list(Artifact.objects.select_for_update().filter(pk__in=hashes).order_by("pk"))
