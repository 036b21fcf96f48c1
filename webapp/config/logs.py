"""Log records as text or as JSON, each with the search, model or upload that it is about.

The subject is bound at the start of a task, request or socket, and is in force for everything that it calls.
"""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_subject: ContextVar[dict[str, str]] = ContextVar("subject", default={})  # noqa: B039  # replaced, never mutated

KINDS = ("search", "model", "upload")


def bind(**subject: str | None) -> None:
    """Adds to the subject until the end of this context: a request, or a socket's task."""
    _subject.set(_subject.get() | {name: value for name, value in subject.items() if value})


def clear() -> None:
    """Forgets the subject of this context."""
    _subject.set({})


@contextmanager
def bound(**subject: str | None) -> Iterator[None]:
    """Adds to the subject within the block."""
    token = _subject.set(_subject.get() | {name: value for name, value in subject.items() if value})
    try:
        yield
    finally:
        _subject.reset(token)


class SubjectFilter(logging.Filter):
    """Adds the subject to each record. Passes all records."""

    def filter(self, record: logging.LogRecord) -> bool:
        for name, value in _subject.get().items():
            if not hasattr(record, name):
                setattr(record, name, value)
        return True


class LineFormatter(logging.Formatter):
    """One line of text: time, level, logger, message, subject."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s%(subject)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        subject = [f"{name} {value}" for name in KINDS if (value := getattr(record, name, None))]
        record.subject = f" [{', '.join(subject)}]" if subject else ""
        return super().formatMessage(record)


class JsonFormatter(logging.Formatter):
    """One JSON object per line, with the traceback if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
        }
        fields |= {name: value for name in KINDS if (value := getattr(record, name, None))}
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        return json.dumps(fields, ensure_ascii=False)
