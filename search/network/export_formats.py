"""The export formats of a trained model: name -> title. `search.runtime.export` writes them."""

EXPORTS: dict[str, str] = {
    "safetensors": "Weights (safetensors)",
    "architecture": "Architecture (JSON)",
    "onnx": "ONNX, one file, dynamic batch",
}
