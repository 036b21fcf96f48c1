"""Limits on what a person may ask for. The command line and the API check them, and the pages read them (/api/engine).

What is larger is a mistake, would take minutes to compute, or does not fit a column of the database.
"""

from dataclasses import dataclass, field

MAX_INTEGER = 2**31 - 1  # of an integer column of the database

# Size of a network whose cost is computed on request. A larger one would take minutes, or have costs no page can show.
MAX_STAGES, MAX_CELLS, MAX_STRIDE = 16, 64, 64
MAX_NODE_ID = 10**6


@dataclass(frozen=True)
class BudgetBounds:
    """Largest value of each limit of a budget."""

    params: int = 10**12
    macs: int = 10**15
    peak_memory: int = 10**15  # bytes
    latency: int = 10**10  # microseconds: nearly three hours


@dataclass(frozen=True)
class WhatIfBounds:
    """Size of one what-if request."""

    nodes: int = 32
    edges: int = 496
    edits: int = 500
    steps: int = 500_000  # cells x (3 x nodes + edges) x graphs: a third of a second


@dataclass(frozen=True)
class UploadBounds:
    """Options of an upload."""

    file_name: int = 200  # characters
    min_side: int = 8  # pixels of an image
    max_side: int = 224
    min_vocabulary: int = 100  # different words of a text
    max_vocabulary: int = 50_000


@dataclass(frozen=True)
class Bounds:
    name: int = 120  # characters: of a search, an architecture, a trained model, a dataset
    notes: int = 5_000  # characters, of the same
    tags: int = 12  # of one of them
    tag: int = 40  # characters
    device_name: int = 80
    reason: int = 300  # of a command
    failure_message: int = 500  # that an agent reports
    seed: int = MAX_INTEGER
    repeats: int = 20  # searches of one group, which differ in their seeds
    batch_size: int = 4_096  # images of a batch by which an untrained network is scored
    resolution: int = 2_048  # side of a network's input in pixels
    outputs: int = 1_000_000  # classes of an image network, vocabulary of a language model
    width: int = 8_192  # channels of a layer, hidden size of a language model
    bytes_per_element: tuple[int, ...] = (1, 2, 4, 8)
    budget: BudgetBounds = field(default_factory=BudgetBounds)
    what_if: WhatIfBounds = field(default_factory=WhatIfBounds)
    upload: UploadBounds = field(default_factory=UploadBounds)


BOUNDS = Bounds()
