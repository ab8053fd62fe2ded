"""Whether a name is a still picture, a clip or a timeline: what decides between the two ways of embedding."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from candela_engines.errors import CandelaError, MediaError
from candela_engines.media.kinds import HEAD_BYTES, kind_of
from candela_engines.media.movie_kind import is_movie
from candela_engines.media.sequence_names import is_pattern
from candela_engines.media.source import open_source, sniff

__all__ = ["TIMELINES", "Kind", "is_sequence_name", "kind_of_input", "kind_of_name"]

_MOVIES = (".mov", ".mp4", ".m4v", ".mkv", ".mxf", ".webm", ".avi", ".ts", ".m2ts")
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


def kind_of_input(path: Path) -> Kind:
    """As `kind_of_name`. Raises MediaError for a file that is named as a movie and is neither that nor a
    picture, an empty one say, of which the reader of stills would say something that leads nowhere.
    """
    kind = kind_of_name(path)
    if kind == "still" and path.suffix.lower() in _MOVIES and path.is_file():
        head = _head(path)
        if sniff(head[:64]) is None:
            raise MediaError(f"{path}: is {kind_of(head)}, not a movie that can be read")
    return kind


def _head(path: Path) -> bytes:
    with open_source(path) as stream:
        return stream.read(HEAD_BYTES)


def is_sequence_name(path: Path) -> bool:
    """Whether a name is a pattern or a folder."""
    return is_pattern(path) or path.is_dir()
