"""The built-in datasets, by name."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from search.data import python_docs
from search.data.datasets import Counts, Dataset, ImageData

SAMPLES = Path(__file__).parent / "samples"  # NAME.png: the sample sheet of a dataset (search.data.sample_sheet)


class UnknownDataset(ValueError):
    """No built-in dataset has this name. The message lists the names that exist."""


_DIGITS = Dataset(
    name="digits",
    title="Handwritten digits",
    about="1,797 grey images of 8x8 pixels, from scikit-learn. A smoke test: it trains in seconds, and is too easy "
    "to rank cells with.",
    data=ImageData(shape=(1, 8, 8), classes=10),
    counts=Counts(train=1259, validation=269, test=269),
    class_names=tuple("0123456789"),
    class_counts=tuple(
        Counts(train, held_out, held_out)
        for train, held_out in zip(
            (124, 128, 123, 129, 127, 128, 127, 125, 122, 126),
            (27, 27, 27, 27, 27, 27, 27, 27, 26, 27),
            strict=True,
        )
    ),
    content="87ff0c9e40dc7e2c0e34e7257799c2e3f3aec1a016363bb11cad869ec428a826",
    split="7c1bd4fabec836642da169a004cdbcd1cf9ab1f47d6d5a93881736c6d94eb2f1",
)


class _Builtin(Mapping[str, Dataset]):
    """Datasets by name. Each is built on first access, so that listing the names is fast."""

    def __init__(self, factories: dict[str, Callable[[], Dataset]]) -> None:
        self._factories, self._datasets = factories, dict[str, Dataset]()

    def __getitem__(self, name: str) -> Dataset:
        if name not in self._datasets:
            self._datasets[name] = self._factories[name]()
        return self._datasets[name]

    def __contains__(self, name: object) -> bool:
        return name in self._factories

    def __iter__(self) -> Iterator[str]:
        return iter(self._factories)

    def __len__(self) -> int:
        return len(self._factories)


DATASETS: Mapping[str, Dataset] = _Builtin({"digits": lambda: _DIGITS, "python-docs": python_docs.dataset})


def get(name: str) -> Dataset:
    """The built-in dataset of this name. Raises UnknownDataset."""
    if name not in DATASETS:
        raise UnknownDataset(f"there is no dataset {name!r}; the datasets are {', '.join(DATASETS)}")
    return DATASETS[name]
