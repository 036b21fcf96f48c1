"""execute(work): the same outcome wherever, whenever and however often interrupted."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from search.base import serialization
from search.base.serialization import Json
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
    """Told to stop once so many batches have begun."""
    left = iter(range(batches))
    return lambda: next(left, None) is None


def context(folder: Path, **more: object) -> Context:
    return Context(files=LocalFiles(folder / "files"), checkpoint=folder / "checkpoint", **more)  # type: ignore[arg-type]


def test_a_candidates_outcome_says_what_the_contract_asks(work: Work) -> None:
    outcome = execute(work(epochs=1), Context())
    assert set(outcome) == {"status", "val_accuracy", "epochs", "curve", "numerics"}
    assert outcome["epochs"] == len(outcome["curve"]) == 1
    assert outcome["val_accuracy"] == outcome["curve"][0]["val_accuracy"]
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
    there = subprocess.run(
        [sys.executable, "-c", code],
        input=serialization.dumps(item),
        capture_output=True,
        check=True,
        cwd=root,
        env=os.environ | {"PYTHONHASHSEED": "1"},
    )
    assert there.stdout == serialization.dumps(execute(item, Context()))


def test_graphs_that_differ_in_numbering_alone_give_one_outcome(work: Work) -> None:
    item = work(epochs=1)
    graph = Graph.from_dict(item["graph"])
    renumbered = Graph(
        tuple(Node(10 + node.id, node.op, node.rank) for node in graph.nodes),
        tuple(Edge(10 + e.source, 10 + e.target) for e in graph.edges),
    )
    assert execute(item | {"graph": renumbered.to_dict()}, Context()) == execute(item, Context())


def test_progress_is_the_whole_curve_so_far(work: Work) -> None:
    told: list[int] = []
    execute(work(epochs=2), Context(report=lambda telemetry: told.append(len(telemetry["curve"]))))
    assert told == [1, 2]


def test_a_candidate_that_is_told_to_stop_is_interrupted(work: Work) -> None:
    with pytest.raises(Interrupted):
        execute(work(), Context(should_stop=after(3)))


def test_work_that_diverges_is_an_error_with_a_code(work: Work) -> None:
    outcome = execute(work(learning_rate=1e38), Context())
    assert (outcome["status"], outcome["code"]) == ("error", "diverged")
    serialization.dumps(outcome)  # nothing in it that is not a number


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
def test_what_fails_three_times_is_an_outcome_told_by_its_code(
    work: Work, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, message: str, code: str
) -> None:
    def fail(work: Json, context: Context) -> Json:
        raise RuntimeError(message)

    monkeypatch.setitem(module.KINDS, "train", fail)
    assert attempt(work(), Context()) == {"status": "error", "code": code, "numerics": numerics(Context())}
    assert [line.getMessage() for line in caplog.records] == [
        f"try {number} of 3 failed: RuntimeError: {message}" for number in (1, 2, 3)
    ]


def test_what_fails_once_is_tried_again(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[Json] = []

    def fail_once(work: Json, context: Context) -> Json:
        tries.append(work)
        if len(tries) == 1:
            raise RuntimeError("odd")
        return {"status": "ok"}

    monkeypatch.setitem(module.KINDS, "train", fail_once)
    assert attempt(work(), Context())["status"] == "ok"


@pytest.mark.parametrize("error", [Interrupted, BadWork, images.WrongData, Damaged])
def test_what_no_other_try_can_help_is_raised_at_once(
    work: Work, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    tries: list[Json] = []

    def fail(work: Json, context: Context) -> Json:
        tries.append(work)
        raise error

    monkeypatch.setitem(module.KINDS, "train", fail)
    with pytest.raises(error):
        attempt(work(), Context())
    assert len(tries) == 1


def test_no_candidate_sees_the_test_part(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image, "test_data", lambda *_: pytest.fail("the test part was read"))
    execute(work(epochs=1), Context())


def test_the_published_sample_is_drawn_where_the_work_asks_for_it_by_name(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subset, "SAMPLED", (20, 5))
    counts = [10 * count for count in subset.SAMPLED]
    training = image.training(work() | {"sample": "published"}, Context(), False)
    assert [len(part.labels) for part in training.data] == counts
    with pytest.raises(BadWork, match="no way to sample called 'odd'"):
        execute(work() | {"sample": "odd"}, Context())


def test_a_final_training_reads_the_test_part_once(work: Work, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[tuple[str, ...]] = []
    real = images.test_data
    monkeypatch.setattr(image, "test_data", lambda *asked: read.append(asked) or real(*asked))  # type: ignore[func-returns-value]
    execute(work("final", epochs=1), context(tmp_path))
    assert len(read) == 1


def test_a_final_outcome_says_what_the_catalog_reads(trained: Trained) -> None:
    outcome = trained.outcome
    assert set(outcome) == {
        "status", "val_accuracy", "test_accuracy", "best_epoch", "epochs", "curve", "stopped", "files", "numerics"
    }  # fmt: skip
    assert outcome["stopped"] is False
    assert [(file["format"], file["name"]) for file in outcome["files"]] == [
        ("safetensors", "model.safetensors"), ("architecture", "architecture.json")
    ]  # fmt: skip


@pytest.mark.parametrize("batches", [1, 39, 60])
def test_a_final_training_goes_on_as_if_undisturbed(trained: Trained, tmp_path: Path, batches: int) -> None:
    with pytest.raises(Interrupted):
        execute(trained.work, context(tmp_path, should_stop=after(batches)))
    shown: list[int] = []
    resumed = execute(trained.work, context(tmp_path, report=lambda telemetry: shown.append(len(telemetry["curve"]))))
    assert resumed == trained.outcome  # the hashes of its files included
    assert shown == ([1, 2] if batches < 39 else [2])


def test_what_a_kill_left_half_written_is_no_hindrance(trained: Trained, tmp_path: Path) -> None:
    with pytest.raises(Interrupted):
        execute(trained.work, context(tmp_path, should_stop=after(60)))
    fresh, stale = (tmp_path / "checkpoint" / f"checkpoint-{name}.part" for name in ("fresh", "stale"))
    for part, age in ((fresh, 0), (stale, 7200)):
        part.write_bytes(b"half")
        os.utime(part, (time.time() - age,) * 2)
    assert execute(trained.work, context(tmp_path)) == trained.outcome
    assert fresh.exists() and not stale.exists()  # somebody may be writing the one


def test_two_that_write_a_checkpoint_never_write_the_same_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In containers that share a folder, both may be the process 1."""
    monkeypatch.setattr(os, "getpid", lambda: 1)
    written: set[str] = set()

    def first(handle: int) -> None:
        names = {path.name for path in tmp_path.glob("*.part")}
        written.update(names)
        if len(names) == 1:
            checkpoint.save(tmp_path, "key", {"epoch": 1})

    monkeypatch.setattr(os, "fsync", first)
    checkpoint.save(tmp_path, "key", {"epoch": 2})
    assert len(written) == 2
    assert checkpoint.load(tmp_path, "key", "cpu") == {"epoch": 2}


