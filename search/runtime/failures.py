"""What is said of a failure: in the log its kind alone, so that equal failures read alike on every machine."""

import errno

#: As a card's driver, torch's allocator of main memory and the kernel say it.
SHORT_OF_MEMORY = ("out of memory", "can't allocate memory", "cannot allocate memory")


FULL = (errno.ENOSPC, errno.EDQUOT)


def code_of(error: Exception) -> str:
    said = str(error).lower()
    short = isinstance(error, MemoryError) or any(words in said for words in SHORT_OF_MEMORY)
    return "out_of_memory" if short else "exception"


def message_of(error: Exception) -> str:
    """For people."""
    if isinstance(error, OSError) and error.errno in FULL:
        return f"The disk is full: make room where the worker keeps its files, and try again. ({error})"
    return f"{type(error).__name__}: {error}"
