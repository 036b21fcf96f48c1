"""The export formats of trained networks: one module each, and their table.

Their names are in search.network.export_formats, which needs no torch.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from torch import Tensor

from search.base.files import write_whole
from search.base.serialization import Json, dumps, loads
from search.runtime.context import LocalFiles
from search.runtime.export import architecture, onnx, safetensors
from search.runtime.load import Trained


class Format(NamedTuple):
    name: str  # of the file
    #: Writes the file and checks it with the tensor, a sample of real inputs: images (N, C, H, W) or words (T, B).
    #: Returns what the check measured, or None where there is no check.
    write: Callable[[Trained, Path, Tensor], Json | None]


FORMATS: dict[str, Format] = {
    "safetensors": Format("model.safetensors", safetensors.write),
    "architecture": Format("architecture.json", architecture.write),
    "onnx": Format("model.onnx", onnx.write),
}


def save_final_files(folder: Path, work: Json, outcome: Json, provenance: Json) -> None:
    """Copies the files of a final training from `folder`/files to `folder` under their names, each atomically.

    architecture.json also gets "found", the provenance of the graph, and "trained", how it was trained and its metrics.
    """
    trained = {name: work[name] for name in ("recipe", "replicate", "split")}
    metrics = [name for name in outcome if name.startswith(("val_", "test_"))]
    trained |= {name: outcome[name] for name in (*metrics, "best_epoch", "numerics")}
    files = LocalFiles(folder / "files")
    for file in outcome["files"]:
        content = files.path_of(file["sha256"]).read_bytes()
        if file["format"] == "architecture":
            content = dumps(loads(content) | {"found": provenance, "trained": trained}) + b"\n"
        write_whole(folder / str(file["name"]), content)
