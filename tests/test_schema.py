"""One definition of each message: what the front end is checked against is what Python says."""

from pathlib import Path

from search import typescript

ROOT = Path(__file__).parents[1]


def test_event_types_of_the_front_end_are_those_of_python() -> None:
    written = (ROOT / "frontend" / "src" / "live" / "events.ts").read_text()
    assert written == typescript.render(), "run `make schema`"
