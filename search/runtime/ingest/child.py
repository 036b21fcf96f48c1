"""Starts the process that reads, follows it, ends it where it must end, and makes an outcome of what it says."""

import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from search.base import serialization
from search.runtime.context import Context, Interrupted
from search.runtime.ingest.limits import Limits

LOOK = 0.25  # seconds between two looks at whether to stop
GRACE = 10.0  # seconds that it may take to say that its time is over
FILES = {"training_data": "train.safetensors", "test_data": "test.safetensors", "sample": "sample.png"}
ORIGIN = ("format", "left_out", "tokens", "excerpt")  # what an outcome says of the file, beside the dataset
ALONE = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")  # threads take memory


#: What it is given of the environment: no password, no key. What strangers made is decoded there.
NEEDED = {"PATH", "HOME", "LANG", "LANGUAGE", "TMPDIR", "TZ", "LD_LIBRARY_PATH"}
NEEDED_TOO = ("LC_", "PYTHON")  # whatever begins like this


class ReaderDied(RuntimeError):
    """The process ended without an outcome; the message is a sentence that says what to do."""


def run(work: serialization.Json, context: Context) -> serialization.Json:
    """Status "ok" with the dataset and its files, or "refused" and why.

    Raises Interrupted, and for what is no fault of the file ReaderDied, or OSError where the disk is full.
    """
    limits = serialization.decode(Limits, work["limits"])
    with tempfile.TemporaryDirectory(dir=Path(work["path"]).parent, prefix="reading-") as folder:
        asked = {"path": work["path"], "out": folder, "options": work["options"], "limits": work["limits"]}
        outcome = _follow(asked, limits, context)
        if outcome["status"] == "full":
            raise OSError(outcome["errno"], os.strerror(outcome["errno"]))
        if outcome["status"] != "ok":
            return outcome
        dataset = outcome["dataset"]
        origin = {name: dataset.pop(name) for name in ORIGIN if name in dataset}
        files = [
            {"format": name, "name": file, "sha256": context.files.put(Path(folder) / file)}
            for name, file in FILES.items()
            if (Path(folder) / file).exists()  # a text has no picture
        ]
        return {"status": "ok", "dataset": dataset, "files": files, **origin}


def _follow(asked: serialization.Json, limits: Limits, context: Context) -> serialization.Json:
    process = subprocess.Popen(
        [sys.executable, "-m", "search.runtime.ingest"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
        env=_environment(),
    )
    assert process.stdin is not None and process.stdout is not None
    outcome: serialization.Json | None = None
    with process:
        try:
            process.stdin.write(serialization.dumps(asked) + b"\n")
            process.stdin.flush()
            for line in _lines(process, time.monotonic() + limits.seconds + GRACE, context):
                if "progress" in line:
                    context.report(line["progress"])
                else:
                    outcome = line
        except TimeoutError:
            return {
                "status": "refused",
                "why": f"Reading the file takes longer than the {limits.seconds:,.0f} seconds that are allowed. "
                "Leave some of it out, or send less at once.",
            }
        except BrokenPipeError:
            pass  # it died at once; below
        finally:
            if outcome is None:
                process.kill()
            process.stdin.close()
    if outcome is None:
        raise ReaderDied(_ended(process.returncode))
    return outcome


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in NEEDED or name.startswith(NEEDED_TOO)}
    return kept | ALONE


def _lines(process: "subprocess.Popen[bytes]", until: float, context: Context) -> Iterator[serialization.Json]:
    """What it says, as it says it. Raises Interrupted and TimeoutError, and then it is to be killed."""
    assert process.stdout is not None
    output, rest = process.stdout.fileno(), b""
    with selectors.DefaultSelector() as waiting:
        waiting.register(output, selectors.EVENT_READ)
        while True:
            if context.should_stop():
                raise Interrupted
            if time.monotonic() > until:
                raise TimeoutError
            if not waiting.select(LOOK):
                continue
            chunk = os.read(output, 1 << 16)
            if not chunk:
                return
            *whole, rest = (rest + chunk).split(b"\n")
            yield from map(serialization.loads, whole)


def _ended(code: int) -> str:
    if code == -signal.SIGKILL:
        return (
            "The process that reads it was killed (SIGKILL), as happens where a machine runs short of memory. "
            "Free some on the worker's machine, or send less at once."
        )
    how = signal.Signals(-code).name if code < 0 else f"code {code}"
    return f"The process that reads it ended with {how} and no outcome. The worker's log says more."
