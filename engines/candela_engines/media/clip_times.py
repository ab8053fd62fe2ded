"""Which frames a clip has and how it counts them, without decoding any: for lists of many clips.

A folder is listed once for all sequences in it, and of a sequence the header of its first file is read. A
movie, and a sequence whose file has no header that is read that easily, is opened as `open_clip` does.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Protocol

from candela_engines.errors import MediaError
from candela_engines.media.oiio_reader import oiio_module
from candela_engines.media.open_clip import open_clip
from candela_engines.media.sequence_names import is_pattern, parse_name
from candela_engines.media.sequence_scan import FoundFrames, check_span, sequences_in
from candela_engines.media.sequence_time import time_of

__all__ = ["ClipTimes", "Listing", "Timed"]

_FORMATS = {".exr": "openexr", ".dpx": "dpx", ".png": "png", ".tif": "tiff", ".tiff": "tiff"}


class Timed(Protocol):
    """What has frames with numbers: a `ClipTimes`, or a `ClipInfo`, which says what each of them is."""

    @property
    def name(self) -> str:
        """As it was asked for."""

    @property
    def first(self) -> int:
        """Number of the first frame."""

    @property
    def last(self) -> int:
        """Number of the last frame."""

    @property
    def rate(self) -> Fraction | None:
        """Frames a second, None where it does not say."""

    @property
    def timecode(self) -> str | None:
        """Of the first frame, None where it does not say."""


@dataclass(frozen=True, slots=True)
class ClipTimes:
    """A `Timed` and no more."""

    name: str
    first: int
    last: int
    rate: Fraction | None
    timecode: str | None


class Listing:
    """Times of clips by their names; for one list, as what it has seen of a folder is not looked at again."""

    def __init__(self) -> None:
        self._folders: dict[Path, dict[tuple[str, str], list[FoundFrames]]] = {}

    def times(self, name: str) -> Timed:
        """Raises as `open_clip`; a sequence whose pictures are damaged after their header is no error."""
        found = self._sequence(Path(name)) if is_pattern(Path(name)) else None
        said = None if found is None else _time_in(next(iter(found.paths.values())))
        if found is None or said is None:
            with open_clip(name) as clip:
                return clip.info
        return ClipTimes(name, min(found.paths), max(found.paths), *said)

    def _sequence(self, path: Path) -> FoundFrames | None:
        """None where it is not one of those that the folder has by itself: `open_clip` says what is wrong.

        Nor where others differ from it in padding or in the case of the extension alone: which files are
        whose is for `find_frames` to say.
        """
        name = parse_name(path)
        if name.ranges is not None or not name.folder.is_dir():
            return None
        if name.folder not in self._folders:
            self._folders[name.folder] = _by_name(name.folder)
        found = self._folders[name.folder].get((name.prefix, name.suffix.lower()), [])
        return check_span(found[0]) if len(found) == 1 and found[0].name == name else None


def _by_name(folder: Path) -> dict[tuple[str, str], list[FoundFrames]]:
    """What is wrong with one sequence of a folder is no trouble of the others: then each is looked for."""
    out: dict[tuple[str, str], list[FoundFrames]] = {}
    with contextlib.suppress(MediaError):
        for found in sequences_in(folder):
            out.setdefault((found.name.prefix, found.name.suffix.lower()), []).append(found)
    return out


def _time_in(file: Path) -> tuple[Fraction | None, str | None] | None:
    """Rate and timecode as its header says them; None for a file whose header is not read that easily."""
    kind = _FORMATS.get(file.suffix.lower())
    source = None if kind is None else oiio_module().ImageInput.open(str(file))
    if kind is None or source is None:
        oiio_module().geterror()
        return None
    try:
        return time_of(source.spec(), kind)
    finally:
        source.close()
