"""PNG: one ancillary chunk `cdLa`. Overhead 12 bytes: length, type and CRC of the chunk.

Source: Portable Network Graphics Specification (Third Edition), W3C, clauses 5.3 (chunk layout),
5.4 (chunk naming conventions), 14.2 (behaviour of PNG editors).

The letters of the type say: ancillary (c), private (d), reserved bit as it must be (L), and safe
to copy (a). What the payload holds does depend on the pixels, for which the specification asks
for "unsafe"; but the payload is bound to its picture by a hash of the decoded samples. So a copy
that outlives a change of the pixels is recognised, and the colourist learns that the picture was
re-graded, where an unsafe chunk would just have vanished; and the payload lives through lossless
optimisers, which rewrite IDAT and must drop whatever is unsafe.

It goes right before IEND. In front of the pixels it would be found sooner, but chunks are skipped by
length anyway, and there it does harm: ffmpeg looks for the acTL and fcTL of an APNG in the first 2 KB
only and loses frames where anything stands between fcTL and IDAT, and a browser would wait for it before
it paints. Nothing in a PNG holds a file offset. Chunks found elsewhere up to IEND count too: editors
may move them. What follows IEND is not PNG and is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from candela_engines.errors import CarrierError
from candela_engines.itm.carriers._base import (
    Carrier,
    Held,
    Removal,
    check_claim,
    check_copies,
    check_crc,
    crc,
    removal,
)
from candela_engines.itm.carriers._source import Copy, Edit, Source

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHUNK_TYPE = b"cdLa"
_MOST_CHUNKS = 1 << 20


class _Chunk(NamedTuple):
    kind: bytes
    start: int
    end: int


def _recognise(head: bytes) -> bool:
    return head.startswith(SIGNATURE)


def _chunks(source: Source) -> Iterator[_Chunk]:
    """Every chunk up to and with the first IEND."""
    at = len(SIGNATURE)
    for number in range(_MOST_CHUNKS):
        head = source.read(at, 8)
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        if not (kind.isalpha() and kind.isascii()):
            raise CarrierError(
                f"{source.path}: what should be a PNG chunk at byte {at} has the type {kind!r}"
            )
        chunk = _Chunk(kind, at, at + 12 + length)
        if length > 0x7FFFFFFF or chunk.end > source.size:
            raise CarrierError(
                f"{source.path}: PNG chunk {kind.decode()} at byte {at} claims {length} bytes, "
                f"the file ends at {source.size}: truncated or damaged"
            )
        if number == 0 and kind not in (b"IHDR", b"CgBI"):
            raise CarrierError(f"{source.path}: the first PNG chunk is {kind.decode()}, not IHDR")
        yield chunk
        if kind == b"IEND":
            return
        at = chunk.end
    raise CarrierError(f"{source.path}: more than {_MOST_CHUNKS} PNG chunks")


def _find(source: Source) -> tuple[Held, ...]:
    ours = _ours(source)
    check_copies(source, len(ours))
    return tuple(_held(source, chunk) for chunk in ours)


def _ours(source: Source) -> list[_Chunk]:
    return [chunk for chunk in _chunks(source) if chunk.kind == CHUNK_TYPE]


def _held(source: Source, chunk: _Chunk) -> Held:
    span = Copy(chunk.start + 8, chunk.end - 4)
    check_claim(source, span.end - span.start)
    payload = source.read(span.start, span.end - span.start)
    check_crc(source, source.read(span.end, 4), CHUNK_TYPE, payload)
    return Held(payload, (span,))


def _remove(source: Source) -> Removal | None:
    ours = _ours(source)
    return removal(source, (Edit(chunk.start, chunk.end) for chunk in ours), _find) if ours else None


def _insert(source: Source, payload: bytes) -> tuple[Edit, ...]:
    pixels, place = False, 0
    for chunk in _chunks(source):
        pixels, place = pixels or chunk.kind == b"IDAT", chunk.start
    if not pixels:
        raise CarrierError(f"{source.path}: a PNG without image data (no IDAT before IEND)")
    data = len(payload).to_bytes(4, "big") + CHUNK_TYPE + payload + crc(CHUNK_TYPE, payload)
    return (Edit(place, place, data),)


PNG = Carrier(
    name="png",
    formats=("PNG", "APNG"),
    overhead="12 bytes",
    least_overhead=12,
    limits="",
    recognise=_recognise,
    find=_find,
    remove=_remove,
    insert=_insert,
)
