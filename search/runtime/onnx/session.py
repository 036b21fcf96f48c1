"""How onnxruntime runs a model when it is measured or checked: on the CPU, one operation after the other.

By default onnxruntime reorders the operations. With the order "priority based" and no priorities, it runs them by
number, in the order of the file. Fused operations, however, get new numbers, after all others.
"""

from pathlib import Path
from typing import Any

import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as native

#: Exceptions of onnxruntime: one class per error code, without a common base class.
FAILURES: tuple[type[Exception], ...] = tuple(
    cls for cls in vars(native).values() if isinstance(cls, type) and issubclass(cls, Exception)
)
ERRORS_ONLY = 3  # onnxruntime's log severity level


def session_options(threads: int = 1, *, as_written: bool = False) -> Any:
    """`as_written`: exactly the operations of the file in its order, without any optimisation such as fusing."""
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads, settings.inter_op_num_threads = threads, 1
    settings.log_severity_level = ERRORS_ONLY
    settings.execution_order = onnxruntime.ExecutionOrder.PRIORITY_BASED
    if as_written:
        settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return settings


def open_session(model: bytes | Path, settings: Any) -> Any:
    return onnxruntime.InferenceSession(model, settings, providers=["CPUExecutionProvider"])
