"""JPEG XL: a box `cndl` at the end. Overhead 12 bytes; 52 for a bare codestream.

Source: ISO/IEC 18181-2 (container: signature box, `ftyp`, `jxlc` or `jxlp`, further boxes); bare
codestreams begin with FF 0A.

Why a type of our own and not `uuid`, as in other files of boxes: readers of 18181-2 skip types that
they do not know, libjxl offers "user defined boxes" by type for just this, and it saves 16 bytes of
a payload that may have 2,048. The type also records what is to be undone: `cndl` nothing, `cndo` the
last box was open-ended (size 0), `cndb` the file was a bare codestream.

A bare codestream has no place for anything else, so it is put into a container as it is: signature,
`ftyp`, and one `jxlc` box around it, 40 bytes; taking the payload out gives it back bare. That is done
only where the container is exactly the one that we write. No position in a JPEG XL file counts from its
beginning, so boxes behind ours may move.
"""

from __future__ import annotations

from candela_engines.errors import CarrierError
from candela_engines.itm.carriers._base import Carrier, Held, Removal, check_copies, removal
from candela_engines.itm.carriers._boxes import Box, closed, has_mark, held, opened, packed, walk
from candela_engines.itm.carriers._source import Edit, Source

_SIGNATURE = b"\x00\x00\x00\x0cJXL \r\n\x87\n"
_FTYP = b"\x00\x00\x00\x14ftypjxl \x00\x00\x00\x00jxl "
_BARE = b"\xff\x0a"
_PLAIN, _WAS_OPEN, _WAS_BARE = b"cndl", b"cndo", b"cndb"
_CODESTREAM = {b"jxlc", b"jxlp"}
_KNOWN = frozenset(
    {b"JXL ", b"ftyp", b"jxll", b"jxli", b"jbrd", b"brob", b"Exif", b"xml ", b"jumb"} | _CODESTREAM
)


def _recognise(head: bytes) -> bool:
    return head.startswith((_BARE, _SIGNATURE))


def _boxes(source: Source) -> tuple[list[Box], int]:
    boxes, end = walk(source, _KNOWN | {_PLAIN, _WAS_OPEN, _WAS_BARE})
    if not any(box.kind in _CODESTREAM for box in boxes):
        raise CarrierError(f"{source.path}: a JPEG XL container without a codestream")
    return boxes, end


def _is_bare(source: Source) -> bool:
    return source.head(len(_BARE)) == _BARE


def _mark(source: Source, box: Box) -> bytes | None:
    return next((mark for mark in (_PLAIN, _WAS_OPEN, _WAS_BARE) if has_mark(source, box, mark)), None)


def _find(source: Source) -> tuple[Held, ...]:
    if _is_bare(source):
        return ()
    boxes, _ = _boxes(source)
    ours = [(box, mark) for box in boxes if (mark := _mark(source, box))]
    check_copies(source, len(ours))
    return tuple(held(source, box, mark) for box, mark in ours)


def _remove(source: Source) -> Removal | None:
    if _is_bare(source):
        return None
    boxes, _ = _boxes(source)
    ours = [(box, mark) for box in boxes if (mark := _mark(source, box))]
    if not ours:
        return None
    edits = [Edit(box.start, box.end) for box, _ in ours]
    marks = {mark for _, mark in ours}
    whole = len(marks) == 1
    rest = [box for box in boxes if _mark(source, box) is None]
    at_end = ours[-1][0].end == source.size and rest[-1].end == ours[0][0].start
    if marks == {_WAS_OPEN}:
        whole = at_end and rest[-1].body == rest[-1].start + 8
        edits += [opened(rest[-1])] if whole else []
    elif marks == {_WAS_BARE}:
        prefix = _wrapping(rest[-1].end - rest[-1].body)
        whole = at_end and source.head(len(prefix) + len(_BARE)) == prefix + _BARE
        edits += [Edit(0, len(prefix))] if whole else []
    taken = removal(source, edits, _find)
    if taken.exact and not whole:
        note = "another program changed the container after embedding: the original cannot be restored"
        return Removal(taken.edits, exact=False, note=note)
    return taken


def _wrapping(length: int) -> bytes:
    size = length + 8
    if size <= 0xFFFFFFFF:
        return _SIGNATURE + _FTYP + size.to_bytes(4, "big") + b"jxlc"
    return _SIGNATURE + _FTYP + b"\x00\x00\x00\x01jxlc" + (size + 8).to_bytes(8, "big")


def _insert(source: Source, payload: bytes) -> tuple[Edit, ...]:
    if _is_bare(source):
        behind = Edit(source.size, source.size, packed(_WAS_BARE, payload))
        return (Edit(0, 0, _wrapping(source.size)), behind)
    boxes, end = _boxes(source)
    if boxes[-1].open_ended:
        return (closed(source, boxes[-1]), Edit(end, end, packed(_WAS_OPEN, payload)))
    return (Edit(end, end, packed(_PLAIN, payload)),)


JXL = Carrier(
    name="jxl",
    formats=("JPEG XL",),
    overhead="12 bytes; 52 for a bare codestream",
    least_overhead=12,
    limits="a last box with an open end stays below 4 GiB",
    recognise=_recognise,
    find=_find,
    remove=_remove,
    insert=_insert,
)
