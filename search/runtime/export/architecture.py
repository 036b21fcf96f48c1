"""architecture.json: graph, macro, costs, and the network's inputs and outputs."""

from pathlib import Path

from torch import Tensor

from search.base import serialization
from search.runtime.load import Trained


def write(trained: Trained, path: Path, sample: Tensor) -> None:
    path.write_bytes(serialization.dumps(trained.architecture) + b"\n")
