"""The Penn Treebank proxy: ptb_proxy/{train,valid,test}.txt in a tar.gz, not in the repository for its licence."""

import os
import tarfile
from pathlib import Path

from search.data.datasets import Part
from tests.shared import SHARED

DEFAULT = SHARED / "ptb_proxy.tar.gz"
ARCHIVE = Path(os.environ.get("ESPALIER_PTB_PROXY") or DEFAULT)
MISSING = "no PTB proxy: set ESPALIER_PTB_PROXY to a tar.gz of ptb_proxy/{train,valid,test}.txt"
_NAMES: dict[Part, str] = {"train": "train", "validation": "valid", "test": "test"}


def lines(archive: tarfile.TarFile) -> dict[Part, list[str]]:
    """The lines of each part."""
    result: dict[Part, list[str]] = {}
    for part, name in _NAMES.items():
        file = archive.extractfile(f"ptb_proxy/{name}.txt")
        assert file is not None
        result[part] = file.read().decode().splitlines()
    return result
