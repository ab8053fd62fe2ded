"""Light as it will stand in the file: rolled off where asked, and measured after the encoding's limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from candela_engines.colour.bt2390 import eetf_max_rgb
from candela_engines.colour.convert import from_nits_rec2020, to_nits_rec2020
from candela_engines.colour.gamuts import apply_matrix, rgb_to_rgb
from candela_engines.colour.state import ColourState, Primaries

__all__ = ["Levels", "brightest", "measure_levels", "roll_off", "roll_off_by"]

_STRIP_PIXELS = 1 << 20
F32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Levels:
    """MaxCLL and MaxFALL of one frame, in nits, of max(R, G, B) over the whole picture (CTA-861.3)."""

    max_cll: float
    max_fall: float


def _strips(nits: F32) -> Iterator[F32]:
    rows = max(1, _STRIP_PIXELS // nits.shape[1])
    for top in range(0, nits.shape[0], rows):
        yield nits[top : top + rows]


def brightest(nits: F32, primaries: Primaries = "bt2020") -> float:
    """The largest R, G or B of `primaries`, in nits. nits: linear BT.2020."""
    matrix = rgb_to_rgb("bt2020", primaries)
    return max(float(apply_matrix(strip, matrix).max()) for strip in _strips(nits))


def roll_off(nits: F32, peak: float, primaries: Primaries = "bt2020") -> float | None:
    """Bring light to `peak` nits in place, by the BT.2390-8 EETF on max(R, G, B), which keeps the hue.

    nits: linear BT.2020. primaries: of the R, G and B that count, those of the encoding: a saturated colour
    is brighter in a smaller gamut. Returns the peak that the light had, None where it was under `peak` and
    stays as it is.
    """
    source = min(brightest(nits, primaries), 10_000.0)
    if source <= peak:
        return None
    roll_off_by(nits, source, peak, primaries)
    return source


def roll_off_by(nits: F32, source: float, peak: float, primaries: Primaries) -> None:
    """The same by a given curve, as one for a whole clip.

    source: the light that the curve begins from, nits; what is above it is held there.
    """
    there, back = rgb_to_rgb("bt2020", primaries), rgb_to_rgb(primaries, "bt2020")
    for strip in _strips(nits):
        light = apply_matrix(strip, there)
        strip[...] = apply_matrix(eetf_max_rgb(light, source_peak=source, target_peak=peak), back)


def measure_levels(nits: F32, encoding: ColourState, *, codes: bool) -> Levels:
    """Levels in the primaries of `encoding`, after its limits. codes: the file holds integers, 0 to full."""
    top, total = 0.0, 0.0
    for strip in _strips(nits):
        light = _as_written(strip, encoding, codes=codes).max(axis=-1)
        top = max(top, float(light.max()))
        total += float(np.maximum(light, 0).sum(dtype=np.float64))
    return Levels(max(top, 0.0), total / (nits.shape[0] * nits.shape[1]))


def _as_written(nits: F32, encoding: ColourState, *, codes: bool) -> npt.NDArray[np.floating]:
    matrix = rgb_to_rgb("bt2020", encoding.primaries)
    if encoding.ocio_space is not None:
        matrix = np.eye(3)
    if not codes:
        return apply_matrix(nits, matrix)
    if encoding.transfer == "pq":
        return np.clip(apply_matrix(nits, matrix), 0, 10_000)
    signal = np.clip(from_nits_rec2020(nits, encoding), 0, 1)
    return apply_matrix(to_nits_rec2020(signal, encoding), matrix)
