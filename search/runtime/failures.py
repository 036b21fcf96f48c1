"""Failures in words: a code for the event log, equal on every machine, and a message for people."""

import errno

#: Parts of messages of GPU drivers, of torch's CPU allocator and of the kernel, in lower case.
OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "cannot allocate memory")
DISK_FULL = (errno.ENOSPC, errno.EDQUOT)


def code_of(error: Exception) -> str:
    """Either "out_of_memory" or "exception"."""
    message = str(error).lower()
    is_memory = isinstance(error, MemoryError) or any(words in message for words in OUT_OF_MEMORY)
    return "out_of_memory" if is_memory else "exception"


def message_of(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno in DISK_FULL:
        return f"The disk is full: make room where the worker keeps its files, and try again. ({error})"
    return f"{type(error).__name__}: {error}"
