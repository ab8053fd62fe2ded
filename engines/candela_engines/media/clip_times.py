"""Which frames a clip has and how it counts them, without decoding any: for lists of many clips.

A folder is listed once for all sequences in it, and of a sequence the header of its first file is read. A
movie, and a sequence whose file has no header that is read that easily, is opened as `open_clip` does.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Protocol

from candela_engines.media.oiio_reader import oiio_module
from candela_engines.media.open_clip import open_clip
from candela_engines.media.sequence_names import FrameName, is_pattern, parse_name
from candela_engines.media.sequence_scan import FoundFrames, sequences_in
from candela_engines.media.sequence_time import read_time

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
        self._folders: dict[Path, dict[FrameName, FoundFrames]] = {}

    def times(self, name: str) -> Timed:
        """Raises as `open_clip`; a sequence whose pictures are damaged after their header is no error."""
        found = self._sequence(Path(name)) if is_pattern(Path(name)) else None
        if found is not None:
            first, last = next(iter(found.paths)), next(reversed(found.paths))
            file = found.paths[first]
            kind = _FORMATS.get(file.suffix.lower())
            if kind is not None and _has_header(file):
                return ClipTimes(name, first, last, *read_time(file, kind))
        with open_clip(name) as clip:
            return clip.info

    def _sequence(self, path: Path) -> FoundFrames | None:
        """None where it is not one of those that the folder has by itself: `open_clip` says what is wrong."""
        name = parse_name(path)
        if name.ranges is not None or not name.folder.is_dir():
            return None
        if name.folder not in self._folders:
            self._folders[name.folder] = {found.name: found for found in sequences_in(name.folder)}
        return self._folders[name.folder].get(name)


def _has_header(file: Path) -> bool:
    source = oiio_module().ImageInput.open(str(file))
    if source is None:
        oiio_module().geterror()
        return False
    source.close()
    return True
