"""The whole network as a diagram: its instructions in the order of running, and which output each of them reads."""

from dataclasses import dataclass

from search.network.program import Instruction, Program


@dataclass(frozen=True, slots=True)
class Operation:
    """One instruction. Its id is its place in the order of running."""

    id: int
    op: str
    name: str  # module path, as in an exported model
    detail: str  # "3x3, stride 2, relu"; empty if there is nothing to add
    shape: tuple[int, ...]  # of the output: channels, height, width; in a language model steps and width
    params: int
    macs: int
    part: str  # that its cost counts for, such as "node 3"
    cell: str | None  # "stage1.cell0"; None outside the cells


@dataclass(frozen=True, slots=True)
class Flow:
    """`target` reads the output of `source`, which has the shape of `source`."""

    source: int
    target: int


@dataclass(frozen=True, slots=True)
class Diagram:
    nodes: tuple[Operation, ...]
    edges: tuple[Flow, ...]  # by their targets, then by their sources


def diagram(program: Program) -> Diagram:
    """The diagram of a program. An output that an instruction reads twice has one edge to it."""
    text = program.instructions[0].op == "token"
    return Diagram(
        tuple(_operation(i, step, text) for i, step in enumerate(program.instructions)),
        tuple(Flow(i, target) for target, step in enumerate(program.instructions) for i in sorted(set(step.inputs))),
    )


def _operation(id: int, step: Instruction, text: bool) -> Operation:
    return Operation(
        id=id,
        op=step.op,
        name=step.name,
        detail=_detail(step),
        shape=(1, step.shape[0]) if text else step.shape,
        params=step.weights + step.norm,
        macs=step.macs,
        part=step.part,
        cell=_cell(step.name),
    )


def _detail(step: Instruction) -> str:
    kernel = f"{step.kernel}x{step.kernel}" if step.op in ("conv", "depthwise", "max_pool", "avg_pool") else ""
    stride = f"stride {step.stride}" if step.stride > 1 else ""
    return ", ".join(filter(None, (kernel, stride, step.activation)))


def _cell(name: str) -> str | None:
    """The cell of a module path: "stage1.cell0" of "stage1.cell0.node3.conv", "cell" of "cell.node0.concat"."""
    *parts, _ = name.split(".")
    cells = [i for i, part in enumerate(parts) if part.startswith("cell")]
    return ".".join(parts[: cells[0] + 1]) if cells else None
