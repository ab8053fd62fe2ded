"""Matroska: an attached file `candela.reel` of type `application/x-candela`.

Source: RFC 9559 5.1.6 (Attachments), 5.1.1 (SeekHead). WebM allows no attachments: a sidecar serves there.

The attached file is, byte for byte, what a sidecar file would be: whoever extracts it can put it beside the
movie as `NAME.candela`, and its CRC goes with it through programs that copy attachments (mkvmerge, ffmpeg).

Positions in a Matroska file count from the beginning of the Segment's content, in SeekHead and Cues, so
nothing may move: the Attachments element is appended to the Segment, whose size is raised in its own field,
and is entered in the SeekHead, which takes the room from the Void behind it. A file has one Attachments
element at most. One that is there already (fonts, covers) becomes a Void, and its files are written again
beside ours.

What was there before, a few bytes in up to three places, is kept in a Void behind our element, with the
CRC-32 of that. (Inside it, mkvextract, seen with 74.0, gives up at anything but a file.) So taking the
payload out gives back the original. That is done only where embedding again gives the very file at hand.
Otherwise, as after another program has written it, our file becomes a Void in place, and the report says
that the original is not restored.

Decided: a Segment of unknown size (a live stream that was stored) takes an attachment at its end, where
its size need not change. A Cluster of unknown size, a Segment size that cannot grow in its field, and a
SeekHead without room are refused, so that a sidecar serves.
"""

from __future__ import annotations

import hashlib
import struct

from candela_engines.errors import CarrierError, PayloadError
from candela_engines.itm.carriers._base import (
    CRC_BYTES,
    MAX_REEL,
    MOST_REELS,
    Carrier,
    Held,
    Removal,
    check_claim,
    check_copies,
    check_crc,
    crc,
)
from candela_engines.itm.carriers._ebml import CRC, VOID, Element, children, content, packed, size_bytes
from candela_engines.itm.carriers._mkv_layout import (
    ATTACHED_FILE,
    ATTACHMENTS,
    FILE_DATA,
    FILE_NAME,
    FILE_TYPE,
    FILE_UID,
    NAME,
    TYPE,
    Attached,
    Layout,
    attached,
    is_matroska,
    layout,
)
from candela_engines.itm.carriers._mkv_seek import blanked, forgetting, pointing, unchecked
from candela_engines.itm.carriers._source import Copy, Edit, Source
from candela_engines.itm.carriers.sidecar import MAGIC, wrapped

_UNDO = b"CNDLundo"
_LARGEST_UNDO = 1 << 17
_LARGEST_KEPT = 64 << 20
_MOST_CHILDREN = 1 << 13
_PLACE = struct.Struct(">QI")


def _ours(source: Source, parts: Layout) -> list[tuple[Element, list[Attached]]]:
    """Attachments elements with a file of ours, and those files."""
    found = []
    for element in parts.of(ATTACHMENTS):
        ours = [file for file in attached(source, element) if file.ours]
        found += [(element, ours)] if ours else []
    return found


def _find(source: Source) -> tuple[Held, ...]:
    files = [file for _, ours in _ours(source, layout(source)) for file in ours]
    check_copies(source, len(files), MOST_REELS)
    return tuple(_held(source, file) for file in files)


def _span(source: Source, file: Attached) -> Copy:
    start, end = (file.data.body, file.data.end) if file.data else (0, 0)
    check_claim(source, end - start - len(MAGIC) - CRC_BYTES, MAX_REEL)
    return Copy(start + len(MAGIC), end - CRC_BYTES)


def _held(source: Source, file: Attached) -> Held:
    span = _span(source, file)
    if source.read(span.start - len(MAGIC), len(MAGIC)) != MAGIC:
        raise PayloadError(
            f"{source.path}: the attached {NAME.decode()} does not begin as one: it was damaged or replaced"
        )
    payload = source.read(span.start, span.end - span.start)
    check_crc(source, source.read(span.end, CRC_BYTES), payload)
    return Held(payload, (span,))


