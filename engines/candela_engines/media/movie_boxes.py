"""What MP4 and QuickTime say of a video track that FFmpeg does not hand over apart from the bitstream's word.

Sources: ISO/IEC 14496-12 (stsd, colr, clap, sinf), 23001-7 (encv), QuickTime File Format (nclc). Bounded:
only `moov` is read, never media data.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from pathlib import Path

from candela_engines.colour.state import Range
from candela_engines.errors import MediaError
from candela_engines.media.source import open_source
from candela_engines.media.tags_bmff import Box, boxes, file_boxes
from candela_engines.media.tags_stream import CodePoints

__all__ = ["TrackBoxes", "read_track_boxes"]

_MAX_MOOV = 1 << 28
_VIDEO_ENTRY_BYTES = 78
_DESCENT = (b"mdia", b"minf", b"stbl", b"stsd")


@dataclass(frozen=True, slots=True)
class TrackBoxes:
    """Of the first video track. encrypted: its samples are. colour: of `colr`; clap: it asks for a crop.

    promised: how many bytes the top-level boxes say that the file has; less are there where it was cut.
    open_end: the movie is in fragments without an index behind them (`mfra`), any of which may be the last.
    """

    encrypted: bool = False
    colour: CodePoints | None = None
    peak_nits: float | None = None
    clap: bool = False
    promised: int = 0
    open_end: bool = False


def read_track_boxes(path: Path) -> TrackBoxes:
    """The boxes of an MP4 or QuickTime file. Raises MediaError where there is no sound `moov`."""
    moov, whole = _moov(path)
    try:
        for trak in boxes(moov, 0, len(moov)):
            if trak.kind == b"trak" and (entry := _entry(moov, trak)) is not None:
                found = _of_entry(moov, entry)
                return replace(found, promised=whole.promised, open_end=whole.open_end)
    except (struct.error, IndexError):
        raise MediaError(f"{path}: its moov box breaks off") from None
    except MediaError as error:
        raise MediaError(f"{path}: {error}") from None
    return whole


def _moov(path: Path) -> tuple[bytes, TrackBoxes]:
    """The body of the moov box, and what the top-level boxes say of the file's length."""
    found = b""
    at = 0
    last = b""
    with open_source(path) as stream:
        for box in file_boxes(stream):
            at = box.end
            if box.kind == b"moov":
                size = box.end - box.body
                if box.end - box.start > _MAX_MOOV:
                    raise MediaError(f"{path}: its moov box claims {box.end - box.start:,} bytes; refused")
                stream.seek(box.body)
                found = stream.read(size)
                if len(found) < size:
                    raise MediaError(f"{path}: the file ends inside its moov box; it is truncated")
            if box.kind in (b"moof", b"mfra"):
                last = box.kind
        # Of a movie in fragments the head of the next; elsewhere a few bytes are allowed to follow.
        if last == b"moof" and 0 < stream.seek(0, 2) - at < 8:
            at += 8
    if not found:
        raise MediaError(
            f"{path}: there is no moov box, the table of its frames; the movie is truncated or was never "
            "finished"
        )
    return found, TrackBoxes(promised=at, open_end=last == b"moof")


def _child(data: bytes, parent: Box, kind: bytes) -> Box | None:
    return next((box for box in boxes(data, parent.body, parent.end) if box.kind == kind), None)


def _entry(data: bytes, trak: Box) -> Box | None:
    """The first sample entry of a track of video; None for other tracks."""
    mdia = _child(data, trak, b"mdia")
    hdlr = None if mdia is None else _child(data, mdia, b"hdlr")
    if hdlr is None or data[hdlr.body + 8 : hdlr.body + 12] != b"vide":
        return None
    box: Box | None = trak
    for kind in _DESCENT:
        box = None if box is None else _child(data, box, kind)
    return None if box is None else next(boxes(data, box.body + 8, box.end), None)


def _of_entry(data: bytes, entry: Box) -> TrackBoxes:
    colour = peak = None
    clap = False
    # The four zero bytes that QuickTime may end an entry with are too short for a box.
    for box in boxes(data, entry.body + _VIDEO_ENTRY_BYTES, entry.end):
        body = data[box.body : box.end]
        if box.kind == b"colr" and body[:4] in (b"nclx", b"nclc") and len(body) >= 10:
            primaries, transfer, matrix = struct.unpack_from(">3H", body, 4)
            flag = body[10] & 0x80 if body[:4] == b"nclx" and len(body) > 10 else None
            range_: Range | None = None if flag is None else "full" if flag else "narrow"
            colour = CodePoints(primaries, transfer, matrix, range_)
        elif box.kind in (b"mdcv", b"SmDm") and len(body) >= 24:
            (nits,) = struct.unpack_from(">I", body, 16 if box.kind == b"mdcv" else 20)
            peak = nits / (10_000 if box.kind == b"mdcv" else 256)
        clap = clap or box.kind == b"clap"
    return TrackBoxes(entry.kind == b"encv", colour, peak, clap)
