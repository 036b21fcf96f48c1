"""The canonical order of a graph's nodes, which is equal for isomorphic graphs.

Colour refinement with individualization (McKay, Practical Graph Isomorphism, 1981): colours are refined until no class
splits, then one node of a tied class gets a colour of its own. Where the choice of that node matters, the order with
the smallest edge list wins. Two cuts keep the search small: the part of an edge list that is already certain is
compared with the best list so far, and orders with equal edge lists reveal automorphisms, which map explored choices to
others.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

Neighbours = Mapping[int, tuple[int, ...]]  # node id -> ids of nodes
Rows = list[tuple[int, ...]]  # the edge list by source: the places of its successors
PROBE_WIDTH = 8  # choices that a probe follows at each level


class Search(NamedTuple):
    """The canonical order, and how long it took to find: independent of the machine, so tests can bound it."""

    order: list[int]  # node ids
    refinements: int  # choices of a node that were refined
    leaves: int  # complete orders that were compared


def canonical_order(labels: Mapping[int, str], predecessors: Neighbours, successors: Neighbours) -> list[int]:
    """Node ids in a topological order that depends only on structure.

    `labels`: node id -> operation, with attributes if any, in any topological order. The worst case is exponential, but
    it needs graphs whose nodes look alike everywhere without being interchangeable.
    """
    return search(labels, predecessors, successors).order


def search(labels: Mapping[int, str], predecessors: Neighbours, successors: Neighbours) -> Search:
    """As `canonical_order`, with the size of the search."""
    ids = list(labels)
    index = {node: i for i, node in enumerate(ids)}
    depth: list[int] = []
    for node in ids:
        depth.append(1 + max((depth[index[p]] for p in predecessors[node]), default=-1))
    before = [[index[p] for p in predecessors[node]] for node in ids]
    after = [[index[s] for s in successors[node]] for node in ids]
    tree = _Tree(before, after)
    # depth comes first, so that the order is topological whatever the colours are
    tree.explore([(depth[i], labels[node]) for i, node in enumerate(ids)])
    return Search([ids[i] for i in tree.best_order], tree.refinements, tree.leaves)


class _Partition:
    """Nodes in classes that come in order. The colour of a class is the place of its first node.

    Within a class, nodes keep the order in which they were given.
    """

    def __init__(self, order: list[int], colour: list[int], size: dict[int, int]) -> None:
        self.order, self.colour, self.size = order, colour, size  # size: colour -> number of nodes

    def copy(self) -> "_Partition":
        return _Partition(self.order.copy(), self.colour.copy(), self.size.copy())

    def members(self, colour: int) -> list[int]:
        return self.order[colour : colour + self.size[colour]]

    def split(self, colour: int, groups: list[list[int]]) -> list[list[int]]:
        """Replaces a class by these groups, in their order. Returns all of them but the largest."""
        start = colour
        for group in groups:
            end = start + len(group)
            self.order[start:end] = group
            self.size[start] = len(group)
            if start != colour:
                for node in group:
                    self.colour[node] = start
            start = end
        largest = max(range(len(groups)), key=lambda i: len(groups[i]))
        return groups[:largest] + groups[largest + 1 :]

    def first_tied(self, start: int) -> int:
        """The colour of the first class from place `start` on with more than one node; the number of nodes if none."""
        while start < len(self.order) and self.size[start] == 1:
            start += 1
        return start


class _Tree:
    """The tree of choices. Its leaves are complete orders."""

    def __init__(self, before: list[list[int]], after: list[list[int]]) -> None:
        self.before, self.after = before, after
        self.keys: list[tuple[int, str]] = []
        self.neighbours = [(tuple(sorted(p)), tuple(sorted(s))) for p, s in zip(before, after, strict=True)]
        self.best_order: list[int] = []
        self.best_rows: Rows = []
        self.best_path: list[int] = []
        self.automorphisms: list[list[int]] = []  # node -> its image
        self.bound: Rows | None = None  # no order with larger rows can win
        self.probed = False
        self.root = _Partition([], [], {})
        self.refinements = self.leaves = 0

    def explore(self, keys: list[tuple[int, str]]) -> None:
        """Searches all orders in which nodes come by their keys."""
        self.keys, nodes = keys, list(range(len(keys)))
        groups: dict[tuple[int, str], list[int]] = {}
        for node in nodes:
            groups.setdefault(keys[node], []).append(node)
        partition = _Partition(nodes, [0] * len(nodes), {0: len(nodes)})
        self.root = partition
        partition.split(0, [group for _, group in sorted(groups.items())])
        self._refine(partition, nodes)
        self._visit(partition, [], [])

    def _visit(self, partition: _Partition, rows: Rows, path: list[int]) -> int:
        """Explores the choices below `path`, the nodes chosen so far.

        `rows`: those that were certain before the last choice. Returns the length of the path to return to.
        """
        rows = self._extended(rows, partition)
        while self._are_twins(partition, len(rows)):  # a loop, since there may be more of them than Python recurses
            node = partition.order[len(rows)]
            partition, path = self._choose(partition, len(rows), node), [*path, node]
            rows = self._extended(rows, partition)
        tied = len(rows)
        if self._is_worse(rows):
            return len(path)
        if tied == len(partition.order):
            return self._compare(partition.order, rows, path)
        tried: dict[int, _Partition] = {}
        twins: set[object] = set()  # the neighbours of the nodes tried
        images, known = set[int](), 0  # of the nodes tried, by this many automorphisms
        for node in partition.members(tied):
            if known != len(self.automorphisms):
                images, known = self._images(tried, path), len(self.automorphisms)
            if node in images or self.neighbours[node] in twins:
                continue
            child = self._choose(partition, tied, node)
            if any(self._is_exchange(other, child) for other in tried.values()):
                continue
            tried[node] = child
            images |= self._images([node], path)
            twins.add(self.neighbours[node])
            back = self._visit(child, rows, [*path, node])
            if back < len(path):
                return back
        return len(path)

    def _are_twins(self, partition: _Partition, tied: int) -> bool:
        """Whether all nodes of this class have the same neighbours, so that any may come first."""
        if tied == len(partition.order):
            return False
        return len({self.neighbours[node] for node in partition.members(tied)}) == 1

    def _choose(self, partition: _Partition, tied: int, node: int) -> _Partition:
        """The partition after this node of a tied class came first in it."""
        child = partition.copy()
        child.split(tied, [[node], [other for other in child.members(tied) if other != node]])
        self._refine(child, [node])
        return child

    def _is_worse(self, rows: Rows) -> bool:
        """Whether these first rows are larger than those of an order that is known to exist."""
        return self.bound is not None and rows > self.bound[: len(rows)]

    def _extended(self, rows: Rows, partition: _Partition) -> Rows:
        """The rows that are certain in this partition, given the first of them: up to the first tied class."""
        return rows + [self._row(partition, place) for place in range(len(rows), partition.first_tied(len(rows)))]

    def _row(self, partition: _Partition, place: int) -> tuple[int, ...]:
        """The places of a node's successors, in order, then a number above all places.

        The node is alone in its class and classes do not split further, so it feeds all nodes of a class or none: the
        places are certain even where the order within a class is not. With the last number, rows compare as the edge
        lists do: further edges of this node come before those of later nodes.
        """
        colours = {partition.colour[node] for node in self.after[partition.order[place]]}
        places = [p for colour in sorted(colours) for p in range(colour, colour + partition.size[colour])]
        return (*places, len(partition.order))

    def _compare(self, order: list[int], rows: Rows, path: list[int]) -> int:
        """Compares a complete order with the best one. Returns the length of the path to return to, as `_visit`."""
        self.leaves += 1
        if not self.best_order or rows < self.best_rows:
            if self.bound is None or rows < self.bound:
                self.bound = rows
            if self.best_order and not self.probed:
                self.probed = True
                self._probe()
            self.best_order, self.best_rows, self.best_path = order, rows, path
            return len(path)
        image = [0] * len(order)  # the lists are equal, since larger ones were cut
        for source, target in zip(self.best_order, order, strict=True):
            image[source] = target
        self.automorphisms.append(image)
        # where the two paths part, the image maps the explored choice to this one: nothing new can be below it
        return next(i for i, (a, b) in enumerate(zip(self.best_path, path, strict=False)) if a != b)

    def _probe(self) -> None:
        """Lowers the bound: follows the few best choices that look different, level by level.

        Without it each of many independent parts could double the search, if its worse choice is the first in order.
        """
        frontier = [(self._extended([], self.root), self.root)]
        while frontier:
            level: dict[object, tuple[Rows, _Partition]] = {}
            for rows, partition in frontier:
                if self._is_worse(rows):
                    continue
                if len(rows) == len(partition.order):
                    self.bound = rows
                    continue
                for node in partition.members(len(rows)):
                    child = self._choose(partition, len(rows), node)
                    child_rows = self._extended(rows, child)
                    level.setdefault(self._appearance(child), (child_rows, child))
            frontier = sorted(level.values(), key=lambda entry: entry[0])[:PROBE_WIDTH]
            least = frontier[0][0] if frontier else []
            frontier = [entry for entry in frontier if entry[0][: len(least)] <= least]

    def _appearance(self, partition: _Partition) -> tuple[tuple[int, ...], ...]:
        """The classes and what each feeds: equal for choices that an automorphism exchanges, and for few others."""
        colour = partition.colour
        return tuple(tuple(sorted([colour[s] for s in self.after[partition.order[place]]])) for place in partition.size)

    def _is_exchange(self, first: _Partition, second: _Partition) -> bool:
        """Whether exchanging the nodes by which two choices differ is an automorphism, which is then remembered.

        So the choice between equal branches costs one refinement, and no complete order.
        """
        if first.size != second.size:
            return False
        image = {
            a: b
            for place, (a, b) in enumerate(zip(first.order, second.order, strict=True))
            if first.size.get(place) == 1 and a != b
        }
        origin = {b: a for a, b in image.items()}
        for node in origin.keys() - image.keys():  # goes back to where the chain of exchanges begins
            start = node
            while start in origin:
                start = origin[start]
            image[node] = start
        for node, other in image.items():
            if self.keys[node] != self.keys[other]:
                return False
            for neighbours in (self.before, self.after):
                if {image.get(n, n) for n in neighbours[node]} != set(neighbours[other]):
                    return False
        self.automorphisms.append([image.get(node, node) for node in range(len(self.keys))])
        return True

    def _images(self, tried: Collection[int], path: list[int]) -> set[int]:
        """These nodes, and those to which the known automorphisms that fix `path` map them."""
        fixing = [image for image in self.automorphisms if all(image[chosen] == chosen for chosen in path)]
        images, waiting = set(tried), list(tried)
        while waiting:
            node = waiting.pop()
            for image in fixing:  # no inverses are needed, since the group is finite
                if (reached := image[node]) not in images:
                    images.add(reached)
                    waiting.append(reached)
        return images

    def _refine(self, partition: _Partition, changed: Iterable[int]) -> None:
        """Splits classes by the colours of the neighbours until nothing changes.

        `changed`: the nodes whose colour is new; of a class that was split, all parts but one. Nodes of one class that
        have none of them as neighbours still look alike, so one of these is enough to compare.
        """
        self.refinements += 1
        colour = partition.colour
        while changed:
            touched: dict[int, set[int]] = {}
            for node in changed:
                for neighbours in (self.before[node], self.after[node]):
                    for neighbour in neighbours:
                        if partition.size[colour[neighbour]] > 1:
                            touched.setdefault(colour[neighbour], set()).add(neighbour)
            splits = [
                (where, groups)
                for where, some in touched.items()
                if len(groups := self._groups(partition, where, some)) > 1
            ]
            # only now, since all classes of a round are split by the colours before it
            changed = [node for where, groups in splits for group in partition.split(where, groups) for node in group]

    def _groups(self, partition: _Partition, where: int, touched: set[int]) -> list[list[int]]:
        """The members of a class by what their neighbours' colours are, in the order of these colours."""
        colour = partition.colour
        groups: dict[tuple[tuple[int, ...], tuple[int, ...]], list[int]] = {}
        untouched: list[int] | None = None
        for node in partition.members(where):
            if node not in touched and untouched is not None:
                untouched.append(node)
                continue
            key = (
                tuple(sorted([colour[p] for p in self.before[node]])),
                tuple(sorted([colour[s] for s in self.after[node]])),
            )
            group = groups.setdefault(key, [])
            group.append(node)
            if node not in touched:
                untouched = group
        return [group for _, group in sorted(groups.items())]
