"""The local driver: its files survive any end, and a search that was cut off ends as one that was not."""

from pathlib import Path

import pytest

from search.base import files, serialization
from search.cli import drive
from search.network.budget import Budget
from search.strategies.base import Outcome, Work
from tests.search import fakes

TASK = fakes.task(nodes=5, candidates=3, budget=Budget(params=30_000))
AT = "2026-01-01T00:00:00.000Z"


def run(folder: Path, execute: drive.Execute = fakes.outcome_of) -> bytes:
    """Begins where nothing is, goes on to the end, and returns the log."""
    with drive.Folder(folder) as open_folder:
        if not open_folder.saved.exists():
            drive.begin(open_folder, TASK, now=lambda: AT)
        for _ in drive.go_on(open_folder, execute, fakes.NUMERICS, now=lambda: AT):
            pass
    return (folder / "events.jsonl").read_bytes()


class Killed(BaseException):
    """Stands for a kill: nothing catches it."""


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


def test_lines_that_nothing_vouches_for_are_cut_off(tmp_path: Path) -> None:
    undisturbed = run(tmp_path / "whole")
    with drive.Folder(tmp_path / "torn") as folder:
        drive.begin(folder, TASK, now=lambda: AT)
        with folder.log.open("ab") as log:
            log.write(b'{"seq":999}\n{"v":1,"se')
    assert run(tmp_path / "torn") == undisturbed


def test_a_log_that_lost_lines_is_refused_in_words(tmp_path: Path) -> None:
    run(tmp_path)
    log = tmp_path / "events.jsonl"
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:-2]))
    with drive.Folder(tmp_path) as folder, pytest.raises(drive.NoSearch, match="has lost lines: it holds"):
        folder.load()


@pytest.mark.parametrize(("line", "why"), [(b"{", "line 2 of .* is no JSON"), (b"[]", "line 2 of .* is not event 2")])
def test_a_log_with_a_broken_line_is_refused_in_words(tmp_path: Path, line: bytes, why: str) -> None:
    run(tmp_path)
    log = tmp_path / "events.jsonl"
    lines = log.read_bytes().splitlines()
    log.write_bytes(b"\n".join([lines[0], line, *lines[2:]]) + b"\n")
    with drive.Folder(tmp_path) as folder, pytest.raises(drive.NoSearch, match=why):
        folder.events()


@pytest.mark.parametrize("left", [b"", b'{"status":"o', b"[]", b'{"status":"error"}'])
def test_an_outcome_that_cannot_be_read_is_made_again(tmp_path: Path, left: bytes) -> None:
    work: Work = {"kind": "train"}
    whole: Outcome = {"status": "ok", "val_accuracy": 0.5}
    with drive.Folder(tmp_path) as folder:
        (folder.outcomes / f"{serialization.cache_key(work, fakes.NUMERICS)}.json").write_bytes(left)
        for _ in range(2):  # made, and then read
            assert folder.outcome(work, fakes.NUMERICS, lambda: whole) == whole
        assert [serialization.loads(path.read_bytes()) for path in folder.outcomes.iterdir()] == [whole]


def test_what_was_measured_is_not_measured_again(tmp_path: Path) -> None:
    seen: list[str] = []

    def counting(work: Work) -> Outcome:
        seen.append(serialization.cache_key(work, fakes.NUMERICS))
        return fakes.outcome_of(work)

    run(tmp_path, counting)
    assert len(seen) == len(set(seen))


def test_latencies_are_measured_anew_whatever_was_kept(tmp_path: Path) -> None:
    task = fakes.task(nodes=3, candidates=3, budget=Budget(latency=600))
    kinds: list[str] = []

    def cut_off_in_training(work: Work) -> Outcome:
        kinds.append(work["kind"])
        if work["kind"] == "train":
            raise Killed
        return fakes.outcome_of(work)

    with drive.Folder(tmp_path) as folder:
        drive.begin(folder, task)
        with pytest.raises(Killed):
            list(drive.go_on(folder, cut_off_in_training, fakes.NUMERICS))
        assert kinds[-1] == "train" and set(kinds[:-1]) == {"measure"}
        assert not list(folder.outcomes.iterdir())
        list(drive.go_on(folder, fakes.outcome_of, fakes.NUMERICS))
        assert folder.events()[-1]["payload"]["best"]["cost"]["latency"] <= 600
        kept = [serialization.loads(path.read_bytes()) for path in folder.outcomes.iterdir()]
    assert kept and not any("latency" in outcome for outcome in kept)


def test_a_round_that_fails_whole_decides_nothing_and_can_go_on(tmp_path: Path) -> None:
    with pytest.raises(drive.RoundFailed, match=r"all 3 items of round 0 failed \(out_of_memory\)"):
        run(tmp_path, lambda work: {"status": "error", "code": "out_of_memory"})
    assert run(tmp_path) == run(tmp_path.with_name("whole"))


def test_a_folder_that_holds_a_search_is_not_begun_again(tmp_path: Path) -> None:
    run(tmp_path)
    with drive.Folder(tmp_path) as folder, pytest.raises(drive.NoSearch, match="holds a search already"):
        drive.begin(folder, TASK)


def test_a_folder_without_a_search_is_refused(tmp_path: Path) -> None:
    with drive.Folder(tmp_path) as folder, pytest.raises(drive.NoSearch, match="holds no search"):
        folder.load()


def test_two_processes_do_not_share_a_folder(tmp_path: Path) -> None:
    with drive.Folder(tmp_path), pytest.raises(drive.NoSearch, match="another process"), drive.Folder(tmp_path):
        pass


def test_a_search_of_another_version_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "search.json").write_text('{"v":99}')
    with drive.Folder(tmp_path) as folder, pytest.raises(drive.NoSearch, match="is of version 99"):
        folder.load()


@pytest.mark.parametrize("place", ["task", "state"])
@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"strategy": "magic"}, "there is no strategy 'magic'; there are autoshrink"),
        ({"space": "mlp"}, "autoshrink has no space 'mlp'; it has cnn, rnn"),
        ({"config": {"protocol": "mine"}}, "protocol: choose one of studio, published, not 'mine'"),
        ({"budget": {"params": 0}}, "a limit on parameters must be at least 1"),
    ],
)
def test_a_search_that_names_what_is_not_there_is_refused_in_words(
    tmp_path: Path, place: str, change: serialization.Json, why: str
) -> None:
    with drive.Folder(tmp_path) as folder:
        drive.begin(folder, TASK)
        data = serialization.loads(folder.saved.read_bytes())
        task = data["task"] if place == "task" else data["state"]["task"]
        task |= change
        folder.saved.write_bytes(serialization.dumps(data))
        with pytest.raises(drive.NoSearch, match=f"holds no search that can go on: .*{why}"):
            folder.load()


def test_a_file_that_cannot_be_written_is_named_and_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    for target in (tmp_path / "taken", tmp_path / "missing" / "file"):
        with pytest.raises(OSError) as refused:
            files.write_whole(target, b"data")
        assert refused.value.filename == str(target)
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


@pytest.mark.parametrize(
    ("written", "why"), [("{", "is no JSON"), ("[" * 100_000, "nested too deeply"), ("[]", "is of version None")]
)
def test_a_file_that_is_no_search_is_refused_in_words(tmp_path: Path, written: str, why: str) -> None:
    (tmp_path / "search.json").write_text(written)
    with drive.Folder(tmp_path) as folder, pytest.raises(drive.NoSearch, match=why):
        folder.load()
