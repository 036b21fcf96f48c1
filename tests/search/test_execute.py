"""execute(work): outcomes repeat in every process and after interruptions, and failures are reported."""

import math
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from search.base import serialization
from search.base.serialization import Json
from search.evaluation.objective import accuracy_error
from search.network.graph import Edge, Graph, Node
from search.runtime import execute as module
from search.runtime.context import Context, Damaged, Interrupted, LocalFiles
from search.runtime.data import images, subset
from search.runtime.execute import attempt, execute, numerics
from search.runtime.modalities import image
from search.runtime.training import checkpoint
from search.runtime.work import BadWork
from tests.search.conftest import Trained, Work


def after(batches: int) -> Callable[[], bool]:
    """A `should_stop` that answers True after so many batches."""
    remaining = iter(range(batches))
    return lambda: next(remaining, None) is None


def context(folder: Path, **more: Any) -> Context:
    return Context(files=LocalFiles(folder / "files"), checkpoint=folder / "checkpoint", **more)


def test_the_outcome_of_a_candidate_has_all_fields(work: Work) -> None:
    outcome = execute(work(epochs=1), Context())
    assert set(outcome) == {"status", "val_accuracy", "standard_error", "epochs", "curve", "numerics"}
    assert outcome["epochs"] == len(outcome["curve"]) == 1
    accuracy = outcome["val_accuracy"]
    assert accuracy == outcome["curve"][0]["val_accuracy"]
    assert outcome["standard_error"] == pytest.approx(math.sqrt(accuracy * (1 - accuracy) / 269), rel=0.05)
    assert outcome["standard_error"] == accuracy_error(accuracy, 269)
    assert set(outcome["curve"][0]) == {"epoch", "train_loss", "val_loss", "val_accuracy"}
    assert outcome["numerics"].endswith(", 1 thread")


def test_another_process_gives_the_same_outcome_byte_for_byte(work: Work) -> None:
    item = work(epochs=1)
    code = (
        "import sys; from search.base import serialization; from search.runtime.context import Context;"
        "from search.runtime.execute import execute;"
        "sys.stdout.buffer.write(serialization.dumps(execute(serialization.loads(sys.stdin.buffer.read()), Context())))"
    )
    root = Path(__file__).parents[2]
    process = subprocess.run(
        [sys.executable, "-c", code],
        input=serialization.dumps(item),
        capture_output=True,
        check=True,
        cwd=root,
        env=os.environ | {"PYTHONHASHSEED": "1"},
    )
    assert process.stdout == serialization.dumps(execute(item, Context()))


def test_graphs_that_differ_only_in_numbering_give_the_same_outcome(work: Work) -> None:
    item = work(epochs=1)
    graph = Graph.from_dict(item["graph"])
    renumbered = Graph(
        tuple(Node(10 + node.id, node.op, node.rank) for node in graph.nodes),
        tuple(Edge(10 + e.source, 10 + e.target) for e in graph.edges),
    )
    assert execute(item | {"graph": renumbered.to_dict()}, Context()) == execute(item, Context())


def test_progress_is_the_curve_so_far(work: Work) -> None:
    reported: list[int] = []
    execute(work(epochs=2), Context(report=lambda telemetry: reported.append(len(telemetry["curve"]))))
    assert reported == [1, 2]


def test_a_stopped_candidate_is_interrupted(work: Work) -> None:
    with pytest.raises(Interrupted):
        execute(work(), Context(should_stop=after(3)))


def test_work_that_diverges_is_an_error_with_a_code(work: Work) -> None:
    outcome = execute(work(learning_rate=1e38), Context())
    assert (outcome["status"], outcome["code"]) == ("error", "diverged")
    serialization.dumps(outcome)  # raises on NaN and infinity


def test_unknown_kinds_are_refused(work: Work) -> None:
    with pytest.raises(BadWork, match="no work of kind 'dream'; there are train, final, export"):
        execute(work("dream"), Context())


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("CUDA out of memory", "out_of_memory"),
        ("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes", "out_of_memory"),
        ("odd", "exception"),
    ],
)
def test_three_failures_are_an_outcome_with_an_error_code(
    work: Work, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, message: str, code: str
) -> None:
    def fail(work: Json, context: Context) -> Json:
        raise RuntimeError(message)

    monkeypatch.setitem(module.KINDS, "train", fail)
    assert attempt(work(), Context()) == {"status": "error", "code": code, "numerics": numerics(Context())}
    assert [line.getMessage() for line in caplog.records] == [
        f"attempt {number} of 3 failed: RuntimeError: {message}" for number in (1, 2, 3)
    ]


