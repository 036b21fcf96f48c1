"""CIFAR-10 as PNG files in a tar.gz, train/CLASS/N.png and test/CLASS/N.png: too large for the repository."""

import os
from pathlib import Path

from tests.shared import SHARED

DEFAULT = SHARED / "cifar10.tar.gz"
ARCHIVE = Path(os.environ.get("ESPALIER_CIFAR10") or DEFAULT)
MISSING = "no CIFAR-10: set ESPALIER_CIFAR10 to a tar.gz of train/CLASS/N.png and test/CLASS/N.png"
