"""Shots of a clip that carries none, by detection."""

from __future__ import annotations

from candela_engines.media.clip import Clip
from candela_engines.media.cuts import find_shots
from candela_server.service.results import Work, WorkProgress
from candela_server.service.shots_result import ShotRow
from candela_server.service.timecodes import timecode_at

__all__ = ["detected_rows"]


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
