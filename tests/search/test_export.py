"""Exports: files that load without a search and compute the same."""

from pathlib import Path
from typing import Any

import onnx
import onnxruntime
import pytest
import torch
from safetensors import safe_open

from search.base import serialization
from search.evaluation.recipes.image import ImageRecipe
from search.network.export_formats import EXPORTS
from search.runtime.context import Context, LocalFiles
from search.runtime.data.images import load_test_data, load_training_data
from search.runtime.execute import execute
from search.runtime.export import FORMATS, save_final_files
from search.runtime.export import onnx as onnx_format
from search.runtime.load import BadArchitecture, Trained, describe, load, load_weights
from search.runtime.networks.image import Network, build
from search.runtime.training.image import evaluate
from search.runtime.work import BadWork
from search.spaces import cnn
from tests.search import conftest


@pytest.fixture(scope="module")
def final(trained: conftest.Trained) -> conftest.Trained:
    """The trained network, with its files saved under their names."""
    save_final_files(trained.folder, trained.work, trained.outcome, {"step": 3, "edge": "0-2"})
    return trained


@pytest.fixture(scope="module")
def exported(trained: conftest.Trained) -> tuple[serialization.Json, Path]:
    files = LocalFiles(trained.folder / "files")
    fields = {name: trained.work[name] for name in ("graph", "macro", "dataset", "split")}
    weights = trained.outcome["files"][0]["sha256"]
    outcome = execute({"kind": "export", "format": "onnx", "weights": weights, **fields}, Context(files=files))
    (file,) = outcome["files"]
    return file, files.path_of(file["sha256"])


def session(path: Path) -> Any:
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


def test_every_format_has_a_writer() -> None:
    assert FORMATS.keys() == EXPORTS.keys()


def test_the_two_files_load_into_the_tested_network(final: conftest.Trained) -> None:
    network = load(final.folder / "architecture.json", final.folder / "model.safetensors")
    assert isinstance(network, Network) and not network.training
    images = load_test_data("digits", final.work["split"])
    assert evaluate(network, images)[1] == final.outcome["test_accuracy"]


def test_the_weights_are_those_of_the_best_epoch(final: conftest.Trained) -> None:
    network = load(final.folder / "architecture.json", final.folder / "model.safetensors")
    validation = load_training_data("digits", final.work["split"]).validation
    assert isinstance(network, Network)
    assert evaluate(network, validation)[1] == final.outcome["val_accuracy"]


def test_the_weights_file_alone_is_enough(final: conftest.Trained) -> None:
    network, architecture = load_weights(final.folder / "model.safetensors")
    other = load(final.folder / "architecture.json", final.folder / "model.safetensors")
    images = torch.rand(4, 1, 8, 8)
    assert torch.equal(network(images), other(images))
    assert architecture["graph"] == final.work["graph"]


def test_architecture_json_describes_the_input_and_the_provenance(final: conftest.Trained) -> None:
    architecture = serialization.loads((final.folder / "architecture.json").read_bytes())
    assert architecture["input"]["shape"] == ["batch", 1, 8, 8]
    assert architecture["input"]["range"] == [0.0, 1.0]
    assert architecture["found"] == {"step": 3, "edge": "0-2"}
    assert architecture["trained"]["test_accuracy"] == final.outcome["test_accuracy"]


def test_an_architecture_of_another_version_is_refused(final: conftest.Trained, tmp_path: Path) -> None:
    architecture = serialization.loads((final.folder / "architecture.json").read_bytes())
    invalid: list[Any] = [architecture | {"v": 99}, architecture | {"graph": {"nodes": [], "edges": []}}, {"v": 1}, []]
    for content in invalid:
        (tmp_path / "architecture.json").write_bytes(serialization.dumps(content))
        with pytest.raises(BadArchitecture):
            load(tmp_path / "architecture.json", final.folder / "model.safetensors")


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[" * 100_000, b'{"v":1,"graph":{"nodes":[{"id":0,"op":"input","rank":1%s}]}}' % (b"0" * 400)],
)
def test_a_damaged_architecture_is_refused(final: conftest.Trained, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "architecture.json").write_bytes(content)
    with pytest.raises(BadArchitecture):
        load(tmp_path / "architecture.json", final.folder / "model.safetensors")


