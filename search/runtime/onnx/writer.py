"""A program and its weights as an ONNX model, written node by node in the program's order.

In an image network each BN is folded into the convolution before it. A language model is one step: tokens and a state
in, logits and the next state out. Needs numpy and onnx alone, so that a device that only measures has no use for torch.
"""

import hashlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from search.network.macro import Activation
from search.network.program import Instruction, InstructionOp, Program

Floats = npt.NDArray[np.float32]
Weights = Mapping[str, Floats]  # by module path, as the safetensors have them

OPSET = 17  # all that is used here is older than 2023, so most runtimes read it
IR_VERSION = 8
BATCH = "batch"
MOST_BYTES = 2_000_000_000  # of weights: a protobuf, and so a file in one piece, ends at 2 GiB


class WrongWeights(ValueError):
    """Weights that are not those of this program; the message names the first that is not."""


class TooLarge(ValueError):
    """A network whose weights do not go into one file."""


def model_of(program: Program, weights: Weights, norm_epsilon: float, about: Mapping[str, str]) -> bytes:
    """The file's content; `about` goes into its metadata. Raises WrongWeights or TooLarge."""
    _expect_room(program)
    for name, shape in weight_shapes(program).items():
        if name not in weights:
            raise WrongWeights(f"there is no {name} among the weights")
        if weights[name].shape != shape:
            raise WrongWeights(f"{name} is of shape {weights[name].shape}, and the network has {shape}")
    writing = _Writing(program, weights, norm_epsilon)
    for step in program.instructions:
        WRITERS[step.op](writing, step)
    graph = helper.make_graph(writing.nodes, "network", writing.inputs, writing.outputs, [*writing.tensors.values()])
    model = helper.make_model(
        graph, producer_name="espalier", ir_version=IR_VERSION, opset_imports=[helper.make_opsetid("", OPSET)]
    )
    helper.set_model_props(model, dict(about))
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def weight_shapes(program: Program) -> dict[str, tuple[int, ...]]:
    """Name -> shape of every tensor that the program has to be given."""
    return {name: shape for step in program.instructions for name, shape in _shapes(program, step)}


def _expect_room(program: Program) -> None:
    size = 4 * sum(math.prod(shape) for shape in weight_shapes(program).values())
    if size > MOST_BYTES:
        raise TooLarge(f"its weights take {size:,} bytes, and an ONNX file in one piece holds {MOST_BYTES:,}")


def random_weights(program: Program) -> dict[str, Floats]:
    """Weights for what does not hang on what was learnt: each drawn by its name, and of a size that keeps values so.

    Raises TooLarge, before it draws what no file could hold.
    """
    _expect_room(program)
    return {name: _drawn(name, shape) for name, shape in weight_shapes(program).items()}


def random_inputs(program: Program, batch: int = 1) -> dict[str, npt.NDArray[Any]]:
    """What a model of this program is fed, drawn: images in [0, 1], or tokens and a state."""
    rng = _generator("inputs")
    first = program.instructions[0]
    if first.op == "input":
        return {"images": rng.random((batch, *first.shape), np.float32)}
    state = next(step for step in program.instructions if step.op == "state")
    return {
        "tokens": rng.integers(0, program.classes, batch),
        "state": rng.standard_normal((batch, state.elements), np.float32) * np.float32(0.1),
    }


