"""A sequence of stills as a clip: `shot.####.exr` and its kin, or the folder that holds it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from numpy.typing import NDArray

from candela_engines.colour.state import ColourState, Range
from candela_engines.errors import InputError, MediaError
from candela_engines.media.clip import ClipFrame, ClipInfo
from candela_engines.media.frame_ranges import format_frames, parse_frames
from candela_engines.media.hashing import hash_samples
from candela_engines.media.prefetch import ahead
from candela_engines.media.sequence_names import frame_path, is_pattern, parse_name
from candela_engines.media.sequence_scan import FoundFrames, find_frames, only_sequence_in, sequence_with
from candela_engines.media.sequence_time import read_time
from candela_engines.media.state_text import state_label
from candela_engines.media.still import Still, check_narrow, read_decoded, read_still, still_of

__all__ = ["SequenceClip", "frame_path", "is_pattern", "open_sequence", "parse_frames", "sequence_of"]

_AHEAD = 2
_FORMATS = {"openexr": "exr"}


def sequence_of(path: Path | str) -> Path | None:
    """The pattern of the sequence that a file is a frame of, as `folder/shot.####.exr`.

    None for a name without a number. The padding is what all its files agree on. Raises MediaError for a
    file that is not there, InputError where the rest of the name looks like a pattern itself.
    """
    found = sequence_with(Path(path))
    if found is None:
        return None
    pattern = found.name.folder / found.name.text
    if not is_pattern(pattern) or parse_name(pattern) != found.name:
        raise InputError(f"{path}: its name has # or % in it, so no pattern can be written for it; rename it")
    return pattern


def open_sequence(
    name: Path | str, *, colour: ColourState | None = None, range: Range | None = None
) -> SequenceClip:
    """The sequence that `name` says: a pattern, with or without a range, a folder that holds one, or one
    of its files.

    colour: the state to read every frame as, over the tags. range: full or narrow, over the one of the tags
    or of `colour`. The folder is listed once and the first frame decoded. Raises MediaError for a sequence
    that is not there or cannot be read, InputError for a name or a range that is wrong.
    """
    path = Path(name)
    found, notes, asked = _find(path)
    first = min(found.paths)
    still = _read_frame(found.paths[first], first, colour, range)
    rate, timecode = read_time(found.paths[first], still.format)
    info = _info(str(name), found, still, (*found.notes, *notes, *_still_notes(still)), rate, timecode)
    return SequenceClip(info, found.paths, asked, still, colour, range)


def _find(path: Path) -> tuple[FoundFrames, tuple[str, ...], tuple[range, ...] | None]:
    """The frames that `path` means, what to say of them, and the ranges that were asked for."""
    try:
        folder, file = path.is_dir(), path.is_file()
    except OSError as error:
        raise MediaError(f"{str(path)[:200]}: cannot be looked at: {error.strerror or error}") from None
    if folder:
        return only_sequence_in(path), (), None
    if file:
        found = sequence_with(path)
        if found is None:
            raise MediaError(f"{path}: has no number in its name, so it is no frame of a sequence")
        return found, (), None
    if not is_pattern(path):
        raise MediaError(f"{path}: no such file or folder; a sequence is written as shot.####.exr")
    name = parse_name(path)
    found = find_frames(name)
    if name.ranges is None:
        return found, (), None
    wanted = [number for number in found.paths if any(number in part for part in name.ranges)]
    if not wanted:
        raise MediaError(f"{path}: there are frames {format_frames(found.paths)}, none of those asked for")
    absent = [number for number in chain(*name.ranges) if number not in found.paths]
    notes = (f"of the frames asked for there is no file for {format_frames(absent)}",) if absent else ()
    return replace(found, paths={number: found.paths[number] for number in wanted}), notes, name.ranges


def _info(
    name: str,
    found: FoundFrames,
    still: Still,
    notes: tuple[str, ...],
    rate: Fraction | None,
    timecode: str | None,
) -> ClipInfo:
    numbers = list(found.paths)
    missing = tuple(n for n in range(numbers[0], numbers[-1]) if n not in found.paths)
    return ClipInfo(
        name=name,
        files=tuple(found.paths.values()),
        kind="sequence",
        format=f"{_FORMATS.get(still.format, still.format)} sequence",
        width=still.size[0],
        height=still.size[1],
        bits=still.bits,
        state=still.state,
        tagged=still.tagged,
        found=still.found,
        first=numbers[0],
        last=numbers[-1],
        missing=missing,
        rate=rate,
        timecode=timecode,
        notes=notes,
    )


def _still_notes(still: Still) -> tuple[str, ...]:
    notes = list(still.notes)
    if still.state is None and still.metadata.get("dpx_range") == "narrow":
        notes.append("its header has the reference codes of narrow range; if they are right, say so")
    return tuple(notes)


def _read_frame(path: Path, number: int, colour: ColourState | None, range_: Range | None) -> Still:
    """One frame's still in its state. Every error names the frame and its file."""
    try:
        still = read_still(path, colour=colour)
    except MediaError as error:
        raise MediaError(f"frame {number}: {error}") from error
    return still if range_ is None or still.state is None else _in_range(still, range_)


