"""The samples of a decoded frame as arrays, however its pixel format lays them out, and their digest.

Canonical form of a frame, version 1. SHA-256 over, without padding:

    8 bytes   "CNDLMOV1"
    1 byte    significant bits of a sample: 8, 9, 10, 12, 14 or 16
    1 byte    kind: 0 Y'CbCr, 1 R'G'B', 2 grey
    2 bytes   pixels to a chroma sample, across and down, 1 or 2; 1 and 1 for the other kinds
    4 bytes   height, unsigned, little-endian
    4 bytes   width, unsigned, little-endian
    then plane by plane (Y, Cb, Cr; or R, G, B; or the one), row by row from the top:
        the codes as decoded, one byte up to 8 bits, else two bytes little-endian

Chroma planes have ⌈height/down⌉ rows of ⌈width/across⌉. Width and height are those after the stream's own
cropping. Alpha, tags, time stamps and rotation are no part of it; the same samples give the same digest
packed or planar.
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from candela_engines.media.movie_rgb import Plane

__all__ = ["PixelLayout", "alpha_of", "hash_planes", "layout_of", "planes_of"]

Place = tuple[int, int, int]
"""Plane of the frame, the first sample in its rows, samples from one to the next."""

_MAGIC = b"CNDLMOV1"
_KINDS = {"ycc": 0, "rgb": 1, "grey": 2}
_PLANAR = re.compile(r"yuv(?P<alpha>a?)(?P<full>j?)(?P<kind>420|422|440|444)p(?P<bits>\d*)(?P<end>le|be|)")
_GBR = re.compile(r"gbr(?P<alpha>a?)p(?P<bits>9|10|12|14|16|)(?P<end>le|be|)")
_GREY = re.compile(r"gray(?P<bits>9|10|12|14|16|)(?P<end>le|be|)")
_PACKED = re.compile(
    r"(?P<order>rgba|bgra|argb|abgr|rgb0|bgr0|0rgb|0bgr|rgb|bgr|ya)(?P<bits>8|16|24|48|64|)(?P<end>le|be|)"
)
_FACTORS = {"420": (2, 2), "422": (2, 1), "440": (1, 2), "444": (1, 1)}
_MIXED: dict[str, tuple[tuple[Place, Place, Place], int, int]] = {
    "nv12": (((0, 0, 1), (1, 0, 2), (1, 1, 2)), 2, 2),
    "nv21": (((0, 0, 1), (1, 1, 2), (1, 0, 2)), 2, 2),
    "nv16": (((0, 0, 1), (1, 0, 2), (1, 1, 2)), 2, 1),
    "yuyv422": (((0, 0, 2), (0, 1, 4), (0, 3, 4)), 2, 1),
    "uyvy422": (((0, 1, 2), (0, 0, 4), (0, 2, 4)), 2, 1),
}


@dataclass(frozen=True, slots=True)
class PixelLayout:
    """Where the samples of a pixel format lie. places: of Y, Cb, Cr, of R, G, B or of grey.

    across, down: pixels to a chroma sample. big: bytes of a sample in big-endian order. full: the format
    itself says that its range is full.
    """

    kind: Literal["ycc", "rgb", "grey"]
    bits: int
    places: tuple[Place, ...]
    across: int = 1
    down: int = 1
    alpha: Place | None = None
    big: bool = False
    full: bool = False


def layout_of(name: str) -> PixelLayout | None:
    """The layout of one of FFmpeg's pixel formats by its name; None for one that is not read."""
    one: Place = (0, 0, 1)
    three: tuple[Place, ...] = (one, (1, 0, 1), (2, 0, 1))
    if name in _MIXED:
        places, across, down = _MIXED[name]
        return PixelLayout("ycc", 8, places, across, down)
    if found := _PLANAR.fullmatch(name):
        across, down = _FACTORS[found["kind"]]
        alpha = (3, 0, 1) if found["alpha"] else None
        return _planar("ycc", found, three, across, down, alpha, bool(found["full"]))
    if found := _GBR.fullmatch(name):
        return _planar("rgb", found, ((2, 0, 1), one, (1, 0, 1)), 1, 1, (3, 0, 1) if found["alpha"] else None)
    if found := _GREY.fullmatch(name):
        return _planar("grey", found, (one,))
    return _packed(name)


