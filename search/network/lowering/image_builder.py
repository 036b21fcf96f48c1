"""Emits the instructions of an image network one by one, and refers to them by index."""

from search.network.macro import Activation
from search.network.program import Instruction, InstructionOp, Program, Shape


class ImageBuilder:
    """`shapes`: output shape of each instruction so far. Each method returns the index of its last instruction."""

    def __init__(self) -> None:
        self.out: list[Instruction] = []
        self.shapes: list[Shape] = []

    @property
    def program(self) -> Program:
        return Program(tuple(self.out))

    def input(self, shape: Shape) -> int:
        return self.emit("input", "input", "input", (), shape)

    def conv(
        self,
        name: str,
        part: str,
        x: int,
        filters: int,
        activation: Activation | None,
        kernel: int = 1,
        stride: int = 1,
        norm: bool = True,
    ) -> int:
        channels = self.shapes[x][0]
        _, height, width = self._strided(self.shapes[x], stride)
        weights = kernel * kernel * channels * filters
        macs = weights * height * width
        shape, scales = (filters, height, width), 2 * filters * norm
        return self.emit("conv", name, part, (x,), shape, weights, scales, macs, kernel, stride, activation)

    def depthwise(
        self, name: str, part: str, x: int, kernel: int, activation: Activation | None, stride: int = 1
    ) -> int:
        channels, height, width = shape = self._strided(self.shapes[x], stride)
        weights = kernel * kernel * channels
        macs = weights * height * width
        return self.emit("depthwise", name, part, (x,), shape, weights, 2 * channels, macs, kernel, stride, activation)

    def norm(self, name: str, part: str, x: int, activation: Activation | None) -> int:
        shape = self.shapes[x]
        return self.emit("norm", name, part, (x,), shape, 0, 2 * shape[0], activation=activation)

    def activation(self, name: str, part: str, x: int, activation: Activation) -> int:
        return self.emit("activation", name, part, (x,), self.shapes[x], activation=activation)

    def avg_pool(self, name: str, part: str, x: int, kernel: int, stride: int) -> int:
        """Either of stride 1, or without overlap."""
        return self.emit(
            "avg_pool", name, part, (x,), self._strided(self.shapes[x], stride), kernel=kernel, stride=stride
        )

    def add(self, name: str, part: str, inputs: tuple[int, ...], activation: Activation | None = None) -> int:
        return self.emit("add", name, part, inputs, self.shapes[inputs[0]], activation=activation)

    def classifier(self, x: int, classes: int) -> int:
        channels = self.shapes[x][0]
        x = self.emit("global_pool", "pool", "head", (x,), (channels, 1, 1))
        weights = channels * classes
        return self.emit("dense", "dense", "head", (x,), (classes, 1, 1), weights + classes, 0, weights)

    def max_pool(self, name: str, part: str, x: int, stride: int) -> int:
        return self.emit(
            "max_pool", name, part, (x,), self._strided(self.shapes[x], stride), kernel=stride, stride=stride
        )

    def concat(self, name: str, part: str, inputs: tuple[int, ...]) -> int:
        shapes = self.shapes
        _, height, width = shapes[inputs[0]]
        return self.emit("concat", name, part, inputs, (sum([shapes[i][0] for i in inputs]), height, width))

    def emit(
        self,
        op: InstructionOp,
        name: str,
        part: str,
        inputs: tuple[int, ...],
        shape: Shape,
        weights: int = 0,
        norm: int = 0,
        macs: int = 0,
        kernel: int = 1,
        stride: int = 1,
        activation: Activation | None = None,
    ) -> int:
        elements = shape[0] * shape[1] * shape[2]
        step = (op, name, part, inputs, shape, elements, weights, norm, macs, kernel, stride, activation)
        self.out.append(tuple.__new__(Instruction, step))  # the constructor would take a third of the lowering's time
        self.shapes.append(shape)
        return len(self.out) - 1

    @staticmethod
    def _strided(shape: Shape, stride: int) -> Shape:
        """SAME padding rounds up."""
        channels, height, width = shape
        return (channels, -(-height // stride), -(-width // stride)) if stride > 1 else shape
