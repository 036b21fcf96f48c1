"""SNIP (Lee et al., ICLR 2019), summed over the network: how much the loss hangs on each weight."""

from search.runtime.proxies.probe import Probe


def score(probe: Probe) -> float:
    pairs = zip(probe.layers, probe.passes[0].gradients, strict=True)
    return float(sum((layer.weight.detach() * gradient).abs().sum() for layer, gradient in pairs))
