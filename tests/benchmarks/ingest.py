"""The whole of CIFAR-10 from its archive to packed files, by the process that reads uploads: seconds and memory."""

import tempfile
import time
from dataclasses import asdict
from os import getpid
from pathlib import Path

from search.runtime.context import Context, LocalFiles
from search.runtime.execute import execute
from search.runtime.ingest.limits import Limits
from tests.benchmarks.report import interval
from tests.cifar import ARCHIVE, MISSING
from tests.processes import descendants, peak

TIMES = 3


def main() -> None:
    if not ARCHIVE.exists():
        print(f"skipped: {MISSING}")
        return
    seconds, most = [], []
    for _ in range(TIMES):
        with tempfile.TemporaryDirectory() as name:
            folder, seen = Path(name), [0]
            (folder / "upload").symlink_to(ARCHIVE)

            def watch(seen: list[int] = seen) -> bool:
                seen += map(peak, descendants(getpid()))
                return False

            work = {"kind": "ingest", "path": str(folder / "upload"), "options": {}, "limits": asdict(Limits())}
            began = time.monotonic()
            outcome = execute(work, Context(files=LocalFiles(folder / "files"), should_stop=watch))
            seconds.append(time.monotonic() - began)
            most.append(max(seen) / 1e6)
            assert outcome["status"] == "ok", outcome
    print(f"60,000 images, s        {interval(seconds)}")
    print(f"most memory, MB         {interval(most)}")


if __name__ == "__main__":
    main()
