"""Timelines as they are given to a command: read, and with their media looked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from candela_engines.errors import MediaError
from candela_engines.media.clip_times import Timed
from candela_engines.media.sequence_names import is_pattern
from candela_engines.media.timeline import Timeline, TimelineShot, find_media, read_timeline, resolve_media
from candela_server.service.outputs import same_file
from candela_server.service.timeline_within import Within, check_within, only_within

__all__ = ["looked_for", "rate_notes", "with_media"]

_MOST_NAMES = 4


def with_media(
    path: Path,
    rate: Fraction | None,
    said: tuple[Path, ...],
    flag: str,
    *,
    leave_out: Iterable[Path] = (),
    within: Within = None,
) -> Timeline:
    """A timeline with its media. Raises what `read_timeline` raises, and MediaError listing what is missing.

    said: folders that `flag` gave. leave_out: folders that have files of these names and are others. within:
    as `only_within`.
    """
    timeline, folders = _prepared(path, rate, said, leave_out, within)
    try:
        return resolve_media(timeline, folders)
    except MediaError as error:
        raise MediaError(
            f"{error}\n(looked in {path.parent} and below it; {flag} FOLDER says another)"
        ) from error


def looked_for(
    path: Path, rate: Fraction | None, said: tuple[Path, ...] = (), within: Within = None
) -> tuple[Timeline, dict[int, str]]:
    """As `with_media`, and what is missing in words, by the number of the shot, in place of an error."""
    timeline, missing = find_media(*_prepared(path, rate, said, (), within))
    for number, shot in enumerate(timeline.shots):
        if shot.media is not None and number not in missing:
            try:
                check_within(shot.media, within)
            except MediaError as error:
                missing[number] = str(error)
    return timeline, missing


def rate_notes(timeline: Timeline, shown: Iterable[tuple[TimelineShot, Timed]]) -> list[str]:
    """Notes on media whose frames a second are not those that the timeline counts them in. shown: shots, each
    with its medium.
    """
    others: dict[tuple[Fraction, Fraction], dict[str, None]] = {}
    for shot, info in shown:
        counted = timeline.rate if shot.speed == 0 else timeline.rate * shot.step / shot.speed
        if info.rate is not None and info.rate != counted:
            others.setdefault((info.rate, counted), {})[Path(info.name).name] = None
    notes = []
    for (own, counted), names in others.items():
        some = ", ".join(list(names)[:_MOST_NAMES])
        more = "" if len(names) <= _MOST_NAMES else f" and {len(names) - _MOST_NAMES} more"
        has = "has" if len(names) == 1 else "have"
        notes.append(
            f"{some}{more} {has} {float(own):.6g} frames a second, and {timeline.path.name} counts "
            f"{float(counted):.6g}: frames are taken one for one. If that is wrong, say another --rate, or "
            "use the media that the timeline was made with"
        )
    return notes


def _prepared(
    path: Path, rate: Fraction | None, said: tuple[Path, ...], leave_out: Iterable[Path], within: Within
) -> tuple[Timeline, tuple[Path, ...]]:
    """The timeline with media beside it, and the folders to look in for the rest: those that were said, or
    those beside the timeline.
    """
    timeline = read_timeline(path, rate=rate)
    named = (only_within(shot, within) for shot in timeline.shots)
    shots = tuple(_beside(shot, said or (path.parent,)) for shot in named)
    inner = (f for f in sorted(path.parent.iterdir()) if f.is_dir() and not f.name.startswith("."))
    folders = said or tuple(f for f in inner if not any(same_file(f, other) for other in leave_out))
    return replace(timeline, shots=shots), folders


def _beside(shot: TimelineShot, folders: tuple[Path, ...]) -> TimelineShot:
    """The shot with a medium of exactly the name that it says, where a folder has one."""
    if shot.media is not None and (shot.media.exists() or is_pattern(shot.media)):
        return shot
    names = [*([shot.media.name] if shot.media is not None else []), *shot.files]
    for folder in folders:
        for name in names:
            path = folder / name
            if path.is_file():
                return replace(shot, media=path)
    return shot
