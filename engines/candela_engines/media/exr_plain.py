"""Uncompressed OpenEXR of halves, in memory: pixels are put where they will lie in the file.

Shots are written frame after frame with the same header, and copying pixels from array to array costs more
than making them. So the header comes from a file that the OpenEXR library wrote, and the renderer's output
goes straight to its place. Layout: OpenEXR, "File Layout": header, offsets of lines, then for every line its
y, its length and its channels one after another in the order of their names.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from candela_engines.errors import MediaError

__all__ = ["PlainExr"]

_MAGIC = b"\x76\x2f\x31\x01"
_HALF, _NONE, _LONG_NAMES = 1, b"\0", 0x400
_LINE_HEAD = 8


@dataclass(frozen=True)
class _Attribute:
    kind: str
    start: int
    size: int


class PlainExr:
    """One frame's file. template: any scanline file of the same size, channels and attributes.

    Every channel has to be half in it; its compression does not matter. Raises MediaError for another file.
    """

    def __init__(self, template: bytes) -> None:
        attributes, end = _attributes(template)
        self._attributes = attributes
        self.channels = _channels(_value(template, attributes, "channels", "chlist"))
        left, top, right, bottom = struct.unpack("<4i", _value(template, attributes, "dataWindow", "box2i"))
        self.width, self.height = right - left + 1, bottom - top + 1
        line = _LINE_HEAD + 2 * self.width * len(self.channels)
        table = end + 8 * self.height
        # Halves lie at even addresses, whatever the header's length.
        pad = table % 2
        whole = np.zeros(pad + table + line * self.height, np.uint8)
        self.bytes: NDArray[np.uint8] = whole[pad:]
        self.bytes[:end] = np.frombuffer(template[:end], np.uint8)
        self._put("compression", "compression", _NONE)
        self._put("lineOrder", "lineOrder", b"\0")
        offsets = table + line * np.arange(self.height, dtype="<u8")
        self.bytes[end:table] = np.frombuffer(offsets.tobytes(), np.uint8)
        heads = np.empty((self.height, 2), "<i4")
        heads[:, 0] = np.arange(top, bottom + 1)
        heads[:, 1] = line - _LINE_HEAD
        lines = self.bytes[table:].reshape(self.height, line)
        lines[:, :_LINE_HEAD] = heads.view(np.uint8).reshape(self.height, _LINE_HEAD)
        self._pixels: NDArray[np.float16] = np.ndarray(
            (self.height, len(self.channels), self.width),
            np.float16,
            whole,
            pad + table + _LINE_HEAD,
            (line, 2 * self.width, 2),
        )

    @property
    def rgb(self) -> NDArray[np.float16]:
        """(H, W, 3) float16, to be written to; channels B, G, R lie side by side in the file."""
        at = [self.channels.index(name) for name in ("B", "G", "R")]
        if at != list(range(at[0], at[0] + 3)):
            raise MediaError(f"an EXR with the channels {', '.join(self.channels)} has no B, G, R in a row")
        return self._pixels[:, at[0] : at[0] + 3].transpose(0, 2, 1)[:, :, ::-1]

    def plane(self, name: str) -> NDArray[np.float16]:
        """(H, W) float16 of any channel, to be written to."""
        if name not in self.channels:
            raise MediaError(f"an EXR with the channels {', '.join(self.channels)} has no {name}")
        return self._pixels[:, self.channels.index(name)]

    def set_float(self, name: str, value: float) -> None:
        """Change an attribute of type float, which the template has."""
        self._put(name, "float", struct.pack("<f", value))

    def set_text(self, name: str, value: str) -> None:
        """Change an attribute of type string to another of the same length."""
        self._put(name, "string", value.encode())

    def set_timecode(self, packed: int) -> None:
        """Change the attribute timeCode. packed: 32 bits as SMPTE ST 12-1 has them; user data become 0."""
        self._put("timeCode", "timecode", struct.pack("<II", packed, 0))

    def _put(self, name: str, kind: str, value: bytes) -> None:
        known = self._attributes.get(name)
        if known is None or known.kind != kind or known.size != len(value):
            raise MediaError(f"an EXR header without {len(value)} bytes of {kind} called {name}")
        self.bytes[known.start : known.start + known.size] = np.frombuffer(value, np.uint8)


def _attributes(data: bytes) -> tuple[dict[str, _Attribute], int]:
    """Attributes of a single-part scanline file, and where its header ends."""
    # Version 2 without flags but that for long names: neither tiled nor deep nor of several parts.
    if len(data) < 8 or data[:4] != _MAGIC or struct.unpack("<I", data[4:8])[0] & ~_LONG_NAMES != 2:
        raise MediaError("a template that is no OpenEXR file of scanlines in one part")
    found: dict[str, _Attribute] = {}
    at = 8
    try:
        while data[at] != 0:
            name_end = data.index(0, at)
            kind_end = data.index(0, name_end + 1)
            (size,) = struct.unpack_from("<I", data, kind_end + 1)
            start = kind_end + 5
            kind = data[name_end + 1 : kind_end].decode()
            found[data[at:name_end].decode()] = _Attribute(kind, start, size)
            at = start + size
    except (IndexError, ValueError, struct.error) as error:
        raise MediaError("a template whose OpenEXR header is cut off") from error
    return found, at + 1


def _value(data: bytes, attributes: dict[str, _Attribute], name: str, kind: str) -> bytes:
    known = attributes.get(name)
    if known is None or known.kind != kind:
        raise MediaError(f"a template whose OpenEXR header has no {name}")
    return data[known.start : known.start + known.size]


def _channels(content: bytes) -> list[str]:
    """Names of the channels, in the order of the file."""
    names, at = [], 0
    while at < len(content) and content[at] != 0:
        end = content.index(0, at)
        kind, _, across, down = struct.unpack_from("<iIii", content, end + 1)
        if kind != _HALF or (across, down) != (1, 1):
            raise MediaError(f"a template whose channel {content[at:end].decode()} is not half in full size")
        names.append(content[at:end].decode())
        at = end + 17
    return names
