"""Gradient norm (Abdelfattah et al., ICLR 2021): the sum over layers of the norm of the weights' gradient."""

from search.runtime.proxies.probe import Probe


def score(probe: Probe) -> float:
    return float(sum(gradient.norm() for gradient in probe.passes[0].gradients))
