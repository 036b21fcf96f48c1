"""model.onnx: one file, dynamic batch, images in [0, 1]; loaded from a folder of its own and compared with torch."""

import logging
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor

from search import wire
from search.runtime.build import generator
from search.runtime.load import Trained

ROWS = 64  # of noise, beside the real images
EXPORTERS_OWN = r"`isinstance\(treespec, LeafSpec\)` is deprecated"  # torch 2.13 warns of its own code
TOLERANCE = 1e-4  # of the largest logit: float32, summed in another order


class Differs(RuntimeError):
    """The exported file does not compute what the network computes."""


def write(trained: Trained, path: Path, images: Tensor) -> wire.Json:
    """Raises Differs. The check: largest difference of a logit, what ran it, over how many images."""
    _export(trained, path, images[:2])
    noise = torch.rand(ROWS, *images.shape[1:], generator=generator("onnx", "noise"))
    return _check(trained, path, torch.cat([noise, images]))


def _export(trained: Trained, path: Path, example: Tensor) -> None:
    network = trained.network.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    with warnings.catch_warnings(), _quiet():
        warnings.filterwarnings("ignore", EXPORTERS_OWN, FutureWarning)
        torch.onnx.export(
            network,
            (example,),
            path,
            input_names=["images"],
            output_names=["logits"],
            dynamic_shapes={"images": {0: torch.export.Dim("batch", min=1)}},
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    model = onnx.load(path)
    onnx.helper.set_model_props(model, {"architecture": wire.dumps(trained.architecture).decode()})
    onnx.save(model, path)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the exporter's log lines about torchvision, which nothing here uses."""
    logger = logging.getLogger("torch.onnx._internal.exporter._registration")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


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
