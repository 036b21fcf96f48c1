"""Proxies: scores of untrained networks, and the table of them. A higher score is better, always.

Those in closed form are computed here from a network's costs. The others read gradients or activations, and are
computed by `search.runtime.proxies` under the same names.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from search.network.cost import Cost

#: What a network is given: real images with their labels, real images alone, noise, or nothing that depends on data.
Inputs = Literal["labelled images", "images", "noise", "ones", "nothing"]


ProxyName = Literal["zico", "zico_abs", "naswot", "synflow", "grad_norm", "snip", "zen", "ntk", "params", "macs"]


@dataclass(frozen=True, kw_only=True)
class Proxy:
    name: ProxyName
    title: str
    about: str  # what it computes, and where that differs from the source
    source: str
    inputs: Inputs
    closed: Callable[[Cost], float] | None = None  # the score from the costs; None: it takes a worker


PROXIES: dict[str, Proxy] = {
    proxy.name: proxy
    for proxy in (
        Proxy(
            name="zico",
            title="ZiCo",
            about="Sum over layers of log(sum over weights of mean |gradient| / deviation of the gradient).",
            source="Li et al., ICLR 2023, Eq. 15; the released code's deviation of the signed gradient",
            inputs="labelled images",
        ),
        Proxy(
            name="zico_abs",
            title="ZiCo, as in the paper",
            about="The same with the deviation of the gradient's absolute value, as the equation has it.",
            source="Li et al., ICLR 2023, Eq. 15",
            inputs="labelled images",
        ),
        Proxy(
            name="naswot",
            title="NASWOT",
            about="log |det K|, where K counts the ReLUs at which two images agree whether they are active.",
            source="Mellor et al., ICML 2021, Eq. 2",
            inputs="images",
        ),
        Proxy(
            name="synflow",
            title="SynFlow",
            about="log of the sum of |weight x gradient| with absolute weights and an input of ones, without BN.",
            source="Tanaka et al., NeurIPS 2020; summed over the network as in Abdelfattah et al., ICLR 2021",
            inputs="ones",
        ),
        Proxy(
            name="grad_norm",
            title="Gradient norm",
            about="Sum over layers of the norm of the weights' gradient.",
            source="Abdelfattah et al., ICLR 2021, section 3.2",
            inputs="labelled images",
        ),
        Proxy(
            name="snip",
            title="SNIP",
            about="Sum of |weight x gradient|.",
            source="Lee et al., ICLR 2019; summed as in Abdelfattah et al., ICLR 2021",
            inputs="labelled images",
        ),
        Proxy(
            name="zen",
            title="Zen-Score",
            about="log of how much the features before pooling change with the input, plus the log deviations of BN.",
            source="Lin et al., ICCV 2021, Algorithm 1",
            inputs="noise",
        ),
        Proxy(
            name="ntk",
            title="NTK condition",
            about="Minus the log of the condition number of the neural tangent kernel of a batch.",
            source="Chen et al. (TE-NAS), ICLR 2021, section 3.1.1",
            inputs="images",
        ),
        Proxy(
            name="params",
            title="Parameters",
            about="The number of parameters.",
            source="the control of Li et al., ICLR 2023, Table 1",
            inputs="nothing",
            closed=lambda cost: float(cost.params),
        ),
        Proxy(
            name="macs",
            title="MACs",
            about="The number of multiply-adds.",
            source="the control of Li et al., ICLR 2023, Table 1",
            inputs="nothing",
            closed=lambda cost: float(cost.macs),
        ),
    )
}
