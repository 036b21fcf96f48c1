"""Ingestion of CIFAR-10, from its archive to packed files: seconds and peak memory of the reader process."""

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

RUNS = 3


def main() -> None:
    if not ARCHIVE.exists():
        print(f"skipped: {MISSING}")
        return
    seconds, peaks = [], []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as name:
            folder, memory = Path(name), [0]
            (folder / "upload").symlink_to(ARCHIVE)

            def watch(memory: list[int] = memory) -> bool:
                memory += map(peak, descendants(getpid()))
                return False

            work = {"kind": "ingest", "path": str(folder / "upload"), "options": {}, "limits": asdict(Limits())}
            start = time.monotonic()
            outcome = execute(work, Context(files=LocalFiles(folder / "files"), should_stop=watch))
            seconds.append(time.monotonic() - start)
            peaks.append(max(memory) / 1e6)
            assert outcome["status"] == "ok", outcome
    print(f"60,000 images, s        {interval(seconds)}")
    print(f"peak memory, MB         {interval(peaks)}")


if __name__ == "__main__":
    main()
