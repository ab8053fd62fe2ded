"""Boxes, the grammar of ISO base media files and of JPEG XL containers.

Source: ISO/IEC 14496-12:2022 4.2: size (4, with the header), type (4); size 1: a 64-bit size follows;
size 0, in the last box only: up to the end of the file; type `uuid`: 16 bytes of extended type follow.

A payload box is `mark`, payload, CRC-32 of mark and payload. The mark (a type, or `uuid` and an
extended type) also says what else has to be undone, which so costs no byte and is under the CRC.
Only box headers are read, however large the file.
"""

from __future__ import annotations

from typing import NamedTuple

from candela_engines.errors import CarrierError
from candela_engines.itm.carriers._base import CRC_BYTES, MAX_PAYLOAD, Held, check_claim, check_crc, crc
from candela_engines.itm.carriers._source import Copy, Edit, Source

_MOST_BOXES = 1 << 18
_LARGEST_SHORT = 0xFFFFFFFF


class Box(NamedTuple):
    """One top-level box. `open_ended`: its size is given as 0, so it ends with the file."""

    kind: bytes
    start: int
    body: int
    end: int
    open_ended: bool


def walk(source: Source, known: frozenset[bytes]) -> tuple[list[Box], int]:
    """Top-level boxes, and where what is no box begins (trailing bytes; the end of the file if none).

    Bytes behind the boxes are told from a truncated box by its type: `known` ones must be whole.
    """
    boxes: list[Box] = []
    at = 0
    while at < source.size:
        if len(boxes) == _MOST_BOXES:
            raise CarrierError(f"{source.path}: more than {_MOST_BOXES} boxes")
        box = _box(source, at)
        if box is None or box.end > source.size or box.end < box.body:
            kind = source.read(at, min(8, source.size - at))[4:]
            if not boxes or kind in known:
                raise CarrierError(
                    f"{source.path}: box {kind.decode('ascii', 'replace')!r} at byte {at} has an impossible "
                    f"size in a file of {source.size} bytes: truncated or damaged"
                )
            return boxes, at
        boxes.append(box)
        at = box.end
    return boxes, at


def _box(source: Source, at: int) -> Box | None:
    if source.size - at < 8:
        return None
    head = source.read(at, 8)
    size, kind = int.from_bytes(head[:4], "big"), head[4:]
    if not all(0x20 <= letter < 0x7F or letter == 0xA9 for letter in kind):
        return None
    if size == 1:
        if source.size - at < 16:
            return None
        return Box(kind, at, at + 16, at + source.uint(at + 8, 8, "big"), False)
    return Box(kind, at, at + 8, at + size if size else source.size, size == 0)


def has_mark(source: Source, box: Box, mark: bytes) -> bool:
    """Whether a box is one of ours: of short size and beginning with `mark`."""
    start = box.start + 4
    return (
        box.body == box.start + 8
        and not box.open_ended
        and box.end - start >= len(mark)
        and source.read(start, len(mark)) == mark
    )


def held(source: Source, box: Box, mark: bytes, most: int = MAX_PAYLOAD) -> Held:
    """The payload, of at most `most` bytes, of a box that has `mark`."""
    span = Copy(box.start + 4 + len(mark), box.end - CRC_BYTES)
    check_claim(source, span.end - span.start, most)
    payload = source.read(span.start, span.end - span.start)
    check_crc(source, source.read(span.end, CRC_BYTES), mark, payload)
    return Held(payload, (span,))


def packed(mark: bytes, payload: bytes) -> bytes:
    """A payload box."""
    body = mark + payload + crc(mark, payload)
    return (4 + len(body)).to_bytes(4, "big") + body


def closed(source: Source, box: Box) -> Edit:
    """Write the true size of an open-ended box, so that another box can follow it."""
    size = box.end - box.start
    if size > _LARGEST_SHORT:
        raise CarrierError(
            f"{source.path}: the last box has {size} bytes and an open end; stating its size "
            'would move what it holds; use carrier="sidecar"'
        )
    return Edit(box.start, box.start + 4, size.to_bytes(4, "big"))


def opened(box: Box) -> Edit:
    """Undo `closed`."""
    return Edit(box.start, box.start + 4, bytes(4))