def _insert(source: Source, payload: bytes) -> tuple[Edit, ...]:
    parts = layout(source)
    segment, old = parts.segment, parts.of(ATTACHMENTS)
    if parts.opaque is not None:
        raise CarrierError(
            f"{source.path}: the Matroska element at byte {parts.opaque} does not state its size, "
            'as in a live recording; remux the file, or use carrier="sidecar"'
        )
    if len(old) > 1 or any(part.id == CRC for part in parts.parts):
        raise CarrierError(
            f"{source.path}: has {len(old)} Attachments elements, or a CRC over the whole Segment; "
            'use carrier="sidecar"'
        )
    edits = [blanked(element) for element in old]
    pointer = pointing(source, parts, segment.end - segment.body)
    edits += [pointer] if pointer else []
    edits += [] if segment.open_ended else [Edit(segment.start + 4, segment.body)]
    undo = _UNDO + b"".join(
        _PLACE.pack(edit.start, edit.end - edit.start) + source.read(edit.start, edit.end - edit.start)
        for edit in edits
    )
    # The name and type come first, so that who looks for ours need not pass over its data.
    file = packed(FILE_NAME, NAME) + packed(FILE_TYPE, TYPE)
    file += packed(FILE_UID, _identifier(payload)) + packed(FILE_DATA, wrapped(payload))
    kept = b"".join(_kept(source, element) for element in old)
    new = packed(ATTACHMENTS, kept + packed(ATTACHED_FILE, file)) + packed(VOID, undo + crc(undo))
    if not segment.open_ended:
        width = segment.body - segment.start - 4
        size = size_bytes(segment.end - segment.body + len(new), width)
        if size is None:
            raise CarrierError(
                f"{source.path}: the {width} bytes of the Matroska Segment's size cannot hold "
                f'{len(new)} more; use carrier="sidecar"'
            )
        edits[-1] = Edit(segment.start + 4, segment.body, size)
    return (*edits, Edit(segment.end, segment.end, new))


def _identifier(payload: bytes) -> bytes:
    """A number for the attached file that is not 0 and the same whenever it is made again."""
    return bytes([hashlib.sha256(payload).digest()[0] | 1]) + hashlib.sha256(payload).digest()[1:8]


def _kept(source: Source, element: Element) -> bytes:
    """What an Attachments element holds, to be written again."""
    if element.end - element.start > _LARGEST_KEPT:
        raise CarrierError(
            f"{source.path}: has attachments of {element.end - element.start} bytes, "
            f'more than {_LARGEST_KEPT} to be moved; use carrier="sidecar"'
        )
    return b"".join(
        source.read(child.start, child.end - child.start)
        for child in children(source, element, _MOST_CHILDREN)
        if child.id not in (CRC, VOID)
    )


def _remove(source: Source) -> Removal | None:
    parts = layout(source)
    ours = _ours(source, parts)
    if not ours:
        return None
    try:
        damaged = not _find(source)
    except (CarrierError, PayloadError):
        damaged = True
    undone = _undone(source, parts, *ours[0]) if len(ours) == 1 and len(ours[0][1]) == 1 else None
    if undone is not None:
        if not damaged and undone.exact:
            return undone
        note = "the payload was damaged: it was taken out, but the original file could not be confirmed"
        return Removal(undone.edits, exact=False, note=note)
    edits = []
    for element, files in ours:
        if len(files) < len(attached(source, element)):
            edits += [blanked(file.whole) for file in files] + unchecked(source, element)
        else:
            edits += [blanked(element), *forgetting(source, parts, element)]
    note = "another program wrote the file after embedding: the original cannot be restored"
    return Removal(tuple(edits), exact=False, note=note)


def _undone(source: Source, parts: Layout, element: Element, files: list[Attached]) -> Removal | None:
    """What embedding changed, changed back; None unless embedding again changes just that."""
    last = parts.parts[-1]
    at_end = last.id == VOID and (element.end, last.end) == (last.start, parts.segment.end)
    if not at_end or last.end - last.body > _LARGEST_UNDO:
        return None
    record = content(source, last, _LARGEST_UNDO)
    undo, stored = record[:-CRC_BYTES], record[-CRC_BYTES:]
    if not undo.startswith(_UNDO) or crc(undo) != stored:
        return None
    edits, at = [], len(_UNDO)
    while at < len(undo):
        start, length = _PLACE.unpack(undo[at : at + _PLACE.size].ljust(_PLACE.size, b"\x00"))
        at += _PLACE.size + length
        if at > len(undo) or start + length > element.start:
            return None
        edits.append(Edit(start, start + length, undo[at - length : at]))
    cut = (*edits, Edit(element.start, last.end))
    try:
        span = _span(source, files[0])
        base = source.edited(cut)
        again = base.edited(_insert(base, source.read(span.start, span.end - span.start)))
    except (CarrierError, PayloadError):
        return None
    if again.size != source.size or any(
        again.read(edit.start, len(edit.data)) != source.read(edit.start, len(edit.data)) for edit in edits
    ):
        return None
    return Removal(cut, exact=again.same_as(source))


MATROSKA = Carrier(
    name="matroska",
    formats=("Matroska",),
    overhead="about 220 bytes, and what is attached already once more",
    least_overhead=100,
    limits="no Cluster of unknown size; room for an entry behind the SeekHead; 64 MiB attached already",
    recognise=is_matroska,
    find=_find,
    remove=_remove,
    insert=_insert,
    holds="reel",
)
