"""The first cell of the SwiftNet that won the Visual Wake Words challenge of 2019, as in its file (MSNAS spec,
section 2): 28x28 pixels, nodes of 32 channels, one byte per value; node 0 is the cell's input."""

PIXELS, CHANNELS, PROJECTED = 28 * 28, 32, 48
EDGES = (
    (0, 1), (1, 2), (0, 3), (1, 4), (0, 5), (1, 5), (4, 6), (5, 6), (1, 7), (6, 7), (0, 8), (3, 8), (4, 8), (5, 8),
    (5, 9), (7, 10), (5, 11), (6, 11), (0, 12), (3, 12), (2, 13), (5, 13), (7, 13), (8, 13),
)  # fmt: skip
SEPARABLE = (9, 10, 11, 12)  # a depthwise 3x3 on the concat of their inputs, then 1x1; other nodes are 1x1
LEAVES = (9, 10, 11, 12, 13)
#: The file's order of execution: one number runs a node, several concatenate their outputs.
EXECUTION: tuple[tuple[int, ...], ...] = (
    (1,), (0, 1), (2,), (3,), (0, 3), (4,), (5,), (4, 5), (0, 3, 4, 5), (6,), (1, 6), (5, 6), (7,), (8,), (2, 5, 7, 8),
    (9,), (10,), (11,), (12,), (13,), LEAVES,
)  # fmt: skip


def _cell() -> list[tuple[int, tuple[int, ...]]]:
    """Per instruction: the bytes that it writes, and the indices of the instructions whose outputs it reads."""
    steps: list[tuple[int, tuple[int, ...]]] = [(CHANNELS * PIXELS, ())]
    outputs: dict[tuple[int, ...], int] = {(0,): 0}

    def emit(channels: int, *reads: int) -> int:
        steps.append((channels * PIXELS, reads))
        return len(steps) - 1

    for nodes in EXECUTION:
        if len(nodes) > 1:
            outputs[nodes] = emit(CHANNELS * len(nodes), *[outputs[(node,)] for node in nodes])
            continue
        sources = tuple(source for source, target in EDGES if target == nodes[0])
        read = outputs[sources]
        if nodes[0] in SEPARABLE:
            read = emit(CHANNELS * len(sources), read)
        outputs[nodes] = emit(CHANNELS, read)
    shortcut, body = emit(PROJECTED, outputs[(0,)]), emit(PROJECTED, outputs[LEAVES])
    emit(PROJECTED, shortcut, body)
    return steps


FIRST_CELL = _cell()
