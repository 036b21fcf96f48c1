"""How this program was started, for messages that name a command to run."""

import shlex
from contextvars import ContextVar

MODULE = "python -m search"
name: ContextVar[str] = ContextVar("name", default=MODULE)


def command(*words: object) -> str:
    """A command of this program with these words, in backquotes."""
    return f"`{name.get()} {shlex.join(map(str, words))}`"
