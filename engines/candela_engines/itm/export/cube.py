"""A LUT in a file: `.cube` as DaVinci Resolve writes and reads it, and how a host applies it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from candela_engines.errors import InputError

__all__ = ["SIZES", "Cube", "corners"]

SIZES = range(2, 130)
"""Sizes of 3D LUTs; 33 and 65 are what hosts are used to."""

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
Array = npt.NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Cube:
    """A 3D LUT over codes 0..1, with a curve for all three channels before it where that helps.

    nodes: (n, n, n, 3) float64, indexed by blue, green, red. shaper: (entries) float64 rising from 0 to 1,
    or None.
    """

    nodes: F64
    shaper: F64 | None = None

    @property
    def size(self) -> int:
        """Nodes along an edge."""
        return len(self.nodes)

    def apply(self, codes: Array) -> F64:
        """Values (…, 3) of codes (…, 3) over full scale: linear in the curve, trilinear in the LUT.

        Codes outside 0..1 are held there, as hosts do.
        """
        flat = shaped(np.clip(codes.reshape(-1, 3).astype(np.float64), 0, 1), self.shaper)
        table = self.nodes.reshape(-1, 3)
        out = np.empty_like(flat)
        step = 1 << 18
        for at in range(0, len(flat), step):
            index, share = corners(flat[at : at + step], self.size)
            out[at : at + step] = np.einsum("nk,nkc->nc", share, table[index])
        return out.reshape(codes.shape)

    def text(self, title: str, comments: Sequence[str]) -> str:
        """The file. title: without quotes. comments: lines, which go behind `#`.

        With a curve it has Resolve's form of a 1D and a 3D LUT in one file; without, that of Adobe's
        specification 1.0, which Resolve, Nuke and OpenColorIO all read.
        """
        lines = [f"# {line}".rstrip() for line in comments]
        if self.shaper is None:
            lines.append('TITLE "' + title.replace('"', "'") + '"')
            lines += [f"LUT_3D_SIZE {self.size}", "DOMAIN_MIN 0.0 0.0 0.0", "DOMAIN_MAX 1.0 1.0 1.0"]
        else:  # a form that OpenColorIO reads without a title only
            lines.append(f"# {title}")
            lines += [f"LUT_1D_SIZE {len(self.shaper)}", "LUT_1D_INPUT_RANGE 0.0 1.0"]
            lines += [f"LUT_3D_SIZE {self.size}", "LUT_3D_INPUT_RANGE 0.0 1.0", ""]
            lines += [f"{v:.7f} {v:.7f} {v:.7f}" for v in self.shaper]
        lines.append("")
        lines += [" ".join(_decimal(v) for v in row) for row in self.nodes.reshape(-1, 3)]
        return "\n".join([*lines, ""])


def _decimal(value: float) -> str:
    """Seven decimals; more digits for large values would be noise to readers of single precision."""
    return f"{value:.7f}" if abs(value) < 100 else f"{value:.4f}"


def shaped(codes: F64, shaper: F64 | None) -> F64:
    """Codes 0..1 through a curve."""
    if shaper is None:
        return codes
    return np.asarray(np.interp(codes, np.linspace(0, 1, len(shaper)), shaper), np.float64)


def corners(codes: F64, size: int) -> tuple[npt.NDArray[np.int64], F64]:
    """Nodes (n, 8) around codes (n, 3) in 0..1, as indices of the flat table, and their shares (n, 8)."""
    if size not in SIZES:
        raise InputError(f"a LUT of {size} nodes a side: {SIZES[0]} to {SIZES[-1]} are possible")
    at = codes * (size - 1)
    low = np.minimum(at.astype(np.int64), size - 2)
    part = at - low
    index = np.empty((len(codes), 8), np.int64)
    share = np.ones((len(codes), 8))
    stride = (1, size, size * size)
    for k in range(8):
        index[:, k] = low @ np.array(stride)
        for axis in range(3):
            up = (k >> axis) & 1
            index[:, k] += up * stride[axis]
            share[:, k] *= part[:, axis] if up else 1 - part[:, axis]
    return index, share
