"""Seconds per candidate: the complete cell of six nodes on digits, three epochs, one CPU thread, over some seeds.

Wall seconds also depend on other load on the machine; CPU seconds do not.
"""

import time

from search.base import serialization
from search.data import builtin
from search.evaluation.recipes.image import proxy
from search.runtime.context import Context
from search.runtime.execute import execute, numerics
from search.spaces import cnn
from tests.benchmarks.report import interval

SEEDS = 8


def main() -> None:
    dataset = builtin.get("digits")
    work = {
        "kind": "train",
        "graph": cnn.dense(6).to_dict(),
        "macro": serialization.to_jsonable(cnn.search_macro((1, 8, 8), 10)),
        "recipe": serialization.to_jsonable(proxy(dataset.name)),
        "dataset": dataset.name,
        "split": dataset.split,
    }
    context = Context()
    execute(work | {"replicate": SEEDS}, context)  # warm-up: reads the data, compiles oneDNN's kernels
    wall, cpu, accuracy = [], [], []
    for seed in range(SEEDS):
        wall_start, cpu_start = time.perf_counter(), time.process_time()
        outcome = execute(work | {"replicate": seed}, context)
        wall.append(time.perf_counter() - wall_start)
        cpu.append(time.process_time() - cpu_start)
        accuracy.append(outcome["val_accuracy"])
    print(f"{numerics(context)}; {SEEDS} seeds; mean and 95 % interval")
    for name, values in (("wall seconds", wall), ("CPU seconds", cpu), ("val accuracy", accuracy)):
        print(f"{name:>13}  {interval(values)}")


if __name__ == "__main__":
    main()
