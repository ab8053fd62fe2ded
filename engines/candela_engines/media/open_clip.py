"""A clip by its name, whatever kind it is: a movie, or a sequence of stills in any of its notations."""

from __future__ import annotations

from pathlib import Path

from candela_engines.colour.state import ColourState, Range
from candela_engines.media.clip import Clip
from candela_engines.media.movie_kind import is_movie

__all__ = ["open_clip"]


def open_clip(
    name: str,
    *,
    colour: ColourState | None = None,
    range: Range | None = None,
    matrix: str | None = None,
) -> Clip:
    """The clip of a name: an existing file with a movie in it, else what `open_sequence` makes of the name.

    colour, range and matrix win over what the files say; a matrix is for movies alone, sequences hold R'G'B'.
    Raises as `open_movie` and `open_sequence`.
    """
    path = Path(name)
    if path.is_file() and is_movie(path):
        from candela_engines.media.movie import open_movie

        return open_movie(path, colour=colour, range=range, matrix=matrix)
    from candela_engines.media.sequence import open_sequence

    return open_sequence(name, colour=colour, range=range)
