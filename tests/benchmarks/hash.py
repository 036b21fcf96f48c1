"""Milliseconds of CPU time for the hash of a graph, on one core, over some seeds.

The nodes of each graph get new numbers for every seed, since the time depends on their order.
"""

import random
import time
from collections.abc import Callable

from search.network.canonical import search
from search.network.graph import Graph, complete, live
from tests.benchmarks.report import interval
from tests.search.families import FAMILIES, branches, relabelled

SEEDS = 10
NODES, EDGES = 100, 500  # of random graphs


def random_graph(seed: int) -> Graph:
    """A random DAG: every node reads at least one earlier node."""
    rng, dense = random.Random(seed), complete(["conv1"] * (NODES - 1))
    edges = {rng.choice([edge for edge in dense.edges if edge.target == node.id]) for node in dense.nodes[1:]}
    edges |= set(rng.sample([edge for edge in dense.edges if edge not in edges], EDGES - len(edges)))
    return live(dense.nodes, sorted(edges))


def always(graph: Graph) -> Callable[[int], Graph]:
    return lambda seed: graph


CASES: dict[str, Callable[[int], Graph]] = {
    **{f"{count} branches of two nodes": always(branches(count)) for count in (1, 2, 4, 8, 16, 24, 32)},
    "chain of 16 nodes": always(branches(1, 16)),
    "chain of 100 nodes": always(branches(1, 100)),
    "complete cell of 16 nodes": always(complete(["conv1"] * 15)),
    f"random, {NODES} nodes, {EDGES} edges": random_graph,
    **{f"{name}, size 6": always(make(6)) for name, make in FAMILIES.items()},
}


def main() -> None:
    print(f"{SEEDS} seeds; milliseconds of CPU time, mean and 95 % interval; choices refined, most of all seeds")
    for name, make in CASES.items():
        times, refinements = [], 0
        for seed in range(SEEDS):
            graph = relabelled(make(seed), seed)
            start = time.process_time()
            _ = graph.hash
            times.append(1e3 * (time.process_time() - start))
            ops = {node.id: node.op for node in graph.nodes}
            refinements = max(refinements, search(ops, graph.predecessors, graph.successors).refinements)
        print(f"{name:>34}  {interval(times):<50} {refinements:>6}")


if __name__ == "__main__":
    main()
