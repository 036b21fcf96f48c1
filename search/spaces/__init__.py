"""Search spaces: one file per space, and the table of them. Also published architectures and scaling.

May import network, data and base.
"""

from search.spaces import chain, cnn, nasbench201, nasbench_macro, rnn
from search.spaces.base import Space

SPACES: dict[str, Space] = {
    "cnn": cnn,
    "rnn": rnn,
    "nasbench201": nasbench201,
    "nasbench_macro": nasbench_macro,
    "chain": chain,
}
