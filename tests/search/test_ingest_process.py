"""The process that reads uploads: its limits, its end, and what it leaves behind."""

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


def leftovers(tmp_path: Path) -> list[str]:
    """Files in the scratch folder other than the upload itself."""
    return [path.name for path in (tmp_path / "scratch").iterdir() if path.name != "upload"]


def readers() -> list[int]:
    """Running readers that this process has started."""
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
    assert leftovers(tmp_path) == []


def test_a_rejection_is_an_outcome(take: Take, tmp_path: Path) -> None:
    outcome = take(b"\0not an archive")
    assert outcome["status"] == "refused" and "neither a supported archive nor a text" in outcome["why"]
    assert leftovers(tmp_path) == [] and not (tmp_path / "files").exists()


def test_the_memory_limit_holds(take: Take, tmp_path: Path) -> None:
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
    assert leftovers(tmp_path) == []


def test_the_time_limit_holds(take: Take, tmp_path: Path) -> None:
    outcome = take(SMALL, Limits(seconds=0.0))
    assert outcome["status"] == "refused" and "seconds that are allowed" in outcome["why"]
    assert leftovers(tmp_path) == []


def test_it_stops_at_once(take: Take, tmp_path: Path) -> None:
    calls: list[int] = []

    def stop() -> bool:
        calls.append(len(readers()))
        return len(calls) > 1

    with pytest.raises(Interrupted):
        take(zipped(folders(each=2_000)), should_stop=stop)
    assert calls[0] == 1 and not readers()
    assert leftovers(tmp_path) == []


def test_a_killed_reader_is_a_failed_attempt(take: Take, tmp_path: Path) -> None:
    def kill() -> bool:
        for pid in readers():
            os.kill(pid, signal.SIGKILL)
        return False

    with pytest.raises(ReaderDied, match="SIGKILL"):
        take(SMALL, should_stop=kill)
    assert leftovers(tmp_path) == []


def test_a_full_disk_is_not_a_rejection(take: Take, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "images.tmp").symlink_to("/dev/full")
    monkeypatch.setattr(tempfile, "TemporaryDirectory", lambda **_: nullcontext(str(out)))
    with pytest.raises(OSError, match="No space left") as raised:
        take(SMALL)
    assert raised.value.errno == errno.ENOSPC
    assert message_of(raised.value).startswith("The disk is full: make room")


def test_it_gets_no_secrets(take: Take, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ESPALIER_DATABASE_URL", "ESPALIER_SECRET_KEY", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "secret")
    seen: set[str] = set()

    def inspect() -> bool:
        for pid in readers():
            seen.update(line.partition("=")[0] for line in Path(f"/proc/{pid}/environ").read_text().split("\0"))
        return False

    assert take(SMALL, should_stop=inspect)["status"] == "ok"
    assert "PATH" in seen
    assert not {name for name in seen if name.startswith(("ESPALIER", "AWS"))}


def test_it_ends_with_its_parent(tmp_path: Path) -> None:
    reader = subprocess.Popen(
        [sys.executable, "-m", "search.runtime.ingest"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    )
    assert reader.stdin is not None and reader.stdout is not None
    fifo = tmp_path / "never"
    os.mkfifo(fifo)  # opening it waits for a writer forever
    request = {"path": str(fifo), "out": str(tmp_path / "out"), "options": {}, "limits": asdict(Limits())}
    reader.stdin.write(serialization.dumps(request) + b"\n")
    with reader:
        reader.stdin.close()
        assert reader.wait(timeout=60) == 1


def test_progress_is_reported(take: Take) -> None:
    seen: list[Json] = []
    take(zipped(folders(each=500)), report=seen.append)
    assert seen and all(0 <= report["share"] <= 1 and report["images"] <= 1_000 for report in seen)


@pytest.mark.skipif(not cifar.ARCHIVE.exists(), reason=cifar.MISSING)
def test_a_tenth_of_cifar_10_is_read_in_little_memory(take: Take) -> None:
    """The whole dataset is read by `make bench NAME=ingest`."""
    peak_memory = 0

    def watch() -> bool:
        nonlocal peak_memory
        peak_memory = max(peak_memory, *map(peak, readers()), 0)
        return False

    outcome = take(tenth(), should_stop=watch)
    assert outcome["status"] == "ok"
    dataset = outcome["dataset"]
    assert (dataset["shape"], dataset["split_given"]) == ([3, 32, 32], True)
    assert dataset["class_counts"] == [{"train": 425, "validation": 75, "test": 100}] * 10
    assert dataset["classes"][0] == "airplane" and dataset["classes"][9] == "truck"
    assert 0 < peak_memory < 100e6


def tenth() -> bytes:
    out = io.BytesIO()
    with tarfile.open(cifar.ARCHIVE) as whole, tarfile.open(fileobj=out, mode="w:gz", compresslevel=1) as some:
        for member in whole:
            part, number = member.name.split("/")[0], member.name[-8:-4]
            if member.isfile() and int(number) < (500 if part == "train" else 100):
                some.addfile(member, whole.extractfile(member))
    return out.getvalue()
