"""Media of timelines held to certain folders, for whoever works on another's behalf.

A timeline names files by itself, and whoever sends it may not be allowed to have them read; links may lead to
others, and so may what lies beside them by name: a payload, a list of waivers.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from candela_engines.errors import MediaError
from candela_engines.media.sequence_names import is_pattern, parse_name
from candela_engines.media.timeline import TimelineShot

__all__ = ["Within", "check_clip_within", "check_within", "only_within"]

Within = tuple[Path, ...] | None


def only_within(shot: TimelineShot, within: Within) -> TimelineShot:
    """The shot with media outside the folders as if they were not there: their name is still looked for.

    within: folders without links, None for no limit.
    """
    if shot.media is None or _inside(shot.media, within):
        return shot
    return replace(shot, media=None, files=(shot.media.name, *shot.files))


def check_within(path: Path, within: Within) -> Path:
    """`path`, where it is inside the folders. MediaError for one that is not, or a link that leads out."""
    if not _inside(path, within):
        raise MediaError(f"{path}: leads to where nothing may be read")
    return path


def check_clip_within(path: Path, within: Within) -> Path:
    """The same of a clip with all of its files and those beside it by name. MediaError for pipes, devices and
    sockets, too.
    """
    check_within(path, within)
    if within is None:
        return path
    several = is_pattern(path) or path.is_dir()
    if not several and path.exists() and not path.is_file():
        raise MediaError(f"{path}: is no regular file")
    folder, begin = path.parent, path.name
    if several:
        folder, begin = (path, "") if path.is_dir() else (path.parent, parse_name(path).prefix or "")
    begin = begin.strip("._- ")  # files beside a sequence have its name without what leads to the number
    if folder.is_dir():
        with os.scandir(folder) as found:
            for entry in found:
                if entry.is_symlink() and entry.name.lstrip("._- ").startswith(begin):
                    check_within(Path(entry.path), within)
    return path


def _inside(path: Path, within: Within) -> bool:
    if within is None:
        return True
    real = Path(os.path.realpath(path))
    return any(real.is_relative_to(folder) for folder in within)
