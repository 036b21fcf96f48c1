"""Work items on a GPU: they train, resume, and their files load on a CPU."""

import gc
from pathlib import Path

import pytest
import torch

from search.base import serialization
from search.base.serialization import Json
from search.data import builtin
from search.evaluation.recipes.image import IMAGENET, PROXY, proxy
from search.runtime.context import Context, Interrupted, LocalFiles
from search.runtime.data import resident
from search.runtime.execute import execute
from search.runtime.load import load_weights
from search.runtime.modalities import image
from search.runtime.training import precision
from search.spaces import cnn

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU")


def work(kind: str, **recipe: object) -> Json:
    dataset = builtin.get("digits")
    return {
        "kind": kind,
        "graph": cnn.dense(4).to_dict(),
        "macro": serialization.to_jsonable(cnn.search_macro((1, 8, 8), 10)),
        "recipe": serialization.to_jsonable(proxy("digits")) | recipe,
        "dataset": "digits",
        "split": dataset.split,
        "replicate": 0,
    }


def test_a_candidate_learns_on_the_gpu_and_its_numerics_name_it() -> None:
    outcome = execute(work("train"), Context(device="cuda"))
    assert outcome["val_accuracy"] > 0.9
    assert "cuda" in outcome["numerics"]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_a_candidate_learns_in_mixed_precision(monkeypatch: pytest.MonkeyPatch, dtype: torch.dtype) -> None:
    monkeypatch.setattr(precision, "_dtype", lambda recipe, device: dtype)
    outcome = execute(work("train", precision="mixed"), Context(device="cuda"))
    assert outcome["val_accuracy"] > 0.9


def test_mixed_precision_is_bfloat16_where_the_gpu_has_it() -> None:
    expected = torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
    assert precision._dtype(IMAGENET, torch.device("cuda")) == expected
    assert precision._dtype(PROXY, torch.device("cuda")) is None


def test_images_are_augmented_on_the_gpu() -> None:
    """With all augmentations, dropout and weight averaging."""
    recipe = serialization.to_jsonable(IMAGENET) | {
        "epochs": 3,
        "batch": 32,
        "warm_up": 1,
        "norm_momentum": 0.1,
        "dropout": 0.1,
    }
    outcome = execute(work("train", **recipe), Context(device="cuda"))
    assert outcome["val_accuracy"] > 0.2
    assert outcome["epochs"] == 3


def test_a_final_training_resumes_and_its_weights_load_on_a_cpu(tmp_path: Path) -> None:
    files, remaining = LocalFiles(tmp_path / "files"), iter(range(60))
    with pytest.raises(Interrupted):
        execute(
            work("final"),
            Context(
                device="cuda", files=files, checkpoint=tmp_path / "c", should_stop=lambda: next(remaining, None) is None
            ),
        )
    epochs: list[int] = []
    outcome = execute(
        work("final"),
        Context(
            device="cuda",
            files=files,
            checkpoint=tmp_path / "c",
            report=lambda telemetry: epochs.append(len(telemetry["curve"])),
        ),
    )
    assert epochs == [2, 3]
    trained = load_weights(files.path_of(outcome["files"][0]["sha256"]))
    assert trained.network(torch.rand(2, 1, 8, 8)).shape == (2, 10)


def test_candidates_share_the_images_on_the_gpu() -> None:
    resident.release()
    before = torch.cuda.memory_allocated()
    first, second = (
        image.create_training(work("train") | {"replicate": i}, Context(device="cuda"), False) for i in (0, 1)
    )
    assert first.data is second.data
    assert first.data.train.images.is_cuda
    del first, second
    assert torch.cuda.memory_allocated() - before >= 1259 * 64 * 4  # the images stay
    resident.release()
    gc.collect()
    assert torch.cuda.memory_allocated() == before
