"""The ONNX writer: its models compute the same as torch, and writing them needs no torch."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch.nn import functional as F

from search.base import serialization
from search.evaluation.recipes.image import ImageRecipe
from search.network.graph import INPUT, Edge, Graph, Node
from search.network.lowering import lower
from search.network.macro import ImageMacro, Macro, Stage, TextMacro
from search.network.memory_order import Order, held_elements, in_order, lower_with_order
from search.network.program import IMAGE_OPS, TEXT_OPS, Program
from search.runtime.networks.image import build
from search.runtime.onnx.session import open_session, session_options
from search.runtime.onnx.writer import WRITERS, WrongWeights, model_of, random_inputs, random_weights, weight_shapes
from search.spaces import cnn, rnn
from search.spaces.presets import PRESETS

ROOT = Path(__file__).parents[2]
TEXT = TextMacro(vocabulary=11, hidden=6)
CELL = Graph(
    (Node(0, INPUT, 0.0), *(Node(i, op, float(i)) for i, op in enumerate(rnn.OPS, 1))),
    (Edge(0, 1), Edge(0, 2), Edge(0, 3), Edge(1, 3), Edge(2, 4), Edge(3, 4)),
)


def run(content: bytes, feed: dict[str, Any]) -> dict[str, Any]:
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, feed), strict=True))


def test_every_op_of_a_program_can_be_written() -> None:
    assert WRITERS.keys() == {*IMAGE_OPS, *TEXT_OPS}


@pytest.mark.parametrize(
    ("activation", "shape", "stride"), [("relu", (3, 13, 9), 2), ("swish", (3, 7, 7), 1), ("relu", (1, 8, 8), 1)]
)
def test_image_networks_give_the_same_logits_as_torch(
    activation: Any, shape: tuple[int, int, int], stride: int
) -> None:
    """With odd sides, which round up, and BN statistics other than 0 and 1."""
    macro = ImageMacro(
        input=shape,
        classes=5,
        stem_filters=8,
        stem_stride=stride,
        stages=(Stage(filters=4, cells=2), Stage(filters=8, stride=2)),
        head_filters=12,
        activation=activation,
    )
    network = build(cnn.dense(5), macro, ImageRecipe(), 0).eval()
    generator = torch.Generator().manual_seed(0)
    for name, tensor in network.state_dict().items():
        if "norm" in name or name.startswith("input"):
            tensor.uniform_(0.5, 1.5, generator=generator)
    weights = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    images = torch.rand(4, *shape, generator=generator)
    outputs = run(model_of(network.program, weights, 1e-5, {}), {"images": images.numpy()})
    with torch.no_grad():
        expected = network(images).numpy()
    assert np.abs(outputs["logits"] - expected).max() < 1e-5 * np.abs(expected).max()


def test_a_language_model_is_one_step_from_state_to_state() -> None:
    program = lower(CELL, TEXT)
    weights = random_weights(program)
    feed = random_inputs(program, batch=3)
    outputs = run(model_of(program, weights, 1e-5, {}), feed)
    expected = step_by_hand(CELL, {k: torch.from_numpy(v) for k, v in weights.items()}, feed)
    assert list(outputs) == ["logits", "next_state"]
    for name, tensor in expected.items():
        assert np.allclose(outputs[name], tensor.numpy(), atol=1e-6)


def step_by_hand(graph: Graph, weights: dict[str, torch.Tensor], feed: dict[str, Any]) -> dict[str, torch.Tensor]:
    """AutoShrink's cell as specified (section 4), in torch."""
    activations: Any = {"relu": F.relu, "sigmoid": F.sigmoid, "tanh": F.tanh, "identity": lambda x: x}
    embedding, h = weights["embedding.weight"], torch.from_numpy(feed["state"])

    def blend(x: torch.Tensor, s: torch.Tensor, weight: torch.Tensor, op: str) -> torch.Tensor:
        c, g = (x @ weight.T).chunk(2, 1)
        value: torch.Tensor = activations[op](g)
        return s + c.sigmoid() * (value - s)

    x = embedding[torch.from_numpy(feed["tokens"])]
    states = {0: blend(torch.cat([x, h], 1), h, weights["cell.node0.weight"], "tanh")}
    for node in graph.nodes[1:]:
        read = graph.predecessors[node.id]
        blends = [blend(states[i], states[i], weights[f"cell.edge{i}_{node.id}.weight"], node.op) for i in read]
        states[node.id] = torch.stack(blends).mean(0)
    after = torch.stack([states[leaf] for leaf in graph.leaves]).mean(0)
    return {"next_state": after, "logits": after @ embedding.T + weights["decoder.bias"]}


