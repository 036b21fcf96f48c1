"""How onnxruntime runs a model here, to measure or to check it: on the processor, one operation after the other.

Left to itself onnxruntime sorts the operations anew. By priority, which none has here, it takes them as they are
numbered, which is the order of the file; but what it fuses it numbers anew, behind all others.
"""

from pathlib import Path
from typing import Any

import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as native

#: What onnxruntime raises: one class for each of its codes, and no class above them.
FAILURES: tuple[type[Exception], ...] = tuple(
    kind for kind in vars(native).values() if isinstance(kind, type) and issubclass(kind, Exception)
)
ERRORS_ONLY = 3  # of onnxruntime's levels of severity


def options(threads: int = 1, *, as_written: bool = False) -> Any:
    """`as_written`: exactly the file's operations in exactly its order, for which nothing may be fused."""
    chosen = onnxruntime.SessionOptions()
    chosen.intra_op_num_threads, chosen.inter_op_num_threads = threads, 1
    chosen.log_severity_level = ERRORS_ONLY
    chosen.execution_order = onnxruntime.ExecutionOrder.PRIORITY_BASED
    if as_written:
        chosen.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return chosen


def opened(model: bytes | Path, chosen: Any) -> Any:
    return onnxruntime.InferenceSession(model, chosen, providers=["CPUExecutionProvider"])
