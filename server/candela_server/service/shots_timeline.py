"""The shots that a timeline lists, with the media that they show, and pictures out of those."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from candela_engines.errors import CandelaError
from candela_engines.media.clip import Clip
from candela_engines.media.clip_times import Listing, Timed
from candela_engines.media.open_clip import open_clip
from candela_engines.media.timeline import Timeline, TimelineShot, in_media, read_timeline
from candela_server.service.results import Work, WorkProgress
from candela_server.service.shot_binding import carried_by
from candela_server.service.shot_carried import Carried
from candela_server.service.shot_pictures import Wanted, pictures_of, state_notes, three_of
from candela_server.service.shots_result import ShotRow, ShotsResult
from candela_server.service.timeline_said import looked_for, rate_notes
from candela_server.service.timeline_within import Within

__all__ = ["timeline_result", "timeline_said"]

_MOST_TOLD = 8


def timeline_result(
    path: Path,
    rate: Fraction | None,
    media: tuple[Path, ...],
    progress: WorkProgress,
    *,
    within: Within = None,
    with_pictures: bool,
    with_confidence: bool,
) -> ShotsResult:
    """The shots of a timeline, counted from its first frame; a medium that is not there, or has not the
    frames, is told and no error. Errors as `read_timeline`.
    """
    timeline, missing = looked_for(path, rate, media, within)
    rows = [_row(timeline, number, missing.get(number, "")) for number in range(len(timeline.shots))]
    notes = [*timeline.notes]
    for shot in timeline.shots:
        notes += [f"{timeline.where(shot)}: {note}" for note in shot.notes]
    by_media: dict[Path, list[int]] = {}
    for number, shot in enumerate(timeline.shots):
        if shot.media is not None and number not in missing:
            by_media.setdefault(shot.media, []).append(number)
    shown: list[tuple[TimelineShot, Timed]] = []
    listing, done = Listing(), 0
    for medium, numbers in by_media.items():
        with ExitStack() as stack:
            clip, carried = None, None
            try:
                if with_pictures:
                    clip = stack.enter_context(open_clip(str(medium)))
                    carried = carried_by(clip.info)
                # A list of five hundred shots is not to decode a frame of each.
                times = listing.times(str(medium)) if clip is None else clip.info
            except CandelaError as error:
                for number in numbers:
                    rows[number] = replace(rows[number], trouble=str(error))
                continue
            notes += [] if clip is None else state_notes(clip.info, carried)
            for number in numbers:
                progress(Work("render" if with_pictures else "check", done, len(rows), "shots"))
                done += 1
                shot = timeline.shots[number]
                shown.append((shot, times))
                rows[number] = _shown(timeline, shot, rows[number], times, clip, carried, with_confidence)
    return _result(timeline, path, rows, (*notes, *rate_notes(timeline, shown), *_troubles(timeline, rows)))


def timeline_said(path: Path, rate: Fraction | None) -> ShotsResult:
    """The shots of a timeline as it lists them, without a look at their media. Errors as `read_timeline`."""
    timeline = read_timeline(path, rate=rate)
    rows = [replace(_row(timeline, number, ""), there=None) for number in range(len(timeline.shots))]
    return _result(timeline, path, rows, timeline.notes)


def _result(timeline: Timeline, path: Path, rows: list[ShotRow], notes: tuple[str, ...]) -> ShotsResult:
    return ShotsResult(
        file=path,
        source="timeline",
        format=f"{path.suffix.lower()[1:]} timeline",
        width=None,
        height=None,
        first=0,
        last=max(timeline.count - 1, 0),
        frames=timeline.count,
        rate=timeline.rate,
        timecode=timeline.start_timecode,
        shots=tuple(rows),
        notes=notes,
    )


def _row(timeline: Timeline, number: int, missing: str) -> ShotRow:
    """What the timeline says of a shot."""
    shot = timeline.shots[number]
    begins = next((t for t in timeline.transitions if t.incoming == number), None)
    cut = "" if begins is None else f"{begins.kind} of {begins.length} frames"
    if shot.speed != 1:
        cut = ", ".join(filter(None, [cut, f"speed {100 * float(shot.speed):g} %"]))
    named = [*([str(shot.media)] if shot.media is not None else []), *shot.files, shot.reel or ""]
    return ShotRow(
        shot.record_first,
        shot.record_last,
        shot.count,
        timeline.timecode(shot.record_first),
        timeline.timecode(shot.record_last),
        cut=cut,
        name=shot.name,
        media=named[0],
        there=not missing,
        trouble=missing,
    )


def _shown(
    timeline: Timeline,
    shot: TimelineShot,
    row: ShotRow,
    times: Timed,
    clip: Clip | None,
    carried: Carried | None,
    with_confidence: bool,
) -> ShotRow:
    """The row with the frames of its media, and with pictures of them where the clip is given."""
    try:
        placed = in_media(shot, times, timeline.rate)
        frames = placed.source_first, placed.source_last
        row = replace(row, media_frames=frames)
        if clip is not None:
            wanted = _wanted(timeline, placed, frozenset(clip.info.missing))
            row = replace(row, pictures=tuple(pictures_of(clip, wanted, carried, with_confidence)))
    except CandelaError as error:
        return replace(row, trouble=str(error))
    return row


def _wanted(timeline: Timeline, shot: TimelineShot, missing: frozenset[int]) -> Iterator[Wanted]:
    """Frames of the media at the first, the middle and the last frame of a shot of the timeline."""
    record = range(shot.record_first, shot.record_last + 1)
    there = [number for number in record if shot.source_at(number) not in missing]
    for number in three_of(there):
        yield shot.source_at(number), number, timeline.timecode(number)


def _troubles(timeline: Timeline, rows: list[ShotRow]) -> Iterator[str]:
    """What is wrong with media, by event."""
    wrong = [(shot, row.trouble) for shot, row in zip(timeline.shots, rows, strict=True) if row.trouble]
    for shot, what in wrong[:_MOST_TOLD]:
        yield f"{timeline.where(shot)}: {what}"
    if len(wrong) > _MOST_TOLD:
        yield f"{len(wrong) - _MOST_TOLD} more shots have no media that can be used"
    gone = sum(1 for row in rows if row.there is False)
    if gone:
        yield (
            f"media of {gone} of {len(rows)} shots is not found (looked in {timeline.path.parent} and below "
            "it; --media FOLDER says another)"
        )
