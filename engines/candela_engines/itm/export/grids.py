"""Grids that generated code reads, and where their samples are kept.

Three stores. `constants`: arrays in constant memory, 64 KB on CUDA of which `ROOM` are used. `cube`: 3D LUTs
inside a DCTL, which hosts keep as textures; every sample lies on a node and at a coordinate that single
precision holds exactly, so no interpolation touches it. `image`: a second input of a kernel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from candela_engines.itm.export.dialect import number

__all__ = ["ROOM", "Constants", "Cubes", "Grid", "Picture", "Store", "array"]

ROOM = 60 * 1024
"""Bytes of constant memory that a DCTL may fill; the rest of CUDA's 64 KB is left to the host."""
PER_LINE = 12
F32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Grid:
    """Samples (rows, columns, channels) float32 under a name.

    unit: the distance of the levels that they stand on, 0 for any; bits: that hold those levels.
    """

    name: str
    samples: F32
    unit: float = 0.0
    bits: int = 16

    @property
    def flat(self) -> F32:
        """All samples: channel by channel, row by row."""
        return np.ascontiguousarray(np.moveaxis(self.samples, -1, 0)).reshape(-1)

    def at(self, channel: str, row: str, column: str) -> str:
        """The index of a sample in `flat`, as an expression of expressions."""
        rows, columns, channels = self.samples.shape
        if channels == 1:
            return f"({row}) * {columns} + ({column})"
        return f"(({channel}) * {rows} + ({row})) * {columns} + ({column})"


class Store(Protocol):
    """Keeps grids, and writes the code that reads them."""

    def declarations(self) -> str:
        """Code before the functions."""
        ...

    def read(self, grid: str, channel: str, row: str, column: str, into: str) -> list[str]:
        """Statements that declare a float `into` with one sample."""
        ...


class Constants:
    """Grids in constant arrays: several samples a word where they stand on few enough levels, else one."""

    def __init__(self, grids: Sequence[Grid]) -> None:
        self.grids = {grid.name: grid for grid in grids}
        self._packed = {name: _packed(grid) for name, grid in self.grids.items()}

    @property
    def bytes(self) -> int:
        """Of constant memory."""
        packed = ((grid.samples.size, self._packed[name]) for name, grid in self.grids.items())
        return sum(4 * (size if words is None else len(words[1])) for size, words in packed)

    def declarations(self) -> str:
        """The arrays, and a function for each."""
        parts = []
        for name, grid in self.grids.items():
            packed = self._packed[name]
            if packed is None:
                parts.append(array("float", f"candela_{name}_of", [number(v) for v in grid.flat]))
                continue
            low, words = packed
            each, most = 32 // grid.bits, (1 << grid.bits) - 1
            parts.append(array("int", f"candela_{name}_of", [str(v) for v in words]))
            parts.append(
                f"FUNCTION float candela_{name}(int at)\n{{\n"
                f"    int word = candela_{name}_of[at / {each}] >> (at % {each} * {grid.bits});\n"
                f"    return {number(low)} + (float)(word & {most}) * {number(grid.unit)};\n}}\n"
            )
        return "\n".join(parts)

    def read(self, grid: str, channel: str, row: str, column: str, into: str) -> list[str]:
        """One sample."""
        at = self.grids[grid].at(channel, row, column)
        called = f"candela_{grid}_of[{at}]" if self._packed[grid] is None else f"candela_{grid}({at})"
        return [f"float {into} = {called};"]


def array(kind: Literal["float", "int"], name: str, values: Sequence[str]) -> str:
    """A constant array of a DCTL."""
    rows = (", ".join(values[i : i + PER_LINE]) for i in range(0, len(values), PER_LINE))
    return f"__CONSTANT__ {kind} {name}[] = {{\n    " + ",\n    ".join(rows) + "\n};\n"


