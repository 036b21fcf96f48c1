"""The states of things, as enums that carry their own questions.

Values are on the wire and in the database: fixed for good.
"""

from django.db.models import TextChoices


class Role(TextChoices):
    OWNER = "owner"
    MEMBER = "member"
    VIEWER = "viewer"

    @property
    def may_change(self) -> bool:
        return self in (Role.OWNER, Role.MEMBER)


class SearchStatus(TextChoices):
    QUEUED = "queued"  # no worker has taken anything of it yet
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    STOPPED = "stopped"
    CANCELLED = "cancelled"
    FAILED = "failed"  # its strategy raised; resume tries the same round again

    @property
    def is_over(self) -> bool:
        return self in (SearchStatus.FINISHED, SearchStatus.STOPPED, SearchStatus.CANCELLED)

    @property
    def is_live(self) -> bool:
        """Its work may be handed out and its rounds may be told."""
        return self in (SearchStatus.QUEUED, SearchStatus.RUNNING)

    @property
    def may_resume(self) -> bool:
        return self in (SearchStatus.PAUSED, SearchStatus.FAILED)


class RoundStatus(TextChoices):
    OPEN = "open"
    DONE = "done"  # told
    WITHDRAWN = "withdrawn"  # ended untold


class WorkKind(TextChoices):
    TRAIN = "train"
    FINAL = "final"
    EXPORT = "export"
    INGEST = "ingest"
    MEASURE = "measure"  # of latency, on a worker's machine or a device

    @property
    def is_reusable(self) -> bool:
        """An outcome may stand for another item of the same key."""
        return self is WorkKind.TRAIN  # a final training may be stopped by hand: its key does not say how it ended


class WorkStatus(TextChoices):
    QUEUED = "queued"
    LEASED = "leased"
    DONE = "done"  # has an outcome, an error among them
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
        """Applied by the strategy at the end of the round; the others act at once."""
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
    WITHDRAWN = "withdrawn"  # taken back, or the search ended or was rolled back before its turn came


class ModelStatus(TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"  # told to end with its best epoch; its worker has not answered yet
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
    SCALED = "scaled"  # another's cell in a macro that fits a budget


class MeasurementStatus(TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class UploadStatus(TextChoices):
    RECEIVING = "receiving"
    WAITING = "waiting"  # all there; a worker will read it
    INGESTING = "ingesting"
    DONE = "done"
    REFUSED = "refused"

    @property
    def is_over(self) -> bool:
        return self in (UploadStatus.DONE, UploadStatus.REFUSED)


class FileFormat(TextChoices):
    """What a file is to whatever needs it."""

    SAFETENSORS = "safetensors"
    ARCHITECTURE = "architecture"
    ONNX = "onnx"
    WEIGHTS = "weights"  # of a candidate, for those that inherit them
    CHECKPOINT = "checkpoint"  # of a training that is not over
    TRAINING_DATA = "training_data"  # train and validation parts of a dataset
    TEST_DATA = "test_data"
    SAMPLE = "sample"  # some of its images, as one picture

    @property
    def is_offered(self) -> bool:
        """Whether a person may download it from a model's page."""
        return self in (FileFormat.SAFETENSORS, FileFormat.ARCHITECTURE, FileFormat.ONNX)
