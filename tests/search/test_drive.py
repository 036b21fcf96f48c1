"""The local driver: its files survive a kill, and a killed search ends like an undisturbed one."""

from functools import partial
from pathlib import Path

import pytest

from search.base import files, serialization
from search.cli import drive
from search.network.budget import Budget
from search.strategies.base import Outcome, Work
from tests.search import fakes
from tests.search.steering import of_kind, results

TASK = fakes.task(nodes=5, candidates=3, budget=Budget(params=30_000))
AT = "2026-01-01T00:00:00.000Z"


def run(folder: Path, execute: drive.Execute = fakes.outcome_of) -> bytes:
    """Runs a search to its end, a new one where the folder holds none, and returns the log."""
    with drive.Folder(folder) as open_folder:
        if not open_folder.saved.exists():
            drive.create_search(open_folder, TASK, fakes.NUMERICS, now=lambda: AT)
        for _ in drive.run_search(open_folder, execute, fakes.NUMERICS, now=lambda: AT):
            pass
    return (folder / "events.jsonl").read_bytes()


class Killed(BaseException):
    """Simulates a kill: nothing catches it."""


def test_the_log_is_numbered_without_gaps(tmp_path: Path) -> None:
    events = [serialization.loads(line) for line in run(tmp_path).splitlines()]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert events[-1]["kind"] == "search_finished"


def test_a_search_killed_at_any_item_ends_with_the_same_log(tmp_path: Path) -> None:
    undisturbed = run(tmp_path / "whole")
    executed = 0

    def killed_often(work: Work) -> Outcome:
        nonlocal executed
        executed += 1
        if executed % 3 == 0:
            raise Killed
        return fakes.outcome_of(work)

    kills = 0
    while True:
        try:
            log = run(tmp_path / "killed", killed_often)
            break
        except Killed:
            kills += 1
    assert kills > 3
    assert log == undisturbed


def test_log_lines_after_the_saved_state_are_truncated(tmp_path: Path) -> None:
    undisturbed = run(tmp_path / "whole")
    with drive.Folder(tmp_path / "torn") as folder:
        drive.create_search(folder, TASK, fakes.NUMERICS, now=lambda: AT)
        with folder.log.open("ab") as log:
            log.write(b'{"seq":999}\n{"v":1,"se')
    assert run(tmp_path / "torn") == undisturbed


def test_a_log_that_lost_the_end_of_its_last_line_is_refused(tmp_path: Path) -> None:
    run(tmp_path)
    log = tmp_path / "events.jsonl"
    log.write_bytes(log.read_bytes()[:-1])
    with drive.Folder(tmp_path) as folder, pytest.raises(drive.NoSearch, match="has lost lines: it holds"):
        folder.load()


def test_a_log_that_lost_lines_is_refused(tmp_path: Path) -> None:
    run(tmp_path)
    log = tmp_path / "events.jsonl"
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:-2]))
    with drive.Folder(tmp_path) as folder, pytest.raises(drive.NoSearch, match="has lost lines: it holds"):
        folder.load()


@pytest.mark.parametrize(
    ("line", "why"), [(b"{", "line 2 of .* is not valid JSON"), (b"[]", "line 2 of .* is not event 2")]
)
def test_a_log_with_a_broken_line_is_refused(tmp_path: Path, line: bytes, why: str) -> None:
    run(tmp_path)
    log = tmp_path / "events.jsonl"
    lines = log.read_bytes().splitlines()
    log.write_bytes(b"\n".join([lines[0], line, *lines[2:]]) + b"\n")
    with drive.Folder(tmp_path) as folder, pytest.raises(drive.NoSearch, match=why):
        folder.events()


@pytest.mark.parametrize("stored", [b"", b'{"status":"o', b"[]", b'{"status":"error"}'])
def test_a_damaged_outcome_is_computed_again(tmp_path: Path, stored: bytes) -> None:
    work: Work = {"kind": "train"}
    whole: Outcome = {"status": "ok", "val_accuracy": 0.5}
    with drive.Folder(tmp_path) as folder:
        (folder.outcomes / f"{serialization.cache_key(work, fakes.NUMERICS)}.json").write_bytes(stored)
        for _ in range(2):  # executed first, then read
            assert folder.outcome(work, fakes.NUMERICS, lambda: whole) == whole
        assert [serialization.loads(path.read_bytes()) for path in folder.outcomes.iterdir()] == [whole]


