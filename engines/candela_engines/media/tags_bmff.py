"""The boxes of an AVIF or HEIF still that say size, depth and colour of its primary item.

Sources: ISO/IEC 14496-12 (boxes, colr, clli, mdcv), 23008-12 (meta, ipco, ipma, pitm, ispe, pixi, irot,
imir), AV1-ISOBMFF 1.2 (av1C). Bounded: only `ftyp` and `meta` are read, never media data.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from candela_engines.errors import MediaError
from candela_engines.media.decoded import MetadataValue, TagFinding, by_precedence
from candela_engines.media.source import open_source
from candela_engines.media.tags_cicp import Cicp, cicp_finding, with_mastering_peak
from candela_engines.media.tags_icc import icc_finding

__all__ = [
    "Box", "HeifHeader", "boxes", "file_boxes", "heif_finding", "primary_properties", "read_heif_header",
]  # fmt: skip

_MAX_META = 1 << 24
_MAX_BOXES = 100_000


@dataclass(frozen=True, slots=True)
class Box:
    """A box inside `data`: it starts at `start` and its body runs from `body` to `end`."""

    kind: bytes
    start: int
    body: int
    end: int


@dataclass(frozen=True, slots=True)
class HeifHeader:
    """width, height and bits of the primary item, and its property boxes as (kind, body)."""

    width: int
    height: int
    bits: int
    properties: tuple[tuple[bytes, bytes], ...]


def boxes(data: bytes, start: int, end: int) -> Iterator[Box]:
    """The boxes between two offsets. Raises MediaError for a size that does not fit."""
    at = start
    for _ in range(_MAX_BOXES):
        if at + 8 > end:
            return
        size, kind = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1 and at + 16 <= end:
            (size,) = struct.unpack_from(">Q", data, at + 8)
            head = 16
        if size == 0:
            size = end - at
        if size < head or at + size > end:
            raise MediaError(f"box {kind!r} at byte {at} has the size {size}, which does not fit")
        yield Box(kind, at, at + head, at + size)
        at += size


def file_boxes(stream: BinaryIO) -> Iterator[Box]:
    """The boxes of a file's top level, by their heads alone. Ends where what follows is none.

    The last may claim more than there is: whoever reads it sees that, and nothing is sought beyond it.
    """
    length, at = stream.seek(0, 2), 0
    for _ in range(_MAX_BOXES):
        if at + 8 > length:
            return
        stream.seek(at)
        head = stream.read(16)
        size, kind = struct.unpack_from(">I4s", head)
        used = 8
        if size == 1 and len(head) == 16:
            (size,), used = struct.unpack_from(">Q", head, 8), 16
        elif size == 0:
            size = length - at
        if size < used:
            return
        yield Box(kind, at, at + used, at + size)
        at += size


def _find(data: bytes, kind: bytes, start: int, end: int) -> Box:
    for box in boxes(data, start, end):
        if box.kind == kind:
            return box
    raise MediaError(f"there is no {kind.decode()} box")


def _property_indices(data: bytes, ipma: Box, item: int) -> list[int]:
    """The 1-based indices into ipco that ipma gives to `item`."""
    version_flags, count = struct.unpack_from(">II", data, ipma.body)
    wide_item, wide_index = version_flags >> 24 >= 1, version_flags & 1
    at = ipma.body + 8
    for _ in range(count):
        (owner,) = struct.unpack_from(">I" if wide_item else ">H", data, at)
        at += 4 if wide_item else 2
        number = data[at]
        at += 1
        step = 2 if wide_index else 1
        if at + number * step > ipma.end:
            break
        raw = [int.from_bytes(data[at + i * step : at + (i + 1) * step], "big") for i in range(number)]
        if owner == item:
            return [value & (0x7FFF if wide_index else 0x7F) for value in raw]
        at += number * step
    return []


def primary_properties(data: bytes) -> list[tuple[bytes, bytes]]:
    """The property boxes of the primary item, as (kind, body), out of a file's `ftyp` and `meta` boxes.

    Raises MediaError where the structure does not hold.
    """
    try:
        meta = _find(data, b"meta", 0, len(data))
        pitm = _find(data, b"pitm", meta.body + 4, meta.end)
        item = struct.unpack_from(">I" if data[pitm.body] else ">H", data, pitm.body + 4)[0]
        iprp = _find(data, b"iprp", meta.body + 4, meta.end)
        ipco = _find(data, b"ipco", iprp.body, iprp.end)
        properties = list(boxes(data, ipco.body, ipco.end))
        indices = _property_indices(data, _find(data, b"ipma", iprp.body, iprp.end), item)
    except (struct.error, IndexError):
        raise MediaError("its meta box breaks off") from None
    chosen = [properties[index - 1] for index in indices if 0 < index <= len(properties)]
    return [(box.kind, data[box.body : box.end]) for box in chosen]


def _meta_bytes(path: Path) -> bytes:
    """`ftyp` up to the end of `meta`, without reading media data before or after it."""
    kept = b""
    with open_source(path) as stream:
        for box in file_boxes(stream):
            if box.kind not in (b"ftyp", b"meta"):
                continue
            size = box.end - box.start
            if size > _MAX_META:
                raise MediaError(f"{path}: its {box.kind.decode()} box claims {size:,} bytes; refused")
            stream.seek(box.start)
            kept += stream.read(size)
            if box.kind == b"meta":
                return kept
    raise MediaError(f"{path}: no meta box; it is truncated or no still picture")


def _bits(properties: list[tuple[bytes, bytes]]) -> int:
    for kind, body in properties:
        if kind == b"av1C" and len(body) >= 3:
            return 8 + (2 if body[2] & 0x40 else 0) + (2 if body[2] & 0x20 else 0)
        if kind == b"pixi" and len(body) >= 6:
            return body[5]
        if kind == b"hvcC" and len(body) >= 18:
            return 8 + (body[17] & 7)
    return 8


def read_heif_header(path: Path) -> HeifHeader:
    """Size, depth and properties of the primary item. Raises MediaError for what is broken."""
    try:
        properties = primary_properties(_meta_bytes(path))
    except MediaError as error:
        text = str(error)
        raise MediaError(text if text.startswith(str(path)) else f"{path}: {text}") from None
    for kind, body in properties:
        if kind == b"ispe" and len(body) >= 12:
            width, height = struct.unpack_from(">II", body, 4)
            return HeifHeader(width, height, _bits(properties), tuple(properties))
    raise MediaError(f"{path}: the picture has no size (ispe)")


def heif_finding(header: HeifHeader) -> tuple[TagFinding, dict[str, MetadataValue], list[str]]:
    """Colour state by nclx, then by ICC profile; metadata; notes on transforms that are not applied."""
    metadata: dict[str, MetadataValue] = {}
    notes: list[str] = []
    nclx = icc = None
    for kind, body in header.properties:
        if kind == b"colr" and body[:4] == b"nclx" and len(body) >= 11:
            codes = struct.unpack_from(">HHH", body, 4)
            # Decoders deliver RGB in full range whatever the range of Y'CbCr is.
            cicp = Cicp(codes[0], codes[1], codes[2], bool(body[10] & 0x80))
            nclx = cicp_finding(cicp, "nclx", samples_full=True)
        elif kind == b"colr" and body[:4] in (b"prof", b"rICC"):
            metadata["icc_profile"] = True
            icc = icc_finding(body[4:])
        elif kind == b"clli" and len(body) >= 4:
            metadata["max_cll_nits"], metadata["max_fall_nits"] = map(float, struct.unpack_from(">HH", body))
        elif kind == b"mdcv" and len(body) >= 24:
            peak, black = struct.unpack_from(">II", body, 16)
            metadata["mastering_peak_nits"], metadata["mastering_black_nits"] = peak / 1e4, black / 1e4
        elif kind in (b"irot", b"imir", b"clap"):
            notes.append(f"the {kind.decode()} transform is not applied: pixels are as stored")
    finding = by_precedence(nclx, icc)
    if finding.state is None and nclx is not None and icc is not None and icc.state is not None:
        # nclx 2/2/x says "see the profile": encoders write both.
        finding = icc
    return with_mastering_peak(finding, metadata.get("mastering_peak_nits")), metadata, notes
