"""How long a movie file says that it is: what is shorter was cut.

Sources: RFC 8794 and 9559 (EBML, the Segment of Matroska), SMPTE ST 377-1 (partition pack of MXF), RIFF
(AVI).
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from candela_engines.media.source import open_source

__all__ = ["promised_bytes"]

_SEGMENT = b"\x18\x53\x80\x67"
_PARTITION = b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01\x01"


def promised_bytes(path: Path, kind: str, of_boxes: int) -> int:
    """The least size of the file by its own words; 0 where it says nothing. of_boxes: end of MP4's boxes."""
    if kind == "mov":
        return of_boxes
    with open_source(path) as stream:
        if kind == "matroska":
            return _matroska(stream)
        if kind == "mxf":
            return _mxf(stream.read(1 << 17))
        if kind == "avi":
            head = stream.read(8)
            return 8 + int.from_bytes(head[4:8], "little")
    return 0


def _vint(stream: BinaryIO) -> int | None:
    """A size of EBML; None for an unknown one, as live streams have, and where the file ends."""
    first = stream.read(1)
    if not first or not first[0]:
        return None
    length = 9 - first[0].bit_length()
    raw = first + stream.read(length - 1)
    value = int.from_bytes(raw, "big") & ((1 << (7 * length)) - 1)
    return None if len(raw) < length or value == (1 << (7 * length)) - 1 else value


def _matroska(stream: BinaryIO) -> int:
    stream.seek(4)
    header = _vint(stream)
    if header is None:
        return 0
    stream.seek(header, 1)
    if stream.read(4) != _SEGMENT:
        return 0
    size = _vint(stream)
    return 0 if size is None else stream.tell() + size


def _mxf(head: bytes) -> int:
    """Up to the footer partition, whose place the header partition gives where the file was finished."""
    at = head.find(_PARTITION)
    if at < 0 or len(head) < at + 64:
        return 0
    length = head[at + 16]
    body = at + 17 + (length & 0x7F if length & 0x80 else 0)
    footer = int.from_bytes(head[body + 24 : body + 32], "big")
    return at + footer + 17 if footer else 0
