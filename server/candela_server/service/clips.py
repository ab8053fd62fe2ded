"""The two clips of a job: the SDR shot and its HDR master, opened, named by a state and checked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Literal

from candela_engines.colour.names import NAMED, parse_colour
from candela_engines.colour.state import ColourState, Range
from candela_engines.errors import ColourStateError, InputError, MediaError
from candela_engines.media import state_label
from candela_engines.media.clip import Clip, ClipInfo
from candela_engines.media.open_clip import open_clip
from candela_server.service.configs import config_notes

__all__ = [
    "SaidClip",
    "Side",
    "check_not_cut",
    "check_pair_sizes",
    "frame_file",
    "known_state",
    "missing_notes",
    "numbers_text",
    "open_master",
    "open_sdr",
    "own_notes",
    "path_of_frame",
]


@dataclass(frozen=True)
class SaidClip:
    """What --sdr-colour, --sdr-range and --sdr-matrix (or those of the HDR) say; None where nothing was said.

    name: as `parse_colour` takes it. matrix: of Y'CbCr, as `open_clip` takes it. ocio: of --ocio.
    """

    which: Literal["sdr", "hdr"]
    name: str | None = None
    range: Range | None = None
    matrix: str | None = None
    ocio: str | None = None

    @property
    def flag(self) -> str:
        """The flag that names colours, for errors."""
        return f"--{self.which}-colour"

    def open(self, name: Path | str) -> Clip:
        """The clip `name` in the state that was said, else in that of its tags; contradictions are notes.

        Raises ColourStateError for an unknown name, and whatever `open_clip` does.
        """
        return open_clip(str(name), colour=self._state(), range=self.range, matrix=self.matrix)

    def _state(self) -> ColourState | None:
        if self.name is None:
            return None
        try:
            state = parse_colour(self.name, config=self.ocio)
        except ColourStateError as error:
            raise ColourStateError(f"{self.flag} {self.name[:80]}: {error}") from error
        return state if self.range is None else replace(state, range=self.range)


@dataclass(frozen=True, eq=False)
class Side:
    """One clip of a pair, open, in a state that is known. A context manager that closes it."""

    clip: Clip
    info: ClipInfo
    state: ColourState
    notes: tuple[str, ...] = ()

    def __enter__(self) -> Side:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clip.close()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.info.width, self.info.height


def open_sdr(name: Path | str, said: SaidClip) -> Side:
    """The SDR clip.

    Raises ColourStateError for a state neither tagged nor given, InputError for an HDR clip.
    """
    clip = said.open(name)
    try:
        info = clip.info
        state = known_state(info, said)
        if state.is_hdr or (state.transfer == "linear" and state.ocio_space is None):
            raise InputError(
                f"{info.name}: {_by(said, info, state)}, which is no SDR clip. The SDR grade comes first and "
                "its HDR master after --hdr; where that is wrong, say what it is with --sdr-colour, as rec709"
            )
        return Side(clip, info, state, (*own_notes(info), *config_notes(state)))
    except BaseException:
        clip.close()
        raise


def open_master(name: Path | str, said: SaidClip, *, embedded_as: ColourState | None = None) -> Side:
    """The HDR master. embedded_as: the state that a payload says it had, for the advice in errors.

    Raises ColourStateError for a state neither tagged nor given, InputError for an SDR clip.
    """
    clip = said.open(name)
    try:
        info = clip.info
        state = known_state(info, said, embedded_as)
        if not state.is_hdr:
            raise InputError(
                f"{info.name}: {_by(said, info, state)}, which is no HDR clip. Where that is wrong, say what "
                "the master is with --hdr-colour, for example rec2100-pq"
            )
        return Side(clip, info, state, own_notes(info))
    except BaseException:
        clip.close()
        raise


def check_pair_sizes(sdr: ClipInfo, hdr: ClipInfo) -> None:
    """Raise InputError unless both clips have one size."""
    if (sdr.width, sdr.height) != (hdr.width, hdr.height):
        raise InputError(
            f"{sdr.name} is {sdr.width}x{sdr.height}, {hdr.name} is {hdr.width}x{hdr.height}: the SDR clip "
            "and its master have to be of one size and framing; export both at the same resolution"
        )


def check_not_cut(info: ClipInfo, first: int, last: int, lead: int = 0) -> None:
    """Raise MediaError where frames first..last go beyond those that a truncated movie still has.

    lead: what to take off the clip's numbers for those that --frames means.
    """
    if info.cut_after is None or last <= info.cut_after:
        return
    there = info.cut_after - lead
    advice = (
        f", or leave the rest out with --frames {first - lead}-{there}" if info.cut_after >= first else ""
    )
    raise MediaError(
        f"{info.name}: frame {info.cut_after + 1}: the file ends before it; the movie is truncated. Take all "
        f"of it{advice}"
    )


def frame_file(info: ClipInfo, number: int) -> str:
    """What to call a frame in a message: its own file, or `movie.mov, frame 12`."""
    path = path_of_frame(info, number)
    return f"{info.name}, frame {number}" if path is None else f"{path}, frame {number}"


def numbers_text(numbers: tuple[int, ...], verb: str = "belong", one: str = "belongs", most: int = 6) -> str:
    """`frame 5 belongs` or `frames 5 to 9, 12 belong`: runs of numbers in words, with their verb."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = runs[-1][0], number
        else:
            runs.append((number, number))
    words = ", ".join(str(a) if a == b else f"{a} to {b}" for a, b in runs[:most])
    more = ", …" if len(runs) > most else ""
    if len(numbers) == 1:
        return f"frame {words} {one}"
    return f"frames {words}{more} {verb}"


def path_of_frame(info: ClipInfo, number: int) -> Path | None:
    """The file of one frame of a sequence; None in a movie, and where there is no such file."""
    if info.kind == "movie" or not info.first <= number <= info.last or number in info.missing:
        return None
    before = sum(1 for n in info.missing if n < number)
    return info.files[number - info.first - before]


def own_notes(info: ClipInfo) -> tuple[str, ...]:
    """What is to be said of a clip itself, frames that are missing included."""
    return (*info.notes, *missing_notes(info, info.first, info.last))


def missing_notes(info: ClipInfo, first: int, last: int) -> list[str]:
    """What is to be said of numbers in first..last that have no file."""
    missing = [number for number in info.missing if first <= number <= last]
    if not missing or any("missing" in note for note in info.notes):
        return []
    numbers = ", ".join(map(str, missing[:8])) + (", …" if len(missing) > 8 else "")
    return [f"{'1 frame is' if len(missing) == 1 else f'{len(missing)} frames are'} missing: {numbers}"]


def known_state(info: ClipInfo, said: SaidClip, embedded_as: ColourState | None = None) -> ColourState:
    """The clip's state. Raises ColourStateError where neither tags nor options say it.

    embedded_as: what a payload says it was, for the advice.
    """
    if info.state is not None:
        return info.state
    advice = "" if embedded_as is None else f" (at embedding the master was {state_label(embedded_as)})"
    raise ColourStateError(
        f"{info.name}: its colour state is not known (found: {info.found}); say it with {said.flag} NAME, "
        f"where NAME is {', '.join(NAMED)} or a colour space of the OCIO config{advice}"
    )


def _by(said: SaidClip, info: ClipInfo, state: ColourState) -> str:
    """Who says that a clip is what it is not."""
    if said.name is not None:
        return f"{said.flag} says {said.name}"
    return f"its tags ({info.found}) say {state_label(state)}"
