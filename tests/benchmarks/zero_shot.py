"""How proxies rank the networks of two benchmarks: `make bench NAME=zero_shot`; OUT=FILE also writes the tables.

Kendall's tau between the scores of `python -m search score` and the published test accuracies on CIFAR-10, with 95 %
bootstrap intervals, on networks drawn by seed from one half of each benchmark: cells that are equal by the source's
canonical form are on one side, and the other half is never looked at. Needs ../shared/data. CELLS and CHAINS say how
many networks of NAS-Bench-201 and of NAS-Bench-Macro, PROXIES which proxies, BATCH the images of a batch.
"""

import csv
import gzip
import hashlib
import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from scipy.stats import kendalltau

from search.__main__ import main as search
from search.evaluation.proxies import PROXIES
from tests.benchmarks.latency import processor
from tests.shared import SHARED

CELLS, CHAINS = int(os.environ.get("CELLS", "200")), int(os.environ.get("CHAINS", "400"))
BATCH = os.environ.get("BATCH", "16")
NAMES = os.environ.get("PROXIES", ",".join(PROXIES)).split(",")
DRAWS = 2_000  # of the bootstrap

#: Of Li et al. (ICLR 2023), Table 1 and 2: Kendall's tau on all cells of NAS-Bench-201 on CIFAR-10.
PAPER = {
    "zico": 0.61, "naswot": 0.58, "synflow": 0.54, "grad_norm": 0.46, "snip": 0.46, "zen": 0.29, "ntk": 0.33,
    "params": 0.57, "macs": 0.54,
}  # fmt: skip

Row = dict[str, str]


def main() -> None:
    lines = [f"{processor()}, batches of {BATCH} images, seed 0"]
    for line in tables():
        print(line, flush=True)
        lines.append(line)
    if out := os.environ.get("OUT"):
        Path(out).write_text("\n".join(lines) + "\n")


def tables() -> Iterator[str]:
    cells = drawn("nasbench201", lambda row: row["canonical"], CELLS)
    yield from table("nasbench201", cells, "cifar10_test_200ep", PAPER)
    chains = drawn("nasbench_macro", canonical_chain, CHAINS)
    yield from table("nasbench_macro", chains, "cifar10_test_mean", {})


def canonical_chain(row: Row) -> str:
    """An identity after the first block of a stage may stand anywhere in it."""
    stages = row["arch"][:2], row["arch"][2:5], row["arch"][5:]
    return "".join(stage[0] + "".join(sorted(stage[1:], key=lambda op: op == "0")) for stage in stages)


def drawn(space: str, key: Callable[[Row], str], count: int) -> list[Row]:
    """Rows of the half that may be looked at."""
    with gzip.open(SHARED / f"{space}.csv.gz", "rt") as file:
        rows = [row for row in csv.DictReader(file) if int(hashlib.sha256(key(row).encode()).hexdigest(), 16) % 2 == 0]
    return random.Random(0).sample(rows, min(count, len(rows)))


def table(space: str, rows: Sequence[Row], target: str, paper: dict[str, float]) -> Iterator[str]:
    scores = scored(space, rows)
    accuracy = np.array([float(row[target]) for row in rows])
    picks = np.random.default_rng(0).integers(0, len(rows), (DRAWS, len(rows)))
    values = {name: np.array([float(row[name] or "-inf") for row in scores]) for name in NAMES}
    taus = {name: [tau(value[pick], accuracy[pick]) for pick in picks] for name, value in values.items()}
    seconds = sum(float(row["seconds"]) for row in scores) / len(scores)
    yield f"\n{space}: {len(rows)} networks, {seconds:.2f} s each for all proxies together"
    for name, value in values.items():
        low, high = np.percentile(taus[name], [2.5, 97.5])
        of_paper = f"   paper {paper[name]:.2f}" if name in paper else ""
        yield f"  {name:>10}  tau {tau(value, accuracy):.3f}  ({low:.3f} to {high:.3f}){of_paper}"
    if {"zico", "params"} <= values.keys():
        low, high = np.percentile(np.subtract(taus["zico"], taus["params"]), [2.5, 97.5])
        difference = tau(values["zico"], accuracy) - tau(values["params"], accuracy)
        yield f"  zico less params: {difference:.3f}  ({low:.3f} to {high:.3f})"


def tau(scores: np.ndarray, accuracy: np.ndarray) -> float:
    return float(kendalltau(scores, accuracy).statistic)


def scored(space: str, rows: Sequence[Row]) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        archs, out = Path(folder) / "archs", Path(folder) / "scores.csv"
        archs.write_text("\n".join(row["arch"] for row in rows) + "\n")
        command = ["score", "--space", space, "--proxy", ",".join(NAMES), "--archs", str(archs), "--out", str(out)]
        data = ["--data", str(SHARED / "cifar10.tar.gz"), "--batch-size", BATCH, "--seed", "0"]
        if (status := search([*command, *data])) != 0:
            sys.exit(status)
        with out.open() as file:
            return list(csv.DictReader(file))


if __name__ == "__main__":
    main()
