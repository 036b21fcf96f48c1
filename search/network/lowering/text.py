"""Language models: embedding, AutoShrink's recurrent cell, decoder (AAAI 2020; spec sections 4 and 6).

The program is one step at batch 1: from a token and a state to logits and the next state. Every edge has its own gated
update, a node is the mean of its edges' updates, and the next state is the mean of the leaves.
"""

from collections.abc import Sequence

from search.network.graph import BadGraph, Graph, Node
from search.network.macro import Activation, TextMacro
from search.network.program import Instruction, InstructionOp, Program, Shape

OPS: tuple[Activation, ...] = ("relu", "sigmoid", "tanh", "identity")
ATTRS: dict[str, tuple[str, ...]] = {}


def lower(graph: Graph, macro: TextMacro, nodes: Sequence[Node]) -> Program:
    """The program of this language model. `nodes`: the nodes except the input, in the order in which they run.

    Raises BadGraph if an activation is not one of `OPS` or a node has no input.
    """
    lowering = _Lowering(graph, macro)
    lowering.step(nodes)
    return Program(tuple(lowering.out))


class _Lowering:
    """Emits instructions one by one and refers to them by index."""

    def __init__(self, graph: Graph, macro: TextMacro) -> None:
        self.graph, self.macro = graph, macro
        self.out: list[Instruction] = []

    def step(self, nodes: Sequence[Node]) -> None:
        n, vocabulary = self.macro.hidden, self.macro.vocabulary
        token = self._emit("token", "token", "token", (), 1)
        x = self._emit("embedding", "embedding", "embedding", (token,), n, weights=vocabulary * n)
        state = self._emit("state", "state", "state", (), n)
        joined = self._emit("concat", "cell.node0.concat", "node 0", (x, state), 2 * n)
        value = {self.graph.input.id: self._update("cell.node0", "node 0", joined, 2 * n, state, "tanh")}
        for node in nodes:
            if node.op not in OPS:
                known = ", ".join(OPS)
                raise BadGraph(f"node {node.id} has the unknown activation {node.op!r}; the activations are {known}")
            if not self.graph.predecessors[node.id]:
                raise BadGraph(f"node {node.id} reads nothing: no edge ends at it")
            part, activation = f"node {node.id}", OPS[OPS.index(node.op)]
            updates = [
                self._update(f"cell.edge{source}_{node.id}", part, value[source], n, value[source], activation)
                for source in self.graph.predecessors[node.id]
            ]
            value[node.id] = self._mean(f"cell.node{node.id}", part, updates)
        leaves = [value[leaf] for leaf in self.graph.leaves] or [value[self.graph.input.id]]
        output = self._mean("cell.output", "output", leaves)
        self._emit("decoder", "decoder", "decoder", (output,), vocabulary, weights=vocabulary, macs=vocabulary * n)

    def _update(self, name: str, part: str, read: int, width: int, state: int, activation: Activation) -> int:
        """A gated update of `state` from the value `read`, which has this width."""
        n = self.macro.hidden
        weights = width * 2 * n
        gates = self._emit("linear", name, part, (read,), 2 * n, weights=weights, macs=weights)
        return self._emit("blend", f"{name}.blend", part, (gates, state), n, activation=activation)

    def _mean(self, name: str, part: str, values: list[int]) -> int:
        if len(values) == 1:
            return values[0]
        return self._emit("mean", f"{name}.mean", part, tuple(values), self.macro.hidden)

    def _emit(
        self,
        op: InstructionOp,
        name: str,
        part: str,
        inputs: tuple[int, ...],
        width: int,
        *,
        weights: int = 0,
        macs: int = 0,
        activation: Activation | None = None,
    ) -> int:
        shape: Shape = (width, 1, 1)
        self.out.append(Instruction(op, name, part, inputs, shape, width, weights, 0, macs, activation=activation))
        return len(self.out) - 1
