"""References to files: a row for each owner that needs a file. The sweep deletes files without references.

Models (catalog/training.py) and datasets (datasets/uploads.py) write their own. These here belong to work: the weights
of a candidate, the weights that a round inherits, the checkpoint of a training.
"""

import uuid

from django.db.models import Q

from search.base.serialization import Json
from webapp.models import Artifact, ArtifactUse, Round, Work
from webapp.models.enums import FileFormat, ModelStatus, RoundStatus, WorkStatus

#: Work that will not continue. A failed training may be resumed from its checkpoint.
FINISHED = Q(status=WorkStatus.WITHDRAWN) | (Q(status=WorkStatus.DONE) & ~Q(model__status=ModelStatus.FAILED))


def add_for_outcome(item: Work, outcome: Json) -> None:
    """Keeps a candidate's weights while its round is open and may choose it. The caller holds the item's lock."""
    if "weights" in outcome:
        ArtifactUse.objects.update_or_create(
            work=item, format=FileFormat.WEIGHTS, defaults={"artifact_id": outcome["weights"], "name": "weights"}
        )


def are_available(outcome: Json) -> bool:
    """Whether the outcome's files exist, so that an equal item can reuse it. They are locked until the commit."""
    return "weights" not in outcome or bool(_locked({outcome["weights"]}))


def add_for_round(opened: Round, weights: set[str]) -> set[str]:
    """Keeps the weights that the round's work inherits, since a branch may start from the round at any time. Returns
    those that exist."""
    existing = _locked(weights)
    ArtifactUse.objects.bulk_create(
        ArtifactUse(round=opened, artifact=artifact, format=FileFormat.WEIGHTS, name="weights") for artifact in existing
    )
    return {artifact.pk for artifact in existing}


def replace_checkpoint(work: int, token: uuid.UUID, sha256: str) -> str | None:
    """Makes this the item's checkpoint if the lease is still valid. Returns the previous, now unused checkpoint."""
    item = Work.objects.select_for_update().filter(pk=work, token=token, status=WorkStatus.LEASED).first()
    if item is None:
        return None
    previous = checkpoint_of(work)
    ArtifactUse.objects.update_or_create(
        work=item, format=FileFormat.CHECKPOINT, defaults={"artifact_id": sha256, "name": "checkpoint.pt"}
    )
    return None if previous == sha256 else previous


def checkpoint_of(work: int) -> str | None:
    uses = ArtifactUse.objects.filter(work=work, format=FileFormat.CHECKPOINT)
    return uses.values_list("artifact_id", flat=True).first()


def delete_finished() -> int:
    """Deletes references to candidates' weights of closed rounds and to checkpoints of finished trainings. Returns how
    many."""
    weights = Q(format=FileFormat.WEIGHTS, work__round__isnull=False) & ~Q(work__round__status=RoundStatus.OPEN)
    checkpoints = Q(format=FileFormat.CHECKPOINT, work__in=Work.objects.filter(FINISHED))
    deleted, _ = ArtifactUse.objects.filter(weights | checkpoints).delete()
    return deleted


def _locked(hashes: set[str]) -> list[Artifact]:
    """The files that exist, locked so that the sweep cannot delete them before the transaction ends."""
    return list(Artifact.objects.select_for_update().filter(pk__in=hashes).order_by("pk"))
