"""TIFF and BigTIFF: private tag 65226 in the first IFD. Overhead: 13 bytes and one copied IFD.

Source: TIFF 6.0 section 2 (header, IFD, entries, word boundaries), Adobe; The BigTIFF File Format
(8-byte offsets, 20-byte entries).

An IFD cannot grow where it is, so a new one, one entry longer, is written behind the end of the
file with the payload after it, and the header points there. Strips, tiles, values of other tags
and further pages stay in place. For a TIFF of n entries that is 6 + 12 (n + 1) bytes for the IFD
(BigTIFF: 16 + 20 (n + 1)), 13 bytes around the payload (BigTIFF: 17), one where the file has an
odd length. Where the first IFD is the last thing in the file already (what libtiff leaves after
rewriting a directory), it grows in place: 12 + 9 bytes (BigTIFF: 20 + 9).

The value of the tag: `CNDL`, payload, position of the original IFD (4 or 8; absent when grown in
place), a byte of flags, CRC-32 of all that. Tags from 65000 are free for use without registration,
so the magic tells ours from another's.

Undo: the header points to the original IFD again and what was added is cut off. That is done only
where everything fits: our IFD and value are together the end of the file, and our IFD without our
entry is, byte for byte, the IFD found at the recorded position. Otherwise another program has
written the file since; then only the entry is taken out, in place, nothing moves, and the report
says that the original is not restored.

Only the first IFD is looked at: the chain of pages is neither followed nor changed.
"""

from __future__ import annotations

from typing import NamedTuple

from candela_engines.errors import CarrierError, PayloadError
from candela_engines.itm.carriers._base import (
    CRC_BYTES,
    MAX_PAYLOAD,
    Carrier,
    Held,
    Removal,
    check_claim,
    check_copies,
    check_crc,
    crc,
)
from candela_engines.itm.carriers._source import ByteOrder, Copy, Edit, Source

TAG = 65226
_MAGIC = b"CNDL"
_BYTE, _UNDEFINED = 1, 7
_PADDED, _IN_PLACE = 1, 2
_MOST_ENTRIES = 0xFFFF
_HEADS: dict[bytes, tuple[ByteOrder, bool]] = {
    b"II*\x00": ("little", False),
    b"MM\x00*": ("big", False),
    b"II+\x00\x08\x00\x00\x00": ("little", True),
    b"MM\x00+\x00\x08\x00\x00": ("big", True),
}


class _Layout(NamedTuple):
    """The first IFD and how wide its fields are."""

    order: ByteOrder
    word: int  # bytes of an offset
    at: int
    entries: tuple[bytes, ...]
    rest: bytes  # offset of the next IFD

    @property
    def count_width(self) -> int:
        return 2 if self.word == 4 else 8

    def size(self, entries: int) -> int:
        return self.count_width + entries * (4 + 2 * self.word) + self.word

    def integer(self, value: int, width: int) -> bytes:
        return value.to_bytes(width, self.order)

    def packed(self, entries: tuple[bytes, ...]) -> bytes:
        return self.integer(len(entries), self.count_width) + b"".join(entries) + self.rest

    def tag(self, entry: bytes) -> int:
        return int.from_bytes(entry[:2], self.order)

    def others(self) -> tuple[bytes, ...]:
        return tuple(entry for entry in self.entries if self.tag(entry) != TAG)


class _Value(NamedTuple):
    """What our tag points to."""

    span: Copy
    payload: bytes
    flags: int
    original: int


def _kind(head: bytes) -> tuple[ByteOrder, bool] | None:
    return _HEADS.get(head[:4]) or _HEADS.get(head[:8])


def _recognise(head: bytes) -> bool:
    return _kind(head) is not None


def _layout(source: Source, at: int | None = None) -> _Layout:
    kind = _kind(source.head(8))
    if kind is None:
        raise CarrierError(f"{source.path}: is not a TIFF")
    order, big = kind
    word = 8 if big else 4
    if at is None:
        at = source.uint(word, word, order)
    count_width, entry_size = (8, 20) if big else (2, 12)
    if at < 2 * word or at + count_width > source.size:
        raise CarrierError(
            f"{source.path}: the first IFD is said to be at byte {at} of {source.size}: damaged"
        )
    count = source.uint(at, count_width, order)
    end = at + count_width + entry_size * count
    if not 1 <= count <= _MOST_ENTRIES or end + word > source.size:
        raise CarrierError(
            f"{source.path}: the first IFD claims {count} entries at byte {at} "
            f"in a file of {source.size} bytes: truncated or damaged"
        )
    raw = source.read(at + count_width, entry_size * count)
    entries = tuple(raw[start : start + entry_size] for start in range(0, len(raw), entry_size))
    return _Layout(order, word, at, entries, source.read(end, word))


def _is_ours(source: Source, layout: _Layout, entry: bytes) -> bool:
    if layout.tag(entry) != TAG or int.from_bytes(entry[2:4], layout.order) not in (_BYTE, _UNDEFINED):
        return False
    at = int.from_bytes(entry[-layout.word :], layout.order)
    return at + len(_MAGIC) <= source.size and source.read(at, len(_MAGIC)) == _MAGIC


def _ours(source: Source, layout: _Layout) -> list[bytes]:
    return [entry for entry in layout.entries if _is_ours(source, layout, entry)]


