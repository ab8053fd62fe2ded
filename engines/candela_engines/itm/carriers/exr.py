"""OpenEXR: attribute `candela` of type `cndl` in the first header. Overhead 33 bytes.

Source: OpenEXR File Layout (openexr.com), sections "Header", "Offset Tables", "Chunks". An attribute
is name, NUL, type, NUL, length (4, signed), value. A type that a reader does not know is skipped by
its length, which OpenEXR calls opaque; the version field stays, as both names are short.

The value says where the payload is: position (8), length (4), CRC-32 (4) of both, of the number of
chunks (4) and of the payload. The payload itself lies at the end of the file, where no chunk table points
and no reader looks, because ffmpeg (seen with 5.1) skips no more than 255 bytes of an attribute that it
does not know and takes the rest for further attributes; and so a program that only wants headers reads 33
bytes more, not 8 KB.

A header cannot grow without moving what follows, and chunks are found through tables of absolute
positions (8 bytes each, one table a part, between headers and chunks). So every entry is raised by
the length of the attribute; taking it out lowers every entry again, which is exact. There are no other
positions in the format. Everything is checked: each entry has to lie between the end of the tables and
the end of the file. Entries of 0 mean a file that was never finished; readers then search for chunks one
after another, up to the end of the file, so that such a file gets no payload.

A payload that is no longer where the attribute says, as in a copy that another program made with all
attributes, counts as damaged, and only the attribute is taken out.
Copies of the attribute in other parts of a multi-part file (a program may copy headers) count as ours.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

from candela_engines.errors import CarrierError, PayloadError
from candela_engines.itm.carriers._base import (
    Carrier,
    Held,
    Removal,
    check_claim,
    check_copies,
    check_crc,
    crc,
)
from candela_engines.itm.carriers._exr_chunks import MULTI_PART, TILED, chunk_count
from candela_engines.itm.carriers._source import Copy, Edit, Source

_MAGIC = b"\x76\x2f\x31\x01"
NAME, TYPE = b"candela", b"cndl"
_VALUE = 16
_LONGEST_NAME = 255
_MOST_ATTRIBUTES = 1 << 18
_MOST_CHUNKS = 1 << 22
_NEEDED = {
    b"chunkCount": {4},
    b"compression": {1},
    b"dataWindow": {16},
    b"tiles": {9},
    b"type": {len(kind) for kind in (b"deeptile", b"tiledimage", b"deepscanline", b"scanlineimage")},
}


@dataclass(slots=True)
class _Layout:
    multi_part: bool
    header_end: int = 0  # of the first header: its closing NUL
    table: int = 0
    chunks: int = 0
    parts: list[tuple[bool, bool]] = field(default_factory=list)  # tiled, deep
    ours: list[tuple[Copy, Copy]] = field(default_factory=list)  # whole attribute, its value


def _recognise(head: bytes) -> bool:
    return head.startswith(_MAGIC)


def _layout(source: Source) -> _Layout:
    version = source.uint(4, 4, "little")
    layout = _Layout(multi_part=bool(version & MULTI_PART))
    at, left = 8, _MOST_ATTRIBUTES
    for part in range(_MOST_ATTRIBUTES):
        if part and source.read(at, 1) == b"\x00":
            at += 1
            break
        needed: dict[bytes, bytes] = {}
        for name, kind, whole, value in _attributes(source, at, left):
            at, left = whole.end, left - 1
            if (name, kind) == (NAME, TYPE):
                layout.ours.append((whole, value))
            elif name in _NEEDED and value.end - value.start in _NEEDED[name]:
                needed[name] = source.read(value.start, value.end - value.start)
        layout.header_end = layout.header_end or at
        at += 1
        layout.chunks += chunk_count(source, needed, version)
        stated = needed.get(b"type", b"tiledimage" if version & TILED else b"")
        layout.parts.append((stated in (b"tiledimage", b"deeptile"), stated.startswith(b"deep")))
        if not version & MULTI_PART:
            break
    layout.table = at
    if layout.chunks > _MOST_CHUNKS or at + 8 * layout.chunks > source.size:
        raise CarrierError(
            f"{source.path}: the EXR headers call for {layout.chunks} chunks, "
            f"their table at byte {at} does not fit into {source.size} bytes: truncated or damaged"
        )
    return layout


def _attributes(source: Source, at: int, most: int) -> Iterator[tuple[bytes, bytes, Copy, Copy]]:
    """Name, type, range of the attribute, range of its value; up to the NUL that ends the header."""
    for _ in range(most):
        start = at
        name = _name(source, at)
        if not name:
            return
        at += len(name) + 1
        kind = _name(source, at)
        at += len(kind) + 1
        length = source.uint(at, 4, "little")
        at += 4
        if length > 0x7FFFFFFF or at + length > source.size:
            raise CarrierError(
                f"{source.path}: EXR attribute {name.decode('ascii', 'replace')!r} at byte {start} claims "
                f"{length} bytes, the file ends at {source.size}: truncated or damaged"
            )
        yield name, kind, Copy(start, at + length), Copy(at, at + length)
        at += length
    raise CarrierError(f"{source.path}: more than {_MOST_ATTRIBUTES} EXR attributes")


def _name(source: Source, at: int) -> bytes:
    name, nul, _ = source.read(at, min(_LONGEST_NAME + 1, max(source.size - at, 1))).partition(b"\x00")
    if not nul:
        raise CarrierError(f"{source.path}: an EXR attribute at byte {at} has no end to its name: damaged")
    return name


def _table(source: Source, layout: _Layout) -> array[int]:
    """Positions of all chunks, each within the file."""
    end = layout.table + 8 * layout.chunks
    entries = array("Q", source.read(layout.table, 8 * layout.chunks))
    if sys.byteorder == "big":
        entries.byteswap()
    first, last = min(filter(None, entries), default=end), max(entries, default=end)
    if last and not end <= first <= last < source.size:
        raise CarrierError(
            f"{source.path}: the EXR chunk table points to bytes {first} to {last}, "
            f"chunks can only be at {end} to {source.size}: damaged"
        )
    return entries


def _moved(layout: _Layout, entries: array[int], by: int) -> Edit:
    """The tables with every position moved."""
    moved = array("Q", (entry + by if entry else 0 for entry in entries))
    if sys.byteorder == "big":
        moved.byteswap()
    return Edit(layout.table, layout.table + 8 * layout.chunks, moved.tobytes())


def _chunks_end(source: Source, layout: _Layout, entries: array[int]) -> int:
    """Where the last chunk ends; what lies behind it belongs to no pixel."""
    at = max(entries)
    if not at:
        return layout.table + 8 * layout.chunks
    part = 0
    if layout.multi_part:
        part, at = source.uint(at, 4, "little"), at + 4
    if part >= len(layout.parts):
        raise CarrierError(
            f"{source.path}: the last EXR chunk is of part {part}, of {len(layout.parts)}: damaged"
        )
    tiled, deep = layout.parts[part]
    at += 16 if tiled else 4  # where in the picture
    if deep:
        end = at + 24 + source.uint(at, 8, "little") + source.uint(at + 8, 8, "little")
    else:
        end = at + 4 + source.uint(at, 4, "little")
    if end > source.size:
        raise CarrierError(
            f"{source.path}: the last EXR chunk ends at byte {end}, the file at {source.size}: truncated"
        )
    return end


def _find(source: Source) -> tuple[Held, ...]:
    layout = _layout(source)
    check_copies(source, len(layout.ours))
    return tuple(_held(source, layout, value) for _, value in layout.ours)


def _held(source: Source, layout: _Layout, value: Copy) -> Held:
    if value.end - value.start != _VALUE:
        raise PayloadError(f"{source.path}: the EXR attribute {NAME.decode()!r} has an impossible length")
    stated, stored = source.read(value.start, 12), source.read(value.start + 12, 4)
    start, length = int.from_bytes(stated[:8], "little"), int.from_bytes(stated[8:], "little")
    check_claim(source, length)
    if not layout.table + 8 * layout.chunks <= start <= source.size - length:
        raise PayloadError(
            f"{source.path}: the payload is not at byte {start}, where it should be: "
            "the file was written by another program after embedding"
        )
    payload = source.read(start, length)
    check_crc(source, stored, stated, _counted(layout), payload)
    return Held(payload, (Copy(start, start + length),))


def _counted(layout: _Layout) -> bytes:
    """The number of chunks, under the CRC: with a wrong one, part of the table would not be moved."""
    return layout.chunks.to_bytes(4, "little")


def _remove(source: Source) -> Removal | None:
    layout = _layout(source)
    if not layout.ours:
        return None
    entries = _table(source, layout)
    edits = [Edit(whole.start, whole.end) for whole, _ in layout.ours]
    edits.append(_moved(layout, entries, -sum(edit.end - edit.start for edit in edits)))
    try:
        spans = {span for held in _find(source) for span in held.spans}
    except (PayloadError, CarrierError):
        spans = set()
        if min(entries, default=0) != layout.table + 8 * layout.chunks:
            raise CarrierError(
                f"{source.path}: the payload or the EXR header is damaged, and the chunks do not begin where "
                "their table ends; the payload cannot be taken out"
            ) from None
    # Only behind all chunks, as it was written; elsewhere it may be part of a picture.
    if len(spans) == 1 and all(_chunks_end(source, layout, entries) <= span.start for span in spans):
        return Removal((*edits, *(Edit(span.start, span.end) for span in spans)), exact=True)
    note = "the payload is not where it was written: it was unlinked, but the original cannot be restored"
    return Removal(tuple(edits), exact=False, note=note)


def _insert(source: Source, payload: bytes) -> tuple[Edit, ...]:
    layout = _layout(source)
    entries = _table(source, layout)
    if not layout.chunks or 0 in entries:
        raise CarrierError(
            f"{source.path}: the EXR was never finished ({entries.count(0)} of {layout.chunks} chunks are "
            'missing); render it again, or use carrier="sidecar"'
        )
    _chunks_end(source, layout, entries)
    grown = len(NAME) + 1 + len(TYPE) + 1 + 4 + _VALUE
    stated = (source.size + grown).to_bytes(8, "little") + len(payload).to_bytes(4, "little")
    data = (
        NAME
        + b"\x00"
        + TYPE
        + b"\x00"
        + _VALUE.to_bytes(4, "little")
        + stated
        + crc(stated, _counted(layout), payload)
    )
    return (
        Edit(layout.header_end, layout.header_end, data),
        _moved(layout, entries, grown),
        Edit(source.size, source.size, payload),
    )


EXR = Carrier(
    name="exr",
    formats=("OpenEXR",),
    overhead="33 bytes",
    least_overhead=33,
    limits="finished files, of compressions known to OpenEXR 3.4",
    recognise=_recognise,
    find=_find,
    remove=_remove,
    insert=_insert,
)
