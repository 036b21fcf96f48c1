"""The process that reads an upload, started by child.py: one JSON line in, progress and the outcome as JSON lines out.

    python -m search.runtime.ingest < {"path", "out", "options", "limits"}

It sets its resource limits before it opens the file, and exits when its standard input closes, which happens when the
parent process ends.
"""

import os
import resource
import sys
import threading
from pathlib import Path

from search.base import serialization
from search.base.serialization import Json
from search.runtime.failures import DISK_FULL
from search.runtime.ingest.limits import Limits, RejectedUpload
from search.runtime.ingest.reader import ingest

CPU_GRACE = 30  # seconds of CPU time beyond the time limit


def main() -> None:
    request = serialization.loads(sys.stdin.readline())
    limits = serialization.decode(Limits, request["limits"])
    _set_resource_limits(limits)
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    try:
        dataset = ingest(Path(request["path"]), Path(request["out"]), request["options"], limits, _report)
        _write({"status": "ok", "dataset": dataset})
    except RejectedUpload as error:
        _write({"status": "refused", "why": str(error)})
    except OSError as error:
        if error.errno not in DISK_FULL:
            raise
        _write({"status": "full", "errno": error.errno})  # not the fault of the file


def _set_resource_limits(limits: Limits) -> None:
    for kind, limit in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, int(limits.seconds) + CPU_GRACE),
        (resource.RLIMIT_FSIZE, limits.decoded + (64 << 20)),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(kind, (limit, limit))


def _exit_with_parent() -> None:
    sys.stdin.read()
    os._exit(1)


def _report(images: int, share: float) -> None:
    _write({"progress": {"images": images, "share": round(share, 4)}})


def _write(line: Json) -> None:
    sys.stdout.buffer.write(serialization.dumps(line) + b"\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
