"""Shots of a clip that carries none, by detection; and those that a timeline lists."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from candela_engines.media.clip import Clip
from candela_engines.media.cuts import find_shots
from candela_engines.media.timeline import read_timeline
from candela_server.service.results import Work, WorkProgress
from candela_server.service.shots_result import ShotRow, ShotsResult
from candela_server.service.timecodes import timecode_at

__all__ = ["detected_rows", "timeline_result"]


def detected_rows(clip: Clip, progress: WorkProgress) -> tuple[ShotRow, ...]:
    """What detection finds in all of a clip. Raises what decoding raises."""
    info = clip.info
    found = find_shots(
        clip.frames(), progress=lambda number: progress(Work("cut", number - info.first + 1, info.count))
    )
    gone = set(info.missing)
    rows = []
    for shot in found:
        count = sum(1 for number in range(shot.first, shot.last + 1) if number not in gone)
        cut = "" if shot is found[0] else str(shot.opening)
        if shot.transition is not None:
            cut += f", mixed frames {shot.transition[0]} to {shot.transition[1]}"
        rows.append(
            ShotRow(
                shot.first,
                shot.last,
                count,
                timecode_at(info.timecode, info.rate, shot.first - info.first),
                timecode_at(info.timecode, info.rate, shot.last - info.first),
                cut=cut,
            )
        )
    return tuple(rows)


def timeline_result(path: Path, rate: Fraction | None) -> ShotsResult:
    """The shots of a timeline, counted from its first frame. Errors as `read_timeline`."""
    timeline = read_timeline(path, rate=rate)
    mixed = {t.incoming: t for t in timeline.transitions if t.incoming is not None}
    notes, rows = list(timeline.notes), []
    for number, shot in enumerate(timeline.shots):
        begins = mixed.get(number)
        cut = "" if begins is None else f"{begins.kind} of {begins.length} frames"
        if shot.speed != 1:
            cut = ", ".join(filter(None, [cut, f"speed {100 * float(shot.speed):g} %"]))
        rows.append(
            ShotRow(
                shot.record_first,
                shot.record_last,
                shot.count,
                timeline.timecode(shot.record_first),
                timeline.timecode(shot.record_last),
                cut=cut,
                name=shot.name,
                media="" if shot.media is None else str(shot.media),
            )
        )
        notes += [f"{timeline.where(shot)}: {note}" for note in shot.notes]
    return ShotsResult(
        file=path,
        source="timeline",
        format=f"{path.suffix.lower()[1:]} timeline",
        width=0,
        height=0,
        first=0,
        last=max(timeline.count - 1, 0),
        frames=timeline.count,
        rate=timeline.rate,
        timecode=timeline.start_timecode,
        shots=tuple(rows),
        notes=tuple(notes),
    )