def _packed(grid: Grid) -> tuple[float, npt.NDArray[np.int32]] | None:
    """The lowest sample and words of levels above it; None for samples on no levels, or on too many."""
    flat = grid.flat.astype(np.float64)
    if not grid.unit or not flat.size:
        return None
    low = float(flat.min())
    steps = np.rint((flat - low) / grid.unit)
    off = np.abs(low + steps * grid.unit - flat).max()
    if steps.max() >= 1 << grid.bits or off > 0.02 * grid.unit:
        return None
    each = 32 // grid.bits
    words = np.zeros((-(-len(steps) // each), each), np.uint32)
    words.reshape(-1)[: len(steps)] = steps.astype(np.uint32)
    shifts = np.arange(each, dtype=np.uint32) * np.uint32(grid.bits)
    return low, np.bitwise_or.reduce(words << shifts, axis=1).view(np.int32)


class Cubes:
    """Grids in 3D LUTs inside a DCTL. A sample is channel c of node n: n mod size, …, red the fastest.

    Sizes are powers of two and one more: their coordinates are exact. Samples are brought to 0..1, as LUTs
    are expected to be, by the grid's own range.
    """

    SIZES = (2, 3, 5, 9, 17, 33, 65)

    def __init__(self, grids: Sequence[Grid]) -> None:
        self.grids = {grid.name: grid for grid in grids}
        self._start, self._range, parts, at = {}, {}, [], 0
        for name, grid in self.grids.items():
            flat = grid.flat
            low, high = float(flat.min()), float(flat.max())
            self._start[name], self._range[name] = at, (low, high - low or 1.0)
            parts.append((flat.astype(np.float64) - low) / self._range[name][1])
            at += len(flat)
        self._all = np.concatenate(parts)
        self.size = next((n for n in self.SIZES if 3 * n**3 >= at), self.SIZES[-1])
        self.count = -(-at // (3 * self.size**3))

    def declarations(self) -> str:
        """The LUTs; they come before what uses them."""
        nodes = self.size**3
        padded = np.zeros(self.count * 3 * nodes)
        padded[: len(self._all)] = self._all
        parts = []
        for k in range(self.count):
            table = padded[k * 3 * nodes : (k + 1) * 3 * nodes].reshape(3, nodes).T
            parts += [f"DEFINE_CUBE_LUT(CandelaGrids{k}) {{", f"LUT_3D_SIZE {self.size}"]
            parts += [" ".join(_decimal(v) for v in row) for row in table]
            parts += ["}", ""]
        return "\n".join(parts)

    def read(self, grid: str, channel: str, row: str, column: str, into: str) -> list[str]:
        """One sample: APPLY_LUT stands in `transform` itself, as a host's own example has it."""
        size, nodes = self.size, self.size**3
        low, span = self._range[grid]
        step = number(1 / (size - 1))
        lines = [f"float {into} = 0.0f;", "{"]
        lines += [
            f"    int at = {self.grids[grid].at(channel, row, column)} + {self._start[grid]};",
            f"    int part = at / {nodes}, node = at - part * {nodes};",
            f"    float i = (float)(node % {size}) * {step};",
            f"    float j = (float)(node / {size} % {size}) * {step};",
            f"    float k = (float)(node / {size * size}) * {step};",
        ]
        for k in range(self.count):
            lines += [
                f"    if (part / 3 == {k}) {{",
                f"        float3 found = APPLY_LUT(i, j, k, CandelaGrids{k});",
                f"        {into} = part % 3 == 0 ? found.x : (part % 3 == 1 ? found.y : found.z);",
                "    }",
            ]
        return [*lines, f"    {into} = {number(low)} + {into} * {number(span)};", "}"]


def _decimal(value: float) -> str:
    text = f"{value:.8f}".rstrip("0").rstrip(".")
    return text or "0"


class Picture:
    """Grids in a second image of a kernel, (rows, WIDTH, 3) float32, a third of the samples in a channel."""

    WIDTH = 1024

    def __init__(self, grids: Sequence[Grid]) -> None:
        self.grids = {grid.name: grid for grid in grids}
        self._start, at = {}, 0
        for name, grid in self.grids.items():
            self._start[name] = at
            at += grid.samples.size
        self.height = max(1, -(-at // (3 * self.WIDTH)))

    @property
    def pixels(self) -> F32:
        """The image, its first row on top."""
        out = np.zeros(3 * self.height * self.WIDTH, np.float32)
        for name, grid in self.grids.items():
            out[self._start[name] : self._start[name] + grid.samples.size] = grid.flat
        return np.ascontiguousarray(np.moveaxis(out.reshape(3, self.height, self.WIDTH), 0, -1))

    def declarations(self) -> str:
        """None: the image is declared by the kernel."""
        return ""

    def read(self, grid: str, channel: str, row: str, column: str, into: str) -> list[str]:
        """One sample; a kernel's rows are counted from below."""
        return [
            f"float {into};",
            "{",
            f"    int at = {self.grids[grid].at(channel, row, column)} + {self._start[grid]};",
            f"    int line = at / {self.WIDTH};",
            f"    int part = line / {self.height};",
            f"    int below = {self.height - 1} - (line - part * {self.height});",
            f"    {into} = data(at - line * {self.WIDTH}, below, part);",
            "}",
        ]
