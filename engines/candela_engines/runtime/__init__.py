"""Choosing and running an engine: the native library, or ONNX Runtime where it is not there."""
