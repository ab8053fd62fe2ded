"""The SeekHead of a Matroska file: where its parts are. Rewritten in place, nothing behind it moves.

Source: RFC 9559 5.1.1. Programs that do not read a file to its end find the attachments only through this.
Room for one more entry is taken from a Void directly behind, which writers leave for that purpose.
"""

from __future__ import annotations

from candela_engines.errors import CarrierError
from candela_engines.itm.carriers._ebml import (
    CRC,
    VOID,
    Element,
    children,
    content,
    crc_element,
    id_bytes,
    packed,
    size_bytes,
    void_header,
)
from candela_engines.itm.carriers._mkv_layout import ATTACHMENTS, SEEK_HEAD, Layout
from candela_engines.itm.carriers._source import Edit, Source

_SEEK, _SEEK_ID, _SEEK_POSITION = 0x4DBB, 0x53AB, 0x53AC
_LARGEST = 1 << 16
_MOST_ENTRIES = 1 << 12
_MOST_FIELDS = 16


def pointing(source: Source, layout: Layout, position: int) -> Edit | None:
    """The first SeekHead with the attachments at `position`, counted from the Segment's content.

    None where the file has no SeekHead: then every program has to read on. CarrierError without room.
    """
    heads = layout.of(SEEK_HEAD)
    if not heads:
        return None
    head, *others = heads
    if any(_entries(source, other) for other in others):
        raise CarrierError(
            f'{source.path}: a second Matroska SeekHead names the attachments; use carrier="sidecar"'
        )
    old = _entries(source, head)
    inside = children(source, head, _MOST_ENTRIES)
    kept = b"".join(
        source.read(child.start, child.end - child.start)
        for child in inside
        if child.id not in (CRC, VOID) and child not in old
    )
    void = next((part for part in layout.parts if part.start == head.end and part.id == VOID), None)
    room = (void.end if void else head.end) - head.start
    width = head.body - head.start - len(id_bytes(SEEK_HEAD))
    shortest = max(1, (position.bit_length() + 7) // 8)
    for length in range(shortest, 9):
        place = packed(_SEEK_ID, id_bytes(ATTACHMENTS)) + packed(
            _SEEK_POSITION, position.to_bytes(length, "big")
        )
        body = kept + packed(_SEEK, place)
        if inside and inside[0].id == CRC:
            body = crc_element(body) + body
        size = size_bytes(len(body), width) or size_bytes(len(body)) or b""
        new = id_bytes(SEEK_HEAD) + size + body
        left = room - len(new)
        if left == 0 or left >= 2:
            new += void_header(left) if left else b""
            return Edit(head.start, head.start + len(new), new)
    raise CarrierError(
        f"{source.path}: the Matroska SeekHead has no room for one more entry, and other programs would not "
        'find an attachment; remux the file, or use carrier="sidecar"'
    )


def forgetting(source: Source, layout: Layout, attachments: Element) -> list[Edit]:
    """Entries that name these attachments become Voids; so does the CRC over them."""
    edits = []
    for head in layout.of(SEEK_HEAD):
        position = attachments.start - layout.segment.body
        old = [entry for entry in _entries(source, head) if _position(source, entry) == position]
        edits += [blanked(entry) for entry in old]
        edits += unchecked(source, head) if old else []
    return edits


def blanked(old: Element) -> Edit:
    """An element becomes a Void, in place."""
    header = void_header(old.end - old.start)
    return Edit(old.start, old.start + len(header), header)


def unchecked(source: Source, parent: Element) -> list[Edit]:
    """The CRC-32 of an element becomes a Void, if it has one."""
    first = children(source, parent, _MOST_ENTRIES)[:1]
    return [blanked(child) for child in first if child.id == CRC]


def _entries(source: Source, head: Element) -> list[Element]:
    """Entries of a SeekHead that name attachments."""
    if head.end - head.start > _LARGEST:
        raise CarrierError(f"{source.path}: a Matroska SeekHead of {head.end - head.start} bytes: damaged")
    named = id_bytes(ATTACHMENTS)
    return [
        entry
        for entry in children(source, head, _MOST_ENTRIES)
        if entry.id == _SEEK
        and any(
            part.id == _SEEK_ID and content(source, part, 8) == named
            for part in children(source, entry, _MOST_FIELDS)
        )
    ]


def _position(source: Source, entry: Element) -> int:
    for part in children(source, entry, _MOST_FIELDS):
        if part.id == _SEEK_POSITION:
            return int.from_bytes(content(source, part, 8), "big")
    return -1
