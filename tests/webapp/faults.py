"""`python -m tests.webapp.faults FAULT,... COMMAND...`: manage.py with faults that a test cannot cause from outside."""

import datetime
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

HOUR = 3600.0


def clock_ahead() -> None:
    _shift(HOUR)


def clock_behind() -> None:
    _shift(-HOUR)


def lose_messages() -> None:
    """All messages that the process sends are lost, except those of the sweep."""
    from webapp.scheduling import queue

    send = queue._send

    def lose(*message: str) -> None:
        if threading.current_thread().name == "sweep":
            send(*message)

    vars(queue)["_send"] = lose


def repeat_messages() -> None:
    """Every message that the process sends is sent three times."""
    from webapp.scheduling import queue

    send = queue._send

    def repeat(*message: str) -> None:
        for _ in range(3):
            send(*message)

    vars(queue)["_send"] = repeat


def _shift(seconds: float) -> None:
    """Shifts the clock of this process as Python code reads it; time.monotonic is unchanged."""
    real_time = time.time
    real: Any = datetime.datetime
    kind: Any = type(real)

    class Either(kind):  # type: ignore[misc]
        def __instancecheck__(cls, other: object) -> bool:
            return isinstance(other, real)

    class Shifted(real, metaclass=Either):  # type: ignore[misc]
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Any:
            return real.now(tz) + datetime.timedelta(seconds=seconds)

        @classmethod
        def utcnow(cls) -> Any:
            return real.now(datetime.UTC).replace(tzinfo=None) + datetime.timedelta(seconds=seconds)

    vars(time)["time"] = lambda: real_time() + seconds
    vars(datetime)["datetime"] = Shifted


FAULTS: dict[str, Callable[[], None]] = {
    each.__name__: each for each in (clock_ahead, clock_behind, lose_messages, repeat_messages)
}

EARLY = (clock_ahead, clock_behind)  # before anything else is imported


def main(faults: list[Callable[[], None]], arguments: list[str]) -> None:
    for fault in faults:
        if fault in EARLY:
            fault()
    import os

    import django
    from django.core.management import execute_from_command_line

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
    django.setup()
    for fault in faults:
        if fault not in EARLY:
            fault()
    execute_from_command_line(["manage.py", *arguments])


if __name__ == "__main__":
    main([FAULTS[name] for name in sys.argv[1].split(",")], sys.argv[2:])
