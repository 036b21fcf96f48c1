"""CIFAR-10 as PNG, train/CLASS/N.png and test/CLASS/N.png in a tar.gz: too large for the repository."""

import os
from pathlib import Path

BESIDE = Path(__file__).parents[1].parent / "shared" / "data" / "cifar10.tar.gz"
ARCHIVE = Path(os.environ.get("ESPALIER_CIFAR10") or BESIDE)
MISSING = "CIFAR-10 is not here: set ESPALIER_CIFAR10 to a tar.gz of train/CLASS/N.png and test/CLASS/N.png"