def _in_range(still: Still, range_: Range) -> Still:
    """`still` with codes of that range. Raises InputError where its samples cannot have it."""
    state = still.state
    assert state is not None
    if range_ == state.range:
        return still
    ranged = replace(state, range=range_)
    check_narrow(still, ranged)
    return replace(still, state=ranged)


class SequenceClip:
    """The frames of a sequence; what `open_sequence` gives. See `clip.Clip`."""

    def __init__(
        self,
        info: ClipInfo,
        paths: dict[int, Path],
        asked: tuple[range, ...] | None,
        first: Still,
        colour: ColourState | None,
        range_: Range | None,
    ) -> None:
        self._info = info
        self._paths = paths
        self._asked = asked
        self._first = _kind(first)
        self._colour = colour
        self._range = range_
        self._open = True

    @property
    def info(self) -> ClipInfo:
        """What is known before decoding."""
        return self._info

    def frames(self, first: int | None = None, last: int | None = None) -> Iterator[ClipFrame]:
        """Frames first..last in order, missing ones left out, two decoded ahead on threads of their own."""
        first = self._info.first if first is None else first
        last = self._info.last if last is None else last
        for number in (first, last):
            self._check_number(number)
        if last < first:
            raise InputError(f"{self._info.name}: frames {first} to {last} run backwards")
        numbers = [number for number in self._paths if first <= number <= last]
        return ahead(self._decode, numbers, count=_AHEAD)

    def frame(self, number: int) -> ClipFrame:
        """One frame. Raises MediaError for one that is missing, InputError for one outside the sequence."""
        self._check_number(number)
        if number not in self._paths:
            if self._asked is not None and not any(number in part for part in self._asked):
                raise InputError(f"{self._info.name}: frame {number} is none of those that the name asks for")
            raise MediaError(
                f"{self._info.name}: frame {number} is missing: there is no file "
                f"(missing in all: {format_frames(self._info.missing)})"
            )
        return self._decode(number)

    def close(self) -> None:
        """No frame can be had afterwards; a second time does nothing."""
        self._open = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _check_number(self, number: int) -> None:
        if not self._open:
            raise InputError(f"{self._info.name}: the sequence was closed")
        if not self._info.first <= number <= self._info.last:
            raise InputError(
                f"{self._info.name}: frame {number} is outside {self._info.first}..{self._info.last}"
            )

    def _decode(self, number: int) -> ClipFrame:
        path = self._paths[number]
        still = _read_frame(path, number, self._colour, self._range)
        self._check_kind(number, path, _kind(still))
        return _frame_of(still, number)

    def stored(self, first: int, last: int) -> Iterator[tuple[int, NDArray[Any]]]:
        """Numbers and samples (H, W, 3) of frames first..last as they are stored: halves stay halves. As
        `frames`.
        """
        for number in (first, last):
            self._check_number(number)
        return ahead(self._decode_stored, [n for n in self._paths if first <= n <= last], count=_AHEAD)

    def _decode_stored(self, number: int) -> tuple[int, NDArray[Any]]:
        path = self._paths[number]
        try:
            decoded = read_decoded(path)
        except MediaError as error:
            raise MediaError(f"frame {number}: {error}") from error
        samples = decoded.samples
        # One pixel says what all are.
        pixel = still_of(replace(decoded, samples=samples[:1, :1]), path, colour=self._colour)
        if self._range is not None and pixel.state is not None:
            pixel = _in_range(pixel, self._range)
        size = f"{samples.shape[1]}x{samples.shape[0]}"
        self._check_kind(number, path, (size, *_kind(pixel)[1:]))
        channels = decoded.colour_channels
        if len(channels) == 1:
            return number, samples[:, :, [channels[0]] * 3]
        return number, samples[:, :, :3] if channels == (0, 1, 2) else samples[:, :, list(channels)]

    def _check_kind(self, number: int, path: Path, kind: tuple[str, str, str]) -> None:
        if kind != self._first:
            differs = "; ".join(
                f"{what} {here}, not {there}"
                for what, here, there in zip(_KINDS, kind, self._first, strict=True)
                if here != there
            )
            first = self._paths[self._info.first].name
            raise MediaError(f"frame {number}: {path}: differs from the first frame ({first}): {differs}")


_KINDS = ("size", "samples", "colour")


def _kind(still: Still) -> tuple[str, str, str]:
    """What every frame has to have in common, in words."""
    samples = f"{still.bits}-bit {'floats' if still.codes.dtype.kind == 'f' else 'integers'}"
    colour = f"unknown ({still.found})" if still.state is None else state_label(still.state)
    return f"{still.size[0]}x{still.size[1]}", samples, colour


def _frame_of(still: Still, number: int) -> ClipFrame:
    stored, bits = still.codes, still.bits
    floats = stored.dtype.kind == "f"
    return ClipFrame(
        number=number,
        codes=still.pixels if floats else stored,
        bits=32 if floats else bits,
        hashed=lambda: hash_samples(stored, bits),
        alpha=still.alpha,
    )
