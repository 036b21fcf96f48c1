"""The process that reads: a JSON object in, progress and the outcome as lines of JSON out. child.py starts it.

    python -m search.runtime.ingest < {"path", "out", "options", "limits"}

It limits itself before it opens anything, and ends when its standard input does, that is, with whoever started it.
"""

import os
import resource
import sys
import threading
from pathlib import Path

from search.base import serialization
from search.runtime.failures import FULL
from search.runtime.ingest.limits import Limits, Refused
from search.runtime.ingest.read import ingest

GRACE = 30  # seconds of the processor, beyond what the clock allows


def main() -> None:
    asked = serialization.loads(sys.stdin.readline())
    limits = serialization.decode(Limits, asked["limits"])
    _hold(limits)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        outcome = ingest(Path(asked["path"]), Path(asked["out"]), asked["options"], limits, _report)
        _say({"status": "ok", "dataset": outcome})
    except Refused as error:
        _say({"status": "refused", "why": str(error)})
    except OSError as error:
        if error.errno not in FULL:
            raise
        _say({"status": "full", "errno": error.errno})  # nothing is wrong with the file


def _hold(limits: Limits) -> None:
    for kind, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, int(limits.seconds) + GRACE),
        (resource.RLIMIT_FSIZE, limits.decoded + (64 << 20)),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(1)


def _report(images: int, share: float) -> None:
    _say({"progress": {"images": images, "share": round(share, 4)}})


def _say(line: serialization.Json) -> None:
    sys.stdout.buffer.write(serialization.dumps(line) + b"\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