def test_no_work_is_executed_twice(tmp_path: Path) -> None:
    keys: list[str] = []

    def counting(work: Work) -> Outcome:
        keys.append(serialization.cache_key(work, fakes.NUMERICS))
        return fakes.outcome_of(work)

    run(tmp_path, counting)
    assert len(keys) == len(set(keys))


def test_latencies_are_not_cached(tmp_path: Path) -> None:
    task = fakes.task(nodes=3, candidates=3, budget=Budget(latency=600))
    kinds: list[str] = []

    def killed_in_training(work: Work) -> Outcome:
        kinds.append(work["kind"])
        if work["kind"] == "train":
            raise Killed
        return fakes.outcome_of(work)

    with drive.Folder(tmp_path) as folder:
        drive.create_search(folder, task, fakes.NUMERICS)
        with pytest.raises(Killed):
            list(drive.run_search(folder, killed_in_training, fakes.NUMERICS))
        assert kinds[-1] == "train" and set(kinds[:-1]) == {"measure"}
        assert not list(folder.outcomes.iterdir())
        list(drive.run_search(folder, fakes.outcome_of, fakes.NUMERICS))
        assert folder.events()[-1]["payload"]["best"]["cost"]["latency"] <= 600
        cached = [serialization.loads(path.read_bytes()) for path in folder.outcomes.iterdir()]
    assert cached and not any("latency" in outcome for outcome in cached)


def test_a_search_can_resume_after_a_round_in_which_everything_failed(tmp_path: Path) -> None:
    with pytest.raises(drive.RoundFailed, match=r"all 3 items of round 0 failed \(out_of_memory\)"):
        run(tmp_path, lambda work: {"status": "error", "code": "out_of_memory"})
    assert run(tmp_path) == run(tmp_path.with_name("whole"))


def test_a_round_in_which_every_training_diverged_is_told_to_the_strategy(tmp_path: Path) -> None:
    trainings = iter(range(10_000))

    def first_round_diverges(work: Work) -> Outcome:
        return {"status": "error", "code": "diverged"} if next(trainings) < 3 else fakes.outcome_of(work)

    events = [serialization.loads(line) for line in run(tmp_path, first_round_diverges).splitlines()]
    codes = [one["code"] for one in results(of_kind(events, "candidates_measured"))]
    assert codes[:3] == ["diverged"] * 3 and codes[3] is None


def test_a_search_continues_only_with_the_numerics_that_it_was_begun_with(tmp_path: Path) -> None:
    with drive.Folder(tmp_path) as folder:
        drive.create_search(folder, TASK, "torch 2, cuda H200")
        why = "was begun with torch 2, cuda H200, and continues only with the same; this is fake. Choose the same"
        with pytest.raises(drive.NoSearch, match=why):
            next(drive.run_search(folder, fakes.outcome_of, fakes.NUMERICS))
        next(drive.run_search(folder, fakes.outcome_of, "torch 2, cuda H200"))
        assert folder.load().numerics == "torch 2, cuda H200"


