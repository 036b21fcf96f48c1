"""The first cell of the SwiftNet that won the Visual Wake Words challenge of 2019, as its file lists it (MSNAS spec,
section 2): 28x28 pixels, nodes of 32 channels, one byte each; node 0 is the cell's input."""

PIXELS, CHANNELS, PROJECTED = 28 * 28, 32, 48
EDGES = (
    (0, 1), (1, 2), (0, 3), (1, 4), (0, 5), (1, 5), (4, 6), (5, 6), (1, 7), (6, 7), (0, 8), (3, 8), (4, 8), (5, 8),
    (5, 9), (7, 10), (5, 11), (6, 11), (0, 12), (3, 12), (2, 13), (5, 13), (7, 13), (8, 13),
)  # fmt: skip
SEPARABLE = (9, 10, 11, 12)  # a depthwise 3x3 on all that they read, then 1x1; the others are 1x1 convolutions
LEAVES = (9, 10, 11, 12, 13)
#: A number is a node, several are a concat of their outputs, made at that moment.
IN_FILE: tuple[tuple[int, ...], ...] = (
    (1,), (0, 1), (2,), (3,), (0, 3), (4,), (5,), (4, 5), (0, 3, 4, 5), (6,), (1, 6), (5, 6), (7,), (8,), (2, 5, 7, 8),
    (9,), (10,), (11,), (12,), (13,), LEAVES,
)  # fmt: skip


def _cell() -> list[tuple[int, tuple[int, ...]]]:
    """Bytes that each instruction writes, and whose it reads."""
    steps: list[tuple[int, tuple[int, ...]]] = [(CHANNELS * PIXELS, ())]
    made: dict[tuple[int, ...], int] = {(0,): 0}

    def emit(channels: int, *reads: int) -> int:
        steps.append((channels * PIXELS, reads))
        return len(steps) - 1

    for value in IN_FILE:
        if len(value) > 1:
            made[value] = emit(CHANNELS * len(value), *[made[(node,)] for node in value])
            continue
        sources = tuple(source for source, target in EDGES if target == value[0])
        read = made[sources]
        if value[0] in SEPARABLE:
            read = emit(CHANNELS * len(sources), read)
        made[value] = emit(CHANNELS, read)
    shortcut, body = emit(PROJECTED, made[(0,)]), emit(PROJECTED, made[LEAVES])
    emit(PROJECTED, shortcut, body)
    return steps


FIRST_CELL = _cell()
