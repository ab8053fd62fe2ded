"""Which files of a folder are frames of a sequence: one listing, whatever the number of frames."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from candela_engines.errors import InfrastructureError, MediaError
from candela_engines.media.frame_ranges import format_frames
from candela_engines.media.sequence_names import FrameName, number_in, split_number

__all__ = [
    "STILL_EXTENSIONS",
    "FoundFrames",
    "check_span",
    "find_frames",
    "only_sequence_in",
    "sequence_with",
    "sequences_in",
]

STILL_EXTENSIONS = (
    "exr", "dpx", "tif", "tiff", "png", "jpg", "jpeg", "hdr", "avif", "heif", "heic", "jxl"
)  # fmt: skip
_MOST_SPAN = 1_000_000
_MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class FoundFrames:
    """The files of one sequence. paths: by frame number, in order. notes: what was left out, in words."""

    name: FrameName
    paths: dict[int, Path]
    notes: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """As `shot.####.exr (1001-1100)`."""
        return f"{self.name.text} ({format_frames(self.paths)})"


def _list(folder: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in folder.iterdir())
    except FileNotFoundError:
        raise MediaError(f"{folder}: no such folder") from None
    except NotADirectoryError:
        raise MediaError(f"{folder}: is no folder") from None
    except ValueError as error:
        raise MediaError(f"{str(folder)!r}: is no name of a folder: {error}") from None
    except OSError as error:
        raise InfrastructureError(f"{folder}: cannot be listed: {error.strerror or error}") from error


@dataclass(slots=True)
class _Sorting:
    """Files by frame number while a folder is gone through; a name spelt exactly as asked comes first."""

    name: FrameName
    exact: dict[int, list[str]] = field(default_factory=dict)
    other: dict[int, list[str]] = field(default_factory=dict)

    def take(self, file: str) -> bool:
        found = number_in(file, self.name)
        if found is None:
            return False
        number, exactly = found
        (self.exact if exactly else self.other).setdefault(number, []).append(file)
        return True

    def finish(self) -> FoundFrames:
        paths: dict[int, Path] = {}
        beside = []
        for number in sorted({*self.exact, *self.other}):
            files = self.exact.get(number) or self.other[number]
            if len(files) > 1:
                raise MediaError(
                    f"{self.name.folder / self.name.text}: frame {number} is there more than once: "
                    f"{', '.join(files[:4])}; remove or rename what does not belong"
                )
            if number in self.exact and number in self.other:
                beside += self.other[number]
            paths[number] = self.name.folder / files[0]
        notes = [f"left out, as their extension is in other case: {_some(beside)}"] if beside else []
        return FoundFrames(self.name, paths, tuple(notes))


def find_frames(name: FrameName) -> FoundFrames:
    """The files of `name` in its folder, before any range that it says is applied.

    Raises MediaError for a folder that is not there, where no file has such a name (saying which sequences
    there are), and where one frame has two files.
    """
    files = _list(name.folder)
    sorting = _Sorting(name)
    rest = [file for file in files if not sorting.take(file)]
    if not sorting.exact and not sorting.other:
        others = [found.label for found in sequences_in(name.folder, files)]
        there = f"; there are {_some(others)}" if others else ""
        raise MediaError(f"{name.folder / name.text}: no file has such a name{there}")
    found = check_span(sorting.finish())
    padded = [file for file in rest if _differs_in_padding(file, name)]
    if not padded:
        return found
    note = f"left out, as their numbers are padded otherwise: {_some(padded)}"
    return FoundFrames(name, found.paths, (*found.notes, note))


def _differs_in_padding(file: str, name: FrameName) -> bool:
    return number_in(file, FrameName(name.folder, name.prefix, name.suffix, 1)) is not None


def check_span(found: FoundFrames) -> FoundFrames:
    """The same. Raises MediaError for numbers further apart than those of any shot."""
    first, last = next(iter(found.paths)), next(reversed(found.paths))
    if last - first >= _MOST_SPAN:
        raise MediaError(
            f"{found.name.folder / found.name.text}: frame numbers from {first} to {last}; a sequence of "
            f"more than {_MOST_SPAN:,} is refused. Is a date or a version among them?"
        )
    return found


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:_MOST_NAMED])
    return shown if len(names) <= _MOST_NAMED else f"{shown} and {len(names) - _MOST_NAMED:,} more"


def sequence_with(file: Path) -> FoundFrames | None:
    """The sequence in its folder that a file is a frame of; None where its name has no number.

    Raises MediaError for a file that is not there.
    """
    parts = split_number(file.name)
    if parts is None:
        return None
    names = _list(file.parent)
    if file.name not in names:
        raise MediaError(f"{file}: no such file")
    kin = [name for name in names if _around(name) == (parts[0], parts[2])]
    by_width: dict[int, list[str]] = {}
    for name in kin:
        by_width.setdefault(_zeros_width(name), []).append(name)
    found = _of_one_name(file.parent, parts[0], parts[2], by_width)
    return check_span(next(one for one in found if file in one.paths.values()))


def _around(file: str) -> tuple[str, str] | None:
    parts = split_number(file)
    return None if parts is None else (parts[0], parts[2])


def _zeros_width(file: str) -> int:
    """How wide a number with zeros in front is; 0 without, as its padding is then not to be seen.

    A negative one says nothing either: its sign counts as a digit for some programs.
    """
    number = _number(file)
    return len(number) if number.startswith("0") and len(number) > 1 else 0


def sequences_in(folder: Path, files: Iterable[str] | None = None) -> list[FoundFrames]:
    """The sequences of pictures in a folder, in the order of their names.

    Hidden files and other kinds are passed over. files: its names where they are known already. Files that
    differ in padding are sequences of their own.
    """
    groups: dict[tuple[str, str], dict[int, list[str]]] = {}
    for file in _list(folder) if files is None else files:
        around = _around(file)
        extension = file.rpartition(".")[2].lower()
        if file.startswith(".") or extension not in STILL_EXTENSIONS or around is None:
            continue
        groups.setdefault(around, {}).setdefault(_zeros_width(file), []).append(file)
    found = []
    for (before, after), by_width in sorted(groups.items()):
        found += _of_one_name(folder, before, after, by_width)
    return found


def _of_one_name(folder: Path, before: str, after: str, by_width: dict[int, list[str]]) -> list[FoundFrames]:
    """Numbers without zeros in front join the narrowest padding that they can be of, else stand alone."""
    natural = by_width.pop(0, [])
    if not by_width:
        widths = [len(_number(file).lstrip("-")) for file in natural]
        by_width = {min(widths) if len(set(widths)) == 1 else 1: []}
    out = []
    for width in sorted(by_width):
        sorting = _Sorting(FrameName(folder, before, after, width))
        left = [file for file in natural if not sorting.take(file)]
        for file in by_width[width]:
            sorting.take(file)
        out.append(sorting.finish())
        natural = left
    if natural:
        sorting = _Sorting(FrameName(folder, before, after, 1))
        for file in natural:
            sorting.take(file)
        out.append(sorting.finish())
    return out


def _number(file: str) -> str:
    parts = split_number(file)
    assert parts is not None
    return parts[1]


def only_sequence_in(folder: Path) -> FoundFrames:
    """The one sequence that a folder holds; single pictures beside a sequence do not count.

    Raises MediaError for a folder with none, and for one with several, naming them.
    """
    found = sequences_in(folder)
    several = [one for one in found if len(one.paths) > 1] or found
    if not several:
        raise MediaError(
            f"{folder}: holds no sequence: no picture with a number in its name "
            f"(read are {', '.join(STILL_EXTENSIONS)})"
        )
    if len(several) > 1:
        labels = [one.label for one in several]
        raise MediaError(
            f"{folder}: holds {len(several)} sequences: {_some(labels)}; name the one that is meant"
        )
    return check_span(several[0])
