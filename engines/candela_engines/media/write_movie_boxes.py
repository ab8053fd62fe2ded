"""Mastering display and content light in the sample entry of an MP4 or MOV file, after it was muxed.

`mdcv` and `clli` boxes: ISO/IEC 14496-12 §12.1.5 and 12.1.6; QuickTime readers take them alike. Muxers write
the movie box last, behind all samples: it can grow, and no chunk offset changes.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from candela_engines.errors import InfrastructureError
from candela_engines.media.mastering import ContentLight, MasteringDisplay

__all__ = ["children_of", "light_of", "put_light_boxes", "video_entry"]

# Down to the sample entries, with what each has before its first child.
_PATH = ((b"trak", 0), (b"mdia", 0), (b"minf", 0), (b"stbl", 0), (b"stsd", 8))
# Of a visual sample entry: 6 reserved, data reference index, and the 70 bytes of its fields.
_ENTRY_FIELDS = 78
_MOST_MOOV = 1 << 30


def children_of(data: bytes, skip: int = 0) -> Iterator[tuple[bytes, bytes]]:
    """Type and body of the boxes in `data` from `skip` on; what is no whole box ends them."""
    at = skip
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        if not 8 <= size <= len(data) - at:
            return
        yield kind, data[at + 8 : at + size]
        at += size


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, kind) + body


def _is_video(trak: bytes) -> bool:
    mdia = next((body for kind, body in children_of(trak) if kind == b"mdia"), b"")
    handler = next((body for kind, body in children_of(mdia) if kind == b"hdlr"), b"")
    return handler[8:12] == b"vide"


def video_entry(moov: bytes) -> bytes:
    """The body of the first video track's sample entry; empty where there is none."""
    body = next((b for kind, b in children_of(moov) if kind == b"trak" and _is_video(b)), b"")
    for name, skip in _PATH[1:]:
        body = next((b for kind, b in children_of(body) if kind == name), b"")[skip:]
    return next((b for _, b in children_of(body)), b"")


_Change = Callable[[bytes], bytes]


def _changed(body: bytes, depth: int, skip: int, entry: _Change) -> bytes:
    """A box's body with the sample entry below it changed."""
    out, at, done = [body[:skip]], skip, False
    name, before = _PATH[depth] if depth < len(_PATH) else (b"", 0)
    for kind, inner in children_of(body, skip):
        at += 8 + len(inner)
        new = inner
        if not done and depth == len(_PATH):
            new, done = entry(inner), True
        elif not done and kind == name and (kind != b"trak" or _is_video(inner)):
            new, done = _changed(inner, depth + 1, before, entry), True
        out.append(_box(kind, new))
    return b"".join(out) + body[at:]


def _entry(body: bytes, added: bytes, configure: _Change) -> bytes:
    out, at = [body[:_ENTRY_FIELDS]], _ENTRY_FIELDS
    for kind, inner in children_of(body, _ENTRY_FIELDS):
        at += 8 + len(inner)
        if kind not in (b"mdcv", b"clli"):
            out.append(_box(kind, configure(inner) if kind == b"hvcC" else inner))
    # QuickTime may end the entry with four zero bytes, which stay its end.
    return b"".join(out) + added + body[at:]


def _movie_box(file: BinaryIO, path: Path) -> tuple[int, bytes]:
    """Where the movie box begins, and its body."""
    end, at = file.seek(0, 2), 0
    while True:
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            raise InfrastructureError(f"{path}: the muxer wrote no movie box")
        size, kind = struct.unpack_from(">I4s", head)
        if size == 1 and len(head) == 16:
            size = struct.unpack_from(">Q", head, 8)[0]
        if kind == b"moov":
            break
        if size < 8:
            raise InfrastructureError(f"{path}: the muxer wrote a {kind!r} box of {size} bytes")
        at += size
    if at + size != end or size > _MOST_MOOV:
        raise InfrastructureError(f"{path}: the muxer wrote {end - at - size} bytes after the movie box")
    file.seek(at + 8)
    moov = file.read(size - 8)
    if not video_entry(moov):
        raise InfrastructureError(f"{path}: the muxer wrote no video track")
    return at, moov


def light_of(path: Path) -> tuple[MasteringDisplay | None, tuple[int, int] | None]:
    """The mastering display of a file's first video track, and MaxCLL and MaxFALL in whole nits."""
    with path.open("rb") as file:
        entry = video_entry(_movie_box(file, path)[1])
    boxes = dict(children_of(entry, _ENTRY_FIELDS))
    mastering = MasteringDisplay.from_box(boxes[b"mdcv"]) if b"mdcv" in boxes else None
    whole = struct.unpack(">HH", boxes[b"clli"]) if len(boxes.get(b"clli", b"")) == 4 else None
    return mastering, whole


def put_light_boxes(
    path: Path,
    mastering: MasteringDisplay | None,
    light: ContentLight | None,
    configure: _Change = lambda body: body,
) -> None:
    """Give the movie's first video track these boxes, instead of those that it has.

    path: a file that is being made. configure: makes the decoder's configuration (`hvcC`) of the one there.
    Raises InfrastructureError for one whose movie box is not its last.
    """
    added = b"" if mastering is None else _box(b"mdcv", mastering.to_box())
    added += b"" if light is None else _box(b"clli", light.to_box())
    with path.open("r+b") as file:
        at, moov = _movie_box(file, path)
        file.seek(at)
        file.write(_box(b"moov", _changed(moov, 0, 0, lambda body: _entry(body, added, configure))))
        file.truncate()
