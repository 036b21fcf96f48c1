"""model.onnx: one file, dynamic batch; loaded from a folder of its own and compared with torch.

It takes images in [0, 1]; or, of a language model, one word a stream and the state before it.
"""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
import torch
from torch import Tensor

from search.base import serialization
from search.runtime.load import Trained
from search.runtime.networks.image import Network, generator
from search.runtime.networks.text import Recurrent
from search.runtime.onnx import writer
from search.runtime.onnx.session import opened, options

Floats = npt.NDArray[np.float32]

ROWS = 64  # of noise, beside the real images
MOST_ELEMENTS = 1_000_000  # of all images together: six of 224 px, and more of them would tell no more
LEAST_ROWS = 4  # however large the images are
TOLERANCE = 1e-4  # of the largest logit: float32, summed in another order


class Differs(RuntimeError):
    """The exported file does not compute what the network computes."""


def write(trained: Trained, path: Path, sample: Tensor) -> serialization.Json:
    """Raises Differs. The check: largest difference of a logit, what ran it, over how many images or words."""
    weights = {name: tensor.cpu().numpy() for name, tensor in trained.network.state_dict().items()}
    about = {"architecture": serialization.dumps(trained.architecture).decode()}
    epsilon = trained.architecture.get("norm_epsilon", 0.0)  # a language model has no BN
    path.write_bytes(writer.model_of(trained.network.program, weights, epsilon, about))
    return _check(trained, path, sample)


def _check(trained: Trained, path: Path, sample: Tensor) -> serialization.Json:
    session, network = _session(path), trained.network
    if isinstance(network, Recurrent):
        found, expected = _words(network, session, sample)
    else:
        found, expected = _images(network, session, sample)
    difference = float(np.abs(found - expected).max())
    if difference > TOLERANCE * max(1.0, float(np.abs(expected).max())):
        raise Differs(f"logits differ by up to {difference:g}")
    return {"max_difference": difference, "runtime": f"onnxruntime {onnxruntime.__version__}", "rows": len(found)}


def _session(path: Path) -> Any:
    """Of a copy that lies in a folder of its own: what it needs must be in the one file."""
    with tempfile.TemporaryDirectory() as alone:
        copy = Path(shutil.copy(path, alone))
        return opened(copy, options(as_written=True))


@torch.no_grad()
def _images(network: Network, session: Any, images: Tensor) -> tuple[Floats, Floats]:
    """Logits of real images and of noise, by the file and by the network."""
    rows = max(LEAST_ROWS, MOST_ELEMENTS // images[0].numel())
    noise = torch.rand(min(ROWS, rows // 2), *images.shape[1:], generator=generator("onnx", "noise"))
    images = torch.cat([noise, images[: rows - len(noise)]])
    (found,) = session.run(["logits"], {"images": images.numpy()})
    return found, network(images).numpy()


@torch.no_grad()
def _words(network: Recurrent, session: Any, words: Tensor) -> tuple[Floats, Floats]:
    """The same of a text (T, B), read by the file step by step, so that the state goes round too."""
    start = network.start(words.shape[1])
    state, found = start.numpy(), []
    for now in words.numpy():
        logits, state = session.run(["logits", "next_state"], {"tokens": now, "state": state})
        found.append(logits)
    expected, _ = network(words, start)
    return np.concatenate(found), expected.flatten(0, 1).numpy()
