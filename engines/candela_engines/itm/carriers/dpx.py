"""DPX: user-defined data. Overhead 12 to 15 bytes, and 32 where the file has no user data yet.

Source: SMPTE ST 268-1 (formerly 268M-2003): generic file header (image offset at 4, file size at 16,
industry header size at 28, user header size at 32), image elements (72 bytes each from 780, position
of the data at 28 in each), industry header at 1664, user-defined data at 2048 (32 bytes of
identification, then anything, 1 MB in all).

What is written, at the end of the user data, so that a section that is there stays as it is:

    [identification `CANDELA`, 32, if there was no user data] payload, zeros to a multiple of 4,
    flags (1), length of the payload (3, big-endian), CRC-32 of flags, length and payload (4), `CNDL`

Many writers start the image at byte 8192 and fill the way there with 00 or FF. Where the record fits
there it goes over the filler: no position changes and the file does not grow at all. Otherwise it is
inserted, and the positions of the image, of its elements and the size of the file are raised, which
taking it out undoes; multiples of 4 keep the 32-bit words of the pixels aligned. Fields of 0 or
FFFFFFFF ("undefined") stay. Some writers (ffmpeg) leave the industry header out and start the image at
1664; it is then put in, undefined throughout (384 bytes more), as readers look there by position.

The original values are not stored, they follow from what was added and the flags: what the user header
size was (bits 0 and 1: 0, undefined, a section), zeros that pad (2, 3), filler overwritten (4), of FF (5),
industry header put in (6), its size was undefined (7).
"""

from __future__ import annotations

from typing import NamedTuple

from candela_engines.errors import CarrierError, PayloadError
from candela_engines.itm.carriers._base import (
    MAX_PAYLOAD,
    Carrier,
    Held,
    Removal,
    check_claim,
    check_crc,
    crc,
)
from candela_engines.itm.carriers._source import ByteOrder, Copy, Edit, Source

_MAGIC = b"CNDL"
_IDENTIFICATION = b"CANDELA".ljust(32, b"\x00")
_ORDERS: dict[bytes, ByteOrder] = {b"SDPX": "big", b"XPDS": "little"}
_IMAGE_AT, _FILE_SIZE, _INDUSTRY_SIZE, _USER_SIZE, _ELEMENTS = 4, 16, 28, 32, 770
_INDUSTRY_AT, _USER_AT = 1664, 2048
_NO_INDUSTRY = b"\xff" * (_USER_AT - _INDUSTRY_AT)
_MOST_USER_DATA = 1 << 20
_UNDEFINED = 0xFFFFFFFF
_TRAILER = 12
_WAS_ZERO, _WAS_UNDEFINED, _WAS_SECTION = range(3)
_OVER_FILLER, _FILLER_FF, _ADDED_INDUSTRY, _INDUSTRY_UNDEFINED = 16, 32, 64, 128


class _Layout(NamedTuple):
    order: ByteOrder
    image: int
    file_size: int
    industry_size: int
    user_size: int
    elements: tuple[tuple[int, int], ...]  # where the position of an element's data is, and that position

    @property
    def short(self) -> bool:
        """Whether the image follows the generic header, with no industry header and no user data."""
        absent = (0, _UNDEFINED)
        return self.image == _INDUSTRY_AT and self.industry_size in absent and self.user_size in absent

    @property
    def user_end(self) -> int:
        return _USER_AT + (0 if self.user_size == _UNDEFINED else self.user_size)

    def put(self, at: int, value: int) -> Edit:
        return Edit(at, at + 4, value.to_bytes(4, self.order))


class _Record(NamedTuple):
    span: Copy  # in the user data
    flags: int
    payload: Copy
    stored: bytes


def _recognise(head: bytes) -> bool:
    return head[:4] in _ORDERS


def _layout(source: Source) -> _Layout:
    order = _ORDERS[source.read(0, 4)]
    source.read(_INDUSTRY_AT - 1, 1)
    count = min(source.uint(_ELEMENTS, 2, order), 8)
    fields = [808 + 72 * index for index in range(count)]
    image, size, industry, user = (
        source.uint(at, 4, order) for at in (_IMAGE_AT, _FILE_SIZE, _INDUSTRY_SIZE, _USER_SIZE)
    )
    layout = _Layout(
        order, image, size, industry, user, tuple((at, source.uint(at, 4, order)) for at in fields)
    )
    if image > source.size or not (layout.short or layout.user_end <= image):
        raise CarrierError(
            f"{source.path}: the DPX header puts user data up to byte {layout.user_end} and the image at "
            f"{image}, in a file of {source.size} bytes: damaged, or not of this kind"
        )
    return layout


def _record(source: Source, layout: _Layout) -> _Record | None:
    end = layout.user_end
    if layout.short or end < _USER_AT + _TRAILER:
        return None
    trailer = source.read(end - _TRAILER, _TRAILER)
    if trailer[8:] != _MAGIC:
        return None
    flags, length = trailer[0], int.from_bytes(trailer[1:4], "big")
    check_claim(source, length)
    stop = end - _TRAILER - (flags >> 2 & 3)
    payload = Copy(stop - length, stop)
    new = flags & 3 != _WAS_SECTION
    start = payload.start - (len(_IDENTIFICATION) if new else 0)
    if (start != _USER_AT) if new else (start <= _USER_AT):
        raise PayloadError(f"{source.path}: carries a payload that does not fit into the user data: damaged")
    return _Record(Copy(start, end), flags, payload, trailer)


