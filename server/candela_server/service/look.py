"""Looking at frames: as they are, in false colour by nits, reconstructed, with their faults, on scopes."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour.state import ColourState
from candela_engines.errors import InputError
from candela_server.service.look_light import LookView, OpenLook, Shown, open_look
from candela_server.service.look_samples import size_of
from candela_server.service.look_scopes import LookScopes
from candela_server.service.metrics_sides import OpenSide, SaidSide, open_side
from candela_server.service.results import Json, Work, WorkProgress, no_work, state_json

__all__ = ["MOST_BYTES", "LegendEntry", "LookPicture", "LookRequest", "LookResult", "look"]

MOST_BYTES = 12 << 20
"""Of all pictures of one call: they come back in one message."""


@dataclass(frozen=True)
class LookRequest:
    """grade: a still, movie, pattern or folder, SDR as well. views: of every frame. frames: both included, of
    which every `step`-th; None is the first alone. width: of pictures, about, as `size_of` has it. scopes: of
    the first frame. reference, offset, anyway: for `faults`, as for a score.
    """

    grade: Path
    said: SaidSide
    reference: Path | None
    reference_said: SaidSide
    views: tuple[LookView, ...] = ("picture",)
    frames: tuple[int, int] | None = None
    step: int = 1
    width: int = 960
    scopes: bool = False
    offset: int | None = None
    anyway: bool = False


@dataclass(frozen=True)
class LegendEntry:
    """What a colour stands for. colour: #rrggbb."""

    words: str
    colour: str


@dataclass(frozen=True, eq=False)
class LookPicture:
    """width, height: in pixels. pixels: rows of R, G, B, 8 bits each, sRGB, from the upper left."""

    view: LookView
    frame: int
    width: int
    height: int
    pixels: bytes
    legend: tuple[LegendEntry, ...]


@dataclass(frozen=True, eq=False)
class LookResult:
    """size: of the frames. first, last: that there are. rate: frames a second, None where none is said."""

    request: LookRequest
    state: ColourState
    size: tuple[int, int]
    first: int
    last: int
    rate: Fraction | None
    pictures: tuple[LookPicture, ...]
    scopes: LookScopes | None
    notes: tuple[str, ...]

    def to_json(self) -> Json:
        """Everything but the samples."""
        pictures = [
            {"view": p.view, "frame": p.frame, "width_px": p.width, "height_px": p.height,
             "legend": [[entry.words, entry.colour] for entry in p.legend]}
            for p in self.pictures
        ]  # fmt: skip
        return {
            "command": "look",
            "grade": str(self.request.grade),
            "state": state_json(self.state),
            "is_hdr": self.state.is_hdr or self.state.transfer == "linear",
            "width_px": self.size[0],
            "height_px": self.size[1],
            "first": self.first,
            "last": self.last,
            "rate": None if self.rate is None else str(self.rate),
            "pictures": pictures,
            "scopes": None if self.scopes is None else self.scopes.to_json(),
            "notes": list(self.notes),
        }


def look(request: LookRequest, progress: WorkProgress = no_work, opened: OpenSide = open_side) -> LookResult:
    """Pictures of frames. opened: what opens the file.

    Raises InputError for frames that are not there, nothing to show, or more than MOST_BYTES of it,
    NoPayloadError for a reconstruction of what carries none, and what the readers raise.
    """
    if not request.views:
        raise InputError("look: no view was asked for")
    if request.step < 1 or request.width < 16:
        raise InputError(f"look: step {request.step} and width {request.width}: 1 and 16 at least are needed")
    progress(Work("read", 0, 1, "pictures"))
    with open_look(request, opened) as source:
        numbers = _numbers(request, source)
        _demand_room(request, source.size, len(numbers))
        pictures: list[LookPicture] = []
        scopes = None
        for done, number in enumerate(numbers):
            progress(Work("render", done, len(numbers)))
            for view in request.views:
                shown = source.shown(view, number, request.width)
                pictures.append(_picture(view, number, shown))
            if request.scopes and scopes is None:
                scopes = source.scopes(request.views[0], number)
        return LookResult(
            request, source.state, source.size, source.numbers[0], source.numbers[-1], source.rate,
            tuple(pictures), scopes, tuple(dict.fromkeys(source.notes)),
        )  # fmt: skip


def _numbers(request: LookRequest, source: OpenLook) -> list[int]:
    if request.frames is None:
        return source.numbers[:1]
    first, last = request.frames
    there = set(source.numbers)
    wanted = [number for number in range(first, last + 1, request.step) if number in there]
    if not wanted:
        raise InputError(
            f"{request.grade}: has the frames {source.numbers[0]} to {source.numbers[-1]}, and none of "
            f"{first} to {last}"
        )
    return wanted


def _demand_room(request: LookRequest, size: tuple[int, int], frames: int) -> None:
    _, height, width = size_of(size, request.width)
    needed = height * width * 3 * frames * len(request.views)
    if needed > MOST_BYTES:
        raise InputError(
            f"look: {frames} frames in {len(request.views)} views at a width of about {request.width} are "
            f"{needed >> 20} MiB, and {MOST_BYTES >> 20} are possible at once; ask for fewer"
        )


def _picture(view: LookView, number: int, shown: Shown) -> LookPicture:
    pixels: NDArray[np.uint8] = np.ascontiguousarray(shown.pixels)
    height, width = pixels.shape[:2]
    legend = tuple(LegendEntry(words, f"#{bytes(colour).hex()}") for words, colour in shown.legend)
    return LookPicture(view, number, width, height, pixels.tobytes(), legend)
