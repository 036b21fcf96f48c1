"""A network as a flat list of instructions, which `search.network.lowering` makes from a graph and its macro.

Cost, peak memory, the torch module and every export are derived from this list, so they cannot disagree.
"""

from typing import Literal, NamedTuple

from search.network.macro import Activation

Shape = tuple[int, int, int]
ImageOp = Literal[
    "input",
    "conv",
    "depthwise",
    "norm",
    "activation",
    "max_pool",
    "avg_pool",
    "zero",
    "concat",
    "add",
    "global_pool",
    "dense",
]
TextOp = Literal["token", "embedding", "state", "concat", "linear", "blend", "mean", "decoder"]
InstructionOp = ImageOp | TextOp
#: All ops by kind of network. `search.runtime` implements exactly these, which a test checks.
IMAGE_OPS: tuple[ImageOp, ...] = (
    "input", "conv", "depthwise", "norm", "activation", "max_pool", "avg_pool", "zero", "concat", "add",
    "global_pool", "dense",
)  # fmt: skip
TEXT_OPS: tuple[TextOp, ...] = ("token", "embedding", "state", "concat", "linear", "blend", "mean", "decoder")


class Instruction(NamedTuple):
    """One step of the network. `conv` and `depthwise` include their BN and activation, which work in place, and `add`
    its activation; a `conv` whose `norm` is 0 has no BN. `norm` is a BN with its activation, and `activation` is an
    activation alone: both write a new value. An `avg_pool` of stride 1 keeps the size and leaves padding out of its
    means. `zero` has the shape of what it reads.

    In a language model, `token` and `state` are inputs: the number of a word, and the state after the previous word.
    `blend` reads gates and values [c | g] and a state s, and returns s + sigmoid(c) * (activation(g) - s). `decoder`
    multiplies by the transposed embedding and adds a bias.
    """

    op: InstructionOp
    name: str  # module path, unique in the program
    part: str  # the part that its cost counts for: "stem", "node 3", "shortcut", "output", "head"
    inputs: tuple[int, ...]  # indexes of earlier instructions
    shape: Shape  # of the output: channels, height, width
    elements: int  # of the output, at batch 1
    weights: int = 0  # parameters without BN, with biases
    norm: int = 0  # parameters of BN: scale and shift
    macs: int = 0
    kernel: int = 1
    stride: int = 1
    activation: Activation | None = None


class Program(NamedTuple):
    """Instructions in execution order; the last one gives the output."""

    instructions: tuple[Instruction, ...]

    @property
    def input_shape(self) -> Shape:
        return self.instructions[0].shape

    @property
    def classes(self) -> int:
        return self.instructions[-1].shape[0]
