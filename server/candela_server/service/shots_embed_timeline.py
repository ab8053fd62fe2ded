"""Timelines: as the cuts of a movie, and as a whole job of the media that they use."""

from __future__ import annotations

from pathlib import Path

from candela_engines.errors import InputError

__all__ = ["movie_cuts"]


def movie_cuts(timeline: Path) -> list[int]:
    """To come."""
    raise InputError(f"{timeline}: timelines cannot be read yet")
