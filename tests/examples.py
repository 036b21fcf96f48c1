"""The number of examples of a property test, the same ones in every run.

`ESPALIER_EXAMPLES=20` draws twenty times as many, as `make soak` does.
"""

import os

from hypothesis import HealthCheck, settings

FACTOR = int(os.environ.get("ESPALIER_EXAMPLES", "1"))


def examples(count: int) -> int:
    return count * FACTOR


def load_profile() -> None:
    """Hypothesis settings of all property tests: a fixed seed, no example database, no deadline."""
    settings.register_profile(
        "espalier",
        max_examples=examples(50),
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    settings.load_profile("espalier")
