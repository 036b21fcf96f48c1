"""Modalities, the kinds of data that networks are trained on: one module each, with the functions of `Modality`."""

from typing import Any, Protocol

from torch import Tensor

from search.base.serialization import Json
from search.data.datasets import Kind
from search.network import macro as macros
from search.runtime.context import Context
from search.runtime.load import Trained
from search.runtime.modalities import image, text


class Modality(Protocol):
    """What a module of this package provides. `training` is always what its own `create_training` returned."""

    def create_training(self, work: Json, context: Context, keep_best: bool) -> Any: ...

    def validation_result(self, training: Any) -> Json:
        """The validation metric of the best epoch under its name in outcomes, and the standard error of its score."""
        ...

    def test_result(self, training: Any, work: Json, context: Context) -> Json:
        """The test metric of the network with its current weights, under its name in outcomes."""
        ...

    def trained_network(self, training: Any, work: Json) -> Trained:
        """The network with its current weights, on the CPU, and its description."""
        ...

    def validation_sample(self, work: Json, trained: Trained, context: Context) -> Tensor:
        """Some inputs of the validation part, to check an export with."""
        ...


MODALITIES: dict[Kind, Modality] = {"image": image, "text": text}


def modality_of(work: Json) -> Modality:
    """Raises DecodeError (search.base.serialization) where the macro is of no modality."""
    return MODALITIES[macros.data_kind(macros.read(work["macro"]))]
