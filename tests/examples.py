"""How many examples a test of a property draws: the same ones in every run, and more of them where that is asked for.

`ESPALIER_EXAMPLES=20` draws twenty times as many, as `make soak` does.
"""

import os

from hypothesis import HealthCheck, settings

FACTOR = int(os.environ.get("ESPALIER_EXAMPLES", "1"))


def examples(count: int) -> int:
    return count * FACTOR


def load_profile() -> None:
    """What every property is tested by: drawn from a fixed seed, kept nowhere, and not held to a clock."""
    settings.register_profile(
        "espalier",
        max_examples=examples(50),
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    settings.load_profile("espalier")
