"""Start-up time and memory of the studio: seconds from its command to the printed address, first and later.

Installation is not included.
"""

import tempfile
import time
from pathlib import Path

from tests.benchmarks.report import interval
from tests.e2e.studio import Studio
from tests.processes import free_port, memory

STARTS = 5


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        var = Path(folder) / "var"
        seconds, stops, web = [], [], []
        for _ in range(STARTS + 1):
            studio = Studio(var, free_port())
            studio.link()
            seconds.append(time.monotonic() - studio.began)
            studio.get("/healthz")
            web.append(memory(studio.child("web")) / 1e6)
            start = time.monotonic()
            studio.process.terminate()
            studio.process.wait(30)
            stops.append(time.monotonic() - start)
    print(f"first start, empty folder  {seconds[0]:.2f} s")
    print(f"{STARTS} later starts, s        {interval(seconds[1:])}")
    print(f"stopping, s             {interval(stops[1:])}")
    print(f"web process, MB         {interval(web[1:])}")


if __name__ == "__main__":
    main()
