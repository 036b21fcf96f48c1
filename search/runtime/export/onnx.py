"""model.onnx: one file, dynamic batch, images in [0, 1]; loaded from a folder of its own and compared with torch."""

import shutil
import tempfile
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import Tensor

from search import wire
from search.runtime import onnxfile
from search.runtime.build import generator
from search.runtime.load import Trained

ROWS = 64  # of noise, beside the real images
TOLERANCE = 1e-4  # of the largest logit: float32, summed in another order


class Differs(RuntimeError):
    """The exported file does not compute what the network computes."""


def write(trained: Trained, path: Path, images: Tensor) -> wire.Json:
    """Raises Differs. The check: largest difference of a logit, what ran it, over how many images."""
    weights = {name: tensor.cpu().numpy() for name, tensor in trained.network.state_dict().items()}
    about = {"architecture": wire.dumps(trained.architecture).decode()}
    epsilon = trained.architecture["norm_epsilon"]
    path.write_bytes(onnxfile.model_of(trained.network.program, weights, epsilon, about))
    noise = torch.rand(ROWS, *images.shape[1:], generator=generator("onnx", "noise"))
    return _check(trained, path, torch.cat([noise, images]))


@torch.no_grad()
def _check(trained: Trained, path: Path, images: Tensor) -> wire.Json:
    with tempfile.TemporaryDirectory() as alone:
        copy = shutil.copy(path, alone)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(copy, options, providers=["CPUExecutionProvider"])
        (found,) = session.run(["logits"], {"images": images.numpy()})
    expected = trained.network(images).numpy()
    difference = float(np.abs(found - expected).max())
    if difference > TOLERANCE * max(1.0, float(np.abs(expected).max())):
        raise Differs(f"logits differ by up to {difference:g}")
    return {"max_difference": difference, "runtime": f"onnxruntime {onnxruntime.__version__}", "rows": len(images)}
