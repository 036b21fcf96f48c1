"""What the last bits of a result depend on, as one string: it is recorded in every outcome and is part of every key."""

import torch


def numerics(device: str = "cpu", threads: int = 1) -> str:
    """On CPU with one thread, equal numerics give equal results bit for bit; on a GPU they promise nothing."""
    kind = torch.device(device).type
    if kind != "cpu":
        return f"torch {torch.__version__}, {kind} {torch.cuda.get_device_name(device)}"
    capability = torch.backends.cpu.get_cpu_capability()
    return f"torch {torch.__version__}, cpu {capability}, {threads} thread{'' if threads == 1 else 's'}"
