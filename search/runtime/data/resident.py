"""Training data that stay on a device from one candidate to the next, so that they are copied to it once.

A device holds those of one dataset: its memory is for networks, and the candidates of a search share their data.
"""

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

T = TypeVar("T")

_held: dict[str, tuple[Hashable, Any]] = {}  # device -> key and data
_lock = Lock()  # a worker may train in several threads


def resident(device: str, key: Hashable, load: Callable[[], T]) -> T:
    """The data on the device: those of the last call if its key was equal, else what `load` returns.

    `key`: all that the data depend on. Other data are released before `load` is called, so that the device never holds
    both. Raises what `load` raises.
    """
    with _lock:
        if device in _held and _held[device][0] == key:
            held: T = _held[device][1]
            return held
        _held.pop(device, None)
        data = load()
        _held[device] = key, data
        return data


def release() -> None:
    """Releases the data of all devices."""
    with _lock:
        _held.clear()
