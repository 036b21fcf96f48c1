"""A network as a flat list of instructions: what `search.network.lowering` makes of a graph and its macro.

Cost sums this list, the builder makes the torch module from it, exporters print it, peak memory walks it; so none of
them can disagree.
"""

from typing import Literal, NamedTuple

from search.network.macro import Activation

Shape = tuple[int, int, int]
ImageOp = Literal["input", "conv", "depthwise", "max_pool", "concat", "add", "global_pool", "dense"]
TextOp = Literal["token", "embedding", "state", "concat", "linear", "blend", "mean", "decoder"]
InstructionOp = ImageOp | TextOp
#: Every op of a program, by what it is for; `search.runtime` covers exactly these (a test holds it to that).
IMAGE_OPS: tuple[ImageOp, ...] = (
    "input", "conv", "depthwise", "max_pool", "concat", "add", "global_pool", "dense",
)  # fmt: skip
TEXT_OPS: tuple[TextOp, ...] = ("token", "embedding", "state", "concat", "linear", "blend", "mean", "decoder")


class Instruction(NamedTuple):
    """One step of the network. `conv` and `depthwise` carry their BN and activation, which work in place.

    In a program of text, `token` and `state` are read from outside: a word's number, and the state that the last word
    left. `blend` reads gates and values [c | g] and a state s, and is s + sigmoid(c) * (activation(g) - s); `decoder`
    multiplies by the embedding again.
    """

    op: InstructionOp
    name: str  # module path, unique in the program
    part: str  # whose cost it is: "stem", "node 3", "shortcut", "output", "head"
    inputs: tuple[int, ...]  # indexes of earlier instructions
    shape: Shape  # of the output: channels, height, width
    elements: int  # of the output, at batch 1
    weights: int = 0  # parameters without BN, biases included
    norm: int = 0  # parameters of BN: scale and shift
    macs: int = 0
    kernel: int = 1
    stride: int = 1
    activation: Activation | None = None


class Program(NamedTuple):
    instructions: tuple[Instruction, ...]

    @property
    def input_shape(self) -> Shape:
        return self.instructions[0].shape

    @property
    def classes(self) -> int:
        return self.instructions[-1].shape[0]
