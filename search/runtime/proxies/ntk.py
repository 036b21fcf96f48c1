"""The condition number of the neural tangent kernel (TE-NAS: Chen et al., ICLR 2021, section 3.1.1)."""

import torch

from search.runtime.proxies.probe import Probe

IMAGES = 16  # of the batch, at most: each takes a pass of its own


def score(probe: Probe) -> float:
    """Minus the log of the largest eigenvalue over the smallest; minus infinity where that is 0 or below."""
    weights = [layer.weight for layer in probe.layers]
    outputs = probe.network(probe.batches[0].images[:IMAGES]).sum(1)
    rows = []
    for i, output in enumerate(outputs):
        gradients = torch.autograd.grad(output, weights, retain_graph=i + 1 < len(outputs), allow_unused=True)
        rows.append(torch.cat([each.flatten() for each in gradients if each is not None]))
    jacobian = torch.stack(rows)
    eigenvalues = torch.linalg.eigvalsh((jacobian @ jacobian.T).double())
    if eigenvalues[0] <= 0:
        return -torch.inf
    return float((eigenvalues[0] / eigenvalues[-1]).log())
