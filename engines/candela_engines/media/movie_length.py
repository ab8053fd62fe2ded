"""How long a movie file says that it is: what is shorter was cut.

Sources: RFC 8794 and 9559 (EBML, the Segment of Matroska), SMPTE ST 377-1 (partition pack of MXF), RIFF
(AVI), ISO/IEC 13818-1 (packets of a transport stream).
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from candela_engines.media.source import open_source

__all__ = ["promised_bytes"]

_SEGMENT = b"\x18\x53\x80\x67"
_PARTITION = b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01\x01"
_PACKET = 188


def promised_bytes(path: Path, kind: str, of_boxes: int) -> int | None:
    """The least size of the file by its own words; None where a cut at its end may leave no trace.

    of_boxes: end of MP4's boxes. Of Matroska without a size (as live recorders write it) and of transport
    streams only a cut inside an element or a packet can be told.
    """
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
        if kind == "ts":
            return _transport(stream)
    return None


def _vint(stream: BinaryIO) -> int | None:
    """A size of EBML; None for an unknown one, as live streams have, and where the file ends."""
    first = stream.read(1)
    if not first or not first[0]:
        return None
    length = 9 - first[0].bit_length()
    raw = first + stream.read(length - 1)
    value = int.from_bytes(raw, "big") & ((1 << (7 * length)) - 1)
    return None if len(raw) < length or value == (1 << (7 * length)) - 1 else value


def _matroska(stream: BinaryIO) -> int | None:
    end = stream.seek(0, 2)
    stream.seek(4)
    header = _vint(stream)
    if header is None:
        return None
    stream.seek(header, 1)
    if stream.read(4) != _SEGMENT:
        return None
    size = _vint(stream)
    return _elements(stream, end) if size is None else stream.tell() + size


def _elements(stream: BinaryIO, end: int) -> int | None:
    """More than `end` where the file ends inside an element of a Segment without a size; else None."""
    at = stream.tell()
    while at < end:
        stream.seek(at)
        kind = stream.read(4)
        length = 9 - kind[0].bit_length()
        if length > 4:
            return None  # no element: damage, which decoding meets
        stream.seek(at + length)
        size = _vint(stream)
        at = stream.tell()
        if size is None and at >= end:
            return end + 1
        # What has no size is gone into: its children follow.
        at += size or 0
    return at if at > end else None


def _transport(stream: BinaryIO) -> int | None:
    head = stream.read(_PACKET + 1)
    packet = _PACKET if head[-1:] == head[:1] else _PACKET + 4
    end = stream.seek(0, 2)
    return end - end % packet + packet if end % packet else None


def _mxf(head: bytes) -> int | None:
    """Up to the footer partition, whose place the header partition gives where the file was finished."""
    at = head.find(_PARTITION)
    if at < 0 or len(head) < at + 64:
        return None
    length = head[at + 16]
    body = at + 17 + (length & 0x7F if length & 0x80 else 0)
    footer = int.from_bytes(head[body + 24 : body + 32], "big")
    return at + footer + 17 if footer else None