class _Writing:
    """The model so far. A value is spoken of by the name of the instruction that made it."""

    def __init__(self, program: Program, weights: Weights, norm_epsilon: float) -> None:
        self.program, self.weights, self.norm_epsilon = program, weights, norm_epsilon
        self.nodes: list[Any] = []
        self.tensors: dict[str, Any] = {}
        self.inputs: list[Any] = []
        self.outputs: list[Any] = []
        # what a value is called is what its maker is called, but for those that go out
        self.named = {i: step.name for i, step in enumerate(program.instructions)}
        self.named[len(program.instructions) - 1] = "logits"
        if program.instructions[-1].op == "decoder":
            self.named[program.instructions[-1].inputs[0]] = "next_state"
        self.place = {step.name: i for i, step in enumerate(program.instructions)}

    def reads(self, step: Instruction) -> list[str]:
        return [self.named[i] for i in step.inputs]

    def makes(self, step: Instruction) -> str:
        return self.named[self.place[step.name]]

    def node(self, op: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        return output

    def tensor(self, name: str, values: npt.NDArray[Any]) -> str:
        """There once, however often it is read."""
        if name not in self.tensors:
            self.tensors[name] = numpy_helper.from_array(np.ascontiguousarray(values), name)
        return name

    def weight(self, name: str) -> str:
        return self.tensor(name, self.weights[name])

    def input(self, name: str, shape: Sequence[int], kind: int = TensorProto.FLOAT) -> str:
        self.inputs.append(helper.make_tensor_value_info(name, kind, [BATCH, *shape]))
        return name

    def output(self, name: str, size: int) -> None:
        self.outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [BATCH, size]))

    def activated(self, read: str, output: str, activation: Activation | None) -> str:
        """`read` after the activation, under the name `output`, which is another."""
        if activation == "swish":
            return self.node("Mul", [read, self.node("Sigmoid", [read], f"{output}/sigmoid")], output)
        return self.node(ACTIVATIONS[activation], [read], output)


#: Activations that are one node; what there is none of is handed on.
ACTIVATIONS: dict[Activation | None, str] = {
    None: "Identity", "identity": "Identity", "relu": "Relu", "sigmoid": "Sigmoid", "tanh": "Tanh",
}  # fmt: skip


def _input(writing: _Writing, step: Instruction) -> None:
    """Normalisation: (images - mean) / deviation."""
    images = writing.input("images", step.shape)
    centred = writing.node("Sub", [images, writing.weight(f"{step.name}.mean")], f"{step.name}/centred")
    writing.node("Div", [centred, writing.weight(f"{step.name}.deviation")], writing.makes(step))


def _conv(writing: _Writing, step: Instruction) -> None:
    name, weights = step.name, writing.weights
    scale = weights[f"{name}.norm.weight"] / np.sqrt(
        weights[f"{name}.norm.running_var"].astype(np.float64) + writing.norm_epsilon
    )
    shift = weights[f"{name}.norm.bias"] - weights[f"{name}.norm.running_mean"] * scale
    folded = weights[f"{name}.weight"] * scale[:, None, None, None]
    convolved = f"{name}/convolved" if step.activation else writing.makes(step)
    around = step.kernel // 2
    writing.node(
        "Conv",
        [
            *writing.reads(step),
            writing.tensor(f"{name}.weight", folded.astype(np.float32)),
            writing.tensor(f"{name}.bias", shift.astype(np.float32)),
        ],
        convolved,
        kernel_shape=[step.kernel] * 2,
        strides=[step.stride] * 2,
        pads=[around] * 4,
        group=step.shape[0] if step.op == "depthwise" else 1,
    )
    if step.activation:
        writing.activated(convolved, writing.makes(step), step.activation)


def _max_pool(writing: _Writing, step: Instruction) -> None:
    size = [step.kernel] * 2
    writing.node("MaxPool", writing.reads(step), writing.makes(step), kernel_shape=size, strides=size, ceil_mode=1)


def _concat(writing: _Writing, step: Instruction) -> None:
    writing.node("Concat", writing.reads(step), writing.makes(step), axis=1)


def _add(writing: _Writing, step: Instruction) -> None:
    writing.node("Add", writing.reads(step), writing.makes(step))


def _global_pool(writing: _Writing, step: Instruction) -> None:
    pooled = writing.node("GlobalAveragePool", writing.reads(step), f"{step.name}/pooled")
    writing.node("Flatten", [pooled], writing.makes(step), axis=1)


def _dense(writing: _Writing, step: Instruction) -> None:
    weight, bias = writing.weight(f"{step.name}.weight"), writing.weight(f"{step.name}.bias")
    writing.node("Gemm", [*writing.reads(step), weight, bias], writing.makes(step), transB=1)
    writing.output(writing.makes(step), step.elements)


