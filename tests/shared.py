"""Where data for tests and benchmarks are that are too large for the repository."""

from pathlib import Path

SHARED = Path(__file__).parents[1].parent / "shared" / "data"
