"""Choosing and running an engine: ONNX Runtime today."""
