"""Statuses and kinds, with the rules that depend on them. The values are in the database and in the API."""

from django.db.models import TextChoices


class Role(TextChoices):
    OWNER = "owner"
    MEMBER = "member"
    VIEWER = "viewer"

    @property
    def may_change(self) -> bool:
        return self in (Role.OWNER, Role.MEMBER)


class SearchStatus(TextChoices):
    QUEUED = "queued"  # no worker has started on it
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    STOPPED = "stopped"
    CANCELLED = "cancelled"
    FAILED = "failed"  # its turn raised; resuming tries the same round again

    @property
    def is_over(self) -> bool:
        return self in (SearchStatus.FINISHED, SearchStatus.STOPPED, SearchStatus.CANCELLED)

    @property
    def is_live(self) -> bool:
        """Its work may be leased and its rounds may advance."""
        return self in (SearchStatus.QUEUED, SearchStatus.RUNNING)

    @property
    def may_resume(self) -> bool:
        return self in (SearchStatus.PAUSED, SearchStatus.FAILED)


class RoundStatus(TextChoices):
    OPEN = "open"
    DONE = "done"  # the strategy has seen all outcomes
    WITHDRAWN = "withdrawn"  # ended before that


class WorkStatus(TextChoices):
    QUEUED = "queued"
    LEASED = "leased"
    DONE = "done"  # has an outcome, which may be an error
    WITHDRAWN = "withdrawn"


class CommandKind(TextChoices):
    LOCK = "lock"
    UNLOCK = "unlock"
    REMOVE = "remove"
    RESTORE = "restore"
    SET_BUDGET = "set_budget"
    SET_WEIGHT = "set_weight"
    ROLLBACK = "rollback"
    STOP = "stop"
    CANCEL = "cancel"
    PAUSE = "pause"
    RESUME = "resume"

    @property
    def edits_graph(self) -> bool:
        """Whether the strategy applies it at the end of the round; the others apply at once."""
        return self in (
            CommandKind.LOCK,
            CommandKind.UNLOCK,
            CommandKind.REMOVE,
            CommandKind.RESTORE,
            CommandKind.SET_BUDGET,
            CommandKind.SET_WEIGHT,
        )


class CommandStatus(TextChoices):
    PENDING = "pending"
    APPLIED = "applied"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"  # by a person, or because the search ended or was rolled back first


class ModelStatus(TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"  # asked to end with its best epoch; no outcome yet
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def is_over(self) -> bool:
        return self in (ModelStatus.FINISHED, ModelStatus.STOPPED)

    @property
    def is_live(self) -> bool:
        return self in (ModelStatus.QUEUED, ModelStatus.RUNNING, ModelStatus.STOPPING)

    @property
    def may_resume(self) -> bool:
        return self in (ModelStatus.PAUSED, ModelStatus.FAILED)


class ArchitectureKind(TextChoices):
    FOUND = "found"
    PUBLISHED = "published"
    SCALED = "scaled"  # the cell of another one in a macro that fits a budget


class MeasurementStatus(TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class ScoreStatus(TextChoices):
    WAITING = "waiting"  # for a worker, or computed by one now
    DONE = "done"
    FAILED = "failed"


class UploadStatus(TextChoices):
    RECEIVING = "receiving"
    WAITING = "waiting"  # received completely, for a worker to read
    INGESTING = "ingesting"
    DONE = "done"
    REFUSED = "refused"

    @property
    def is_over(self) -> bool:
        return self in (UploadStatus.DONE, UploadStatus.REFUSED)


class FileFormat(TextChoices):
    """The role of a file for its owner."""

    SAFETENSORS = "safetensors"
    ARCHITECTURE = "architecture"
    ONNX = "onnx"
    WEIGHTS = "weights"  # of a candidate, for candidates that inherit them
    CHECKPOINT = "checkpoint"  # of an unfinished training
    TRAINING_DATA = "training_data"  # train and validation parts of a dataset
    TEST_DATA = "test_data"
    SAMPLE = "sample"  # some of a dataset's images as one picture

    @property
    def is_offered(self) -> bool:
        """Whether a person may download it from a model's page."""
        return self in (FileFormat.SAFETENSORS, FileFormat.ARCHITECTURE, FileFormat.ONNX)
