"""Starts the process that reads an upload, follows its progress, ends it when necessary, and returns its outcome."""

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
from search.base.serialization import Json
from search.data.datasets import FILE_FIELDS
from search.runtime.context import Context, Interrupted
from search.runtime.ingest.limits import Limits

POLL_SECONDS = 0.25  # between two calls of `should_stop`
TIMEOUT_GRACE = 10.0  # seconds beyond the time limit: normally the process itself rejects the file in time
FILES = {"training_data": "train.safetensors", "test_data": "test.safetensors", "sample": "sample.png"}

#: Environment variables that the process gets. It decodes files of unknown origin, so it must not see any secrets.
PASSED_VARIABLES = {"PATH", "HOME", "LANG", "LANGUAGE", "TMPDIR", "TZ", "LD_LIBRARY_PATH"}
PASSED_PREFIXES = ("LC_", "PYTHON")
SINGLE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")  # saves memory


class ReaderDied(RuntimeError):
    """The process ended without an outcome; the message is a sentence that says what to do."""


def run(work: Json, context: Context) -> Json:
    """An outcome of status "ok" with the dataset and its files, or "refused" with the reason.

    work["scratch"]: the folder for temporary files; default: that of the file. Raises Interrupted; and for problems
    that are not the fault of the file ReaderDied, or OSError on a full disk.
    """
    limits = serialization.decode(Limits, work["limits"])
    scratch = work.get("scratch", Path(work["path"]).parent)
    with tempfile.TemporaryDirectory(dir=scratch, prefix="reading-") as folder:
        request = {"path": work["path"], "out": folder, "options": work["options"], "limits": work["limits"]}
        outcome = _follow(request, limits, context)
        if outcome["status"] == "full":
            raise OSError(outcome["errno"], os.strerror(outcome["errno"]))
        if outcome["status"] != "ok":
            return outcome
        dataset = outcome["dataset"]
        file_fields = {name: dataset.pop(name) for name in FILE_FIELDS if name in dataset}
        files = [
            {"format": name, "name": file, "sha256": context.files.put(Path(folder) / file)}
            for name, file in FILES.items()
            if (Path(folder) / file).exists()  # a text has no sample image
        ]
        return {"status": "ok", "dataset": dataset, "files": files, **file_fields}


def _follow(request: Json, limits: Limits, context: Context) -> Json:
    process = subprocess.Popen(
        [sys.executable, "-m", "search.runtime.ingest"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
        env=_environment(),
    )
    assert process.stdin is not None and process.stdout is not None
    outcome: Json | None = None
    with process:
        try:
            process.stdin.write(serialization.dumps(request) + b"\n")
            process.stdin.flush()
            for line in _lines(process, time.monotonic() + limits.seconds + TIMEOUT_GRACE, context):
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
            pass  # the process died at once, and there is no outcome
        finally:
            if outcome is None:
                process.kill()
            process.stdin.close()
    if outcome is None:
        raise ReaderDied(_death_message(process.returncode))
    return outcome


def _environment() -> dict[str, str]:
    passed = {
        name: value
        for name, value in os.environ.items()
        if name in PASSED_VARIABLES or name.startswith(PASSED_PREFIXES)
    }
    return passed | SINGLE_THREAD


def _lines(process: "subprocess.Popen[bytes]", deadline: float, context: Context) -> Iterator[Json]:
    """The lines of the process's output. Raises Interrupted and TimeoutError, after which it must be killed."""
    assert process.stdout is not None
    output, rest = process.stdout.fileno(), b""
    with selectors.DefaultSelector() as selector:
        selector.register(output, selectors.EVENT_READ)
        while True:
            if context.should_stop():
                raise Interrupted
            if time.monotonic() > deadline:
                raise TimeoutError
            if not selector.select(POLL_SECONDS):
                continue
            chunk = os.read(output, 1 << 16)
            if not chunk:
                return
            *lines, rest = (rest + chunk).split(b"\n")
            yield from map(serialization.loads, lines)


def _death_message(code: int) -> str:
    if code == -signal.SIGKILL:
        return (
            "The process that reads the file was killed (SIGKILL), probably because the machine ran out of memory. "
            "Free some memory on the worker's machine, or send less at once."
        )
    reason = signal.Signals(-code).name if code < 0 else f"code {code}"
    return f"The process that reads the file ended with {reason} and no outcome. The worker's log says more."
