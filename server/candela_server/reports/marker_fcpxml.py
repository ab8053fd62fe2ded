"""Markers in an FCPXML: into the clips of its main storyline, as it knows none of a whole timeline.

They are put into the file's bytes where they belong, and every other byte stays as it was: the file is not
written anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from xml.sax.saxutils import quoteattr

from candela_engines.errors import InputError
from candela_engines.media.fcpxml_story import ITEMS, length_of, start_of
from candela_engines.media.fcpxml_times import seconds_of, seconds_text
from candela_engines.media.fcpxml_tree import Element
from candela_engines.media.timeline_fcpxml import Sequence, sequence_of
from candela_server.reports.marker_otio import Within
from candela_server.reports.markers import Mark, Marked, Marker

__all__ = ["replaced_fcpxml_markers"]

# By its DTD these stand behind a clip's markers, all else in front of them.
_BEHIND = frozenset(
    ("audio-channel-source", "filter-video", "filter-video-mask", "filter-audio", "metadata", "sync-source")
)
_ENCODING = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_UTF8 = (b"utf-8", b"utf8", b"us-ascii", b"ascii")

Edit = tuple[int, int, bytes]
"""Begin and end of bytes that give way to others."""


def replaced_fcpxml_markers(
    data: bytes, path: Path, of: Marked, ours: tuple[str, ...], within: Within
) -> tuple[bytes, int]:
    """The file with the markers of `of` in place of those whose names begin with one of `ours`, and how many
    those were.

    within: of those in the main storyline only the ones on these frames of the timeline, and none of
    compounds. Raises InputError as `sequence_of`, and for a file that is not UTF-8.
    """
    _check_encoding(data, path)
    sequence = sequence_of(data, path, of.rate)
    placed = list(_placed(sequence, path))
    edits = [_cut(data, marker) for marker in _gone(sequence, placed, ours, within, path)]
    gone = len(edits)
    fresh: dict[int, list[str]] = {}
    for marker in of.markers:
        at = min(range(len(placed)), default=None, key=lambda n: _distance(placed[n], Fraction(marker.first)))
        if at is None:
            raise InputError(f"{path}: its main storyline has nothing that markers could stand in")
        fresh.setdefault(at, []).append(_text(marker, placed[at], of.rate))
    for at, texts in fresh.items():
        edits.append(_put(data, placed[at][0], texts))
    return _edited(data, edits), gone


Placed = tuple[Element, Fraction, Fraction, Fraction]
"""An item, its first frame and its length in frames of the timeline, and where its local time begins."""


def _placed(sequence: Sequence, path: Path) -> Iterator[Placed]:
    position = Fraction(0)
    for item in sequence.spine.children:
        if item.tag not in ITEMS or item.tag == "audio":
            continue
        offset = seconds_of(item, "offset", path.name)
        place = position if offset is None else offset - sequence.origin
        length = length_of(item, sequence.resources, path.name)
        position = place + length
        inner = item
        if item.tag == "audition":
            inner = next((child for child in item.children if child.tag in ITEMS), item)
        start = start_of(inner, sequence.resources, path.name)
        yield inner, place * sequence.rate, length * sequence.rate, start


def _distance(placed: Placed, frame: Fraction) -> Fraction:
    """How far a frame lies outside of an item."""
    _, first, length, _ = placed
    return max(first - frame, frame + 1 - first - length, Fraction(0))


def _gone(
    sequence: Sequence, placed: list[Placed], ours: tuple[str, ...], within: Within, path: Path
) -> Iterator[Element]:
    if within is None:
        for one in sequence.root.walk():
            if one.tag == "marker" and one.get("value").startswith(ours):
                yield one
        return
    for item, first, _, start in placed:
        for marker in item.all("marker"):
            at = seconds_of(marker, "start", path.name)
            if at is None or not marker.get("value").startswith(ours):
                continue
            frame = first + (at - start) * sequence.rate
            if any(low <= frame < high + 1 for low, high in within):
                yield marker


def _text(marker: Marker | Mark, placed: Placed, rate: Fraction) -> str:
    _, first, _, start = placed
    at = start + max(marker.first - first, Fraction(0)) / rate  # clips may begin between two frames
    return (
        f'<marker start="{seconds_text(at)}" duration="{seconds_text(1 / rate)}" '
        f"value={_quoted(marker.name)} note={_quoted(marker.note)}/>"
    )


def _quoted(text: str) -> str:
    """A value of an attribute, in ASCII or UTF-8 without what XML cannot hold."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return quoteattr(" ".join(shown.split()).encode("utf-8", errors="replace").decode())


def _put(data: bytes, item: Element, texts: list[str]) -> Edit:
    """Markers behind all that has to stand in front of them."""
    before = [child for child in item.children if child.tag not in _BEHIND]
    indent = _indent(data, item.begin)
    inner = b"".join(b"\n" + indent + b"    " + text.encode() for text in texts)
    if item.head == item.end:  # `<clip …/>` has to be opened
        slash = data.rindex(b"/", item.begin, item.end)
        return slash, item.end, b">" + inner + b"\n" + indent + b"</" + item.tag.encode() + b">"
    at = before[-1].end if before else item.head
    return at, at, inner


def _cut(data: bytes, marker: Element) -> Edit:
    """A marker with the blanks in front of it, and the end of the line that it stood on."""
    begin = marker.begin
    while begin > 0 and data[begin - 1 : begin] in (b" ", b"\t"):
        begin -= 1
    if begin > 0 and data[begin - 1 : begin] == b"\n":
        begin -= 2 if data[begin - 2 : begin - 1] == b"\r" else 1
    return begin, marker.end, b""


def _indent(data: bytes, at: int) -> bytes:
    line = data[data.rfind(b"\n", 0, at) + 1 : at]
    return line if not line.strip() else b""


def _edited(data: bytes, edits: list[Edit]) -> bytes:
    """From the end on, so that places in front stay; what goes, goes before something comes there."""
    for begin, end, new in sorted(edits, key=lambda edit: (edit[0], edit[1]), reverse=True):
        data = data[:begin] + new + data[end:]
    return data


def _check_encoding(data: bytes, path: Path) -> None:
    said = _ENCODING.match(data.removeprefix(b"\xef\xbb\xbf"))
    known = said is None or said[1].lower() in _UTF8
    if not known or data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"{path}: is not UTF-8, in which alone markers are written; save it as UTF-8")
