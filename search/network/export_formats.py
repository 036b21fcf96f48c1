"""The forms in which a trained model leaves, by name; `search.runtime.export` makes each of them."""

EXPORTS: dict[str, str] = {
    "safetensors": "Weights (safetensors)",
    "architecture": "Architecture (JSON)",
    "onnx": "ONNX, one file, dynamic batch",
}
