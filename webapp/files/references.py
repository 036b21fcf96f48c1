"""References to files: a row for each owner that needs a file. The sweep deletes files without references.

Models (catalog/training.py) and datasets (datasets/uploads.py) write their own. These here belong to work: the weights
of a candidate, the weights that a round inherits, the checkpoint of a training.
"""

import uuid
from dataclasses import dataclass

from django.db.models import Q

from search.base.serialization import Json
from search.log.outcomes import BadOutcome, files_of
from webapp.models import Artifact, ArtifactUse, Round, Work
from webapp.models.enums import FileFormat, ModelStatus, RoundStatus, WorkStatus

#: Work that may be resumed from its checkpoint: the failed training of a model, or of a round that is still open.
RESUMABLE = Q(model__status=ModelStatus.FAILED) | Q(failed=True, round__status=RoundStatus.OPEN)
#: Work that will not continue.
FINISHED = Q(status=WorkStatus.WITHDRAWN) | (Q(status=WorkStatus.DONE) & ~RESUMABLE)


@dataclass(frozen=True)
class Role:
    """What a file of a round's outcome is for, and how long it is kept."""

    format: FileFormat
    needed: Q  # of a reference: the file is still needed by the item that made it


#: The names of files in outcomes of rounds.
ROLES: dict[str, Role] = {
    # of a candidate: while its round is open, which may choose it; then a round that inherits them keeps them itself
    "weights": Role(FileFormat.WEIGHTS, needed=Q(work__round__status=RoundStatus.OPEN)),
}


def add_for_outcome(item: Work, outcome: Json) -> None:
    """Keeps the files of an outcome of a round, as ROLES says. The caller holds the item's lock. Raises BadOutcome."""
    files = files_of(outcome)
    if unknown := [role for role, _ in files if role not in ROLES]:
        raise BadOutcome(f"an outcome has no file {unknown[0]!r}; there are {', '.join(ROLES)}")
    ArtifactUse.objects.bulk_create(
        ArtifactUse(work=item, artifact_id=sha256, format=ROLES[role].format, name=role) for role, sha256 in files
    )


def are_available(outcome: Json) -> bool:
    """Whether the outcome's files exist, so that an equal item can reuse it. They are locked until the commit."""
    hashes = {sha256 for _, sha256 in files_of(outcome)}
    return len(_locked(hashes)) == len(hashes)


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
    """Deletes references to files whose role has ended, and to checkpoints of finished trainings. Returns how many."""
    ended = Q(format=FileFormat.CHECKPOINT, work__in=Work.objects.filter(FINISHED))
    for role in ROLES.values():
        ended |= Q(format=role.format, work__round__isnull=False) & ~role.needed
    deleted, _ = ArtifactUse.objects.filter(ended).delete()
    return deleted


def _locked(hashes: set[str]) -> list[Artifact]:
    """The files that exist, locked so that the sweep cannot delete them before the transaction ends."""
    return list(Artifact.objects.select_for_update().filter(pk__in=hashes).order_by("pk"))
