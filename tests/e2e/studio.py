"""A whole studio in its own process, for tests that use it as a person does."""

import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.processes import descendants, free_port, wait_until

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"http://127\.0\.0\.1:\d+/sign-in/\S+")


class Studio:
    """A studio in its own process, and its output so far."""

    def __init__(self, var: Path, port: int, *arguments: str, **env: str) -> None:
        self.var, self.port, self.began = var, port, time.monotonic()
        self.output = var.parent / f"output-{time.monotonic_ns()}"
        with self.output.open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "studio", "--port", str(port), *arguments],
                cwd=ROOT,
                env={"PATH": "/usr/bin:/bin", "ESPALIER_VAR": str(var), **env},
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    @classmethod
    @contextmanager
    def running(cls, var: Path, *arguments: str, **env: str) -> Iterator["Studio"]:
        """A studio on a free port, whose sign-in link is `link`; terminated on exit."""
        studio = cls(var, free_port(), *arguments, **env)
        try:
            studio.link()
            yield studio
        finally:
            studio.process.terminate()
            studio.process.wait(20)

    def link(self, seconds: float = 60) -> str:
        wait_until(lambda: LINK.search(self.text) or self.process.poll() is not None, seconds, "the link")
        found = LINK.search(self.text)
        assert found, self.text
        return found[0]

    @property
    def text(self) -> str:
        return self.output.read_text()

    def child(self, *words: str) -> int:
        """The process whose command line contains these words."""
        for pid in descendants(self.process.pid):
            line = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
            if all(word in line for word in words):
                return pid
        raise AssertionError(f"{words} is not running:\n{self.text}")

    def get(self, path: str) -> tuple[int, str]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as answer:
            return answer.status, answer.read().decode()
