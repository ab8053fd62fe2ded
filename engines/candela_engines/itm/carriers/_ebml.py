"""Elements, the grammar of Matroska files.

Source: RFC 8794 (EBML): an identifier of 1 to 4 bytes, a size of 1 to 8 bytes, the content. The number of
leading zero bits says how many bytes either has; a size whose other bits are all ones is not known. 11.3:
CRC-32, first in its parent and little-endian; Void, whose content means nothing.
"""

from __future__ import annotations

import zlib
from typing import NamedTuple

from candela_engines.errors import CarrierError
from candela_engines.itm.carriers._source import Source

EBML, DOC_TYPE, VOID, CRC = 0x1A45DFA3, 0x4282, 0xEC, 0xBF
_LONGEST_HEADER = 12
_SHORT_VOID = 128


class Element(NamedTuple):
    """One element: content from `body` to `end`. `open_ended`: of no stated size; `end` is its parent's."""

    id: int
    start: int
    body: int
    end: int
    open_ended: bool


def element(source: Source, at: int, limit: int) -> Element:
    """The element at `at`, which has to end at `limit` or before. Only its header is read."""
    head = source.read(at, min(_LONGEST_HEADER, limit - at))
    id_width = _width(head[0]) if head else 0
    width = _width(head[id_width]) if id_width < len(head) else 0
    body = at + id_width + width
    if not 1 <= id_width <= 4 or not width or body > limit:
        raise CarrierError(f"{source.path}: there is no Matroska element at byte {at}: truncated or damaged")
    value, most = int.from_bytes(head[id_width : id_width + width], "big"), (1 << 7 * width) - 1
    size = value & most
    identifier = int.from_bytes(head[:id_width], "big")
    if size == most:
        return Element(identifier, at, body, limit, True)
    if body + size > limit:
        raise CarrierError(
            f"{source.path}: the Matroska element {identifier:X} at byte {at} claims {size} bytes, but only "
            f"{limit - body} are left: truncated or damaged"
        )
    return Element(identifier, at, body, body + size, False)


def children(source: Source, parent: Element, most: int) -> list[Element]:
    """All elements inside one, at most `most`."""
    found: list[Element] = []
    at = parent.body
    while at < parent.end:
        if len(found) == most:
            raise CarrierError(f"{source.path}: more than {most} Matroska elements in one, at {parent.start}")
        found.append(element(source, at, parent.end))
        if found[-1].open_ended:
            raise CarrierError(f"{source.path}: the Matroska element at byte {at} does not state its size")
        at = found[-1].end
    return found


def content(source: Source, of: Element, most: int) -> bytes:
    """The content of an element, no more than `most` bytes of it."""
    return source.read(of.body, min(of.end - of.body, most))


def id_bytes(identifier: int) -> bytes:
    """An identifier as it is written."""
    return identifier.to_bytes((identifier.bit_length() + 7) // 8, "big")


def size_bytes(size: int, width: int = 0) -> bytes | None:
    """A size in `width` bytes, None where they do not hold it; in as few as possible for 0."""
    if not width:
        width = next(w for w in range(1, 9) if size < (1 << 7 * w) - 1)
    return None if size >= (1 << 7 * width) - 1 else (size | 1 << 7 * width).to_bytes(width, "big")


def packed(identifier: int, body: bytes) -> bytes:
    """An element."""
    size = size_bytes(len(body))
    assert size is not None
    return id_bytes(identifier) + size + body


def void_header(length: int) -> bytes:
    """The first bytes of a Void of `length` bytes in all, at least 2. What follows may be anything."""
    width = 1 if length <= _SHORT_VOID else 8
    size = size_bytes(length - 1 - width, width)
    assert size is not None
    return id_bytes(VOID) + size


def crc_element(body: bytes) -> bytes:
    """The CRC-32 element of what follows it in its parent."""
    return packed(CRC, zlib.crc32(body).to_bytes(4, "little"))


def _width(first: int) -> int:
    return 9 - first.bit_length() if first else 0
