"""The chunks of a PNG that come before its pixels: size and colour.

Source: PNG Specification (Third Edition), W3C 2025; precedence of colour chunks in 4.3 (table 1):
cICP, then iCCP, then sRGB, then gAMA with cHRM.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from candela_engines.colour.state import Transfer
from candela_engines.errors import MediaError
from candela_engines.media.decoded import MetadataValue, TagFinding, by_precedence
from candela_engines.media.source import open_source
from candela_engines.media.tags_cicp import (
    Cicp,
    chromaticities_name,
    cicp_finding,
    state_of,
    with_mastering_peak,
)
from candela_engines.media.tags_icc import icc_finding

__all__ = ["PngHeader", "png_finding", "read_png_header"]

_WANTED = frozenset(
    {b"IHDR", b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"mDCV", b"cLLI", b"pHYs", b"tRNS", b"sBIT"}
)
_MAX_CHUNK = 1 << 24
_MAX_CHUNKS = 10_000
_MAX_PROFILE = 1 << 24
_SAMPLES_PER_PIXEL = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}

# gAMA holds the exponent that makes codes from light, times 100000.
_GAMMAS: dict[int, Transfer] = {45455: "gamma22", 41667: "gamma24", 38462: "gamma26"}


@dataclass(frozen=True, slots=True)
class PngHeader:
    """width, height, bit_depth, colour_type of IHDR; `chunks`: what stands before the pixels, by name."""

    width: int
    height: int
    bit_depth: int
    colour_type: int
    chunks: Mapping[bytes, bytes]

    @property
    def raw_bytes(self) -> int:
        """Bytes of the unfiltered samples that the compressed stream has to hold."""
        row = (self.width * self.bit_depth * _SAMPLES_PER_PIXEL[self.colour_type] + 7) // 8
        return self.height * (row + 1)


def _check_whole(path: Path, stream: BinaryIO, length: int) -> None:
    """Raise MediaError unless the file holds the picture data, whose first body has `length` bytes."""
    at = stream.tell()
    size = stream.seek(0, 2)
    while True:
        at += length + 4
        if at > size:
            raise MediaError(f"{path}: the PNG ends inside its picture data; it is truncated")
        stream.seek(at)
        head = stream.read(8)
        if len(head) < 8:
            return
        length, name = struct.unpack(">I4s", head)
        if name != b"IDAT":
            return
        at += 8


def read_png_header(path: Path) -> PngHeader:
    """The chunks up to the first IDAT. Raises MediaError for a structure or a checksum that is broken.

    Also where the file ends inside its picture data, which libpng would tell stderr as well.
    """
    chunks: dict[bytes, bytes] = {}
    with open_source(path) as stream:
        stream.seek(8)
        for _ in range(_MAX_CHUNKS):
            head = stream.read(8)
            if len(head) < 8:
                raise MediaError(f"{path}: the PNG ends before its picture data; it is truncated")
            length, name = struct.unpack(">I4s", head)
            if name in (b"IDAT", b"IEND"):
                _check_whole(path, stream, length)
                break
            if name not in _WANTED or length > _MAX_CHUNK:
                stream.seek(length + 4, 1)
                continue
            body = stream.read(length)
            check = stream.read(4)
            if len(check) < 4:
                raise MediaError(f"{path}: the PNG ends inside its {name.decode()} chunk; it is truncated")
            if zlib.crc32(body, zlib.crc32(name)) != int.from_bytes(check, "big"):
                raise MediaError(f"{path}: the checksum of the {name.decode()} chunk is wrong; it is damaged")
            chunks.setdefault(name, body)
    header = chunks.get(b"IHDR", b"")
    if len(header) != 13:
        raise MediaError(f"{path}: the PNG has no valid IHDR chunk")
    width, height, depth, colour_type = struct.unpack(">IIBB", header[:10])
    if colour_type not in _SAMPLES_PER_PIXEL or depth not in (1, 2, 4, 8, 16):
        raise MediaError(f"{path}: PNG colour type {colour_type} with {depth} bits is not in the standard")
    return PngHeader(width, height, depth, colour_type, chunks)


def _profile(chunk: bytes) -> bytes:
    """The ICC profile of an iCCP chunk, unpacked to a bounded size; empty where it is damaged."""
    _, _, rest = chunk.partition(b"\0")
    try:
        return zlib.decompressobj().decompress(rest[1:], _MAX_PROFILE)
    except zlib.error:
        return b""


def _gamma_finding(chunks: Mapping[bytes, bytes]) -> TagFinding | None:
    gamma, chroma = chunks.get(b"gAMA"), chunks.get(b"cHRM")
    if gamma is None or len(gamma) != 4:
        return None
    (value,) = struct.unpack(">I", gamma)
    if chroma is None or len(chroma) != 32:
        return TagFinding(None, f"PNG gAMA {value} without cHRM (the primaries are not said)")
    white_and_primaries = [number / 100_000 for number in struct.unpack(">8I", chroma)]
    primaries = chromaticities_name(tuple(white_and_primaries[2:] + white_and_primaries[:2]))
    transfer = _GAMMAS.get(value)
    found = f"PNG gAMA {value} with cHRM of {primaries or 'unknown primaries'}"
    if primaries is None or transfer is None:
        return TagFinding(None, f"{found} (not a curve and gamut that we have a state for)")
    return TagFinding(state_of(primaries, transfer), found)


def png_finding(header: PngHeader) -> tuple[TagFinding, dict[str, MetadataValue]]:
    """The colour state by the precedence of the standard, and the colour volume and light level chunks.

    gAMA with cHRM is taken at its word, a pure power; gAMA alone settles nothing.
    """
    chunks = header.chunks
    cicp, srgb, profile = chunks.get(b"cICP"), chunks.get(b"sRGB"), chunks.get(b"iCCP")
    metadata: dict[str, MetadataValue] = {}
    if profile is not None:
        metadata["icc_profile"] = True
    light = chunks.get(b"cLLI", b"")
    if len(light) == 8:
        cll, fall = struct.unpack(">II", light)
        metadata["max_cll_nits"], metadata["max_fall_nits"] = cll / 10_000, fall / 10_000
    volume = chunks.get(b"mDCV", b"")
    if len(volume) == 24:
        peak, black = struct.unpack(">II", volume[16:])
        metadata["mastering_peak_nits"], metadata["mastering_black_nits"] = peak / 10_000, black / 10_000
    if len(chunks.get(b"pHYs", b"")) == 9:
        x, y, unit = struct.unpack(">IIB", chunks[b"pHYs"])
        if unit == 1:
            metadata["pixels_per_metre"] = (float(x), float(y))
    finding = by_precedence(
        cicp_finding(Cicp(cicp[0], cicp[1], cicp[2], bool(cicp[3])), "PNG cICP")
        if cicp is not None and len(cicp) == 4
        else None,
        icc_finding(_profile(profile)) if profile is not None else None,
        TagFinding(state_of("bt709", "srgb"), "PNG sRGB chunk") if srgb is not None else None,
        _gamma_finding(chunks),
    )
    return with_mastering_peak(finding, metadata.get("mastering_peak_nits")), metadata