@pytest.mark.parametrize(("graph", "macro"), [(cnn.dense(4), cnn.search_macro((1, 8, 8), 10)), (CELL, TEXT)])
def test_nodes_are_in_the_order_of_the_program(graph: Graph, macro: Macro) -> None:
    program = lower(graph, macro)
    model = onnx.load_from_string(model_of(program, random_weights(program), 1e-5, {}))
    places = {step.name: i for i, step in enumerate(program.instructions)}
    positions = [places.get(node.name.partition("/")[0]) for node in model.graph.node]
    found = [position for position in positions if position is not None]
    assert found == sorted(found) and len(set(found)) >= len(places) - 4  # inputs and outputs have other names


@pytest.mark.parametrize(
    ("graph", "macro"), [(PRESETS["shrinkcnn-a"].graph, cnn.search_macro((3, 16, 16), 10)), (CELL, TEXT)]
)
def test_it_runs_in_the_order_of_the_file_and_holds_as_much_as_the_budget_counts(
    graph: Graph, macro: Macro, tmp_path: Path
) -> None:
    program, order = lower_with_order(graph, macro)
    program = in_order(program, order)
    content = model_of(program, random_weights(program), 1e-5, {})
    settings = session_options(as_written=True)
    settings.enable_profiling, settings.profile_file_prefix = True, str(tmp_path / "profile")
    session = open_session(content, settings)
    session.run(None, random_inputs(program))
    events = [event["name"] for event in serialization.loads(Path(session.end_profiling()).read_bytes())]
    ran = [name.removesuffix("_kernel_time") for name in events if name.endswith("_kernel_time")]
    assert ran == [node.name for node in onnx.load_from_string(content).graph.node]
    assert most_held(program, ran) == order.peak


def most_held(program: Program, ran: list[str]) -> int:
    """The most elements held at once, if instructions end in the order in which their last nodes ran."""
    place = {step.name: i for i, step in enumerate(program.instructions)} | {"logits": len(program.instructions) - 1}
    if program.instructions[-1].op == "decoder":
        place["next_state"] = program.instructions[-1].inputs[0]
    ended = {place[name.partition("/")[0]]: when for when, name in enumerate(ran)}
    steps = sorted(place.values(), key=lambda i: ended.get(i, -1))  # inputs come first
    reordered = in_order(program, Order(tuple(dict.fromkeys(steps)), 0, True, 0)).instructions
    return max(held_elements([step.elements for step in reordered], [step.inputs for step in reordered]))


def test_a_program_in_another_order_is_written_in_that_order_and_computes_the_same() -> None:
    program = lower(CELL, TEXT)
    steps = list(program.instructions)
    steps = [steps[2], *steps[:2], *steps[3:]]  # the state comes first
    place = {2: 0, 0: 1, 1: 2}
    reordered = Program(tuple(step._replace(inputs=tuple(place.get(i, i) for i in step.inputs)) for step in steps))
    weights, feed = random_weights(program), random_inputs(program)
    content = model_of(reordered, weights, 1e-5, {})
    assert [i.name for i in onnx.load_from_string(content).graph.input] == ["state", "tokens"]
    assert np.array_equal(run(content, feed)["logits"], run(model_of(program, weights, 1e-5, {}), feed)["logits"])


def test_a_tensor_that_is_read_twice_is_stored_once() -> None:
    program = lower(CELL, TEXT)
    model = onnx.load_from_string(model_of(program, random_weights(program), 1e-5, {}))
    names = [tensor.name for tensor in model.graph.initializer]
    assert names.count("embedding.weight") == 1 and set(names) == weight_shapes(program).keys()


def test_equal_weights_give_equal_bytes() -> None:
    program = lower(CELL, TEXT)
    first, second = (model_of(program, random_weights(program), 1e-5, {"a": "1", "b": "2"}) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("name", PRESETS)
def test_weight_shapes_agree_with_the_cost(name: str) -> None:
    program = lower(PRESETS[name].graph, PRESETS[name].macro)
    trainable = {n: s for n, s in weight_shapes(program).items() if "running" not in n and not n.startswith("input")}
    assert sum(int(np.prod(shape)) for shape in trainable.values()) == sum(
        s.weights + s.norm for s in program.instructions
    )


def test_a_missing_weight_or_one_of_another_shape_is_named() -> None:
    program = lower(CELL, TEXT)
    weights = random_weights(program)
    with pytest.raises(WrongWeights, match=r"no decoder\.bias among the weights"):
        model_of(program, {name: w for name, w in weights.items() if name != "decoder.bias"}, 1e-5, {})
    with pytest.raises(WrongWeights, match=r"decoder\.bias is of shape \(12,\), and the network has \(11,\)"):
        model_of(program, weights | {"decoder.bias": np.zeros(12, np.float32)}, 1e-5, {})


def test_random_weights_depend_on_the_name_alone() -> None:
    smaller = random_weights(lower(CELL.without(Edge(2, 4)), TEXT))
    whole = random_weights(lower(CELL, TEXT))
    assert smaller.keys() < whole.keys()
    assert all(np.array_equal(weight, whole[name]) for name, weight in smaller.items())


def test_a_file_is_written_without_torch() -> None:
    code = "import sys, search.runtime.onnx.writer; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
