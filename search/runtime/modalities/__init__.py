"""What differs between kinds of data when work is done: one module each, with the same functions."""

from typing import Any, Protocol

from torch import Tensor

from search.base.serialization import Json
from search.data.datasets import Kind
from search.network import macro as macros
from search.network.macro import TextMacro
from search.runtime.context import Context
from search.runtime.load import Trained
from search.runtime.modalities import image, text


class Family(Protocol):
    """A module here. Each takes the training that it made itself."""

    def training(self, work: Json, context: Context, keep_best: bool) -> Any: ...

    def validated(self, training: Any) -> Json:
        """What the best epoch reached, by its name in outcomes."""
        ...

    def tested(self, training: Any, work: Json, context: Context) -> Json:
        """The same of the network as it is now on the test part."""
        ...

    def trained(self, training: Any, work: Json) -> Trained:
        """The network as it is now, off the device."""
        ...

    def sample(self, work: Json, trained: Trained, context: Context) -> Tensor:
        """Some of the validation part, to check an export by."""
        ...


KINDS: dict[Kind, Family] = {"image": image, "text": text}


def family(work: Json) -> Family:
    """Raises search.base.serialization.DecodeError where the work's macro is of no kind."""
    return KINDS["text" if isinstance(macros.read(work["macro"]), TextMacro) else "image"]
