"""ZiCo's search space (ICLR 2023; spec section 4): chains of inverted-bottleneck super-blocks of any width and depth.

A block has an operation (kernel and expansion), an output and a bottleneck width, a number of layers and a stride. The
mutations are those of the released code, except that a block's neighbours are drawn uniformly. That code appends them
to one list again and again, so that small kernels and expansions come up more often (spec section 3).
"""

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from search.base.config import option
from search.data.datasets import ImageData, Kind
from search.network.edits import Edits, diff
from search.network.graph import INPUT, BadGraph, Edge, Graph, Node, attrs_of
from search.network.locks import Locks
from search.network.lowering.chain import EXPANSIONS, KERNELS, MULTIPLE, SUPER_BLOCKS, round_width
from search.network.macro import ChainMacro, input_of
from search.spaces.base import Move, Size, Unchangeable

NAME = "chain"
TITLE = "Chain of inverted bottlenecks"
ABOUT = "Blocks of inverted bottlenecks one after the other, whose widths, depths and kernels change."
KIND: Kind = "image"
OPS: tuple[str, ...] = tuple(SUPER_BLOCKS)
MOVES: frozenset[Move] = frozenset({"smallest", "sample", "mutate", "grow"})

WIDTH_FACTORS = (2.5, 2, 1.5, 1.25, 1, 1 / 1.25, 1 / 1.5, 1 / 2, 1 / 2.5)
LAYER_STEPS = (-2, -1, 0, 1, 2)
WIDEST = 1024  # published in the paper; the released code has no limit
SPLIT_AT = 6  # layers from which a block becomes two
WALK = 32  # the most mutations between the start and a sampled chain


@dataclass(frozen=True, kw_only=True)
class Config:
    start: Literal["published", "small"] = option(
        "published",
        "First chain",
        "published: ZiCo's for ImageNet, which divides the resolution by 32. small: for images of 16 to 32 px, with a "
        "stride of 4 in all.",
    )
    max_layers: int = option(
        14, "Most layers", "Layers of all blocks together, with the stem and the head.", min=4, max=64
    )  # published: 14 at 450M and 600M FLOPs, 16 at 1G
    head: int = option(2048, "Head channels", "Of the last 1x1 convolution.", min=8, max=4096)  # published
    resolution: int = option(
        0,
        "Resolution on the device",
        "Pixels of a side, at which the network runs and limits count; images are scaled to it. 0: that of the data.",
        min=0,
        max=512,
    )  # published: 224


#: First chain -> its architecture string, without the head.
STARTS = {
    "published": "SuperConvK3BNRELU(3,8,2,1)SuperResIDWE6K3(8,32,2,8,1)SuperResIDWE6K3(32,48,2,32,1)"
    "SuperResIDWE6K3(48,96,2,48,1)SuperResIDWE6K3(96,128,2,96,1)",
    "small": "SuperConvK3BNRELU(3,8,1,1)SuperResIDWE6K3(8,16,1,8,1)SuperResIDWE6K3(16,24,2,16,1)"
    "SuperResIDWE6K3(24,32,2,24,1)",
}


def macro(config: Config, data: ImageData) -> ChainMacro:
    resolution = config.resolution or None
    shape = input_of(data, resolution)
    return ChainMacro(input=shape, classes=data.classes, head_filters=config.head, resolution=resolution)


def start(config: Config, seed: int) -> Graph:
    return decode(STARTS[config.start])


STEM = re.compile(r"SuperConvK3BNRELU\((\d+),(\d+),(\d+),(\d+)\)")
HEAD = re.compile(r"SuperConvK1BNRELU\((\d+),(\d+),1,1\)")
BLOCK = re.compile(r"SuperResIDWE(\d)K(\d)\((\d+),(\d+),(\d+),(\d+),(\d+)\)")


def encode(graph: Graph) -> str:
    """The released code's structure string, without the head."""
    text, width = "", 3
    for node in graph.nodes[1:]:
        attrs = dict(node.attrs)
        if node.op == "stem":
            text += f"SuperConvK3BNRELU({width},{attrs['filters']},{attrs['stride']},1)"
        else:
            kernel, expansion = SUPER_BLOCKS[node.op]
            sizes = (width, *(attrs[name] for name in ("filters", "stride", "bottleneck", "layers")))
            text += f"SuperResIDWE{expansion}K{kernel}({','.join(map(str, sizes))})"
        width = int(attrs["filters"])
    return text


def decode(text: str) -> Graph:
    """The chain of a structure string, with or without its head. Raises BadGraph."""
    text, nodes, width = text.strip(), [Node(0, INPUT, 0.0)], 0
    if (stem := STEM.match(text)) is None:
        raise BadGraph(f"a structure string begins with SuperConvK3BNRELU(...), not {text[:40]!r}")
    _, width, stride, _ = map(int, stem.groups())
    nodes.append(Node(1, "stem", 1.0, attrs_of({"filters": width, "stride": stride})))
    rest = text[stem.end() :]
    while match := BLOCK.match(rest):
        expansion, kernel, read, filters, stride, bottleneck, layers = map(int, match.groups())
        if read != width or (op := f"k{kernel}e{expansion}") not in SUPER_BLOCKS:
            raise BadGraph(
                f"{match[0]!r} must read {width} channels, with an expansion of {EXPANSIONS} and a kernel of {KERNELS}"
            )
        attrs = {"bottleneck": bottleneck, "filters": filters, "layers": layers, "stride": stride}
        nodes.append(Node(len(nodes), op, float(len(nodes)), attrs_of(attrs)))
        width, rest = filters, rest[match.end() :]
    if rest and HEAD.fullmatch(rest) is None:
        raise BadGraph(f"expected SuperResIDWE<expansion>K<kernel>(in,out,stride,bottleneck,layers), not {rest[:60]!r}")
    if len(nodes) == 2:
        raise BadGraph("a chain needs at least one block")
    return _chain(nodes)


