"""Uncompressed OpenEXR frames of one kind: a head that is made once, and pixels where the file has them.

A renderer writes into the file's own bytes, channel by channel, and what remains to be done for a frame is to
give these bytes to the disk. Source: OpenEXR File Layout (single part, scan lines, no compression): every
line is a chunk of its own, with channels in alphabetical order.
"""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from candela_engines.errors import InfrastructureError
from candela_engines.media.oiio_reader import oiio_module

__all__ = ["PlainExr", "PlainFrame"]

_MAGIC = b"v/1\x01"
_CHUNK_HEAD = 8  # line number and bytes
_HALF, _FLOAT = 1, 2
_UNKNOWN = "this OpenImageIO writes another head of OpenEXR than is known here; choose a compression"


@dataclass(frozen=True, slots=True, eq=False)
class PlainFrame:
    """A file's bytes. rgb: (H, W, 3) view of them, half or float; extra: further channels, each (H, W)."""

    data: NDArray[np.uint8]
    rgb: NDArray[Any]
    extra: dict[str, NDArray[Any]]


class PlainExr:
    """Makes frames of one size, kind and head.

    spec: uncompressed, R, G, B and `extra`, whose names sort behind R, all half or all float. Raises
    InfrastructureError where OpenImageIO writes a head that is not known here.
    """

    def __init__(self, spec: Any, extra: Sequence[str], *, half: bool) -> None:
        self._height, self._width, self._extra = int(spec.height), int(spec.width), tuple(extra)
        self._dtype = np.dtype("<f2" if half else "<f4")
        self._names = ("B", "G", "R", *sorted(extra))
        self._head = _head_of(spec)
        places = _attributes(self._head)
        kind = _HALF if half else _FLOAT
        listed = (
            b"".join(n.encode() + b"\0" + struct.pack("<iIii", kind, 0, 1, 1) for n in self._names) + b"\0"
        )
        channels = places.get("channels", 0)
        if self._head[channels : channels + len(listed)] != listed or self._head[places["compression"]] != 0:
            raise InfrastructureError(_UNKNOWN)
        self._timecode_at = places.get("timeCode")
        self._line = len(self._names) * self._width * self._dtype.itemsize
        self._start = len(self._head) + 8 * self._height

    def frame(self) -> PlainFrame:
        """A new frame, with black pixels; it can be filled and written many times."""
        step = _CHUNK_HEAD + self._line
        data = np.zeros(self._start + self._height * step, dtype=np.uint8)
        data[: len(self._head)] = np.frombuffer(self._head, dtype=np.uint8)
        lines = np.arange(self._height)
        table = np.ndarray((self._height,), "<u8", data.data, len(self._head))
        table[:] = self._start + step * lines
        heads = np.ndarray((self._height, 2), "<i4", data.data, self._start, (step, 4))
        heads[:, 0], heads[:, 1] = lines, self._line
        plane = self._width * self._dtype.itemsize

        def view(name: str) -> NDArray[Any]:
            at = self._start + _CHUNK_HEAD + self._names.index(name) * plane
            return np.ndarray(
                (self._height, self._width), self._dtype, data.data, at, (step, self._dtype.itemsize)
            )

        first = view("R")
        # B, G and R lie behind each other.
        rgb: NDArray[Any] = np.lib.stride_tricks.as_strided(
            first, (*first.shape, 3), (*first.strides, -plane)
        )
        return PlainFrame(data, rgb, {name: view(name) for name in self._extra})

    def set_timecode(self, frame: PlainFrame, bits: int) -> None:
        """Write a timecode (`timecode_bits`) into a frame, where the head has a place for it."""
        if self._timecode_at is not None:
            frame.data[self._timecode_at : self._timecode_at + 4] = np.frombuffer(
                struct.pack("<I", bits), np.uint8
            )


def _head_of(spec: Any) -> bytes:
    """Magic number, version and attributes, as OpenImageIO writes them before the first pixel."""
    oiio = oiio_module()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "head.exr"
        out = oiio.ImageOutput.create(str(path))
        if out is None or not out.open(str(path), spec):
            reason = oiio.geterror() if out is None else out.geterror()
            raise InfrastructureError(f"OpenImageIO cannot write .exr here: {' '.join(reason.split())}")
        # Without pixels the file is of no use, but its head is.
        out.close()
        out.geterror()
        data = path.read_bytes()
    end = max(_ends(data).values(), default=0)
    if data[:4] != _MAGIC or not end:
        raise InfrastructureError(_UNKNOWN)
    return data[: end + 1]


def _attributes(head: bytes) -> dict[str, int]:
    """Where each attribute's value begins."""
    return {name: end - size for name, (end, size) in _walk(head).items()}


def _ends(head: bytes) -> dict[str, int]:
    return {name: end for name, (end, _) in _walk(head).items()}


def _walk(head: bytes) -> dict[str, tuple[int, int]]:
    """End and size of each attribute's value."""
    found, at = {}, 8
    while at < len(head) and head[at]:
        name_end = head.index(b"\0", at)
        type_end = head.index(b"\0", name_end + 1)
        size = struct.unpack_from("<i", head, type_end + 1)[0]
        end = type_end + 5 + size
        found[head[at:name_end].decode("latin-1")] = (end, size)
        at = end
    return found
