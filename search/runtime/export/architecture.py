"""architecture.json: graph, macro, costs, and how to feed the network."""

from pathlib import Path

from torch import Tensor

from search.base import serialization
from search.runtime.load import Trained


def write(trained: Trained, path: Path, images: Tensor) -> None:
    path.write_bytes(serialization.dumps(trained.architecture) + b"\n")
