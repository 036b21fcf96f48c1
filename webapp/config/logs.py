"""Lines of the log: one JSON object each, or one to be read; each says which search or model it is about.

What is being done is bound where it begins (a task, a request, a socket) and lasts for what that calls.
"""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_about: ContextVar[dict[str, str]] = ContextVar("about", default={})  # noqa: B039  # never changed, only replaced

OWN = ("search", "model", "upload")


def bind(**about: str | None) -> None:
    """From here on, in this context: a request, or a socket's task."""
    _about.set(_about.get() | {name: value for name, value in about.items() if value})


def forget() -> None:
    """What comes next in this context is about something else."""
    _about.set({})


@contextmanager
def about(**subject: str | None) -> Iterator[None]:
    """The same for as long as the block lasts."""
    before = _about.set(_about.get() | {name: value for name, value in subject.items() if value})
    try:
        yield
    finally:
        _about.reset(before)


class About(logging.Filter):
    """Puts onto each record what is being done. Never keeps one back."""

    def filter(self, record: logging.LogRecord) -> bool:
        for name, value in _about.get().items():
            if not hasattr(record, name):
                setattr(record, name, value)
        return True


class Line(logging.Formatter):
    """For eyes: the time, how bad, from where, what, and of what."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s%(of)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        said = [f"{name} {value}" for name in OWN if (value := getattr(record, name, None))]
        record.of = f" [{', '.join(said)}]" if said else ""
        return super().formatMessage(record)


class Json(logging.Formatter):
    """For machines: one object a line, a traceback included."""

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
        }
        said |= {name: value for name in OWN if (value := getattr(record, name, None))}
        if record.exc_info:
            said["traceback"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False)
