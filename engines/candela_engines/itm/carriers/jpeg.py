"""JPEG: APP11 segments with the identifier `CNDL`. Overhead 14 bytes, and 10 more for every 64 KB.

Source: ITU-T T.81 B.1.1.4 and B.2.4.6 (marker segments, application data), CIPA DC-007 (Multi-Picture
Format) 5.2, Google Ultra HDR image format 1.1 (a gain map as second image of a multi-picture file).

A segment: FF EB, length (2), `CNDL` NUL (5), one byte (upper half: number of this part; lower half:
number of the last part, and 8 where a length was changed, see below), bytes. The parts together are the
payload and the CRC-32 of it and of that 8. APP11 is where HDR extensions of JPEG live (JPEG XT);
they are told apart by identifier.

A multi-picture file is several JPEGs one after another, and an MPF segment in the first says where
they are: positions relative to that segment, and the length of the first image. So our segments go
right before the MPF segment, which leaves every position as it is, and only the length of the first
image is changed, by what was added. Taking them out subtracts what is taken out, which restores the
length exactly, also where another program corrected the directory meanwhile. A length that does not lead
to the second image (writers put 0, or anything) is not touched, neither then nor later. Without MPF
our segments go behind the other APPn and COM segments.

Only the header up to the first scan is looked at; payloads in later images are not ours to touch.
Known limit: previews that a maker note addresses outside its segment, by position from the Exif
header, move by what was added (programs that read those find them through MPF as well).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from candela_engines.errors import CarrierError, PayloadError
from candela_engines.itm.carriers._base import (
    CRC_BYTES,
    MAX_PAYLOAD,
    Carrier,
    Held,
    Removal,
    check_claim,
    check_crc,
    crc,
    removal,
)
from candela_engines.itm.carriers._source import ByteOrder, Copy, Edit, Source

_APP11 = 0xEB
_IDENTIFIER = b"CNDL\x00"
_HEAD = 4 + len(_IDENTIFIER) + 1
_PART = 65535 + 2 - _HEAD
_MOST_PARTS = 8
_LENGTH_CHANGED = 8
_MOST_PADDING = 1 << 16
_MOST_SEGMENTS = 1 << 14
_MOST_FILL = 1 << 12
_SOS, _EOI = 0xDA, 0xD9
_STANDALONE = {0x00, 0x01, 0xFF, _EOI, *range(0xD0, 0xD9)}
_MP_ENTRY = 0xB002


class _Segment(NamedTuple):
    code: int
    start: int
    end: int


class _Length(NamedTuple):
    """The field of the MPF directory with the length of the first image."""

    at: int
    order: ByteOrder
    value: int
    gap: int  # from where the first image ends by this, to the next image or the end of the file

    @property
    def leads_on(self) -> bool:
        """Whether the length is right, give or take padding between images."""
        return self.value > 0 and 0 <= self.gap <= _MOST_PADDING


def _recognise(head: bytes) -> bool:
    return head.startswith(b"\xff\xd8\xff")


def _segments(source: Source) -> Iterator[_Segment]:
    """Every marker segment before the first scan, then the SOS marker as an empty segment."""
    at = 2
    for _ in range(_MOST_SEGMENTS):
        fill = 0
        while source.read(at, 2) == b"\xff\xff":  # T.81 B.1.1.2: any number of fill bytes
            at, fill = at + 1, fill + 1
            if fill > _MOST_FILL:
                raise CarrierError(f"{source.path}: more than {_MOST_FILL} fill bytes before a JPEG marker")
        lead, code = source.read(at, 2)
        if code == _SOS and lead == 0xFF:
            yield _Segment(code, at, at)
            return
        if lead != 0xFF or code in _STANDALONE:
            raise CarrierError(
                f"{source.path}: bytes {lead:02X} {code:02X} at {at} where a JPEG marker segment should be"
            )
        length = source.uint(at + 2, 2, "big")
        if length < 2 or at + 2 + length > source.size:
            raise CarrierError(
                f"{source.path}: JPEG segment FF{code:02X} at byte {at} claims {length} bytes, "
                f"the file ends at {source.size}: truncated or damaged"
            )
        yield _Segment(code, at, at + 2 + length)
        at += 2 + length
    raise CarrierError(f"{source.path}: more than {_MOST_SEGMENTS} JPEG segments before the first scan")


def _is_ours(source: Source, segment: _Segment) -> bool:
    return (
        segment.code == _APP11
        and segment.end - segment.start >= _HEAD
        and source.read(segment.start + 4, len(_IDENTIFIER)) == _IDENTIFIER
    )


def _find(source: Source) -> tuple[Held, ...]:
    parts: dict[int, tuple[bytes, Copy]] = {}
    lasts = set()
    for segment in _segments(source):
        if not _is_ours(source, segment):
            continue
        index, last = divmod(_number(source, segment), 16)
        span = Copy(segment.start + _HEAD, segment.end)
        data = source.read(span.start, span.end - span.start)
        if parts.setdefault(index, (data, span))[0] != data:
            raise CarrierError(f"{source.path}: carries different payloads; embed anew, or strip them all")
        lasts.add(last)
    if not parts:
        return ()
    last = lasts.pop()
    if lasts or set(parts) != set(range((last & ~_LENGTH_CHANGED) + 1)):
        raise PayloadError(f"{source.path}: carries a payload of which JPEG segments are missing")
    spans = tuple(parts[index][1] for index in range(len(parts)))
    whole = b"".join(parts[index][0] for index in range(len(parts)))
    payload, stored = whole[:-CRC_BYTES], whole[-CRC_BYTES:]
    check_claim(source, len(payload))
    check_crc(source, stored, payload, bytes([last & _LENGTH_CHANGED]))
    return (Held(payload, _without_crc(spans)),)


def _without_crc(spans: tuple[Copy, ...]) -> tuple[Copy, ...]:
    left = sum(span.end - span.start for span in spans) - CRC_BYTES
    kept = []
    for span in spans:
        length = min(left, span.end - span.start)
        left -= length
        if length:
            kept.append(Copy(span.start, span.start + length))
    return tuple(kept)


def _remove(source: Source) -> Removal | None:
    ours = [segment for segment in _segments(source) if _is_ours(source, segment)]
    if not ours:
        return None
    removed = sum(segment.end - segment.start for segment in ours)
    edits = [Edit(segment.start, segment.end) for segment in ours]
    if not any(_number(source, segment) & _LENGTH_CHANGED for segment in ours):
        return removal(source, edits, _find)
    length = _first_image_length(source)
    if length is None or not length.leads_on or length.value <= removed:
        note = (
            "the multi-picture directory was changed after embedding: the payload was taken out, "
            "but the original file cannot be restored"
        )
        return Removal(tuple(edits), exact=False, note=note)
    return removal(source, (*edits, _with_length(length, length.value - removed)), _find)


def _insert(source: Source, payload: bytes) -> tuple[Edit, ...]:
    length = _first_image_length(source)
    changed = _LENGTH_CHANGED if length is not None and length.leads_on else 0
    body = payload + crc(payload, bytes([changed]))
    parts = [body[at : at + _PART] for at in range(0, len(body), _PART)]
    data = b"".join(
        b"\xff\xeb"
        + (len(part) + _HEAD - 2).to_bytes(2, "big")
        + _IDENTIFIER
        + bytes([index << 4 | changed | len(parts) - 1])
        + part
        for index, part in enumerate(parts)
    )
    place = _place(source)
    edits = [Edit(place, place, data)]
    if length is not None and changed:
        if length.value + len(data) > 0xFFFFFFFF:
            raise CarrierError(
                f"{source.path}: the multi-picture directory has no room for a first image of "
                f'{length.value + len(data)} bytes; use carrier="sidecar"'
            )
        edits.append(_with_length(length, length.value + len(data)))
    return tuple(edits)


def _number(source: Source, segment: _Segment) -> int:
    return source.read(segment.start + _HEAD - 1, 1)[0]


def _place(source: Source) -> int:
    place = None
    for segment in _segments(source):
        if _is_mpf(source, segment):
            return segment.start
        # APP0 to APP15 and COM; what comes first after them is part of the coded image.
        if place is None and not (0xE0 <= segment.code <= 0xEF or segment.code == 0xFE):
            place = segment.start
    if place is None:
        raise CarrierError(f"{source.path}: a JPEG without image data")
    return place


def _is_mpf(source: Source, segment: _Segment) -> bool:
    return (
        segment.code == 0xE2
        and segment.end - segment.start >= 16
        and source.read(segment.start + 4, 4) == b"MPF\x00"
    )


def _first_image_length(source: Source) -> _Length | None:
    """None where there is no MPF directory, or none that any reader could follow."""
    for segment in _segments(source):
        if _is_mpf(source, segment):
            base = segment.start + 8
            return _length_field(source.read(base, segment.end - base), base, source.size)
    return None


def _length_field(tiff: bytes, base: int, size: int) -> _Length | None:
    order: ByteOrder = "little" if tiff[:2] == b"II" else "big"

    def number(at: int, width: int = 4) -> int:
        return int.from_bytes(tiff[at : at + width], order)

    first = number(4)
    for entry in range(first + 2, min(first + 2 + 12 * number(first, 2), len(tiff) - 11), 12):
        if number(entry, 2) == _MP_ENTRY:
            count, at = number(entry + 4), number(entry + 8)
            if count < 16 or at + count > len(tiff):
                return None
            images = (number(start + 8) for start in range(at + 16, at + count - 15, 16))
            behind = min((base + image for image in images if image), default=size)
            return _Length(base + at + 4, order, number(at + 4), behind - number(at + 4))
    return None


def _with_length(length: _Length, value: int) -> Edit:
    return Edit(length.at, length.at + 4, value.to_bytes(4, length.order))


assert MAX_PAYLOAD + CRC_BYTES <= _MOST_PARTS * _PART  # the part number has four bits

JPEG = Carrier(
    name="jpeg",
    formats=("JPEG", "Ultra HDR JPEG", "MPO"),
    overhead="14 bytes, and 10 more for every further 64 KB",
    least_overhead=14,
    limits="",
    recognise=_recognise,
    find=_find,
    remove=_remove,
    insert=_insert,
)
