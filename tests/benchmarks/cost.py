"""Graphs costed a second on one core: random cells of eight nodes, lowered and summed, in the search's own macro; and
the same with the best order looked for."""

import random
import time

from search.network.cost import cost_of
from search.network.graph import Edge, Graph, live
from search.network.min_peak import min_peak_order
from search.spaces import cnn
from tests.benchmarks.report import interval

GRAPHS, RUNS, NODES = 2000, 8, 8


def main() -> None:
    dense, macro = cnn.dense(NODES), cnn.search_macro((3, 32, 32), 10)
    rng = random.Random(0)
    rates: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(RUNS):
        graphs: list[list[Graph]] = []
        for _ in rates:  # a graph counts once: what was looked up keeps its edges at hand
            graphs.append(
                [
                    live(dense.nodes, [edge for edge in dense.edges if edge == Edge(0, 1) or rng.random() < 0.5])
                    for _ in range(GRAPHS)
                ]
            )
        for order, some in zip(rates, graphs, strict=True):
            min_peak_order.cache_clear()
            used = time.process_time()
            for graph in some:
                cost_of(graph, macro, order=order)
            rates[order].append(GRAPHS / (time.process_time() - used))
    print(f"{RUNS} runs of {GRAPHS} graphs with up to {NODES} nodes, in CPU time; mean and 95 % interval")
    print(f"graphs a second                  {interval(rates[False])}")
    print(f"the same with their best order   {interval(rates[True])}")


if __name__ == "__main__":
    main()
