"""The folder in which a pass keeps what it made: where it is, and making it.

    FOLDER/seen        what stands for the frames of a clip (`qc.prints`)
    FOLDER/measures    measurements of frames (`qc.store`)
    FOLDER/shots       where the shots of a clip lie (`qc.shots`)
    FOLDER/scores      scores of shots (`service.qc_score`)
    FOLDER/pictures    pictures of shots (`qc.shot_pictures`)

Everything in it is named by what it was made of and written whole or not at all, so that any number of
processes may use it at once, and what an interruption leaves is what was done.
"""

from __future__ import annotations

from pathlib import Path

from candela_engines.errors import InfrastructureError
from candela_engines.user_cache import user_cache

__all__ = ["VARIABLE", "make_folder", "store_folder"]

VARIABLE = "CANDELA_QC_CACHE"


def store_folder() -> Path:
    """$CANDELA_QC_CACHE, or `candela/qc` in the user's cache folder."""
    return user_cache(VARIABLE, "qc")


def make_folder(folder: Path) -> None:
    """Make a folder with those above it. Raises InfrastructureError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InfrastructureError(f"{folder}: cannot be made: {error.strerror or error}") from error