def test_weights_of_another_network_are_refused(final: conftest.Trained, tmp_path: Path) -> None:
    architecture = serialization.loads((final.folder / "architecture.json").read_bytes())
    other = architecture | {"macro": architecture["macro"] | {"classes": 3}}
    (tmp_path / "architecture.json").write_bytes(serialization.dumps(other))
    with pytest.raises(BadArchitecture, match="weights are of another network"):
        load(tmp_path / "architecture.json", final.folder / "model.safetensors")


def test_weights_without_an_architecture_are_refused(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    save_file({"a": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(BadArchitecture, match="carries no architecture"):
        load_weights(tmp_path / "other.safetensors")


def test_safetensors_hold_every_tensor_by_its_module_path(final: conftest.Trained) -> None:
    with safe_open(final.folder / "model.safetensors", "pt") as file:
        names = set(file.keys())
    assert {"input.mean", "stem.weight", "stem.norm.running_var", "dense.bias"} <= names


def test_onnx_is_checked_against_torch(exported: tuple[serialization.Json, Path]) -> None:
    file, _ = exported
    assert file["check"]["max_difference"] < 1e-4
    assert file["check"]["rows"] == 64 + 269
    assert file["check"]["runtime"] == f"onnxruntime {onnxruntime.__version__}"


def test_onnx_is_a_single_file(exported: tuple[serialization.Json, Path]) -> None:
    model = onnx.load(exported[1], load_external_data=False)
    onnx.checker.check_model(model)
    assert not any(tensor.external_data for tensor in model.graph.initializer)
    assert exported[0]["bytes"] == exported[1].stat().st_size


def test_onnx_accepts_any_batch_size(exported: tuple[serialization.Json, Path]) -> None:
    running = session(exported[1])
    for count in (1, 3, 100):
        (logits,) = running.run(["logits"], {"images": torch.rand(count, 1, 8, 8).numpy()})
        assert logits.shape == (count, 10)


def test_onnx_has_the_reported_accuracy(exported: tuple[serialization.Json, Path], trained: conftest.Trained) -> None:
    images, labels = load_test_data("digits", trained.work["split"])
    (logits,) = session(exported[1]).run(["logits"], {"images": images.numpy()})
    assert float((logits.argmax(1) == labels.numpy()).mean()) == trained.outcome["test_accuracy"]


def test_onnx_contains_its_architecture(exported: tuple[serialization.Json, Path], trained: conftest.Trained) -> None:
    metadata = session(exported[1]).get_modelmeta().custom_metadata_map
    assert serialization.loads(metadata["architecture"])["graph"] == trained.work["graph"]


def test_an_export_with_other_results_is_refused(
    exported: tuple[serialization.Json, Path], trained: conftest.Trained
) -> None:
    macro = cnn.search_macro((1, 8, 8), 10)
    other = build(cnn.dense(3), macro, ImageRecipe(), 1).eval()
    with pytest.raises(onnx_format.Differs):
        onnx_format._check(
            Trained(other, describe(cnn.dense(3), macro, "digits", 1e-5)), exported[1], torch.rand(4, 1, 8, 8)
        )


@pytest.mark.parametrize(("limit", "noise", "real"), [(0, 2, 2), (10 * 64, 5, 5), (1_000_000, 64, 40)])
def test_large_images_are_checked_with_fewer_rows(
    limit: int, noise: int, real: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx_format, "MAX_ELEMENTS", limit)
    network = build(cnn.dense(2), cnn.search_macro((1, 8, 8), 10), ImageRecipe(), 1).eval()
    seen: list[Any] = []

    class Session:
        def run(self, names: list[str], feed: dict[str, Any]) -> list[Any]:
            seen.append(feed["images"])
            return [network(torch.from_numpy(feed["images"])).numpy()]

    found, expected = onnx_format._run_images(network, Session(), torch.zeros(40, 1, 8, 8))
    assert len(found) == len(expected) == noise + real
    assert int(seen[0].any(axis=(1, 2, 3)).sum()) == noise


def test_an_unknown_format_is_refused(trained: conftest.Trained) -> None:
    with pytest.raises(BadWork, match="no export format 'doc'; there are safetensors, architecture, onnx"):
        execute({"kind": "export", "format": "doc", "weights": ""}, Context())
