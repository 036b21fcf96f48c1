"""model.onnx: a single file with a dynamic batch size, whose outputs are compared with torch after the export.

Image networks take images in [0, 1]. Language models take one word per stream and the state before it.
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
from search.runtime.networks.image import Network
from search.runtime.networks.text import Recurrent
from search.runtime.onnx import writer
from search.runtime.onnx.session import open_session, session_options
from search.runtime.rng import seeded_generator

Floats = npt.NDArray[np.float32]

NOISE_ROWS = 64  # images of noise, added to the real images
MAX_ELEMENTS = 1_000_000  # of all images of a check together: six RGB images of 224 px
MIN_ROWS = 4  # images of a check, however large they are
TOLERANCE = 1e-4  # relative to the largest logit, since float32 sums depend on the order


class Differs(RuntimeError):
    """The exported file does not compute what the network computes."""


def write(trained: Trained, path: Path, sample: Tensor) -> serialization.Json:
    """Raises Differs. Returns the largest difference of a logit, the runtime, and the number of images or words."""
    weights = {name: tensor.cpu().numpy() for name, tensor in trained.network.state_dict().items()}
    metadata = {"architecture": serialization.dumps(trained.architecture).decode()}
    epsilon = trained.architecture.get("norm_epsilon", 0.0)  # language models have no BN
    path.write_bytes(writer.model_of(trained.network.program, weights, epsilon, metadata))
    return _check(trained, path, sample)


def _check(trained: Trained, path: Path, sample: Tensor) -> serialization.Json:
    session, network = _session(path), trained.network
    if isinstance(network, Recurrent):
        actual, expected = _run_words(network, session, sample)
    else:
        actual, expected = _run_images(network, session, sample)
    difference = float(np.abs(actual - expected).max())
    if difference > TOLERANCE * max(1.0, float(np.abs(expected).max())):
        raise Differs(f"logits differ by up to {difference:g}")
    return {"max_difference": difference, "runtime": f"onnxruntime {onnxruntime.__version__}", "rows": len(actual)}


def _session(path: Path) -> Any:
    """Opens a copy in an empty folder, which proves that the model needs no other file."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copy(path, folder))
        return open_session(copy, session_options(as_written=True))


@torch.no_grad()
def _run_images(network: Network, session: Any, images: Tensor) -> tuple[Floats, Floats]:
    """Logits of noise and of real images, from the file and from the network."""
    rows = max(MIN_ROWS, MAX_ELEMENTS // images[0].numel())
    noise = torch.rand(min(NOISE_ROWS, rows // 2), *images.shape[1:], generator=seeded_generator("onnx", "noise"))
    images = torch.cat([noise, images[: rows - len(noise)]])
    (actual,) = session.run(["logits"], {"images": images.numpy()})
    return actual, network(images).numpy()


@torch.no_grad()
def _run_words(network: Recurrent, session: Any, words: Tensor) -> tuple[Floats, Floats]:
    """Logits of a text (T, B). The file is run step by step, each time with the state that it returned."""
    start = network.start(words.shape[1])
    state, actual = start.numpy(), []
    for tokens in words.numpy():
        logits, state = session.run(["logits", "next_state"], {"tokens": tokens, "state": state})
        actual.append(logits)
    expected, _ = network(words, start)
    return np.concatenate(actual), expected.flatten(0, 1).numpy()
