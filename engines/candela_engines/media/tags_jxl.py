"""The first bits of a JPEG XL codestream: size, sample type and enumerated colour.

Source: ISO/IEC 18181-1:2024, annexes B (fields), D (image header) and E (colour encoding); 18181-2 (boxes).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from candela_engines.colour.state import Primaries, Transfer
from candela_engines.errors import MediaError
from candela_engines.media.decoded import TagFinding
from candela_engines.media.source import open_source
from candela_engines.media.tags_cicp import state_of

__all__ = ["JxlHeader", "parse_codestream", "read_jxl_header"]

_HEAD_BYTES = 1 << 16
_RATIOS = {1: (1, 1), 2: (12, 10), 3: (4, 3), 4: (3, 2), 5: (16, 9), 6: (5, 4), 7: (2, 1)}
_PRIMARIES: dict[int, Primaries] = {1: "bt709", 9: "bt2020", 11: "p3d65"}
_TRANSFERS: dict[int, Transfer] = {1: "bt1886", 13: "srgb", 16: "pq", 18: "hlg"}

Choice = tuple[int, int]  # (offset, bits), one of four of a U32 field
_SIZE = ((1, 9), (1, 13), (1, 18), (1, 30))
_ENUM = ((0, 0), (1, 0), (2, 4), (18, 6))
_FAR = 1 << 62  # bytes: no box is as large, and no seek goes further
_INT_BITS = ((8, 0), (10, 0), (12, 0), (1, 6))
_FLOAT_BITS = ((32, 0), (16, 0), (24, 0), (1, 6))
_EXTRA_COUNT = ((0, 0), (1, 0), (2, 4), (1, 12))
_CUSTOM_XY = ((0, 19), (524288, 19), (1048576, 20), (2097152, 21))


@dataclass(frozen=True, slots=True)
class JxlHeader:
    """width, height before orientation; bits of a sample; floating: whether samples are floats;
    associated: whether colours are multiplied by alpha.
    """

    width: int
    height: int
    bits: int
    floating: bool
    orientation: int
    tags: TagFinding
    associated: bool = False


class _Bits:
    """Bits from the lowest of each byte up, as the codestream has them."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "little")
        self._left = 8 * len(data)

    def take(self, count: int) -> int:
        if count > self._left:
            raise MediaError("its header breaks off")
        value = self._value & ((1 << count) - 1)
        self._value >>= count
        self._left -= count
        return value

    def flag(self) -> bool:
        return self.take(1) == 1

    def u32(self, choices: tuple[Choice, Choice, Choice, Choice]) -> int:
        offset, bits = choices[self.take(2)]
        return offset + self.take(bits)


def _size(bits: _Bits) -> tuple[int, int]:
    small = bits.flag()
    height = 8 * (bits.take(5) + 1) if small else bits.u32(_SIZE)
    ratio = bits.take(3)
    if ratio:
        top, bottom = _RATIOS[ratio]
        return height * top // bottom, height
    return (8 * (bits.take(5) + 1) if small else bits.u32(_SIZE)), height


def _depth(bits: _Bits) -> tuple[int, bool]:
    if bits.flag():
        width = bits.u32(_FLOAT_BITS)
        bits.take(4)
        return width, True
    return bits.u32(_INT_BITS), False


def _extra_channel(bits: _Bits) -> bool:
    """Read past an extra channel; whether it is an alpha that colours are multiplied by."""
    if bits.flag():
        return False
    kind = bits.u32(_ENUM)
    _depth(bits)
    bits.u32(((0, 0), (3, 0), (4, 0), (1, 3)))
    for _ in range(bits.u32(((0, 0), (0, 4), (16, 5), (48, 10)))):
        bits.take(8)
    if kind == 0:
        return bits.flag()
    if kind == 2:
        bits.take(64)
    elif kind == 5:
        bits.u32(((1, 0), (0, 2), (3, 4), (19, 8)))
    return False


def _colour(bits: _Bits) -> TagFinding:
    """Annex E: the enumerated encoding, or what stands in its place."""
    if bits.flag():
        return TagFinding(state_of("bt709", "srgb"), "JPEG XL default encoding (sRGB)")
    icc, space = bits.flag(), bits.u32(_ENUM)
    if icc:
        return TagFinding(None, "a JPEG XL with a compressed ICC profile, which is not parsed")
    if space not in (0, 1):
        return TagFinding(None, f"JPEG XL colour space {space}")
    white = bits.u32(_ENUM)
    if white == 2:
        bits.u32(_CUSTOM_XY), bits.u32(_CUSTOM_XY)
    gamut = 1
    if space == 0:
        gamut = bits.u32(_ENUM)
        if gamut == 2:
            for _ in range(6):
                bits.u32(_CUSTOM_XY)
    if bits.flag():
        return TagFinding(None, f"JPEG XL with a gamma of {bits.take(24) / 1e7:g}")
    curve = bits.u32(_ENUM)
    found = f"JPEG XL white point {white}, primaries {gamut}, transfer {curve}"
    primaries, transfer = _PRIMARIES.get(gamut), _TRANSFERS.get(curve)
    if white != 1 or primaries is None or transfer is None:
        return TagFinding(None, f"{found} (no state of ours, or linear without the luminance of 1.0)")
    return TagFinding(state_of(primaries, transfer), found)


def parse_codestream(data: bytes) -> JxlHeader:
    """The header at the start of a naked codestream. Raises MediaError where it breaks off."""
    if data[:2] != b"\xff\x0a":
        raise MediaError("no JPEG XL codestream")
    bits = _Bits(data[2:512])
    width, height = _size(bits)
    depth, floating, orientation = 8, False, 1
    if bits.flag():
        return JxlHeader(
            width, height, depth, floating, orientation,
            TagFinding(state_of("bt709", "srgb"), "JPEG XL default header (sRGB)"),
        )  # fmt: skip
    if bits.flag():
        orientation = 1 + bits.take(3)
        if bits.flag():
            _size(bits)
        if bits.flag() or bits.flag():
            depth, floating = 0, False
            found = TagFinding(None, "a JPEG XL with a preview or animation")
            return JxlHeader(width, height, depth, floating, orientation, found)
    depth, floating = _depth(bits)
    bits.take(1)
    extra = [_extra_channel(bits) for _ in range(bits.u32(_EXTRA_COUNT))]
    bits.take(1)
    return JxlHeader(width, height, depth, floating, orientation, _colour(bits), any(extra))


def _seek_codestream(stream: BinaryIO, path: Path) -> None:
    """Put `stream` on the codestream inside a `jxlc` or the first `jxlp` box."""
    for _ in range(1000):
        head = stream.read(8)
        if len(head) < 8:
            break
        size, kind = struct.unpack(">I4s", head)
        used = 8
        if size == 1:
            size, used = int.from_bytes(stream.read(8), "big"), 16
        if kind in (b"jxlc", b"jxlp"):
            stream.seek(4 if kind == b"jxlp" else 0, 1)
            return
        if not used <= size < _FAR:
            break
        stream.seek(size - used, 1)
    raise MediaError(f"{path}: no JPEG XL codestream; it is truncated")


def read_jxl_header(path: Path) -> JxlHeader:
    """The header of a file, naked or in boxes. Raises MediaError for what is broken."""
    with open_source(path) as stream:
        data = stream.read(2)
        if data != b"\xff\x0a":
            stream.seek(0)
            _seek_codestream(stream, path)
            data = b""
        data += stream.read(_HEAD_BYTES)
    try:
        return parse_codestream(data)
    except MediaError as error:
        raise MediaError(f"{path}: {error}") from None