def test_a_failed_attempt_is_repeated(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    attempts: list[Json] = []

    def fail_once(work: Json, context: Context) -> Json:
        attempts.append(work)
        if len(attempts) == 1:
            raise RuntimeError("odd")
        return {"status": "ok"}

    monkeypatch.setitem(module.KINDS, "train", fail_once)
    assert attempt(work(), Context())["status"] == "ok"


@pytest.mark.parametrize("error", [Interrupted, BadWork, images.WrongData, Damaged])
def test_errors_that_a_repetition_cannot_fix_are_raised_at_once(
    work: Work, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    attempts: list[Json] = []

    def fail(work: Json, context: Context) -> Json:
        attempts.append(work)
        raise error

    monkeypatch.setitem(module.KINDS, "train", fail)
    with pytest.raises(error):
        attempt(work(), Context())
    assert len(attempts) == 1


def test_candidates_do_not_read_the_test_part(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image, "load_test_data", lambda *_: pytest.fail("the test part was read"))
    execute(work(epochs=1), Context())


def test_the_published_sample_is_drawn_where_the_work_names_it(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subset, "SAMPLED", (20, 5))
    counts = [10 * count for count in subset.SAMPLED]
    training = image.create_training(work() | {"sample": "published"}, Context(), False)
    assert [len(part.labels) for part in (training.data.train, training.data.validation)] == counts
    with pytest.raises(BadWork, match="no sample called 'odd'"):
        execute(work() | {"sample": "odd"}, Context())


def test_a_final_training_reads_the_test_part_once(work: Work, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[tuple[str, ...]] = []
    real = images.load_test_data
    monkeypatch.setattr(image, "load_test_data", lambda *args: read.append(args) or real(*args))  # type: ignore[func-returns-value]
    execute(work("final", epochs=1), context(tmp_path))
    assert len(read) == 1


def test_a_final_outcome_has_all_fields(trained: Trained) -> None:
    outcome = trained.outcome
    assert set(outcome) == {
        "status", "val_accuracy", "standard_error", "test_accuracy", "best_epoch", "epochs", "curve", "stopped",
        "files", "numerics",
    }  # fmt: skip
    assert outcome["stopped"] is False
    assert [(file["format"], file["name"]) for file in outcome["files"]] == [
        ("safetensors", "model.safetensors"), ("architecture", "architecture.json")
    ]  # fmt: skip


@pytest.mark.parametrize("batches", [1, 39, 60])
def test_a_resumed_final_training_equals_an_uninterrupted_one(trained: Trained, tmp_path: Path, batches: int) -> None:
    with pytest.raises(Interrupted):
        execute(trained.work, context(tmp_path, should_stop=after(batches)))
    reported: list[int] = []
    resumed = execute(
        trained.work, context(tmp_path, report=lambda telemetry: reported.append(len(telemetry["curve"])))
    )
    assert resumed == trained.outcome  # including the hashes of its files
    assert reported == ([1, 2] if batches < 39 else [2])


@pytest.mark.parametrize("batches", [39, 60])
def test_a_candidate_with_a_checkpoint_such_as_a_finalist_continues_from_it(
    work: Work, tmp_path: Path, batches: int
) -> None:
    item = work() | {"checkpoint": True}
    whole = execute(item, context(tmp_path / "whole"))
    assert whole == execute(work(), Context())
    with pytest.raises(Interrupted):
        execute(item, context(tmp_path, should_stop=after(batches)))
    reported: list[int] = []
    resumed = execute(item, context(tmp_path, report=lambda telemetry: reported.append(len(telemetry["curve"]))))
    assert (resumed, reported) == (whole, [2])


def test_a_candidate_without_a_checkpoint_writes_none(work: Work, tmp_path: Path) -> None:
    execute(work(epochs=1), context(tmp_path))
    assert not (tmp_path / "checkpoint").exists()


def test_partial_files_of_killed_processes_are_ignored_and_deleted_later(trained: Trained, tmp_path: Path) -> None:
    with pytest.raises(Interrupted):
        execute(trained.work, context(tmp_path, should_stop=after(60)))
    fresh, stale = (tmp_path / "checkpoint" / f"checkpoint-{name}.part" for name in ("fresh", "stale"))
    for part, age in ((fresh, 0), (stale, 7200)):
        part.write_bytes(b"half")
        os.utime(part, (time.time() - age,) * 2)
    assert execute(trained.work, context(tmp_path)) == trained.outcome
    assert fresh.exists() and not stale.exists()  # another process may still write the fresh one


def test_two_processes_never_write_the_same_temporary_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even with equal process ids, as in containers that share a folder."""
    monkeypatch.setattr(os, "getpid", lambda: 1)
    written: set[str] = set()

    def record(handle: int) -> None:
        names = {path.name for path in tmp_path.glob("*.part")}
        written.update(names)
        if len(names) == 1:
            checkpoint.save(tmp_path, "key", {"epoch": 1})

    monkeypatch.setattr(os, "fsync", record)
    checkpoint.save(tmp_path, "key", {"epoch": 2})
    assert len(written) == 2
    assert checkpoint.load(tmp_path, "key", "cpu") == {"epoch": 2}


def test_an_unreadable_checkpoint_is_ignored(trained: Trained, tmp_path: Path) -> None:
    (tmp_path / "checkpoint").mkdir()
    (tmp_path / "checkpoint" / "checkpoint.pt").write_bytes(b"nonsense")
    assert execute(trained.work, context(tmp_path)) == trained.outcome


def test_a_training_ends_the_same_where_no_checkpoint_can_be_saved(trained: Trained, tmp_path: Path) -> None:
    (tmp_path / "checkpoint").write_text("not a folder")
    reported: list[int] = []
    assert execute(trained.work, context(tmp_path, checkpointed=lambda: reported.append(1))) == trained.outcome
    assert reported == []


def test_it_reports_each_saved_checkpoint(trained: Trained, tmp_path: Path) -> None:
    reported: list[bool] = []
    path = tmp_path / "checkpoint" / "checkpoint.pt"
    execute(trained.work, context(tmp_path, checkpointed=lambda: reported.append(path.exists())))
    assert reported == [True, True]


def test_a_checkpoint_resumes_only_its_own_work(trained: Trained, work: Work, tmp_path: Path) -> None:
    with pytest.raises(Interrupted):
        execute(work("final", replicate=5), context(tmp_path, should_stop=after(60)))
    assert execute(trained.work, context(tmp_path)) == trained.outcome


def test_finish_takes_the_best_epoch_so_far_without_further_training(work: Work, tmp_path: Path) -> None:
    item = work("final", epochs=9)
    with pytest.raises(Interrupted):
        execute(item, context(tmp_path, should_stop=after(60)))
    outcome = execute(item | {"finish": True}, context(tmp_path, should_stop=lambda: pytest.fail("it trains")))
    assert outcome["stopped"] is True
    assert outcome["epochs"] == outcome["best_epoch"] == 1
    assert len(outcome["files"]) == 2


def test_finish_without_an_epoch_is_an_error(work: Work, tmp_path: Path) -> None:
    outcome = execute(work("final") | {"finish": True}, context(tmp_path))
    assert (outcome["status"], outcome["code"]) == ("error", "no_checkpoint")


def test_files_are_checked_against_their_hash(tmp_path: Path) -> None:
    files = LocalFiles(tmp_path / "files")
    (tmp_path / "a").write_bytes(b"content")
    sha256 = files.put(tmp_path / "a")
    assert files.path_of(sha256).read_bytes() == b"content"
    files.path_of(sha256).write_bytes(b"other")
    with pytest.raises(Damaged, match="changed"):
        files.path_of(sha256)
    with pytest.raises(Damaged, match="no file"):
        files.path_of("0" * 64)


def test_torch_computes_in_one_thread_by_default(work: Work) -> None:
    torch.set_num_threads(2)
    execute(work(epochs=1), Context())
    assert torch.get_num_threads() == 1


def test_outcomes_are_json(trained: Trained) -> None:
    outcome: Json = trained.outcome
    assert serialization.loads(serialization.dumps(outcome)) == outcome