def _find(source: Source) -> tuple[Held, ...]:
    record = _record(source, _layout(source))
    if record is None:
        return ()
    payload = source.read(record.payload.start, record.payload.end - record.payload.start)
    check_crc(source, record.stored[4:8], record.stored[:4], payload)
    return (Held(payload, (record.payload,)),)


def _remove(source: Source) -> Removal | None:
    layout = _layout(source)
    try:
        record = _record(source, layout)
        if record is None:
            return None
        _find(source)
    except PayloadError as error:
        # Without its length the record has no beginning, and cutting elsewhere would move the image.
        raise CarrierError(f"{error}; it cannot be taken out") from error
    flags, span = record.flags, record.span
    before = (0, _UNDEFINED, span.start - _USER_AT)
    if flags & 3 >= len(before):
        raise CarrierError(f"{source.path}: carries a payload with flags {flags:02X} of another version")
    edits = [layout.put(_USER_SIZE, before[flags & 3])]
    if flags & _OVER_FILLER:
        filler = b"\xff" if flags & _FILLER_FF else b"\x00"
        return Removal((*edits, Edit(span.start, span.end, filler * (span.end - span.start))), exact=True)
    start = span.start
    if flags & _ADDED_INDUSTRY:
        if flags & 3 == _WAS_SECTION or source.read(_INDUSTRY_AT, len(_NO_INDUSTRY)) != _NO_INDUSTRY:
            raise CarrierError(
                f"{source.path}: the industry header was written by another program after embedding; "
                "the payload cannot be taken out"
            )
        start = _INDUSTRY_AT
        edits.append(layout.put(_INDUSTRY_SIZE, _UNDEFINED if flags & _INDUSTRY_UNDEFINED else 0))
    edits += [Edit(start, span.end), *_moved(source, layout, span.end, start - span.end)]
    return Removal(tuple(edits), exact=True)


def _insert(source: Source, payload: bytes) -> tuple[Edit, ...]:
    layout = _layout(source)
    start = layout.user_end
    flags = {0: _WAS_ZERO, _UNDEFINED: _WAS_UNDEFINED}.get(layout.user_size, _WAS_SECTION)
    first = b"" if flags == _WAS_SECTION else _IDENTIFICATION
    pad = -(len(first) + len(payload) + _TRAILER) % 4
    size = len(first) + len(payload) + pad + _TRAILER
    if start + size - _USER_AT > _MOST_USER_DATA:
        raise CarrierError(
            f"{source.path}: {start + size - _USER_AT} bytes of DPX user data would be more than the "
            f'{_MOST_USER_DATA} that the format allows; use carrier="sidecar"'
        )
    filler = set(source.read(start, size)) if start + size <= layout.image else set()
    flags |= pad << 2
    edits = [layout.put(_USER_SIZE, start + size - _USER_AT)]
    if filler in ({0}, {0xFF}):
        flags |= _OVER_FILLER | (_FILLER_FF if filler == {0xFF} else 0)
        return (*edits, Edit(start, start + size, _packed(first, payload, pad, flags)))
    if layout.short:
        flags |= _ADDED_INDUSTRY | (_INDUSTRY_UNDEFINED if layout.industry_size else 0)
        first, start = _NO_INDUSTRY + first, _INDUSTRY_AT
        edits.append(layout.put(_INDUSTRY_SIZE, len(_NO_INDUSTRY)))
    data = _packed(first, payload, pad, flags)
    return (*edits, Edit(start, start, data), *_moved(source, layout, start, len(data)))


def _packed(first: bytes, payload: bytes, pad: int, flags: int) -> bytes:
    stated = bytes([flags]) + len(payload).to_bytes(3, "big")
    return first + payload + bytes(pad) + stated + crc(stated, payload) + _MAGIC


def _moved(source: Source, layout: _Layout, start: int, by: int) -> tuple[Edit, ...]:
    """Header fields after what begins at `start` moved `by` bytes."""
    edits = [layout.put(_IMAGE_AT, layout.image + by)]
    fields = [(at, value) for at, value in layout.elements if value >= start]
    if layout.file_size:
        fields.append((_FILE_SIZE, layout.file_size))
    for at, value in fields:
        if value == _UNDEFINED:
            continue
        if not 0 < value + by < _UNDEFINED:
            raise CarrierError(
                f"{source.path}: the DPX header field at byte {at} is {value}, which cannot change by {by}; "
                'use carrier="sidecar"'
            )
        edits.append(layout.put(at, value + by))
    return tuple(edits)


assert MAX_PAYLOAD < 1 << 24  # the length has three bytes

DPX = Carrier(
    name="dpx",
    formats=("DPX",),
    overhead="12 to 15 bytes, 32 more without user data, 384 more without an industry header; "
    "over filler before the image none at all, payload included",
    least_overhead=0,
    limits="1 MB of user data in all, files below 4 GiB",
    recognise=_recognise,
    find=_find,
    remove=_remove,
    insert=_insert,
)
