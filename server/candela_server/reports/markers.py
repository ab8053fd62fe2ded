"""Findings as markers: on which frame of a clip or a timeline each lands, what it says, and in which colour.

A marker begins at the frame where its finding begins to be seen, through speed changes and backwards ones as
well. Findings that begin on one frame share a marker: hosts keep only one a frame.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from candela_engines.media.timecode import exact_rate, frames_of, is_drop, timecode_of
from candela_engines.qc.findings import Finding, Severity
from candela_engines.qc.result import ClipResult, QcResult, Record, ShotResult

__all__ = [
    "OTIO_COLOURS",
    "PREFIX",
    "RESOLVE_COLOURS",
    "Mark",
    "Marked",
    "Marker",
    "marked",
    "timeline_timecode",
]

PREFIX = "Candela QC: "
"""How the names of all our markers begin; a later run takes away those that begin so, and no others."""
OTIO_COLOURS = {Severity.BLOCKER: "RED", Severity.ISSUE: "YELLOW", Severity.FYI: "BLUE"}
RESOLVE_COLOURS = {
    "PINK": "Pink", "RED": "Red", "ORANGE": "Sand", "YELLOW": "Yellow", "GREEN": "Green", "CYAN": "Cyan",
    "BLUE": "Blue", "PURPLE": "Purple", "MAGENTA": "Fuchsia", "BLACK": "Cocoa", "WHITE": "Cream",
}  # fmt: skip
"""Of OpenTimelineIO's eleven colours the nearest of Resolve's sixteen, each used once."""
_LONGEST_NOTE = 1000


@dataclass(frozen=True, slots=True)
class Marker:
    """first: frame from the beginning of what is marked, which is 0; count: frames. findings: gravest first.

    name begins with PREFIX. note: one sentence of each finding, each begun by its severity.
    """

    first: int
    count: int
    findings: tuple[Finding, ...]

    @property
    def severity(self) -> Severity:
        """Of the gravest."""
        return self.findings[0].severity

    @property
    def name(self) -> str:
        """`Candela QC: Blocker light.max_cll`, with `+1` where it stands for two."""
        more = f" +{len(self.findings) - 1}" if len(self.findings) > 1 else ""
        return f"{PREFIX}{self.severity.word} {self.findings[0].code}{more}"

    @property
    def note(self) -> str:
        """What was found."""
        text = " ".join(f"{f.severity.word}: {_in_one_line(f.sentence)}" for f in self.findings)
        return text if len(text) <= _LONGEST_NOTE else text[: _LONGEST_NOTE - 1] + "…"

    @property
    def otio_colour(self) -> str:
        """One of OpenTimelineIO's."""
        return OTIO_COLOURS[self.severity]

    @property
    def resolve_colour(self) -> str:
        """One of Resolve's."""
        return RESOLVE_COLOURS[self.otio_colour]


@dataclass(frozen=True, slots=True)
class Mark:
    """A marker of whatever is not a finding, as a score. first, count: as in `Marker`. otio_colour: one of
    RESOLVE_COLOURS."""

    first: int
    count: int
    name: str
    note: str
    otio_colour: str
    findings: tuple[Finding, ...] = ()

    @property
    def resolve_colour(self) -> str:
        """One of Resolve's."""
        return RESOLVE_COLOURS[self.otio_colour]


@dataclass(frozen=True, slots=True)
class Marked:
    """A timeline or a clip with its markers, in order. timeline: its path, None for a clip that came by
    itself.

    rate: frames a second. start: frames from 00:00:00:00 to its first frame. drop: how its timecode is
    written. count: its length in frames. shots: those of a timeline, each with its clip.
    """

    name: str
    timeline: str | None
    rate: Fraction
    start: int
    drop: bool
    count: int
    shots: tuple[tuple[ClipResult, ShotResult], ...]
    markers: tuple[Marker | Mark, ...]


def marked(result: QcResult) -> tuple[Marked, ...]:
    """Every timeline of the pass, then every clip that came by itself; none that has no rate, where no
    timecode is.

    Waived findings have no marker.
    """
    return (*_timelines(result), *_clips(result))


def timeline_timecode(finding: Finding, shot: ShotResult) -> str | None:
    """Where an editor finds it: the timeline's timecode at which a finding of a shot begins to be seen.

    None for a shot that came by no timeline.
    """
    record = shot.record
    if record is None:
        return None
    at = record.start + _in_record(finding, shot, record).first
    return timecode_of(at, exact_rate(record.rate), drop=record.drop_frame)


