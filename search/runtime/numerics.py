"""The numerics string: everything that affects the last bits of a result.

It is recorded in every outcome and is part of every cache key.
"""

import torch


class NoDevice(ValueError):
    """This machine has no such device; the message says which devices it has."""


def numerics(device: str = "cpu", threads: int = 1) -> str:
    """On a CPU with one thread, equal numerics give results that are equal bit for bit; on a GPU they do not.

    Raises NoDevice where this machine lacks the device.
    """
    kind, _, index = device.partition(":")
    if kind == "cuda":
        count = torch.cuda.device_count()
        if not (index or "0").isdecimal() or int(index or 0) >= count:
            raise NoDevice(f"there is no device {device!r} on this machine: torch finds {count} GPUs")
        return f"torch {torch.__version__}, cuda {torch.cuda.get_device_name(device)}"
    if device != "cpu":
        raise NoDevice(f"there is no device {device!r}; there are cpu and cuda")
    capability = torch.backends.cpu.get_cpu_capability()
    return f"torch {torch.__version__}, cpu {capability}, {threads} thread{'' if threads == 1 else 's'}"
