"""Writes a program and its weights as an ONNX model, node by node in the order of the program.

In image networks each BN is folded into the preceding convolution. Language models are written as one step, with the
inputs tokens and state and the outputs logits and next_state. Only numpy and onnx are needed: a device agent has no
torch.
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
Weights = Mapping[str, Floats]  # by module path, as in the safetensors

OPSET = 17  # of 2022: old enough for most runtimes
IR_VERSION = 8
BATCH = "batch"
MAX_BYTES = 2_000_000_000  # of weights: a protobuf message, hence a model in a single file, is limited to 2 GiB


class WrongWeights(ValueError):
    """The weights do not match the program; the message names the first mismatch."""


class TooLarge(ValueError):
    """The weights of the network exceed MAX_BYTES."""


def model_of(program: Program, weights: Weights, norm_epsilon: float, metadata: Mapping[str, str]) -> bytes:
    """The content of the ONNX file. Raises WrongWeights or TooLarge."""
    _check_size(program)
    for name, shape in weight_shapes(program).items():
        if name not in weights:
            raise WrongWeights(f"there is no {name} among the weights")
        if weights[name].shape != shape:
            raise WrongWeights(f"{name} is of shape {weights[name].shape}, and the network has {shape}")
    builder = _ModelBuilder(program, weights, norm_epsilon)
    for step in program.instructions:
        WRITERS[step.op](builder, step)
    graph = helper.make_graph(builder.nodes, "network", builder.inputs, builder.outputs, [*builder.tensors.values()])
    model = helper.make_model(
        graph, producer_name="espalier", ir_version=IR_VERSION, opset_imports=[helper.make_opsetid("", OPSET)]
    )
    helper.set_model_props(model, dict(metadata))
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def weight_shapes(program: Program) -> dict[str, tuple[int, ...]]:
    """Name -> shape of every tensor that `model_of` requires."""
    return {name: shape for step in program.instructions for name, shape in _shapes(program, step)}


def _check_size(program: Program) -> None:
    size = 4 * sum(math.prod(shape) for shape in weight_shapes(program).values())
    if size > MAX_BYTES:
        raise TooLarge(f"its weights take {size:,} bytes, and a single ONNX file holds at most {MAX_BYTES:,}")


def random_weights(program: Program) -> dict[str, Floats]:
    """Random weights for measurements, which do not depend on trained values; each tensor is drawn by its name alone.

    The variance is 1 / fan-in, which preserves the scale of activations. Raises TooLarge before it draws anything.
    """
    _check_size(program)
    return {name: _draw(name, shape) for name, shape in weight_shapes(program).items()}


def random_inputs(program: Program, batch: int = 1) -> dict[str, npt.NDArray[Any]]:
    """Random inputs of a model of this program: images in [0, 1], or tokens and a state."""
    rng = _generator("inputs")
    first = program.instructions[0]
    if first.op == "input":
        return {"images": rng.random((batch, *first.shape), np.float32)}
    state = next(step for step in program.instructions if step.op == "state")
    return {
        "tokens": rng.integers(0, program.classes, batch),
        "state": rng.standard_normal((batch, state.elements), np.float32) * np.float32(0.1),
    }


class _ModelBuilder:
    """The nodes and tensors of the model so far. A value has the name of its instruction, except outputs."""

    def __init__(self, program: Program, weights: Weights, norm_epsilon: float) -> None:
        self.program, self.weights, self.norm_epsilon = program, weights, norm_epsilon
        self.nodes: list[Any] = []
        self.tensors: dict[str, Any] = {}
        self.inputs: list[Any] = []
        self.outputs: list[Any] = []
        self.names = {i: step.name for i, step in enumerate(program.instructions)}
        self.names[len(program.instructions) - 1] = "logits"
        if program.instructions[-1].op == "decoder":
            self.names[program.instructions[-1].inputs[0]] = "next_state"
        self.position = {step.name: i for i, step in enumerate(program.instructions)}

    def input_names(self, step: Instruction) -> list[str]:
        return [self.names[i] for i in step.inputs]

    def output_name(self, step: Instruction) -> str:
        return self.names[self.position[step.name]]

    def node(self, op: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        return output

    def tensor(self, name: str, values: npt.NDArray[Any]) -> str:
        """Adds the tensor unless it exists; the name, for use as an input."""
        if name not in self.tensors:
            self.tensors[name] = numpy_helper.from_array(np.ascontiguousarray(values), name)
        return name

    def weight(self, name: str) -> str:
        return self.tensor(name, self.weights[name])

    def input(self, name: str, shape: Sequence[int], dtype: int = TensorProto.FLOAT) -> str:
        self.inputs.append(helper.make_tensor_value_info(name, dtype, [BATCH, *shape]))
        return name

    def output(self, name: str, size: int) -> None:
        self.outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [BATCH, size]))

    def activate(self, value: str, output: str, activation: Activation | None) -> str:
        """Adds the activation of `value` under the new name `output`."""
        if activation == "swish":
            return self.node("Mul", [value, self.node("Sigmoid", [value], f"{output}/sigmoid")], output)
        return self.node(ACTIVATIONS[activation], [value], output)


#: Activations that are a single ONNX node.
ACTIVATIONS: dict[Activation | None, str] = {
    None: "Identity", "identity": "Identity", "relu": "Relu", "sigmoid": "Sigmoid", "tanh": "Tanh",
}  # fmt: skip


def _input(model: _ModelBuilder, step: Instruction) -> None:
    """Normalisation: (images - mean) / deviation."""
    images = model.input("images", step.shape)
    centred = model.node("Sub", [images, model.weight(f"{step.name}.mean")], f"{step.name}/centred")
    model.node("Div", [centred, model.weight(f"{step.name}.deviation")], model.output_name(step))


def _conv(model: _ModelBuilder, step: Instruction) -> None:
    name = step.name
    kernel = [model.weight(f"{name}.weight")] if not step.norm else _folded(model, step)
    convolved = f"{name}/convolved" if step.activation else model.output_name(step)
    padding = step.kernel // 2
    model.node(
        "Conv",
        [*model.input_names(step), *kernel],
        convolved,
        kernel_shape=[step.kernel] * 2,
        strides=[step.stride] * 2,
        pads=[padding] * 4,
        group=step.shape[0] if step.op == "depthwise" else 1,
    )
    if step.activation:
        model.activate(convolved, model.output_name(step), step.activation)


def _folded(model: _ModelBuilder, step: Instruction) -> list[str]:
    """The kernel and the bias of a convolution and its BN together."""
    scale, shift = _scale_and_shift(model, step)
    folded = model.weights[f"{step.name}.weight"] * scale[:, None, None, None]
    return [
        model.tensor(f"{step.name}.weight", folded.astype(np.float32)),
        model.tensor(f"{step.name}.bias", shift.astype(np.float32)),
    ]


def _scale_and_shift(model: _ModelBuilder, step: Instruction) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """What the BN of an instruction multiplies by and adds, per channel."""
    norm = {part: model.weights[f"{step.name}.norm.{part}"] for part in NORM_TENSORS}
    scale = norm["weight"] / np.sqrt(norm["running_var"].astype(np.float64) + model.norm_epsilon)
    return scale, norm["bias"] - norm["running_mean"] * scale


def _norm(model: _ModelBuilder, step: Instruction) -> None:
    scale, shift = (each.astype(np.float32)[:, None, None] for each in _scale_and_shift(model, step))
    scaled = model.node(
        "Mul", [*model.input_names(step), model.tensor(f"{step.name}.scale", scale)], f"{step.name}/scaled"
    )
    shifted = f"{step.name}/shifted" if step.activation else model.output_name(step)
    model.node("Add", [scaled, model.tensor(f"{step.name}.shift", shift)], shifted)
    if step.activation:
        model.activate(shifted, model.output_name(step), step.activation)


def _activation(model: _ModelBuilder, step: Instruction) -> None:
    (read,) = model.input_names(step)
    model.activate(read, model.output_name(step), step.activation)


def _avg_pool(model: _ModelBuilder, step: Instruction) -> None:
    padding = step.kernel // 2 if step.stride == 1 else 0
    model.node(
        "AveragePool",
        model.input_names(step),
        model.output_name(step),
        kernel_shape=[step.kernel] * 2,
        strides=[step.stride] * 2,
        pads=[padding] * 4,
        ceil_mode=1,
        count_include_pad=0,
    )


def _zero(model: _ModelBuilder, step: Instruction) -> None:
    zero = model.tensor("zero", np.zeros((), np.float32))
    model.node("Mul", [*model.input_names(step), zero], model.output_name(step))


def _max_pool(model: _ModelBuilder, step: Instruction) -> None:
    size = [step.kernel] * 2
    model.node(
        "MaxPool", model.input_names(step), model.output_name(step), kernel_shape=size, strides=size, ceil_mode=1
    )


def _concat(model: _ModelBuilder, step: Instruction) -> None:
    model.node("Concat", model.input_names(step), model.output_name(step), axis=1)


def _add(model: _ModelBuilder, step: Instruction) -> None:
    inputs = model.input_names(step)
    total = f"{step.name}/sum" if step.activation else model.output_name(step)
    model.node("Add" if len(inputs) == 2 else "Sum", inputs, total)
    if step.activation:
        model.activate(total, model.output_name(step), step.activation)


def _global_pool(model: _ModelBuilder, step: Instruction) -> None:
    pooled = model.node("GlobalAveragePool", model.input_names(step), f"{step.name}/pooled")
    model.node("Flatten", [pooled], model.output_name(step), axis=1)


def _dense(model: _ModelBuilder, step: Instruction) -> None:
    weight, bias = model.weight(f"{step.name}.weight"), model.weight(f"{step.name}.bias")
    model.node("Gemm", [*model.input_names(step), weight, bias], model.output_name(step), transB=1)
    model.output(model.output_name(step), step.elements)


def _token(model: _ModelBuilder, step: Instruction) -> None:
    model.names[model.position[step.name]] = model.input("tokens", (), TensorProto.INT64)


def _state(model: _ModelBuilder, step: Instruction) -> None:
    model.names[model.position[step.name]] = model.input("state", (step.elements,))


def _embedding(model: _ModelBuilder, step: Instruction) -> None:
    model.node(
        "Gather", [model.weight(f"{step.name}.weight"), *model.input_names(step)], model.output_name(step), axis=0
    )


def _linear(model: _ModelBuilder, step: Instruction) -> None:
    model.node(
        "Gemm", [*model.input_names(step), model.weight(f"{step.name}.weight")], model.output_name(step), transB=1
    )


def _blend(model: _ModelBuilder, step: Instruction) -> None:
    """[c | g] and s -> s + sigmoid(c) * (activation(g) - s)."""
    name = step.name
    gate_and_value, state = model.input_names(step)
    gate_logits, value = f"{name}/c", f"{name}/g"
    model.nodes.append(helper.make_node("Split", [gate_and_value], [gate_logits, value], name=f"{name}/split", axis=1))
    gate = model.node("Sigmoid", [gate_logits], f"{name}/gate")
    if step.activation not in (None, "identity"):
        value = model.activate(value, f"{name}/activated", step.activation)
    change = model.node("Sub", [value, state], f"{name}/change")
    gated = model.node("Mul", [gate, change], f"{name}/taken")
    model.node("Add", [state, gated], model.output_name(step))


def _mean(model: _ModelBuilder, step: Instruction) -> None:
    model.node("Mean", model.input_names(step), model.output_name(step))


def _decoder(model: _ModelBuilder, step: Instruction) -> None:
    embedding, bias = model.weight("embedding.weight"), model.weight(f"{step.name}.bias")
    (state,) = model.input_names(step)
    model.node("Gemm", [state, embedding, bias], model.output_name(step), transB=1)
    model.output(model.output_name(step), step.elements)
    model.output(state, model.program.instructions[step.inputs[0]].elements)


WRITERS: dict[InstructionOp, Callable[[_ModelBuilder, Instruction], None]] = {
    "input": _input,
    "conv": _conv,
    "depthwise": _conv,
    "norm": _norm,
    "activation": _activation,
    "max_pool": _max_pool,
    "avg_pool": _avg_pool,
    "zero": _zero,
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
    input_widths = [program.instructions[i].shape[0] for i in step.inputs]
    match step.op:
        case "input":
            yield f"{name}.mean", (1, width, 1, 1)
            yield f"{name}.deviation", (1, width, 1, 1)
        case "conv" | "depthwise":
            yield f"{name}.weight", (width, 1 if step.op == "depthwise" else input_widths[0], step.kernel, step.kernel)
            for tensor in NORM_TENSORS if step.norm else ():
                yield f"{name}.norm.{tensor}", (width,)
        case "norm":
            for tensor in NORM_TENSORS:
                yield f"{name}.norm.{tensor}", (width,)
        case "dense":
            yield f"{name}.weight", (width, input_widths[0])
            yield f"{name}.bias", (width,)
        case "embedding":
            yield f"{name}.weight", (program.classes, width)
        case "linear":
            yield f"{name}.weight", (width, input_widths[0])
        case "decoder":
            yield f"{name}.bias", (width,)


NORM_TENSORS = ("weight", "bias", "running_mean", "running_var")
STARTS_AT_ONE = (".norm.weight", ".norm.running_var", ".deviation")


def _draw(name: str, shape: tuple[int, ...]) -> Floats:
    if name.endswith(STARTS_AT_ONE):
        return np.ones(shape, np.float32)
    if len(shape) == 1 or name.endswith(".mean"):
        return np.zeros(shape, np.float32)
    deviation = np.float32(math.sqrt(1 / math.prod(shape[1:])))
    return _generator("weights", name).standard_normal(shape, np.float32) * deviation


def _generator(*seed: str) -> np.random.Generator:
    digest = hashlib.sha256("/".join(seed).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8]))
