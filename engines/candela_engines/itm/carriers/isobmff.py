"""ISO base media files: a top-level `uuid` box. Overhead 28 bytes.

Two carriers with one layout: pictures (AVIF, HEIF, HEIC, JP2) hold a payload, movies (MP4, MOV, M4V, 3GP)
a reel. A file is a picture where its brands say so, as its reader has it (`media/source.py`).

Source: ISO/IEC 14496-12:2022 4.2 (boxes), 4.3 (brands), 6.2 (top level), 8.8.10 (movie fragment random
access), 8.16.3 (segment index); ISO/IEC 23008-12 (HEIF); ISO/IEC 15444-1 Annex I (JP2, the same grammar,
`uuid` box in I.7.2); QuickTime File Format, "Atoms" and "Overview of the file structure".

`uuid` is what the standard keeps for private extensions. The box comes last, because samples and items
are addressed by position in the file (stco, co64, iloc, tfra): nothing moves, only box headers are read,
and any size of file streams. It goes before a closing `mfra`, which readers look for from the end (its own
`mfro` says how far back it begins, so it may move), and before trailing bytes that are no box; neither is
addressed by position. A `sidx` counts from its own end, with sizes that sum up to the last fragment, before
which nothing is put.

A last box of size 0 ("up to the end of the file") gets its true size; the last bit of the UUID
records that, and taking the payload out writes the 0 again. Where another program put boxes behind
ours, cutting would move them: then our box becomes a `free` box in place, and the report says that the
original is not restored. Stating the size of an open-ended `mdat` above 4 GiB would take a longer header and
move every sample: that is refused, and a sidecar serves.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

from candela_engines.errors import CarrierError
from candela_engines.itm.carriers._base import (
    MAX_PAYLOAD,
    MAX_REEL,
    MOST_COPIES,
    MOST_REELS,
    Carrier,
    Held,
    Removal,
    check_copies,
    removal,
)
from candela_engines.itm.carriers._boxes import Box, closed, has_mark, held, opened, packed, walk
from candela_engines.itm.carriers._source import Edit, Source

IDENTIFIER = UUID("b66160cd-53e2-495d-9630-ad147a808db4")
_PLAIN = b"uuid" + IDENTIFIER.bytes
_WAS_OPEN = _PLAIN[:-1] + bytes([_PLAIN[-1] | 1])
_JP2 = b"\x00\x00\x00\x0cjP  \r\n\x87\n"
_PICTURES = {b"avif", b"avis", b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}
# QuickTime files from before `ftyp` begin with one of these, or with filler or a preview.
_FIRST = {b"moov", b"mdat", b"wide"}
_FIRST_SMALL = {b"free", b"skip", b"pnot"}
_MEDIA = {b"meta", b"moov", b"moof", b"jp2c"}
_KNOWN = frozenset(
    _FIRST | _FIRST_SMALL | _MEDIA | {b"ftyp", b"styp", b"uuid", b"mfra", b"sidx", b"jp2h", b"jP  ", b"idat"}
)
_INDEX = b"mfra"
# May move when ours is cut out from before them: no position of theirs is kept anywhere.
_MOVABLE = {_INDEX, b"free", b"skip", b"uuid"}


def _is_picture(head: bytes) -> bool:
    if head[4:8] != b"ftyp":
        return head.startswith(_JP2)
    return any(head[at : at + 4] in _PICTURES for at in (8, *range(16, len(head), 4)))


def _is_movie(head: bytes) -> bool:
    if head[4:8] == b"ftyp":
        return not _is_picture(head)
    # The words are English: text that has one there does not begin with the NUL of a small size.
    return head[4:8] in _FIRST or (head[4:8] in _FIRST_SMALL and head[0] == 0)


def _boxes(source: Source) -> tuple[list[Box], int]:
    boxes, end = walk(source, _KNOWN)
    if not any(box.kind in _MEDIA for box in boxes):
        raise CarrierError(f"{source.path}: a file of boxes without pictures (no meta, moov, moof or jp2c)")
    return boxes, end


def _mark(source: Source, box: Box) -> bytes | None:
    return next((mark for mark in (_PLAIN, _WAS_OPEN) if has_mark(source, box, mark)), None)


def _find(source: Source, *, largest: int, copies: int) -> tuple[Held, ...]:
    boxes, _ = _boxes(source)
    ours = [(box, mark) for box in boxes if (mark := _mark(source, box))]
    check_copies(source, len(ours), copies)
    return tuple(held(source, box, mark, largest) for box, mark in ours)


_find_payload = partial(_find, largest=MAX_PAYLOAD, copies=MOST_COPIES)
_find_reel = partial(_find, largest=MAX_REEL, copies=MOST_REELS)


def _remove(source: Source, *, find: Callable[[Source], tuple[Held, ...]]) -> Removal | None:
    boxes, end = _boxes(source)
    marks = [_mark(source, box) for box in boxes]
    if not any(marks):
        return None
    edits, whole = [], True
    for index, (box, mark) in enumerate(zip(boxes, marks, strict=True)):
        if mark is None:
            continue
        before = boxes[index - 1] if index else None
        behind = [
            other
            for other, its in zip(boxes[index + 1 :], marks[index + 1 :], strict=True)
            if its is None and other.kind not in _MOVABLE
        ]
        if behind:
            edits.append(Edit(box.start + 4, box.start + 8, b"free"))
            whole = False
            continue
        edits.append(Edit(box.start, box.end))
        if mark == _WAS_OPEN:
            if before is not None and before.body == before.start + 8 and box.end == source.size == end:
                edits.append(opened(before))
            else:
                whole = False
    taken = removal(source, edits, find)
    if taken.exact and not whole:
        note = "another program wrote behind the payload after embedding: the original cannot be restored"
        return Removal(taken.edits, exact=False, note=note)
    return taken


def _insert(source: Source, payload: bytes) -> tuple[Edit, ...]:
    boxes, end = _boxes(source)
    last = boxes[-1]
    if last.open_ended:
        return (closed(source, last), Edit(end, end, packed(_WAS_OPEN, payload)))
    place = last.start if last.kind == _INDEX else end
    return (Edit(place, place, packed(_PLAIN, payload)),)


_LIMITS = "a last box with an open end stays below 4 GiB"

ISOBMFF = Carrier(
    name="isobmff",
    formats=("AVIF", "HEIF", "HEIC", "JP2"),
    overhead="28 bytes",
    least_overhead=28,
    limits=_LIMITS,
    recognise=_is_picture,
    find=_find_payload,
    remove=partial(_remove, find=_find_payload),
    insert=_insert,
)

MP4 = Carrier(
    name="mp4",
    formats=("MP4", "MOV", "M4V", "3GP"),
    overhead="28 bytes",
    least_overhead=28,
    limits=_LIMITS,
    recognise=_is_movie,
    find=_find_reel,
    remove=partial(_remove, find=_find_reel),
    insert=_insert,
    holds="reel",
)
