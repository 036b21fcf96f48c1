"""What may vary: one file a search space, and the table of them."""

from types import ModuleType

from search.spaces import cnn, rnn

SPACES: dict[str, ModuleType] = {"cnn": cnn, "rnn": rnn}
