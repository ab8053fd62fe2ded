"""The marker segments of a JPEG: size, components, EXIF, ICC profile, and where each picture ends.

Sources: ITU-T T.81 annex B (markers), CIPA DC-008 (EXIF), ICC.1:2022 annex B.4 (profile in APP2).
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field
from pathlib import Path

from candela_engines.errors import MediaError
from candela_engines.media.decoded import MetadataValue, TagFinding, by_precedence
from candela_engines.media.tags_cicp import state_of
from candela_engines.media.tags_icc import icc_finding

__all__ = ["JpegStructure", "exif_values", "jpeg_finding", "parse_jpeg"]

_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# Inside entropy-coded data FF is followed by 00, by a restart marker, or by fill bytes.
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_MAX_SEGMENTS = 10_000

_EXIF_TAGS = {0x0112: "orientation", 0x011A: "x_resolution", 0x011B: "y_resolution", 0xA001: "colour_space"}
_EXIF_SUB_IFD = 0x8769


@dataclass(slots=True)
class JpegStructure:
    """What the markers of one JPEG picture say. end: the offset after its EOI in the bytes parsed."""

    width: int = 0
    height: int = 0
    precision: int = 8
    components: int = 0
    exif: dict[str, float] = field(default_factory=dict)
    icc_parts: dict[int, bytes] = field(default_factory=dict)
    app_segments: list[tuple[int, int, bytes]] = field(default_factory=list)
    end: int = 0

    @property
    def icc_profile(self) -> bytes:
        """The profile put together from its numbered parts; empty where there is none."""
        return b"".join(self.icc_parts[number] for number in sorted(self.icc_parts))


def exif_values(tiff: bytes) -> dict[str, float]:
    """Orientation, resolution and colour space out of EXIF's TIFF structure; what is damaged is left out."""
    values: dict[str, float] = {}
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None or len(tiff) < 8:
        return values
    pending = [struct.unpack_from(order + "I", tiff, 4)[0]]
    # The first IFD and its EXIF sub-IFD: two, so a loop of offsets ends by itself.
    for _ in range(2):
        if not pending:
            break
        offset = pending.pop()
        if offset + 2 > len(tiff):
            break
        (count,) = struct.unpack_from(order + "H", tiff, offset)
        for index in range(min(count, 512)):
            entry = tiff[offset + 2 + 12 * index : offset + 14 + 12 * index]
            if len(entry) < 12:
                break
            tag, kind, _, value = struct.unpack(order + "HHII", entry)
            if tag == _EXIF_SUB_IFD:
                pending.append(value)
            elif tag in _EXIF_TAGS and kind == 3:
                values[_EXIF_TAGS[tag]] = float(struct.unpack(order + "H", entry[8:10])[0])
            elif tag in _EXIF_TAGS and kind == 5 and value + 8 <= len(tiff):
                top, bottom = struct.unpack_from(order + "II", tiff, value)
                values[_EXIF_TAGS[tag]] = top / bottom if bottom else 0.0
    return values


def _segment(found: JpegStructure, marker: int, body: bytes, offset: int) -> None:
    if marker in _FRAME_MARKERS and len(body) >= 6:
        found.precision, found.height, found.width, found.components = struct.unpack(">BHHB", body[:6])
    elif marker == 0xE1 and body.startswith(b"Exif\0\0") and not found.exif:
        found.exif = exif_values(body[6:])
    elif marker == 0xE2 and body.startswith(b"ICC_PROFILE\0") and len(body) > 14:
        found.icc_parts.setdefault(body[12], body[14:])
    if 0xE0 <= marker <= 0xEF:
        found.app_segments.append((marker, offset, body))


def parse_jpeg(data: bytes, path: Path, start: int = 0) -> JpegStructure:
    """Walk the markers from SOI at `start` to its EOI.

    Raises MediaError for a stream that breaks off: decoders fill what is missing with grey without a word.
    """
    if data[start : start + 2] != b"\xff\xd8":
        raise MediaError(f"{path}: no JPEG picture at byte {start}")
    found, at = JpegStructure(), start + 2
    for _ in range(_MAX_SEGMENTS):
        while data[at : at + 2] == b"\xff\xff":
            at += 1
        if len(data) < at + 2:
            raise MediaError(f"{path}: the JPEG ends without its end marker; it is truncated")
        if data[at] != 0xFF:
            raise MediaError(f"{path}: byte {at} of the JPEG should start a marker; it is damaged")
        marker = data[at + 1]
        if marker == 0xD9:
            found.end = at + 2
            if not found.components:
                raise MediaError(f"{path}: the JPEG has no frame header")
            return found
        if marker == 0x01 or 0xD0 <= marker <= 0xD7:
            at += 2
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        body = data[at + 4 : at + 2 + length]
        if length < 2 or len(body) != length - 2:
            raise MediaError(f"{path}: segment FF{marker:02X} of the JPEG runs past its end; it is truncated")
        _segment(found, marker, body, at)
        at += 2 + length
        if marker == 0xDA:
            scan_end = _NEXT_MARKER.search(data, at)
            if scan_end is None:
                raise MediaError(f"{path}: the JPEG ends inside its picture data; it is truncated")
            at = scan_end.start()
    raise MediaError(f"{path}: more than {_MAX_SEGMENTS:,} segments in the JPEG; it is damaged")


def jpeg_finding(found: JpegStructure) -> tuple[TagFinding, dict[str, MetadataValue]]:
    """The colour state by ICC profile, then EXIF ColorSpace 1 (sRGB); and the metadata worth keeping.

    A JPEG with neither is untagged: JFIF names no colour space.
    """
    metadata: dict[str, MetadataValue] = {}
    profile = found.icc_profile
    if profile:
        metadata["icc_profile"] = True
    if "orientation" in found.exif:
        metadata["orientation"] = int(found.exif["orientation"])
    if found.exif.get("x_resolution") and found.exif.get("y_resolution"):
        metadata["resolution"] = (found.exif["x_resolution"], found.exif["y_resolution"])
    space = found.exif.get("colour_space")
    exif: TagFinding | None = None
    if space == 1.0:
        exif = TagFinding(state_of("bt709", "srgb"), "EXIF ColorSpace 1 (sRGB)")
    elif space is not None:
        exif = TagFinding(None, f"EXIF ColorSpace {int(space)} (uncalibrated)")
    return by_precedence(icc_finding(profile) if profile else None, exif), metadata
