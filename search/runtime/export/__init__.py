"""The forms in which a trained network leaves: one file each, and their table.

Their names are in search.network.export_formats, where no torch is needed.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from torch import Tensor

from search.base import serialization
from search.base.files import write_whole
from search.runtime.context import LocalFiles
from search.runtime.export import architecture, onnx, safetensors
from search.runtime.load import Trained


class Format(NamedTuple):
    name: str  # of the file
    #: Writes the file; images (N, C, H, W) or words (T, B) are real ones to check it by. What the check found, if any.
    write: Callable[[Trained, Path, Tensor], serialization.Json | None]


FORMATS: dict[str, Format] = {
    "safetensors": Format("model.safetensors", safetensors.write),
    "architecture": Format("architecture.json", architecture.write),
    "onnx": Format("model.onnx", onnx.write),
}


def leave(folder: Path, work: serialization.Json, outcome: serialization.Json, found: serialization.Json) -> None:
    """Copies a final training's files out of `folder`/files under their names, each whole or not at all.

    architecture.json is told, besides, how the search came upon the graph and how it was trained.
    """
    trained = {name: work[name] for name in ("recipe", "replicate", "split")}
    reached = [name for name in outcome if name.startswith(("val_", "test_"))]
    trained |= {name: outcome[name] for name in (*reached, "best_epoch", "numerics")}
    files = LocalFiles(folder / "files")
    for file in outcome["files"]:
        content = files.path_of(file["sha256"]).read_bytes()
        if file["format"] == "architecture":
            content = serialization.dumps(serialization.loads(content) | {"found": found, "trained": trained}) + b"\n"
        write_whole(folder / str(file["name"]), content)