def _token(writing: _Writing, step: Instruction) -> None:
    writing.named[writing.place[step.name]] = writing.input("tokens", (), TensorProto.INT64)


def _state(writing: _Writing, step: Instruction) -> None:
    writing.named[writing.place[step.name]] = writing.input("state", (step.elements,))


def _embedding(writing: _Writing, step: Instruction) -> None:
    writing.node("Gather", [writing.weight(f"{step.name}.weight"), *writing.reads(step)], writing.makes(step), axis=0)


def _linear(writing: _Writing, step: Instruction) -> None:
    writing.node("Gemm", [*writing.reads(step), writing.weight(f"{step.name}.weight")], writing.makes(step), transB=1)


def _blend(writing: _Writing, step: Instruction) -> None:
    """[c | g] and s -> s + sigmoid(c) * (activation(g) - s)."""
    name = step.name
    both, state = writing.reads(step)
    gate, value = f"{name}/c", f"{name}/g"
    writing.nodes.append(helper.make_node("Split", [both], [gate, value], name=f"{name}/split", axis=1))
    opened = writing.node("Sigmoid", [gate], f"{name}/gate")
    if step.activation not in (None, "identity"):
        value = writing.activated(value, f"{name}/activated", step.activation)
    change = writing.node("Sub", [value, state], f"{name}/change")
    taken = writing.node("Mul", [opened, change], f"{name}/taken")
    writing.node("Add", [state, taken], writing.makes(step))


def _mean(writing: _Writing, step: Instruction) -> None:
    writing.node("Mean", writing.reads(step), writing.makes(step))


def _decoder(writing: _Writing, step: Instruction) -> None:
    embedding, bias = writing.weight("embedding.weight"), writing.weight(f"{step.name}.bias")
    (state,) = writing.reads(step)
    writing.node("Gemm", [state, embedding, bias], writing.makes(step), transB=1)
    writing.output(writing.makes(step), step.elements)
    writing.output(state, writing.program.instructions[step.inputs[0]].elements)


WRITERS: dict[InstructionOp, Callable[[_Writing, Instruction], None]] = {
    "input": _input,
    "conv": _conv,
    "depthwise": _conv,
    "max_pool": _max_pool,
    "concat": _concat,
    "add": _add,
    "global_pool": _global_pool,
    "dense": _dense,
    "token": _token,
    "state": _state,
    "embedding": _embedding,
    "linear": _linear,
    "blend": _blend,
    "mean": _mean,
    "decoder": _decoder,
}


def _shapes(program: Program, step: Instruction) -> Iterator[tuple[str, tuple[int, ...]]]:
    name, width = step.name, step.shape[0]
    reads = [program.instructions[i].shape[0] for i in step.inputs]
    match step.op:
        case "input":
            yield f"{name}.mean", (1, width, 1, 1)
            yield f"{name}.deviation", (1, width, 1, 1)
        case "conv" | "depthwise":
            yield f"{name}.weight", (width, 1 if step.op == "depthwise" else reads[0], step.kernel, step.kernel)
            for part in ("weight", "bias", "running_mean", "running_var"):
                yield f"{name}.norm.{part}", (width,)
        case "dense":
            yield f"{name}.weight", (width, reads[0])
            yield f"{name}.bias", (width,)
        case "embedding":
            yield f"{name}.weight", (program.classes, width)
        case "linear":
            yield f"{name}.weight", (width, reads[0])
        case "decoder":
            yield f"{name}.bias", (width,)


ONES = (".norm.weight", ".norm.running_var", ".deviation")


def _drawn(name: str, shape: tuple[int, ...]) -> Floats:
    if name.endswith(ONES):
        return np.ones(shape, np.float32)
    if len(shape) == 1 or name.endswith(".mean"):
        return np.zeros(shape, np.float32)
    deviation = np.float32(math.sqrt(1 / math.prod(shape[1:])))
    return _generator("weights", name).standard_normal(shape, np.float32) * deviation


def _generator(*seed: str) -> np.random.Generator:
    digest = hashlib.sha256("/".join(seed).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8]))
