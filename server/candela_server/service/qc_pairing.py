"""Which SDR reference belongs to which clip of a QC pass: by name, and never by a guess.

One reference for one clip belongs to it whatever it is called. Else a reference belongs to the clip that has
its name without folder, frame number and extension, where `sdr` at the end of the reference's and `hdr` at
the end of the clip's, behind `.`, `_`, `-` or a space, count for nothing: `sh010_sdr.mov` to `sh010.mov`,
`sh010.hdr.####.exr` or `sh010_hdr.exr`. Capitals make no difference.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from candela_engines.errors import CandelaError, InputError, MediaError
from candela_engines.media.movie_kind import is_movie
from candela_engines.media.sequence_names import is_pattern, parse_name
from candela_engines.media.sequence_scan import STILL_EXTENSIONS, find_frames, only_sequence_in, sequences_in
from candela_server.service.clip_kind import kind_of_name
from candela_server.service.timeline_said import with_media
from candela_server.service.timeline_within import Within, check_clip_within

__all__ = ["FLAG", "References", "name_of", "pair"]

FLAG = "--reference"
_SOME = 5


@dataclass(frozen=True)
class References:
    """paths: stills, movies, patterns, folders, timelines, as given. media, rate, within: as of the pass."""

    paths: tuple[Path, ...]
    media: tuple[Path, ...] = ()
    rate: Fraction | None = None
    within: Within = None


@dataclass(frozen=True)
class _One:
    """A picture or clip that may be a reference. named: given by itself, not found in a folder."""

    path: Path
    name: str
    named: bool


def pair(clips: Sequence[Path], given: References) -> Mapping[Path, Path | None]:
    """The reference of each clip; None for one that has none.

    Raises InputError for two that may be one clip's, one that may be several clips', one given by itself that
    is no clip's, the clip itself, a folder or timeline without any; MediaError for what is not there or lies
    outside of `within`.
    """
    clips = list(dict.fromkeys(clips))
    found = [one for path in given.paths for one in _found(path, given)]
    for one in found:
        check_clip_within(one.path, given.within)
    if len(clips) == 1 and len(found) == 1 and found[0].named:
        _demand_other(clips[0], found[0])
        return {clips[0]: found[0].path}
    paired = {clip: _of_clip(clip, found) for clip in clips}
    for one in found:
        mine = [clip for clip, other in paired.items() if other is not None and other.path == one.path]
        if len(mine) > 1:
            raise InputError(
                f"{FLAG} {one.path}: is by its name the reference of {_listed(mine)}; give those clips one at"
                " a time, each with its own"
            )
        if not mine and one.named:
            raise InputError(
                f"{FLAG} {one.path}: no clip has its name, {one.name!r}; the clips are"
                f" {_listed([name_of(clip, 'hdr') for clip in clips])}. Give one clip with one reference, or"
                " name both alike"
            )
    return {clip: None if one is None else one.path for clip, one in paired.items()}


def name_of(path: Path, ending: str) -> str:
    """The name by which clip and reference are told to be of one shot. ending: `sdr` or `hdr`, left out at
    the end, and before the number of a single frame.
    """
    if is_pattern(path):
        text = parse_name(path).prefix.rstrip("._- ") or path.absolute().parent.name
    elif path.is_dir():
        text = _prefix_in(path) or path.absolute().name
    else:
        text = path.stem
    return re.sub(rf"[._ -]{ending}(?=$|[._ -][0-9]+$)", "", text, flags=re.IGNORECASE).casefold()


def _prefix_in(folder: Path) -> str:
    try:
        return only_sequence_in(folder).name.prefix.rstrip("._- ")
    except CandelaError:
        return ""


def _of_clip(clip: Path, found: Sequence[_One]) -> _One | None:
    name, place = name_of(clip, "hdr"), _place(clip)
    fitting = {_place(one.path): one for one in found if one.name == name}
    fitting.pop(place, None)  # where the folder of the references is its own
    if len(fitting) > 1:
        raise InputError(
            f"{clip}: {len(fitting)} references have its name, {_listed([o.path for o in fitting.values()])};"
            f" leave one, or give that one with {FLAG}"
        )
    return next(iter(fitting.values()), None)


def _demand_other(clip: Path, one: _One) -> None:
    if _place(clip) == _place(one.path):
        raise InputError(f"{FLAG} {one.path}: is the clip itself; give its SDR version")


def _place(path: Path) -> str:
    """The same for one clip, however it is written."""
    if is_pattern(path):
        name = parse_name(path)
        return f"{os.path.realpath(name.folder)}/{name.text}"
    if path.is_dir():
        try:
            return f"{os.path.realpath(path)}/{only_sequence_in(path).name.text}"
        except CandelaError:
            return os.path.realpath(path)
    return os.path.realpath(path)


def _found(path: Path, given: References) -> Iterator[_One]:
    if kind_of_name(path) == "timeline":
        timeline = with_media(path, given.rate, given.media, "--media", within=given.within)
        shown = dict.fromkeys(Path(shot.media) for shot in timeline.shots if shot.media is not None)
        if not shown:
            raise InputError(f"{FLAG} {path}: the timeline shows no media")
        yield from (_One(medium, name_of(medium, "sdr"), len(shown) == 1) for medium in shown)
        return
    check_clip_within(path, given.within)
    if path.is_dir():
        there = list(_in_folder(path))
        if not there:
            raise InputError(f"{FLAG} {path}: there is no picture, sequence or movie in this folder")
        yield from (_One(one, name_of(one, "sdr"), False) for one in there)
        return
    if is_pattern(path):
        find_frames(parse_name(path))
    elif not path.exists():
        raise MediaError(f"{FLAG} {path}: no such file")
    yield _One(path, name_of(path, "sdr"), True)


def _in_folder(folder: Path) -> Iterator[Path]:
    """Sequences, and what is none: movies and single pictures."""
    framed: set[Path] = set()
    for sequence in sequences_in(folder):
        if len(sequence.paths) > 1:
            framed.update(sequence.paths.values())
            yield folder / sequence.name.text
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith(".") or entry in framed or not entry.is_file():
            continue
        if entry.suffix.lower().lstrip(".") in STILL_EXTENSIONS or _movie(entry):
            yield entry


def _movie(path: Path) -> bool:
    try:
        return is_movie(path)
    except MediaError:
        return False


def _listed(what: Sequence[object]) -> str:
    more = len(what) - _SOME
    return ", ".join(map(str, what[:_SOME])) + (f" and {more} more" if more > 0 else "")
