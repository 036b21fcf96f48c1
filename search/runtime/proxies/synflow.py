"""SynFlow (Tanaka et al., NeurIPS 2020), summed over the network as in Abdelfattah et al. (ICLR 2021).

All weights are made positive and the input is ones, so the score depends on no data. BN is left out: in evaluation mode
a new one passes its input on.
"""

import torch

from search.runtime.proxies.probe import Probe


def score(probe: Probe) -> float:
    """log of the sum of weight x gradient, in float64, since the products grow with the depth."""
    with probe.drawn("torch") as network:
        network.double().eval()
        network.set_normalisation(torch.tensor(0.0), torch.tensor(1.0))
        try:
            weights = [layer.weight for layer in probe.layers]
            with torch.no_grad():
                for weight in weights:
                    weight.abs_()
            ones = torch.ones_like(probe.batches[0].images[:1], dtype=torch.float64)
            gradients = torch.autograd.grad(network(ones).sum(), weights, allow_unused=True)
            pairs = zip(weights, gradients, strict=True)
            total = sum((weight.detach() * gradient).sum() for weight, gradient in pairs if gradient is not None)
            return float(torch.as_tensor(total).log())
        finally:
            network.float()
