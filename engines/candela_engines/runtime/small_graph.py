"""Graphs of small networks on ONNX Runtime's CPU provider: the same numbers everywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from candela_engines.errors import InfrastructureError

__all__ = ["open_small_graphs"]


def open_small_graphs(name: str, builds: Sequence[Callable[[], bytes]], *, threads: int = 0) -> list[Any]:
    """A session of what each of `builds` makes. threads: of ONNX Runtime, 0 for its own.

    Raises InfrastructureError, with the network's name, where weights are not those of the network.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = threads, 4
    provider = ["CPUExecutionProvider"]
    try:
        return [onnxruntime.InferenceSession(build(), options, providers=provider) for build in builds]
    except Exception as error:  # a missing layer, a wrong shape: onnx and onnxruntime have no common class
        raise InfrastructureError(f"{name}: its weights do not hold: {str(error)[:200]}") from error
