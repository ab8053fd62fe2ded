"""Whole frames of the default network on the native library: codes in, PQ codes or light out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from candela_engines.errors import InfrastructureError
from candela_engines.native import native

__all__ = ["Curve", "Frame", "FrameNumbers", "Work"]

F32 = npt.NDArray[np.float32]
Picture = npt.NDArray[np.generic]
Encoding = Literal["pq", "nits"]


@dataclass(frozen=True)
class Curve:
    """How SDR codes become light. kind: `srgb`, or `power` with its exponent; the signal is code over full
    scale x scale + offset; matrix: (3, 3), linear RGB of the picture's primaries to BT.2020."""

    kind: Literal["power", "srgb"]
    exponent: float
    scale: float
    offset: float
    matrix: npt.NDArray[np.float64]

    def numbers(self) -> tuple[str, float, float, float, list[float]]:
        """As the native library takes it."""
        return self.kind, self.exponent, self.scale, self.offset, [float(v) for v in self.matrix.ravel()]


@dataclass(frozen=True)
class FrameNumbers:
    """A decoded default network as plain numbers (candela_engines.itm.default_model says what they mean).

    weights[l] (inputs, outputs), biases[l] (outputs), float32. plane: (h, w, C) float32 on a lattice of a
    kind and shift, or None. ceiling: PQ code 0..1.
    """

    weights: list[F32]
    biases: list[F32]
    plane: F32 | None
    lattice: str
    shift: int
    spread: float
    domain: str
    strength: int
    ceiling: float
    curve: Curve


@dataclass(frozen=True)
class Work:
    """What a rendering took: pixels of all tiles, tiles, those of which a layer was taken as it stands, and
    multiply-adds of the layers, all of them."""

    pixels: int
    tiles: int
    dense_tiles: int
    multiply_adds: int


class Frame:
    """Renders pictures of one size. InfrastructureError where the native library is not in use."""

    def __init__(self, numbers: FrameNumbers, height: int, width: int) -> None:
        library = native()
        if library is None:
            raise InfrastructureError("whole frames need the native library: candela inspect --runtime")
        self._library = library
        n = numbers
        self._frame = library.Frame(
            [np.ascontiguousarray(w, np.float32) for w in n.weights],
            [np.ascontiguousarray(b, np.float32) for b in n.biases],
            None if n.plane is None else np.ascontiguousarray(n.plane, np.float32),
            n.lattice,
            n.shift,
            n.spread,
            n.domain,
            n.strength,
            n.ceiling,
            width,
            height,
            n.curve.kind,
            n.curve.exponent,
            n.curve.scale,
            n.curve.offset,
            [float(v) for v in np.asarray(n.curve.matrix).ravel()],
        )

    def surroundings(self, codes: Picture, bits: int, *, threads: int = 0) -> Any:
        """What `render` needs to know of the whole picture, once: means of its cells."""
        return self._library.Surroundings(codes, bits, threads)

    def fidelity(self, height: int, width: int) -> Any:
        """What `add_fidelity` adds to (`candela_engines._native.Fidelity`)."""
        return self._library.Fidelity(width, height)

    def add_fidelity(
        self,
        sums: Any,
        codes: Picture,
        bits: int,
        around: Any,
        reference: F32,
        top: int,
        rows: int,
        *,
        threads: int = 0,
        isa: str = "",
    ) -> None:
        """Render rows of a picture and hold them against those of the master, nits (H, W, 3), contiguous."""
        sums.add_rendering(self._frame, codes, bits, around, reference, top, rows, threads, isa)

    def render(
        self,
        codes: Picture,
        bits: int,
        around: Any,
        out: Picture,
        *,
        out_bits: int = 16,
        region: tuple[int, int, int, int] | None = None,
        encoding: Encoding = "nits",
        threads: int = 0,
        fold: bool = True,
        isa: str = "",
    ) -> Work:
        """Render a region of a picture into `out`.

        codes: (H, W, 3 or more) uint8, uint16, float16 or float32, any strides; integers of `bits` bits,
        floats over full scale (bits: what they were rounded to). around: its `surroundings`. region: (left,
        top, right, bottom), default all. out: (h, w, 3 or more) of the region's size, any strides, float32,
        float16 or uint16: nits of linear BT.2020, or PQ codes over full scale (uint16: of `out_bits` bits).
        threads: 0 for as many as the machine has. Neither the region nor the threads change the result.
        fold: specialise tiles, which on most pictures is faster and is the same to within rounding. isa: an
        instruction set by name.
        Raises ValueError for arrays that do not fit.
        """
        height, width = codes.shape[:2]
        all_of_it = (0, 0, width, height)
        done = self._frame.render(
            codes, bits, around, out, out_bits, region or all_of_it, encoding, threads, fold, isa
        )
        return Work(*done)
