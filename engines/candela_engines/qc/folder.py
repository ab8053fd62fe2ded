"""The folder in which a pass keeps what it made: where it is, and making it.

    FOLDER/seen        what stands for the frames of a clip (`qc.prints`)
    FOLDER/measures    measurements of frames (`qc.store`)
    FOLDER/shots       where the shots of a clip lie (`qc.shots`)
    FOLDER/scores      scores of shots (`service.qc_score`)
    FOLDER/pictures    pictures of shots (`qc.shot_pictures`)

Everything in it is named by what it was made of and written whole or not at all, so that any number of
processes may use it at once, and what an interruption leaves is what was done. A process that is killed while
it writes leaves a file `.NAME.<hex>.part.EXT` behind, which a later one takes away.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from pathlib import Path

from candela_engines.errors import InfrastructureError
from candela_engines.user_cache import user_cache

__all__ = ["VARIABLE", "make_folder", "remove_left_parts", "store_folder"]

VARIABLE = "CANDELA_QC_CACHE"
_LEFT_SECONDS = 3600.0
_PART = re.compile(r"\..+\.[0-9a-f]{12}\.part(\.\w+)?")  # as media.atomic names them


def store_folder() -> Path:
    """$CANDELA_QC_CACHE, or `candela/qc` in the user's cache folder."""
    return user_cache(VARIABLE, "qc")


def make_folder(folder: Path) -> None:
    """Make a folder with those above it. Raises InfrastructureError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InfrastructureError(f"{folder}: cannot be made: {error.strerror or error}") from error


def remove_left_parts(folder: Path) -> None:
    """Remove unfinished files that killed processes left in a folder: those that nobody has written to for an
    hour. A file is written within seconds, so a living process has none as old. The time is that of the disk,
    whose clock may be another than this machine's. What cannot be removed stays.
    """
    with contextlib.suppress(OSError):
        parts = [entry for entry in os.scandir(folder) if _PART.fullmatch(entry.name)]
        if not parts:
            return
        with tempfile.TemporaryFile(dir=folder) as probe:
            now = os.fstat(probe.fileno()).st_mtime
        for part in parts:
            with contextlib.suppress(OSError):
                if part.is_file(follow_symlinks=False) and now - part.stat().st_mtime > _LEFT_SECONDS:
                    Path(part.path).unlink()