def _value(source: Source, layout: _Layout, entry: bytes) -> _Value:
    count = int.from_bytes(entry[4 : 4 + layout.word], layout.order)
    at = int.from_bytes(entry[-layout.word :], layout.order)
    around = len(_MAGIC) + layout.word + 1 + CRC_BYTES
    check_claim(source, count if count > MAX_PAYLOAD + around else 1)
    if count < len(_MAGIC) + 2 + CRC_BYTES or at + count > source.size:
        raise PayloadError(f"{source.path}: carries a payload of which the end is missing")
    raw = source.read(at, count)
    check_crc(source, raw[-CRC_BYTES:], raw[:-CRC_BYTES])
    flags = raw[-CRC_BYTES - 1]
    end = count - CRC_BYTES - 1 - (0 if flags & _IN_PLACE else layout.word)
    original = layout.at if flags & _IN_PLACE else int.from_bytes(raw[end : end + layout.word], layout.order)
    check_claim(source, end - len(_MAGIC))
    return _Value(Copy(at, at + count), raw[len(_MAGIC) : end], flags, original)


def _find(source: Source) -> tuple[Held, ...]:
    layout = _layout(source)
    ours = _ours(source, layout)
    check_copies(source, len(ours))
    values = [_value(source, layout, entry) for entry in ours]
    return tuple(
        Held(value.payload, (Copy(value.span.start + 4, value.span.start + 4 + len(value.payload)),))
        for value in values
    )


def _remove(source: Source) -> Removal | None:
    layout = _layout(source)
    ours = _ours(source, layout)
    if not ours:
        return None
    edits = _undo(source, layout, ours)
    if edits is not None:
        return Removal(edits, exact=True)
    kept = tuple(entry for entry in layout.entries if entry not in ours)
    if not kept:
        raise CarrierError(f"{source.path}: the first IFD holds nothing but a payload; this is no picture")
    size = layout.size(len(layout.entries))
    unlinked = layout.packed(kept).ljust(size, b"\x00")
    return Removal(
        (Edit(layout.at, layout.at + size, unlinked),),
        exact=False,
        note="the file was written by another program after embedding: the tag was taken out, "
        "but the original file cannot be restored",
    )


def _undo(source: Source, layout: _Layout, ours: list[bytes]) -> tuple[Edit, ...] | None:
    """Edits that restore the original, or None where anything does not fit."""
    try:
        value = _value(source, layout, ours[0])
    except PayloadError:
        return None
    others = layout.others()
    ifd_end = layout.at + layout.size(len(layout.entries))
    fits = len(ours) == 1 and others and value.span == Copy(ifd_end, source.size)
    if not fits or len(others) + 1 != len(layout.entries):
        return None
    if value.flags == _IN_PLACE:
        return (Edit(layout.at, source.size, layout.packed(others)),)
    if value.flags not in (0, _PADDED):
        return None
    start = layout.at - value.flags
    if value.flags == _PADDED and (start % 2 == 0 or source.read(start, 1) != b"\0"):
        return None
    expected = layout.packed(others)
    if value.original < 2 * layout.word or value.original + len(expected) > start:
        return None
    if source.read(value.original, len(expected)) != expected:
        return None
    pointer = Edit(layout.word, 2 * layout.word, layout.integer(value.original, layout.word))
    return (pointer, Edit(start, source.size))


def _insert(source: Source, payload: bytes) -> tuple[Edit, ...]:
    layout = _layout(source)
    count = len(layout.entries)
    if count == _MOST_ENTRIES:
        raise CarrierError(f'{source.path}: the first IFD is full ({count} entries); use carrier="sidecar"')
    if any(layout.tag(entry) == TAG for entry in layout.entries):
        raise CarrierError(f'{source.path}: uses tag {TAG} for something else; use carrier="sidecar"')
    in_place = layout.at + layout.size(count) == source.size
    padded = not in_place and source.size % 2 == 1
    at = layout.at if in_place else source.size + padded
    undo = b"" if in_place else layout.integer(layout.at, layout.word)
    value = _MAGIC + payload + undo + bytes([_IN_PLACE if in_place else _PADDED if padded else 0])
    value += crc(value)
    start = at + layout.size(count + 1)
    if start + len(value) >= 1 << (8 * layout.word):
        raise CarrierError(
            f"{source.path}: a TIFF cannot grow beyond 4 GiB (this one has {source.size} bytes); "
            'use carrier="sidecar"'
        )
    entry = b"".join(
        (
            layout.integer(TAG, 2),
            layout.integer(_UNDEFINED, 2),
            layout.integer(len(value), layout.word),
            layout.integer(start, layout.word),
        )
    )
    place = sum(layout.tag(other) < TAG for other in layout.entries)  # TIFF 6.0: ascending by tag
    ifd = layout.packed((*layout.entries[:place], entry, *layout.entries[place:]))
    if in_place:
        return (Edit(at, source.size, ifd + value),)
    pointer = Edit(layout.word, 2 * layout.word, layout.integer(at, layout.word))
    return (pointer, Edit(source.size, source.size, b"\0" * padded + ifd + value))


TIFF = Carrier(
    name="tiff",
    formats=("TIFF", "BigTIFF", "DNG"),
    overhead="31 bytes and 12 for each entry of the first IFD (BigTIFF: 53 and 20); "
    "21 (29) where the first IFD ends the file",
    least_overhead=21,
    limits="a TIFF that is not a BigTIFF stays below 4 GiB",
    recognise=_recognise,
    find=_find,
    remove=_remove,
    insert=_insert,
)
