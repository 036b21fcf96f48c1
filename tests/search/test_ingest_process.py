"""The process that reads what people bring: its limits hold, and it takes nothing along when it ends."""

import errno
import io
import os
import signal
import struct
import subprocess
import sys
import tarfile
import tempfile
import zlib
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from search.base import serialization
from search.base.serialization import Json
from search.runtime.context import Context, Interrupted, LocalFiles
from search.runtime.execute import execute
from search.runtime.failures import message_of
from search.runtime.ingest.child import ReaderDied
from search.runtime.ingest.limits import Limits
from tests import cifar
from tests.archives import folders, zipped
from tests.processes import descendants, is_alive, peak

ROOT = Path(__file__).parents[2]
SMALL = zipped(folders(each=12))


@pytest.fixture
def take(tmp_path: Path) -> Callable[..., Json]:
    def run(content: bytes, limits: Limits | None = None, **context: Any) -> Json:
        path = tmp_path / "scratch" / "upload"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        work = {"kind": "ingest", "path": str(path), "options": {}, "limits": asdict(limits or Limits())}
        return execute(work, Context(files=LocalFiles(tmp_path / "files"), **context))

    return run


Take = Callable[..., Json]


def left(tmp_path: Path) -> list[str]:
    """What lies in the scratch folder beside the upload itself."""
    return [path.name for path in (tmp_path / "scratch").iterdir() if path.name != "upload"]


def readers() -> list[int]:
    """Those that this process has started and that live."""
    return [pid for pid in descendants(os.getpid()) if is_alive(pid) and b"search.runtime.ingest" in command(pid)]


def command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def test_the_outcome_names_the_files(take: Take, tmp_path: Path) -> None:
    outcome = take(SMALL)
    assert (outcome["status"], outcome["format"], outcome["left_out"]) == ("ok", "zip", 0)
    assert outcome["dataset"]["counts"] == {"train": 16, "validation": 4, "test": 4}
    assert [file["format"] for file in outcome["files"]] == ["training_data", "test_data", "sample"]
    for file in outcome["files"]:
        assert (tmp_path / "files" / file["sha256"]).exists()
    assert left(tmp_path) == []


def test_a_refusal_is_an_outcome(take: Take, tmp_path: Path) -> None:
    outcome = take(b"\0no archive")
    assert outcome["status"] == "refused" and "no archive that is read here" in outcome["why"]
    assert left(tmp_path) == [] and not (tmp_path / "files").exists()


def test_memory_ends_at_its_limit(take: Take, tmp_path: Path) -> None:
    side = 20_000
    packer = zlib.compressobj(1)
    rows = b"".join(packer.compress(bytes(side + 1)) for _ in range(side)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", rows), (b"IEND", b"")]
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )
    outcome = take(zipped({"cat/x.png": png}), Limits(memory=300_000_000, pixels=10**9))
    assert outcome["status"] == "refused"
    assert "more than the 300 MB of memory that are allowed" in outcome["why"]
    assert left(tmp_path) == []


def test_time_ends_at_its_limit(take: Take, tmp_path: Path) -> None:
    outcome = take(SMALL, Limits(seconds=0.0))
    assert outcome["status"] == "refused" and "seconds that are allowed" in outcome["why"]
    assert left(tmp_path) == []


def test_it_ends_at_once_when_told_to_stop(take: Take, tmp_path: Path) -> None:
    asked: list[int] = []

    def stop() -> bool:
        asked.append(len(readers()))
        return len(asked) > 1

    with pytest.raises(Interrupted):
        take(zipped(folders(each=2_000)), should_stop=stop)
    assert asked[0] == 1 and not readers()
    assert left(tmp_path) == []


def test_a_reader_that_is_killed_is_a_failed_try(take: Take, tmp_path: Path) -> None:
    def kill() -> bool:
        for pid in readers():
            os.kill(pid, signal.SIGKILL)
        return False

    with pytest.raises(ReaderDied, match="SIGKILL"):
        take(SMALL, should_stop=kill)
    assert left(tmp_path) == []


def test_a_full_disk_is_no_fault_of_the_file(take: Take, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "spool").symlink_to("/dev/full")
    monkeypatch.setattr(tempfile, "TemporaryDirectory", lambda **_: nullcontext(str(out)))
    with pytest.raises(OSError, match="No space left") as raised:
        take(SMALL)
    assert raised.value.errno == errno.ENOSPC
    assert message_of(raised.value).startswith("The disk is full: make room")


def test_it_is_told_no_secrets(take: Take, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ESPALIER_DATABASE_URL", "ESPALIER_SECRET_KEY", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "secret")
    told: set[str] = set()

    def look() -> bool:
        for pid in readers():
            told.update(line.partition("=")[0] for line in Path(f"/proc/{pid}/environ").read_text().split("\0"))
        return False

    assert take(SMALL, should_stop=look)["status"] == "ok"
    assert "PATH" in told
    assert not {name for name in told if name.startswith(("ESPALIER", "AWS"))}


def test_it_ends_with_whoever_started_it(tmp_path: Path) -> None:
    reader = subprocess.Popen(
        [sys.executable, "-m", "search.runtime.ingest"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    )
    assert reader.stdin is not None and reader.stdout is not None
    fifo = tmp_path / "never"
    os.mkfifo(fifo)  # opening it waits for a writer, who never comes
    asked = {"path": str(fifo), "out": str(tmp_path / "out"), "options": {}, "limits": asdict(Limits())}
    reader.stdin.write(serialization.dumps(asked) + b"\n")
    with reader:
        reader.stdin.close()
        assert reader.wait(timeout=60) == 1


def test_progress_is_told(take: Take) -> None:
    told: list[Json] = []
    take(zipped(folders(each=500)), report=told.append)
    assert told and all(0 <= each["share"] <= 1 and each["images"] <= 1_000 for each in told)


@pytest.mark.skipif(not cifar.ARCHIVE.exists(), reason=cifar.MISSING)
def test_a_tenth_of_cifar_10_is_read_in_little_memory(take: Take) -> None:
    """All of it: `make bench NAME=ingest`."""
    most = 0

    def watch() -> bool:
        nonlocal most
        most = max(most, *map(peak, readers()), 0)
        return False

    outcome = take(tenth(), should_stop=watch)
    assert outcome["status"] == "ok"
    found = outcome["dataset"]
    assert (found["shape"], found["split_given"]) == ([3, 32, 32], True)
    assert found["class_counts"] == [{"train": 425, "validation": 75, "test": 100}] * 10
    assert found["classes"][0] == "airplane" and found["classes"][9] == "truck"
    assert 0 < most < 100e6


def tenth() -> bytes:
    out = io.BytesIO()
    with tarfile.open(cifar.ARCHIVE) as whole, tarfile.open(fileobj=out, mode="w:gz", compresslevel=1) as some:
        for member in whole:
            part, number = member.name.split("/")[0], member.name[-8:-4]
            if member.isfile() and int(number) < (500 if part == "train" else 100):
                some.addfile(member, whole.extractfile(member))
    return out.getvalue()
