"""model.safetensors: all tensors by module path, including BN statistics and input normalisation.

The metadata contains the architecture, so the file alone is enough to load the network. Equal weights give equal bytes.
"""

from pathlib import Path

from safetensors.torch import save_file
from torch import Tensor

from search.base import serialization
from search.runtime.load import Trained


def write(trained: Trained, path: Path, sample: Tensor) -> None:
    tensors = {name: tensor.cpu().contiguous() for name, tensor in trained.network.state_dict().items()}
    save_file(tensors, path, metadata={"architecture": serialization.dumps(trained.architecture).decode()})
