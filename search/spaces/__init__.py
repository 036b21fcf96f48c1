"""Search spaces: one file per space, and the table of them. Also published architectures and scaling.

May import network, data and base.
"""

from types import ModuleType

from search.spaces import cnn, rnn

SPACES: dict[str, ModuleType] = {"cnn": cnn, "rnn": rnn}
