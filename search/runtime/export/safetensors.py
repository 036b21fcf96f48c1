"""model.safetensors: every tensor by its module path, BN statistics and input normalisation included.

The metadata carries the architecture, so that the file alone is enough; equal weights give equal bytes.
"""

from pathlib import Path

from safetensors.torch import save_file
from torch import Tensor

from search.base import serialization
from search.runtime.load import Trained


def write(trained: Trained, path: Path, images: Tensor) -> None:
    tensors = {name: tensor.cpu().contiguous() for name, tensor in trained.network.state_dict().items()}
    save_file(tensors, path, metadata={"architecture": serialization.dumps(trained.architecture).decode()})
