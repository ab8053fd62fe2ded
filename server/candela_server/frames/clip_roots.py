"""Movies, sequences and timelines inside the roots: what `Roots` is for single files."""

from __future__ import annotations

import os
from pathlib import Path

from candela_engines.media.sequence_names import is_pattern, parse_name
from candela_server.frames.roots import Roots
from candela_server.jobs.errors import PathRefusedError

__all__ = ["a_file_of", "beside", "clip_source", "clip_target", "folder", "folder_target"]


def clip_source(roots: Roots, text: str) -> Path:
    """A movie or timeline, a pattern for numbered files, or a folder of them, to be read.

    Errors as `Roots.source`. Of a sequence every link among its files has to stay inside the roots.
    """
    path = roots.inside(text, itself=True)
    if is_pattern(path):
        roots.walk(path.parent, text, folder=True)
        _check_links(roots, path.parent, parse_name(path).prefix, text)
        return path
    if path.is_dir():
        roots.walk(path, text, folder=True)
        _check_links(roots, path, "", text)
        return path
    return roots.source(text)


def clip_target(roots: Roots, text: str) -> Path:
    """A movie, a pattern or a folder that may be written; a folder that is not there yet can be made.

    Errors as `Roots.target`.
    """
    path = roots.inside(text)
    if not is_pattern(path) and not path.is_dir() and path.suffix:
        return roots.target(text)
    place, prefix = (path.parent, parse_name(path).prefix) if is_pattern(path) else (path, "")
    if place.is_dir():
        roots.walk(place, text, folder=True)
        _check_links(roots, place, prefix, text)
    else:
        roots.walk(place.parent, text, folder=True)
    return path


def folder_target(roots: Roots, text: str, *, deep: bool = False) -> Path:
    """A folder to write into, which need not be there yet. Errors as `Roots.target`.

    deep: whether folders in it are written into as well; links in them are looked for, three levels down.
    """
    path = roots.inside(text)
    there = next(place for place in (path, *path.parents) if os.path.lexists(place))
    roots.walk(there, text, folder=True)
    if there == path:
        _check_links(roots, path, "", text, deep=3 if deep else 0)
    return path


def beside(roots: Roots, path: Path) -> None:
    """PathRefusedError where a link that leads out lies beside a single file and has its name and more: what
    a file carries may lie there, and what was waived of it."""
    if not is_pattern(path) and not path.is_dir():
        _check_links(roots, path.parent, path.name, str(path))


def folder(roots: Roots, text: str) -> Path:
    """A folder to look for media in. Errors as `Roots.source`."""
    path = roots.inside(text, itself=True)
    roots.walk(path, text, folder=True)
    return path


def a_file_of(path: Path) -> Path:
    """One file of a clip, by which its size can be told; the path itself where there is none."""
    if not is_pattern(path) and not path.is_dir():
        return path
    place, prefix = (path.parent, parse_name(path).prefix) if is_pattern(path) else (path, "")
    try:
        with os.scandir(place) as found:
            names = (entry.name for entry in found if entry.name.startswith(prefix or ""))
            return place / next((name for name in names if not name.startswith(".")), "")
    except OSError:
        return path


def _check_links(roots: Roots, place: Path, prefix: str, text: str, *, deep: int = 0) -> None:
    """PathRefusedError where a link among the files that a clip may have leads out."""
    with os.scandir(place) as found:
        for entry in found:
            if deep and entry.is_dir(follow_symlinks=False):
                _check_links(roots, Path(entry.path), prefix, text, deep=deep - 1)
            if entry.is_symlink() and entry.name.lstrip(".").startswith(prefix.strip("._- ")):
                real = Path(os.path.realpath(entry.path))
                if not roots.holds(real):
                    raise PathRefusedError(f"{text}: {entry.name} is a link that leads out of the roots")