def _clips(result: QcResult) -> Iterator[Marked]:
    for clip in result.clips:
        alone = not any(shot.record for shot in clip.shots)
        if not alone or clip.rate is None or clip.failed is not None:
            continue
        rate = exact_rate(clip.rate)
        code = clip.start_timecode
        count = clip.last - clip.first + 1
        placed = [
            Marker(max(0, (f.first if f.first is not None else clip.first) - clip.first), _frames(f), (f,))
            for f in clip.findings
            if f.counts
        ]
        yield Marked(
            clip.name, None, rate,
            0 if code is None else frames_of(code, rate, drop=clip.drop_frame),
            clip.drop_frame or (code is not None and is_drop(code)), count,
            tuple((clip, shot) for shot in clip.shots), _joined(placed, count),
        )  # fmt: skip


def _frames(finding: Finding) -> int:
    if finding.first is None or finding.last is None:
        return 1
    return finding.last - finding.first + 1


def _timelines(result: QcResult) -> Iterator[Marked]:
    groups: dict[str, list[tuple[ClipResult, ShotResult, Record]]] = {}
    for clip in result.clips:
        for shot in clip.shots:
            if shot.record is not None:
                groups.setdefault(shot.record.timeline, []).append((clip, shot, shot.record))
    for path, group in groups.items():
        group.sort(key=lambda one: one[2].first)
        head = group[0][2]
        count = max(record.last for _, _, record in group) + 1
        yield Marked(
            path.replace("\\", "/").rpartition("/")[2], path,
            exact_rate(head.rate), head.start, head.drop_frame, count,
            tuple((clip, shot) for clip, shot, _ in group), _joined(list(_placed(group)), count),
        )  # fmt: skip


def _placed(group: list[tuple[ClipResult, ShotResult, Record]]) -> Iterator[Marker]:
    told: set[str] = set()
    for clip, shot, record in group:
        for finding in clip.findings:
            if not finding.counts or (finding.shot is None and clip.path in told):
                continue
            if finding.shot is None:
                # Of the whole clip: where the timeline first shows it.
                yield Marker(record.first, 1, (finding,))
            elif finding.shot == shot.name:
                yield _in_record(finding, shot, record)
        told.add(clip.path)


def _in_record(finding: Finding, shot: ShotResult, record: Record) -> Marker:
    first = shot.first if finding.first is None else finding.first
    last = shot.last if finding.last is None else finding.last
    span = _shown(record, first, last)
    if span is None:
        # A fast shot leaves frames out: the frame after which the fault would be seen.
        note = f"{_in_one_line(finding.sentence)} (at this speed the timeline leaves its frames out)"
        at = (
            _shown(record, first, shot.last)
            or _shown(record, shot.first, last)
            or (record.first, record.first)
        )
        return Marker(at[0], 1, (replace(finding, sentence=note),))
    return Marker(span[0], span[1] - span[0] + 1, (finding,))


def _shown(record: Record, first: int, last: int) -> tuple[int, int] | None:
    """The first and last frame of the timeline at which media frames first..last are seen; None if at
    none.
    """
    start, step = Fraction(record.source_start), Fraction(record.step)
    length = record.last - record.first
    if step == 0:
        return (record.first, record.last) if first <= math.floor(start) <= last else None
    # As `TimelineShot.source_at`: the media's frame is the floor of its position, backwards the ceiling.
    if step > 0:
        low, end = (first - start) / step, (last + 1 - start) / step
    else:
        low, end = (start - last) / -step, (start - first + 1) / -step
    begin, until = max(0, math.ceil(low)), min(length, math.ceil(end) - 1)
    return (record.first + begin, record.first + until) if begin <= until else None


def _joined(markers: list[Marker], count: int) -> tuple[Marker, ...]:
    at: dict[int, list[Marker]] = {}
    for marker in markers:
        at.setdefault(min(marker.first, max(count - 1, 0)), []).append(marker)
    out = []
    for first, group in sorted(at.items()):
        found = sorted((f for marker in group for f in marker.findings), key=lambda f: -f.severity.rank)
        length = max(marker.count for marker in group)
        out.append(Marker(first, max(1, min(length, count - first)), tuple(found)))
    return tuple(out)


def _in_one_line(text: str) -> str:
    return " ".join(text.split())
