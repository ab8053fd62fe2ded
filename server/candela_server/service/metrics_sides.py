"""One side of a comparison: a still, a movie or a sequence, in a known state, frame by frame as light."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour.convert import to_nits_rec2020
from candela_engines.colour.names import NAMED, parse_colour
from candela_engines.colour.state import ColourState, Range
from candela_engines.errors import ColourStateError, InputError
from candela_engines.media import read_still
from candela_engines.media.clip import Clip, ClipInfo
from candela_engines.media.open_clip import open_clip
from candela_server.service.clip_kind import kind_of_name
from candela_server.service.clips import own_notes
from candela_server.service.pictures import nonfinite_text
from candela_server.service.said import with_state

__all__ = ["MetricsSide", "OpenSide", "SaidSide", "likeness", "open_side", "still_side"]

F32 = NDArray[np.float32]
_STRIP_PIXELS = 1 << 20


@dataclass(frozen=True)
class SaidSide:
    """What the flags say of one side. flag: the one that names its colours, for errors.

    white_nits: where the white of an SDR picture is placed; None leaves its own, 100 nit.
    """

    flag: str
    name: str | None = None
    range: Range | None = None
    matrix: str | None = None
    ocio: str | None = None
    white_nits: float | None = None

    def state(self) -> ColourState | None:
        """The state that was said. Raises ColourStateError for an unknown name."""
        if self.name is None:
            return None
        try:
            state = parse_colour(self.name, config=self.ocio)
        except ColourStateError as error:
            raise ColourStateError(f"{self.flag} {self.name[:80]}: {error}") from error
        return state if self.range is None else replace(state, range=self.range)


@dataclass(frozen=True, eq=False)
class MetricsSide:
    """Open, and in a state that is known. numbers: of its frames. info: of a clip, None of a still.

    light(number): (H, W, 3) float32, linear BT.2020 nits, finite. A context manager that closes it.
    """

    size: tuple[int, int]
    state: ColourState
    numbers: list[int]
    light: Callable[[int], F32]
    notes: tuple[str, ...]
    info: ClipInfo | None = None
    clip: Clip | None = None

    def __enter__(self) -> MetricsSide:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.clip is not None:
            self.clip.close()


OpenSide = Callable[[Path, SaidSide], MetricsSide]
"""What opens a side: `open_side`, or what knows pictures that lie elsewhere than in files."""


def open_side(path: Path, said: SaidSide) -> MetricsSide:
    """A still, movie, pattern or folder.

    Raises ColourStateError for a state neither tagged nor said, InputError for a timeline, a matrix of a
    still, or NaN, and what the readers raise.
    """
    kind = kind_of_name(path)
    if kind == "timeline":
        raise InputError(f"{path}: is a timeline; metrics compares pictures: give one of its media")
    return _open_clip(path, said) if kind == "clip" else _open_still(path, said)


def _open_still(path: Path, said: SaidSide) -> MetricsSide:
    if said.matrix is not None:
        flag = said.flag.replace("colour", "matrix")
        raise InputError(f"{path}: is a still picture, which holds R'G'B'; leave {flag} out")
    still = read_still(path, colour=said.state())
    state = _known(path, still.state, still.found, said)
    if said.range is not None and said.range != state.range:
        still = with_state(still, replace(state, range=said.range))
    else:
        still = with_state(still, state)
    state = _known(path, still.state, still.found, said)
    return still_side(still.pixels, state, still.bits, said, str(path), still.notes)


def still_side(
    pixels: F32, state: ColourState, bits: int, said: SaidSide, name: str, notes: tuple[str, ...] = ()
) -> MetricsSide:
    """A side of one picture in memory. pixels: (H, W, 3) float32, codes over full scale or light, in `state`.

    Raises InputError for NaN and infinity.
    """
    if not np.isfinite(pixels).all():
        raise InputError(f"{name}: {nonfinite_text(pixels)}; no metric has a meaning for it: repair it")
    height, width = pixels.shape[:2]

    def light(number: int) -> F32:
        del number
        return _light(pixels, state, bits, said.white_nits, name)

    return MetricsSide((width, height), state, [0], light, notes)


def _open_clip(path: Path, said: SaidSide) -> MetricsSide:
    clip = open_clip(str(path), colour=said.state(), range=said.range, matrix=said.matrix)
    try:
        info = clip.info
        state = _known(path, info.state, info.found, said)
    except BaseException:
        clip.close()
        raise

    def light(number: int) -> F32:
        frame = clip.frame(number)
        codes = frame.codes
        if codes.dtype.kind == "u":
            pixels = codes.astype(np.float32) / np.float32((1 << frame.bits) - 1)
        else:
            pixels = codes.astype(np.float32)
        return _light(pixels, state, frame.bits, said.white_nits, f"{path}, frame {number}")

    missing = set(info.missing)
    numbers = [number for number in range(info.first, info.last + 1) if number not in missing]
    return MetricsSide((info.width, info.height), state, numbers, light, own_notes(info), info, clip)


def _known(path: Path, state: ColourState | None, found: str, said: SaidSide) -> ColourState:
    if state is not None:
        return state
    raise ColourStateError(
        f"{path}: its colour state is not known (found: {found}); say it with {said.flag} NAME, where NAME "
        f"is {', '.join(NAMED)} or a colour space of the OCIO config"
    )


def _light(pixels: F32, state: ColourState, bits: int, white_nits: float | None, name: str) -> F32:
    nits = np.empty(pixels.shape, np.float32)
    rows = max(1, _STRIP_PIXELS // pixels.shape[1])
    sdr = not state.is_hdr and (state.transfer != "linear" or state.ocio_space is not None)
    gain = np.float32(white_nits / state.peak_nits) if sdr and white_nits is not None else np.float32(1)
    for top in range(0, pixels.shape[0], rows):
        part = slice(top, top + rows)
        nits[part] = to_nits_rec2020(pixels[part], state, bits=bits)
        if gain != 1:
            nits[part] *= gain
    if not np.isfinite(float(nits.sum(dtype=np.float64))):
        raise InputError(f"{name}: has samples that are NaN or beyond any light, which no metric can weigh")
    return nits


def likeness(a: F32, b: F32) -> float:
    """Correlation of both pictures' log light (green) over about 96x54 parts: 1 for grades of one picture.

    1.0 as well for pictures too even or too small to tell it by.
    """
    first, second = (_small(picture) for picture in (a, b))
    first, second = first - first.mean(), second - second.mean()
    power = float(np.vdot(first, first)) * float(np.vdot(second, second))
    if first.size < 64 or power < (1e-3 * first.size) ** 2:
        return 1.0
    return float(np.vdot(first, second)) / math.sqrt(power)


def _small(picture: F32) -> NDArray[np.float64]:
    height, width = picture.shape[:2]
    down, across = max(1, height // 54), max(1, width // 96)
    h, w = height // down, width // across
    green = np.maximum(picture[: h * down, : w * across, 1].astype(np.float64), 0)
    return np.asarray(np.log10(green.reshape(h, down, w, across).mean(axis=(1, 3)) + 0.01), np.float64)
