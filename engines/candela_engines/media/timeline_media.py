"""Media that a timeline means: found in folders by name or reel, its frames by the media's own numbers."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from candela_engines.errors import InputError, MediaError
from candela_engines.media.clip_times import Timed
from candela_engines.media.sequence_scan import sequences_in
from candela_engines.media.timecode import frames_of
from candela_engines.media.timeline_types import Timeline, TimelineShot
from candela_engines.media.timeline_urls import is_there

__all__ = ["find_media", "in_media", "resolve_media"]

_MOVIES = (
    "mov", "mp4", "m4v", "mkv", "webm", "mxf", "avi", "ts", "mts", "m2ts", "ivf", "obu", "hevc", "265", "264"
)  # fmt: skip
_NO_REELS = ("", "AX", "BL", "UNKNOWN", "UNKN")
_SHORTEST_BEGINNING = 4
_MOST_FILES = 1_000_000


def find_media(timeline: Timeline, folders: Iterable[Path | str] = ()) -> tuple[Timeline, dict[int, str]]:
    """The timeline with media that is there: as it says, else found below `folders` by file, name or reel.

    Names are compared without their folder, extension and case; a reel also as the beginning of a name.
    Beside it, for every shot whose media is not found or found more than once, or whose frames are not to be
    known, by its number in `shots`, what is wrong, in words; such a shot stays as it was.
    """
    index: dict[str, list[Path]] | None = None
    # A pattern is looked for by listing its folder: once, however many shots are of it.
    there = {media: is_there(media) for media in {shot.media for shot in timeline.shots} if media is not None}
    shots, wrong = list(timeline.shots), {}
    for number, shot in enumerate(timeline.shots):
        if shot.trouble:
            wrong[number] = shot.trouble
            continue
        if shot.media is not None and there[shot.media]:
            continue
        if index is None:
            index = _index(folders)
        found = _find(shot, index)
        if len(found) == 1:
            shots[number] = replace(shot, media=found[0])
            continue
        named = str(shot.media or shot.reel or shot.name or "its media, which has no name,")
        several = " is there more than once: " + ", ".join(map(str, found[:4])) if found else " is not there"
        wrong[number] = f"{named}{several}"
    return replace(timeline, shots=tuple(shots)), wrong


def resolve_media(timeline: Timeline, folders: Iterable[Path | str] = ()) -> Timeline:
    """As `find_media`. Raises MediaError listing every event whose media is not found, or more than once."""
    found, wrong = find_media(timeline, folders)
    if wrong:
        lines = [f"{timeline.where(timeline.shots[number])}: {what}" for number, what in wrong.items()]
        shown = "\n  ".join(lines[:20]) + (f"\n  and {len(lines) - 20} more" if len(lines) > 20 else "")
        raise MediaError(
            f"{timeline.path.name}: media of {len(wrong)} of {len(timeline.shots)} events is not found; "
            f"say in which folders it lies:\n  {shown}"
        )
    return found


def _index(folders: Iterable[Path | str]) -> dict[str, list[Path]]:
    """Movies and sequences below the folders, by their names in lower case without extension and number."""
    index: dict[str, list[Path]] = {}
    seen: set[Path] = set()
    files = 0
    for folder in folders:
        if not Path(folder).is_dir():
            raise MediaError(f"{folder}: is no folder to look for media in")
        for path in _media_below(Path(folder)):
            files += 1
            if files > _MOST_FILES:
                raise InputError(
                    f"{folder}: more than {_MOST_FILES:,} movies and sequences; name a smaller folder"
                )
            if path not in seen:
                seen.add(path)
                index.setdefault(_key(path.name), []).append(path)
    return index


def _media_below(folder: Path) -> Iterator[Path]:
    for base, inner, files in os.walk(folder):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        here = Path(base)
        for file in sorted(files):
            if not file.startswith(".") and file.rpartition(".")[2].lower() in _MOVIES:
                yield here / file
        for found in sequences_in(here, sorted(files)):
            yield here / found.name.text


def _key(name: str) -> str:
    """`sh010_v002.####.exr`, `sh010_v002.[1001-1100].exr` and `SH010_v002.mov` are all `sh010_v002`."""
    stem, dot, extension = name.rpartition(".")
    if not dot or not stem or not extension.isalnum():
        stem = name
    place = min((stem.find(mark) for mark in ("#", "@@", "%0", "%d", "$F", "[") if mark in stem), default=-1)
    return (stem if place < 0 else stem[:place]).rstrip("._- ").lower()


def _find(shot: TimelineShot, index: dict[str, list[Path]]) -> list[Path]:
    names = [*([shot.media.name] if shot.media is not None else []), *shot.files, shot.name]
    reel = (shot.reel or "").strip()
    known = reel.upper() not in _NO_REELS
    for name in (*names, *([reel] if known else [])):
        found = index.get(_key(name.replace("\\", "/").rsplit("/", 1)[-1]), [])
        if found:
            return found
    if known and len(reel) >= _SHORTEST_BEGINNING:
        return [path for key, paths in index.items() if key.startswith(reel.lower()) for path in paths]
    return []


def in_media(shot: TimelineShot, info: Timed, rate: Fraction) -> TimelineShot:
    """`shot` with frames as the opened media numbers them, and the handles that it really has.

    rate: of the timeline, in which EDLs write source timecodes. A shot that counts by timecode is moved by
    the media's own; where that does not fit, or there is none, its numbers are taken as the media's, then as
    counted from its first frame. Raises MediaError for frames that the media does not have.
    """
    moves = {"numbers": [0], "first": [info.first]}.get(shot.counting)
    if moves is None:
        moves = [0, info.first]
        if info.timecode is not None:
            moves.insert(0, info.first - frames_of(info.timecode, info.rate or rate))
    for move in moves:
        first, last = shot.source_first + move, shot.source_last + move
        if info.first <= first and last <= info.last:
            return replace(
                shot,
                source_first=first,
                source_last=last,
                source_start=shot.source_start + move,
                counting="numbers",
                handles=(first - info.first, info.last - last),
            )
    first, last = shot.source_first + moves[0], shot.source_last + moves[0]
    begins = f", which begins at {info.timecode}" if info.timecode is not None else ""
    raise MediaError(
        f"{info.name}: event {shot.event} ({shot.name}) shows its frames {first}-{last}; "
        f"it has {info.first}-{info.last}{begins}"
    )
