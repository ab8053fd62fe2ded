"""The two pictures of a job: the SDR grade and its HDR master, read, checked and brought to nits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from candela_engines.colour.convert import to_nits_rec2020
from candela_engines.colour.names import NAMED
from candela_engines.colour.state import ColourState
from candela_engines.errors import InputError
from candela_engines.media import Still, is_ultrahdr, read_ultrahdr, require_state, state_label
from candela_server.service.alpha import match_alpha
from candela_server.service.configs import config_notes
from candela_server.service.said import SaidColour, with_state

__all__ = ["Master", "Sdr", "check_sizes", "hold_light", "nonfinite_text", "read_master", "read_sdr"]

MAX_NITS = 10_000.0
_STRIP_PIXELS = 1 << 20
F32 = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Sdr:
    """The SDR picture, its state, and the nits of its own gain map where it has one and it was asked for."""

    still: Still
    state: ColourState
    own_hdr: F32 | None
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Master:
    """The HDR master as light. nits: (H, W, 3) float32, linear BT.2020, 0..10000, finite."""

    path: Path
    nits: F32
    state: ColourState
    notes: tuple[str, ...]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return int(self.nits.shape[1]), int(self.nits.shape[0])


def read_sdr(path: Path, said: SaidColour, *, own_hdr: bool = False) -> Sdr:
    """The SDR picture. own_hdr: take its own HDR as well, which an Ultra HDR JPEG has.

    Raises ColourStateError for a state neither tagged nor given, InputError for an HDR picture or NaN.
    """
    still = said.read(path)
    ultra = still.format == "jpeg" and (own_hdr or still.state is None) and is_ultrahdr(path)
    if own_hdr and not ultra:
        raise InputError(
            f"{path}: give its HDR master with --hdr; only an Ultra HDR JPEG carries a master of its own"
        )
    if ultra and still.state is None:
        # Not a guess: Ultra HDR Image Format 1.1 says so, and its readers apply the gain map accordingly.
        note = "an Ultra HDR JPEG without an ICC profile is sRGB, by that format"
        srgb = replace(NAMED["srgb"], range=said.range or "full")
        still = with_state(replace(still, notes=(*still.notes, note)), srgb)
    state, notes = require_state(still, said.flag), list(still.notes)
    if state.is_hdr or (state.transfer == "linear" and state.ocio_space is None):
        raise InputError(
            f"{path}: {_by(said, still, state)}, which is no SDR picture. The SDR grade comes first and its "
            "HDR master after --hdr; where that is wrong, say what it is with --sdr-colour, as rec709"
        )
    if still.nonfinite:
        raise InputError(f"{path}: {nonfinite_text(still.pixels)}; an SDR picture has none")
    if still.alpha is not None:
        how = "multiplied by it" if still.associated else "straight"
        notes.append(f"alpha stays as it is in the file; the payload serves R, G and B, which are {how}")
    notes += config_notes(state)
    hdr = read_ultrahdr(path, colour=state)[1] if own_hdr else None
    return Sdr(still, state, hdr, tuple(notes))


def read_master(
    path: Path, said: SaidColour, sdr: Still, *, embedded_as: ColourState | None = None
) -> Master:
    """The HDR master as light, with alpha as the SDR picture `sdr` has it (`service.alpha`).

    embedded_as: the state that a payload says it had, for the advice in errors.

    Raises ColourStateError for a state neither tagged nor given, InputError for an SDR picture, NaN or
    infinity. An Ultra HDR JPEG gives the HDR of its gain map.
    """
    still = said.read(path)
    if said.name is None and still.format == "jpeg" and is_ultrahdr(path):
        if said.range is not None:
            raise InputError(f"{path}: --hdr-range is for codes; the HDR of an Ultra HDR JPEG is light")
        return own_master(path, read_ultrahdr(path)[1])
    if still.state is None and embedded_as is not None:
        raise _with_advice(still, embedded_as)
    state = require_state(still, said.flag)
    if not state.is_hdr:
        raise InputError(
            f"{path}: {_by(said, still, state)}, which is no HDR picture. Where that is wrong, say what the "
            "master is with --hdr-colour, for example rec2100-pq"
        )
    if still.nonfinite:
        raise InputError(
            f"{path}: {nonfinite_text(still.pixels)}. Light has to be a number everywhere: "
            "repair the master (render the pixels again, or paint them out)"
        )
    nits = np.empty(still.pixels.shape, np.float32)
    rows = max(1, _STRIP_PIXELS // still.size[0])
    for top in range(0, still.size[1], rows):
        nits[top : top + rows] = to_nits_rec2020(still.pixels[top : top + rows], state, bits=still.bits)
    return _checked(path, nits, state, [*still.notes, *match_alpha(nits, still, sdr)])


def own_master(path: Path, nits: F32) -> Master:
    """The master that an Ultra HDR JPEG carries. Its light is absolute: SDR white at 203 nit."""
    return _checked(path, nits, NAMED["linear-rec2020"], ["the HDR is that of the JPEG's own gain map"])


def check_sizes(sdr: Sdr, master: Master) -> None:
    """Raise InputError unless both pictures have one size."""
    if sdr.still.size != master.size:
        (w, h), (mw, mh) = sdr.still.size, master.size
        raise InputError(
            f"{sdr.still.path} is {w}x{h}, {master.path} is {mw}x{mh}: the SDR picture and its master have "
            "to be of one size and framing; export both at the same resolution"
        )


def _checked(path: Path, nits: F32, state: ColourState, notes: list[str]) -> Master:
    """A master without negatives and above-range light, each counted in a note."""
    low, high = hold_light(nits, state, str(path))
    if low:
        notes.append(
            f"{low} samples ({_percent(low, nits.size)}) are negative in BT.2020 and were taken as 0"
        )
    if high:
        notes.append(f"{high} samples ({_percent(high, nits.size)}) are above 10000 nit and were held there")
    return Master(path, nits, state, tuple(notes))


def hold_light(nits: F32, state: ColourState, name: str) -> tuple[int, int]:
    """Hold a master's light to 0..10000 nit in place; how many samples were negative, and how many above.

    Raises InputError naming `name` for light that is no number: a float master may be far outside what
    float32 nits hold.
    """
    low = high = broken = 0
    rows = max(1, _STRIP_PIXELS // nits.shape[1])
    for top in range(0, nits.shape[0], rows):
        strip = nits[top : top + rows]
        broken += int(strip.size - np.count_nonzero(np.isfinite(strip)))
        low += int(np.count_nonzero(strip < -1e-3))
        high += int(np.count_nonzero(strip > MAX_NITS))
        np.clip(strip, 0, MAX_NITS, out=strip)
    if broken:
        raise InputError(f"{name}: {broken} samples are beyond any light when read as {state_label(state)}")
    return low, high


def _by(said: SaidColour, still: Still, state: ColourState) -> str:
    """Who says that a picture is what it is not."""
    if said.name is not None:
        return f"{said.flag} says {said.name}"
    return f"its tags ({still.found}) say {state_label(state)}"


def _with_advice(still: Still, embedded_as: ColourState) -> InputError:
    try:
        require_state(still, "--hdr-colour")
    except InputError as error:
        return type(error)(f"{error} (at embedding the master was {state_label(embedded_as)})")
    raise AssertionError("unreachable")


def _percent(count: int, total: int) -> str:
    share = 100 * count / total
    return f"{share:.2g} %" if share < 1 else f"{share:.1f} %"


def nonfinite_text(pixels: npt.NDArray[np.generic]) -> str:
    """How many samples are NaN or infinite, and where the first lies."""
    count, first = 0, (0, 0)
    rows = max(1, _STRIP_PIXELS // pixels.shape[1])
    for top in range(0, pixels.shape[0], rows):
        bad = ~np.isfinite(pixels[top : top + rows])
        found = int(np.count_nonzero(bad))
        if found and not count:
            y, x = np.argwhere(bad.any(axis=2))[0]
            first = (int(x), top + int(y))
        count += found
    samples = "1 sample is" if count == 1 else f"{count} samples are"
    return f"{samples} NaN or infinite, the first at x={first[0]}, y={first[1]}"