def check(graph: Graph, start: Graph, config: Config) -> str | None:
    if graph.edges != _chain(list(graph.nodes)).edges or [node.op for node in graph.nodes[:2]] != [INPUT, "stem"]:
        return "the blocks of this space form one chain after a stem"
    if missing := [node.id for node in start.nodes if node.id not in graph.by_id]:
        return f"node {missing[0]} is missing, and blocks of this space change but never go"
    for node in graph.nodes[2:]:
        if node.op not in OPS:
            return f"node {node.id} has the operation {node.op}, which this space does not have"
    for node in graph.nodes[1:]:
        for name in ("filters", "bottleneck"):
            if (width := int(dict(node.attrs).get(name, MULTIPLE))) % MULTIPLE or not MULTIPLE <= width <= WIDEST:
                return f"widths are multiples of {MULTIPLE} up to {WIDEST:,}, and node {node.id} has {name} {width:,}"
    if _stride(graph) != _stride(start):
        return f"the chain must divide the resolution by {_stride(start)}, as its start does"
    if (layers := layers_of(graph)) > config.max_layers:
        return f"the chain has {layers} layers, and at most {config.max_layers} are allowed"
    return None


def layers_of(graph: Graph) -> int:
    """Of all blocks, with the stem and the head, as the released code counts them."""
    return 2 + sum(int(dict(node.attrs)["layers"]) for node in graph.nodes[2:])


def smallest(graph: Graph, locks: Locks, keep: int, size: Size) -> Graph:
    """Each block at its least width and depth; mutations never remove a block."""
    least = {"filters": MULTIPLE, "bottleneck": MULTIPLE, "layers": 1}
    nodes = [
        node._replace(
            op=node.op if node.op in (INPUT, "stem") else OPS[0],
            attrs=attrs_of({name: least.get(name, value) for name, value in node.attrs}),
        )
        for node in graph.nodes
    ]
    return _chain(nodes)


def sample(start: Graph, locks: Locks, rng: random.Random) -> Graph:
    """As many random mutations of the start as are drawn uniformly."""
    nodes = list(start.nodes)
    for _ in range(rng.randint(1, WALK)):
        nodes = _mutated(nodes, locks, rng)
    return _chain(nodes)


def mutate(graph: Graph, start: Graph, locks: Locks, rng: random.Random) -> Edits:
    """One block becomes a neighbour of it; one of many layers is divided into two."""
    return diff(graph, _chain(_mutated(list(graph.nodes), locks, rng)))


def _mutated(nodes: list[Node], locks: Locks, rng: random.Random) -> list[Node]:
    blocks = [node for node in nodes[1:] if node.id not in locks.nodes]
    if not blocks:
        raise Unchangeable("every block of this chain is locked")
    block = rng.choice(blocks)
    chosen = _neighbour(block, rng)
    return split([chosen if node is block else node for node in nodes])


def _neighbour(block: Node, rng: random.Random) -> Node:
    """Another block in its place, drawn uniformly; strides never change."""
    sizes: Mapping[str, int] = dict(block.attrs)  # type: ignore[arg-type]
    choices = {name: _widths(sizes[name]) for name in ("filters", "bottleneck") if name in sizes}
    if "layers" in sizes:
        choices["layers"] = [count for step in LAYER_STEPS if (count := sizes["layers"] + step) >= 1]
    drawn = block
    while drawn == block:
        attrs = attrs_of({**sizes, **{name: rng.choice(values) for name, values in choices.items()}})
        drawn = block._replace(op=block.op if block.op == "stem" else rng.choice(OPS), attrs=attrs)
    return drawn


def split(nodes: list[Node]) -> list[Node]:
    """Each block of SPLIT_AT layers or more divided into one of three layers and one of the rest."""
    result, next_id = list[Node](), max(node.id for node in nodes) + 1
    for node, following in zip(nodes, [*nodes[1:], None], strict=True):
        attrs = dict(node.attrs)
        if (layers := int(attrs.get("layers", 1))) < SPLIT_AT:
            result.append(node)
            continue
        half = SPLIT_AT // 2
        result.append(node._replace(attrs=attrs_of({**attrs, "layers": half})))
        rank = node.rank + 1 if following is None else (node.rank + following.rank) / 2
        rest = attrs_of({**attrs, "layers": layers - half, "stride": 1})
        result.append(node._replace(id=next_id, rank=rank, attrs=rest))
        next_id += 1
    return result


def _widths(width: int) -> list[int]:
    widths = {round_width(width * factor) for factor in WIDTH_FACTORS}
    return sorted(each for each in widths if each <= WIDEST)


def _stride(graph: Graph) -> int:
    result = 1
    for node in graph.nodes[1:]:
        result *= int(dict(node.attrs)["stride"])
    return result


def _chain(nodes: list[Node]) -> Graph:
    return Graph(tuple(nodes), tuple(Edge(a.id, b.id) for a, b in pairwise(nodes)))