def test_a_checkpoint_that_cannot_be_read_costs_no_more_than_time(trained: Trained, tmp_path: Path) -> None:
    (tmp_path / "checkpoint").mkdir()
    (tmp_path / "checkpoint" / "checkpoint.pt").write_bytes(b"nonsense")
    assert execute(trained.work, context(tmp_path)) == trained.outcome


def test_a_training_ends_as_it_would_where_no_checkpoint_can_be_kept(trained: Trained, tmp_path: Path) -> None:
    (tmp_path / "checkpoint").write_text("no folder")
    told: list[int] = []
    assert execute(trained.work, context(tmp_path, checkpointed=lambda: told.append(1))) == trained.outcome
    assert told == []


def test_it_tells_of_each_checkpoint_that_it_keeps(trained: Trained, tmp_path: Path) -> None:
    told: list[bool] = []
    kept = tmp_path / "checkpoint" / "checkpoint.pt"
    execute(trained.work, context(tmp_path, checkpointed=lambda: told.append(kept.exists())))
    assert told == [True, True]


def test_a_checkpoint_resumes_only_its_own_work(trained: Trained, work: Work, tmp_path: Path) -> None:
    with pytest.raises(Interrupted):
        execute(work("final", replicate=5), context(tmp_path, should_stop=after(60)))
    assert execute(trained.work, context(tmp_path)) == trained.outcome


def test_finish_takes_the_best_epoch_so_far_and_trains_no_more(work: Work, tmp_path: Path) -> None:
    item = work("final", epochs=9)
    with pytest.raises(Interrupted):
        execute(item, context(tmp_path, should_stop=after(60)))
    outcome = execute(item | {"finish": True}, context(tmp_path, should_stop=lambda: pytest.fail("it trains")))
    assert outcome["stopped"] is True
    assert outcome["epochs"] == outcome["best_epoch"] == 1
    assert len(outcome["files"]) == 2


def test_finish_without_an_epoch_has_nothing_to_give(work: Work, tmp_path: Path) -> None:
    outcome = execute(work("final") | {"finish": True}, context(tmp_path))
    assert (outcome["status"], outcome["code"]) == ("error", "no_checkpoint")


def test_files_keep_to_their_hash(tmp_path: Path) -> None:
    files = LocalFiles(tmp_path / "files")
    (tmp_path / "a").write_bytes(b"content")
    sha256 = files.put(tmp_path / "a")
    assert files.path_of(sha256).read_bytes() == b"content"
    files.path_of(sha256).write_bytes(b"other")
    with pytest.raises(Damaged, match="changed"):
        files.path_of(sha256)
    with pytest.raises(Damaged, match="no file"):
        files.path_of("0" * 64)


def test_torch_computes_in_one_thread_unless_told_otherwise(work: Work) -> None:
    torch.set_num_threads(2)
    execute(work(epochs=1), Context())
    assert torch.get_num_threads() == 1


def test_outcomes_are_plain_json(trained: Trained) -> None:
    outcome: Json = trained.outcome
    assert serialization.loads(serialization.dumps(outcome)) == outcome
