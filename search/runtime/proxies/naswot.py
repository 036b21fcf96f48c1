"""NASWOT (Mellor et al., ICML 2021, Eq. 2): how well the active ReLUs tell the images of a batch apart."""

import torch

from search.runtime.proxies.probe import Probe


def score(probe: Probe) -> float:
    """log |det K|. Minus infinity where two images have equal codes."""
    active = probe.passes[0].active
    if active is None:
        raise ValueError("the probe did not record which ReLUs are active")
    images = len(probe.batches[0].images)
    agreements = torch.zeros(images, images, dtype=torch.float64, device=probe.device)
    for codes in active:
        signs = codes.float() * 2 - 1  # the product counts agreements minus disagreements
        agreements += ((signs @ signs.T) + codes.shape[1]) / 2
    return float(torch.linalg.slogdet(agreements).logabsdet)
