"""What the last bits of a result depend on, as one string: it is recorded in every outcome and is part of every key."""

import torch


class NoDevice(ValueError):
    """This machine has no such device; the message says what it has."""


def numerics(device: str = "cpu", threads: int = 1) -> str:
    """On CPU with one thread, equal numerics give equal results bit for bit; on a GPU they promise nothing.

    Raises NoDevice where this machine lacks the device.
    """
    kind, _, index = device.partition(":")
    if kind == "cuda":
        there_are = torch.cuda.device_count()
        if not (index or "0").isdecimal() or int(index or 0) >= there_are:
            raise NoDevice(f"there is no device {device!r} on this machine: torch sees {there_are} GPUs")
        return f"torch {torch.__version__}, cuda {torch.cuda.get_device_name(device)}"
    if device != "cpu":
        raise NoDevice(f"there is no device {device!r}; there are cpu and cuda")
    capability = torch.backends.cpu.get_cpu_capability()
    return f"torch {torch.__version__}, cpu {capability}, {threads} thread{'' if threads == 1 else 's'}"
