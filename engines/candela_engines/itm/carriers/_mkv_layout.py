"""Where things are in a Matroska file: the Segment, what lies directly in it, and the attached files.

Source: RFC 9559 (Matroska), 4.5 and 5.1 (SeekHead 5.1.1, Attachments 5.1.6), section 16 (segment positions).
Only headers are read, one for every Cluster, however large the file.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from candela_engines.errors import CarrierError
from candela_engines.itm.carriers._ebml import (
    CRC,
    DOC_TYPE,
    EBML,
    VOID,
    Element,
    children,
    content,
    element,
)
from candela_engines.itm.carriers._source import Source

SEGMENT, SEEK_HEAD, CLUSTER, TRACKS, ATTACHMENTS = 0x18538067, 0x114D9B74, 0x1F43B675, 0x1654AE6B, 0x1941A469
ATTACHED_FILE, FILE_NAME, FILE_TYPE, FILE_UID, FILE_DATA = 0x61A7, 0x466E, 0x4660, 0x46AE, 0x465C
NAME, TYPE = b"candela.reel", b"application/x-candela"
MOST_PARTS = 1 << 16
MOST_CLUSTERS = 1 << 20  # some write a Cluster for every key frame: ten hours of them
_MOST_ATTACHED = 1 << 12
_MOST_FIELDS = 64
_MOST_MASTERS = 16
_LONGEST_NAME = 255
# Behind the identifier, a size in as many bytes as the writer likes.
_DOC_TYPE = re.compile(re.escape(DOC_TYPE.to_bytes(2, "big")) + b".{1,8}matroska", re.DOTALL)


class Layout(NamedTuple):
    """The Segment and what lies directly in it, Clusters left out.

    `opaque`: where an element that does not state its size begins, as in a live recording. What lies behind
    it is not looked at: to find its end, every frame would have to be read. None where there is no such one.
    """

    segment: Element
    parts: list[Element]
    opaque: int | None

    def of(self, identifier: int) -> list[Element]:
        """Parts of one kind."""
        return [part for part in self.parts if part.id == identifier]


class Attached(NamedTuple):
    """One attached file. `ours`: of our name or media type. `data`: None where it has none."""

    whole: Element
    ours: bool
    data: Element | None


def is_matroska(head: bytes) -> bool:
    """Whether the first bytes are of a Matroska file. Those of WebM, which has no attachments, are not."""
    if not head.startswith(EBML.to_bytes(4, "big")):
        return False
    return _DOC_TYPE.search(head) is not None


def layout(source: Source) -> Layout:
    """The structure of a file; CarrierError for a damaged one. Walked once for a source."""
    known = source.known.get("matroska")
    if not isinstance(known, Layout):
        known = source.known["matroska"] = _layout(source)
    return known


def _layout(source: Source) -> Layout:
    header = element(source, 0, source.size)
    segment = element(source, header.end, source.size)
    while segment.id in (CRC, VOID) and not segment.open_ended:
        segment = element(source, segment.end, source.size)
    if segment.id != SEGMENT:
        raise CarrierError(f"{source.path}: no Segment behind the EBML header: damaged")
    parts: list[Element] = []
    at, count, media, opaque = segment.body, 0, False, None
    while at < segment.end and opaque is None:
        part = element(source, at, segment.end)
        if segment.open_ended and part.id == EBML:  # another file behind this one
            segment = segment._replace(end=at)
            break
        count += 1
        if count > MOST_CLUSTERS or len(parts) > MOST_PARTS:
            raise CarrierError(
                f"{source.path}: more than {MOST_PARTS} Matroska elements, or {MOST_CLUSTERS} with Clusters"
            )
        media = media or part.id in (CLUSTER, TRACKS)
        if part.open_ended:
            opaque = at
        elif part.id != CLUSTER:
            parts.append(part)
        at = part.end
    if not media:
        raise CarrierError(f"{source.path}: a Matroska file without a movie (neither Tracks nor a Cluster)")
    for kind in (SEEK_HEAD, ATTACHMENTS):
        many = sum(part.id == kind for part in parts)
        if many > _MOST_MASTERS:
            raise CarrierError(
                f"{source.path}: {many} Matroska elements {kind:X}, where one or two may be: damaged"
            )
    return Layout(segment, parts, opaque)


def attached(source: Source, attachments: Element) -> list[Attached]:
    """The files of one Attachments element."""
    return [
        _attached(source, child)
        for child in children(source, attachments, _MOST_ATTACHED)
        if child.id == ATTACHED_FILE
    ]


def _attached(source: Source, whole: Element) -> Attached:
    ours, data = False, None
    for child in children(source, whole, _MOST_FIELDS):
        if child.id in (FILE_NAME, FILE_TYPE):
            text = content(source, child, _LONGEST_NAME + 1).rstrip(b"\x00")
            ours = ours or text == (NAME if child.id == FILE_NAME else TYPE)
        elif child.id == FILE_DATA:
            data = child
    return Attached(whole, ours, data)
