"""ONNX models: writing them, and running them with onnxruntime. Needs no torch, so a device agent can use it."""