class TestWeights:
    """Of a search whose candidates inherit: each candidate stores its own."""

    TASK = fakes.task(nodes=5, candidates=3, evaluator="inherit", patience=0)

    def execute(self, folder: drive.Folder, executed: list[Work], work: Work) -> Outcome:
        executed.append(work)
        if "inherit" in work:
            assert (folder.files / work["inherit"]["weights"]).exists()
        outcome = fakes.outcome_of(work)
        for sha256 in outcome.get("files", {}).values():
            folder.files.mkdir(exist_ok=True)
            (folder.files / sha256).write_bytes(b"weights")
        return outcome

    def test_are_deleted_once_no_round_needs_them(self, tmp_path: Path) -> None:
        executed: list[Work] = []
        with drive.Folder(tmp_path) as folder:
            drive.create_search(folder, self.TASK, fakes.NUMERICS)
            execute = partial(self.execute, folder, executed)
            counts = [len(list(folder.files.iterdir())) for _ in drive.run_search(folder, execute, fakes.NUMERICS)]
        assert len(counts) > 3 and max(counts) == 1 and counts[-1] == 0
        assert len([work for work in executed if "inherit" in work]) > 3

    def test_of_a_round_that_was_killed_are_used_when_it_is_resumed(self, tmp_path: Path) -> None:
        executed: list[Work] = []

        def kill_at_the_third(work: Work) -> Outcome:
            if len(executed) == 2:
                raise Killed
            return self.execute(folder, executed, work)

        with drive.Folder(tmp_path) as folder:
            drive.create_search(folder, self.TASK, fakes.NUMERICS)
            with pytest.raises(Killed):
                next(drive.run_search(folder, kill_at_the_third, fakes.NUMERICS))
            next(drive.run_search(folder, partial(self.execute, folder, executed), fakes.NUMERICS))
        keys = [serialization.cache_key(work, fakes.NUMERICS) for work in executed]
        assert len(keys) == len(set(keys)) > 3

    def test_that_are_missing_are_made_again(self, tmp_path: Path) -> None:
        executed: list[Work] = []
        with drive.Folder(tmp_path) as folder:
            drive.create_search(folder, self.TASK, fakes.NUMERICS)
            first = drive.run_search(folder, partial(self.execute, folder, executed), fakes.NUMERICS)
            next(first)
            work = executed[0]
            again = partial(self.execute, folder, executed, work)
            count = len(executed)
            for path in folder.files.iterdir():
                path.unlink()
            folder.outcome(work, fakes.NUMERICS, again)
            assert len(executed) == count + 1
            folder.outcome(work, fakes.NUMERICS, again)
            assert len(executed) == count + 1


def test_no_search_is_started_in_a_folder_that_holds_one(tmp_path: Path) -> None:
    run(tmp_path)
    with drive.Folder(tmp_path) as folder, pytest.raises(drive.NoSearch, match="already holds a search"):
        drive.create_search(folder, TASK, fakes.NUMERICS)


def test_a_folder_without_a_search_is_refused(tmp_path: Path) -> None:
    with drive.Folder(tmp_path) as folder, pytest.raises(drive.NoSearch, match="holds no search"):
        folder.load()


def test_two_processes_cannot_use_one_folder(tmp_path: Path) -> None:
    with drive.Folder(tmp_path), pytest.raises(drive.NoSearch, match="another process"), drive.Folder(tmp_path):
        pass


def test_a_search_of_another_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "search.json").write_text('{"v":99}')
    with drive.Folder(tmp_path) as folder, pytest.raises(drive.NoSearch, match="is of version 99"):
        folder.load()


@pytest.mark.parametrize("part", ["task", "state"])
@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"strategy": {"name": "magic", "config": {}}}, "there is no strategy 'magic'; there are autoshrink"),
        ({"space": {"name": "mlp", "config": {}}}, "autoshrink on image data has no space 'mlp'; it has cnn"),
        (
            {"strategy": {"name": "autoshrink", "config": {"protocol": "mine"}}},
            "protocol: choose one of studio, published, not 'mine'",
        ),
        ({"space": {"name": "cnn", "config": {"nodes": 99}}}, "nodes: must be from 2 to 16, not 99"),
        ({"budget": {"params": 0}}, "a limit on parameters must be at least 1"),
    ],
)
def test_a_search_with_unknown_names_or_invalid_settings_is_refused(
    tmp_path: Path, part: str, change: serialization.Json, why: str
) -> None:
    with drive.Folder(tmp_path) as folder:
        drive.create_search(folder, TASK, fakes.NUMERICS)
        data = serialization.loads(folder.saved.read_bytes())
        task = data["task"] if part == "task" else data["state"]["task"]
        task |= change
        folder.saved.write_bytes(serialization.dumps(data))
        with pytest.raises(drive.NoSearch, match=f"holds a search that cannot be resumed: .*{why}"):
            folder.load()


def test_a_failed_write_names_the_file_and_leaves_no_temporary_file(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    for target in (tmp_path / "taken", tmp_path / "missing" / "file"):
        with pytest.raises(OSError) as caught:
            files.write_whole(target, b"data")
        assert caught.value.filename == str(target)
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


@pytest.mark.parametrize(
    ("written", "why"), [("{", "is not valid JSON"), ("[" * 100_000, "nested too deeply"), ("[]", "is of version None")]
)
def test_a_file_that_is_not_a_search_is_refused(tmp_path: Path, written: str, why: str) -> None:
    (tmp_path / "search.json").write_text(written)
    with drive.Folder(tmp_path) as folder, pytest.raises(drive.NoSearch, match=why):
        folder.load()
