"""Writing ONNX graphs: a list of operations that grows, and the model of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from candela_engines.errors import InfrastructureError

__all__ = ["IR_VERSION", "OPSET", "Graph", "Tensor"]

OPSET = 17
IR_VERSION = 8  # readable by every ONNX Runtime from 1.14 on

DType = Literal["float32", "int32"]


@dataclass(frozen=True)
class Tensor:
    """An input or output of an engine. dims: sizes, or the names of those that differ from call to call."""

    name: str
    dims: tuple[int | str, ...]
    dtype: DType = "float32"


class Graph:
    """Operations in the order in which they run; every method gives the name of its result."""

    def __init__(self) -> None:
        try:
            import onnx
        except ImportError as error:
            raise InfrastructureError("onnx is missing: pip install candela-hdr brings it") from error
        self._onnx = onnx
        self._nodes: list[Any] = []
        self._constants: dict[tuple[str, bytes, tuple[int, ...]], Any] = {}

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """An operation of the standard ONNX domain."""
        name = f"v{len(self._nodes)}"
        self._nodes.append(self._onnx.helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def const(self, value: npt.ArrayLike, dtype: type[np.generic] = np.float32) -> str:
        """A constant, one for equal values."""
        array = np.asarray(value, dtype)
        key = (array.dtype.str, array.tobytes(), array.shape)
        if key not in self._constants:
            name = f"c{len(self._constants)}"
            self._constants[key] = self._onnx.numpy_helper.from_array(array, name)
        return str(self._constants[key].name)

    def chain(self, kind: str, *terms: str) -> str:
        """Terms joined from left to right by an operation of two."""
        last = terms[0]
        for term in terms[1:]:
            last = self.op(kind, last, term)
        return last

    def polynomial(self, x: str, coefficients: Sequence[float]) -> str:
        """c0 + c1·x + c2·x² + … by Horner's rule."""
        last = self.const(coefficients[-1])
        for c in reversed(coefficients[:-1]):
            last = self.op("Add", self.op("Mul", last, x), self.const(c))
        return last

    def pick(self, source: str, index: int) -> str:
        """The index-th of the first axis."""
        return self.op("Gather", source, self.const(index, np.int64), axis=0)

    def slice(self, source: str, start: int, end: int, axis: int) -> str:
        """A part of an axis; a negative end counts from behind."""
        ends = [self.const([v], np.int64) for v in (start, end, axis)]
        return self.op("Slice", source, *ends)

    def model(
        self,
        name: str,
        inputs: Sequence[Tensor],
        output: Tensor,
        result: str,
        said: Mapping[str, str] | None = None,
    ) -> bytes:
        """The checked model's bytes; the same for the same operations. said: its metadata."""
        h = self._onnx.helper
        self._nodes.append(h.make_node("Identity", [result], [output.name]))
        values = [self._value(t) for t in inputs]
        constants = list(self._constants.values())
        graph = h.make_graph(self._nodes, name, values, [self._value(output)], initializer=constants)
        model = h.make_model(graph, opset_imports=[h.make_opsetid("", OPSET)], producer_name="candela")
        model.ir_version = IR_VERSION
        h.set_model_props(model, dict(said or {}))
        self._onnx.checker.check_model(model)
        return bytes(model.SerializeToString(deterministic=True))

    def _value(self, t: Tensor) -> Any:
        kinds = {"float32": self._onnx.TensorProto.FLOAT, "int32": self._onnx.TensorProto.INT32}
        return self._onnx.helper.make_tensor_value_info(t.name, kinds[t.dtype], list(t.dims))
