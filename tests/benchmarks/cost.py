"""Graphs costed a second on one core: random cells of eight nodes, lowered and summed, in the search's own macro."""

import random
import time

from search.cost import cost_of
from search.graph import Edge, live
from search.spaces import cnn
from tests.benchmarks.report import interval

GRAPHS, RUNS, NODES = 2000, 8, 8


def main() -> None:
    dense, macro = cnn.dense(NODES), cnn.search_macro((3, 32, 32), 10)
    rng = random.Random(0)
    rates = []
    for _ in range(RUNS):
        graphs = [
            live(dense.nodes, [edge for edge in dense.edges if edge == Edge(0, 1) or rng.random() < 0.5])
            for _ in range(GRAPHS)
        ]
        used = time.process_time()
        for graph in graphs:
            cost_of(graph, macro)
        rates.append(GRAPHS / (time.process_time() - used))
    print(f"{RUNS} runs of {GRAPHS} graphs with up to {NODES} nodes, in CPU time; mean and 95 % interval")
    print(f"graphs a second  {interval(rates)}")


if __name__ == "__main__":
    main()
