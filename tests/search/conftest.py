"""A small trained network, shared by all tests that only read it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from search.base import serialization
from search.base.serialization import Json
from search.data import builtin
from search.evaluation.recipes.image import proxy
from search.spaces import cnn

Work = Callable[..., Json]


class Trained(NamedTuple):
    work: Json
    outcome: Json
    folder: Path  # holds files/, as a folder of the local driver does


@pytest.fixture(scope="session")
def work() -> Work:
    """Builds work items: by default, training a cell of three nodes on digits for two epochs."""

    def make(kind: str = "train", nodes: int = 3, replicate: int = 0, **recipe: Any) -> Json:
        dataset = builtin.get("digits")
        return {
            "kind": kind,
            "graph": cnn.dense(nodes).canonical.to_dict(),
            "macro": serialization.to_jsonable(cnn.search_macro((1, 8, 8), 10)),
            "recipe": serialization.to_jsonable(proxy("digits")) | {"epochs": 2} | recipe,
            "dataset": "digits",
            "split": dataset.split,
            "replicate": replicate,
        }

    return make


@pytest.fixture(scope="session")
def trained(work: Work, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trained]:
    from search.runtime.context import Context, LocalFiles
    from search.runtime.execute import execute

    folder = tmp_path_factory.mktemp("trained")
    item = work("final")
    yield Trained(item, execute(item, Context(files=LocalFiles(folder / "files"))), folder)
