"""Cost computations per second on one core, with and without the search for the best memory order.

The graphs are random cells of eight nodes in the macro of a search.
"""

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
        for _ in rates:  # a new set for each: graphs cache their edges once they are looked up
            graphs.append(
                [
                    live(dense.nodes, [edge for edge in dense.edges if edge == Edge(0, 1) or rng.random() < 0.5])
                    for _ in range(GRAPHS)
                ]
            )
        for order, group in zip(rates, graphs, strict=True):
            min_peak_order.cache_clear()
            start = time.process_time()
            for graph in group:
                cost_of(graph, macro, order=order)
            rates[order].append(GRAPHS / (time.process_time() - start))
    print(f"{RUNS} runs of {GRAPHS} graphs with up to {NODES} nodes, in CPU time; mean and 95 % interval")
    print(f"graphs per second                {interval(rates[False])}")
    print(f"with the best memory order       {interval(rates[True])}")


if __name__ == "__main__":
    main()