def _planar(
    kind: Literal["ycc", "rgb", "grey"], found: re.Match[str], places: tuple[Place, ...],
    across: int = 1, down: int = 1, alpha: Place | None = None, full: bool = False,
) -> PixelLayout | None:  # fmt: skip
    bits = int(found["bits"] or 8)
    if bits not in (8, 9, 10, 12, 14, 16) or (bits > 8) != bool(found["end"]):
        return None
    return PixelLayout(kind, bits, places, across, down, alpha, found["end"] == "be", full)


def _packed(name: str) -> PixelLayout | None:
    found = _PACKED.fullmatch(name)
    if found is None:
        return None
    order, step = found["order"], len(found["order"])
    bits = int(found["bits"]) // (1 if order == "ya" else step) if found["bits"] else 8
    if bits not in (8, 16) or (bits > 8) != bool(found["end"]):
        return None
    places = tuple((0, order.index(channel), step) for channel in ("y" if order == "ya" else "rgb"))
    alpha = (0, order.index("a"), step) if "a" in order else None
    return PixelLayout("grey" if order == "ya" else "rgb", bits, places, 1, 1, alpha, found["end"] == "be")


def _samples(frame: Any, place: Place, layout: PixelLayout, height: int, width: int) -> Plane:
    """A view of a plane's visible samples (a copy where their bytes have to be turned round)."""
    index, first, step = place
    plane = frame.planes[index]
    kind = np.dtype(np.uint8 if layout.bits <= 8 else (">u2" if layout.big else "<u2"))
    rows = np.frombuffer(plane, np.uint8)[: plane.line_size * height].reshape(height, plane.line_size)
    used = rows[:, : plane.line_size // kind.itemsize * kind.itemsize].view(kind)
    samples = used[:, first : first + (width - 1) * step + 1 : step]
    if kind.itemsize == 1:
        return samples.view(np.uint8)
    return samples.view(np.uint16) if kind.isnative else samples.astype(np.uint16)


def planes_of(frame: Any, layout: PixelLayout) -> list[Plane]:
    """The planes of a frame of PyAV, read-only views: Y, Cb, Cr, or R, G, B, or grey; uint8 or uint16."""
    height, width = frame.height, frame.width
    first = _samples(frame, layout.places[0], layout, height, width)
    high, wide = -(-height // layout.down), -(-width // layout.across)
    planes = [first, *(_samples(frame, place, layout, high, wide) for place in layout.places[1:])]
    for plane in planes:
        plane.flags.writeable = False
    return planes


def alpha_of(frame: Any, layout: PixelLayout) -> NDArray[np.float32] | None:
    """(H, W) float32 0..1, full range as every codec stores it; None without alpha."""
    if layout.alpha is None:
        return None
    codes = _samples(frame, layout.alpha, layout, frame.height, frame.width)
    alpha: NDArray[np.float32] = np.divide(codes, np.float32((1 << layout.bits) - 1), dtype=np.float32)
    return alpha


def hash_planes(planes: Sequence[Plane], layout: PixelLayout) -> bytes:
    """SHA-256 of the canonical form, 32 bytes. planes: as `planes_of` gives them."""
    height, width = planes[0].shape
    numbers = (layout.bits, _KINDS[layout.kind], layout.across, layout.down, height, width)
    digest = hashlib.sha256(_MAGIC + struct.pack("<4B2I", *numbers))
    for plane in planes:
        digest.update(np.ascontiguousarray(plane, dtype="u1" if layout.bits <= 8 else "<u2").data)
    return digest.digest()
