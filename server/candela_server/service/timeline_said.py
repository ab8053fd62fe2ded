"""Timelines as they are given to a command: read, and with their media looked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from candela_engines.errors import MediaError
from candela_engines.media.clip import ClipInfo
from candela_engines.media.sequence_names import is_pattern
from candela_engines.media.timeline import Timeline, TimelineShot, find_media, read_timeline, resolve_media
from candela_server.service.outputs import same_file

__all__ = ["looked_for", "rate_notes", "with_media"]

_MOST_NAMES = 4


def with_media(
    path: Path, rate: Fraction | None, said: tuple[Path, ...], flag: str, *, leave_out: Iterable[Path] = ()
) -> Timeline:
    """A timeline with its media. Raises what `read_timeline` raises, and MediaError listing what is missing.

    said: folders that `flag` gave. leave_out: folders that have files of these names and are others.
    """
    timeline, folders = _prepared(path, rate, said, leave_out)
    try:
        return resolve_media(timeline, folders)
    except MediaError as error:
        raise MediaError(
            f"{error}\n(looked in {path.parent} and below it; {flag} FOLDER says another)"
        ) from error


def looked_for(
    path: Path, rate: Fraction | None, said: tuple[Path, ...] = ()
) -> tuple[Timeline, dict[int, str]]:
    """As `with_media`, and what is missing in words, by the number of the shot, in place of an error."""
    return find_media(*_prepared(path, rate, said, ()))


def rate_notes(timeline: Timeline, shown: Iterable[tuple[TimelineShot, ClipInfo]]) -> list[str]:
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
    path: Path, rate: Fraction | None, said: tuple[Path, ...], leave_out: Iterable[Path]
) -> tuple[Timeline, tuple[Path, ...]]:
    """The timeline with media beside it, and the folders to look in for the rest: those that were said, or
    those beside the timeline.
    """
    timeline = read_timeline(path, rate=rate)
    shots = tuple(_beside(shot, said or (path.parent,)) for shot in timeline.shots)
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
