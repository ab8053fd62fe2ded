"""Whether a name is a still picture, a clip or a timeline: what decides between the two ways of embedding."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from candela_engines.errors import CandelaError
from candela_engines.media.movie_kind import is_movie
from candela_engines.media.sequence_names import is_pattern

__all__ = ["TIMELINES", "Kind", "is_sequence_name", "kind_of_name"]

TIMELINES = (".otio", ".otioz", ".otiod", ".edl", ".fcpxml", ".fcpxmld")
Kind = Literal["still", "clip", "timeline"]


def kind_of_name(path: Path) -> Kind:
    """By the name where it is a pattern, a folder or a timeline, else by content.

    A name that leads nowhere counts as a still, whose reader says so.
    """
    if path.suffix.lower() in TIMELINES:
        return "timeline"
    if is_pattern(path) or path.is_dir():
        return "clip"
    try:
        return "clip" if is_movie(path) else "still"
    except CandelaError:
        return "still"


def is_sequence_name(path: Path) -> bool:
    """Whether a name is a pattern or a folder."""
    return is_pattern(path) or path.is_dir()
