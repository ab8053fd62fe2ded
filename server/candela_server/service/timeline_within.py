"""Media of timelines held to certain folders, for whoever works on another's behalf.

A timeline names files by itself, and whoever sends it may not be allowed to have them read.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from candela_engines.errors import MediaError
from candela_engines.media.timeline import TimelineShot

__all__ = ["Within", "check_within", "only_within"]

Within = tuple[Path, ...] | None


def only_within(shot: TimelineShot, within: Within) -> TimelineShot:
    """The shot with media outside the folders as if they were not there: their name is still looked for.

    within: folders without links, None for no limit.
    """
    if shot.media is None or _inside(shot.media, within):
        return shot
    return replace(shot, media=None, files=(shot.media.name, *shot.files))


def check_within(path: Path, within: Within) -> Path:
    """`path`, where it is inside the folders. MediaError for a link that leads out."""
    if not _inside(path, within):
        raise MediaError(f"{path}: is a link that leads to where nothing may be read")
    return path


def _inside(path: Path, within: Within) -> bool:
    if within is None:
        return True
    real = Path(os.path.realpath(path))
    return any(real.is_relative_to(folder) for folder in within)
