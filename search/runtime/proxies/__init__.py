"""Proxies that run the network: one file each, and the table of them by the names of `search.evaluation.proxies`.

Each takes an untrained network with the batches that it sees (`Probe`). What several need is computed once: one pass
per batch serves ZiCo, the gradient norm, SNIP and NASWOT.
"""

import math
from collections.abc import Callable, Sequence

from search.runtime.proxies import grad_norm, naswot, ntk, snip, synflow, zen, zico
from search.runtime.proxies.probe import Probe

COMPUTED: dict[str, Callable[[Probe], float]] = {
    "zico": zico.score,
    "zico_abs": zico.score_abs,
    "naswot": naswot.score,
    "synflow": synflow.score,
    "grad_norm": grad_norm.score,
    "snip": snip.score,
    "zen": zen.score,
    "ntk": ntk.score,
}


def scores(probe: Probe, names: Sequence[str]) -> dict[str, float | None]:
    """The score of the network by each of these proxies; None where it is no finite number."""
    values = {name: COMPUTED[name](probe) for name in names}
    return {name: value if math.isfinite(value) else None for name, value in values.items()}
