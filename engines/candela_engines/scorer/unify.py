"""Any picture to one form: HLG codes of a 1000-nit display, BT.2020, float32.

The steps are those of BT.2100 and BT.2408, without rounding in between:

1. Codes to light of linear BT.2020 in nits, by the picture's own standard. HLG of another nominal peak has
   its own system gamma (BT.2100-2 note 5f). An SDR reference is placed with its white at 203 nit (BT.2408-7
   §5.1.3), which is HLG code 0.75.
2. Light above 1000 nit: held at 1000 nit (`above="clip"`), or brought below by the EETF of BT.2390-8 from the
   mastering peak, on max(R, G, B), which keeps hue (`above="eetf"`). Without being asked, the EETF is used
   where the picture's state names a peak above 1000 nit other than PQ's ceiling: else every grade for a
   brighter display would look clipped.
3. Light below zero, which is outside BT.2020, becomes zero.
4. Inverse OOTF of a 1000-nit display (γ = 1.2) and OETF.

What steps 2 and 3 changed is counted before they do. NaN becomes black and is counted as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour import pq
from candela_engines.colour.state import ColourState
from candela_engines.errors import InputError
from candela_engines.scorer.to_hlg import Counts, light_to_hlg
from candela_engines.scorer.to_light import light_of

__all__ = ["PEAK_NITS", "UnifiedPicture", "UnifyReport", "unify", "unify_light"]

PEAK_NITS = 1000.0
T = TypeVar("T")
Above = Literal["auto", "clip", "eetf"]
_STRIP_PIXELS = 1 << 16


@dataclass(frozen=True, slots=True)
class UnifyReport:
    """What was changed on the way. Shares are of pixels, 0..1.

    above: any channel above 1000 nit. peak_nits: the largest channel of the input, NaN and infinities apart.
    outside: any channel below −0.01 nit: outside BT.2020. lowest_nits: the lowest. not_numbers: NaN or
    infinite in any channel. mapped: how light above 1000 nit was dealt with. source_peak_nits: of the EETF.
    """

    above: float
    peak_nits: float
    outside: float
    lowest_nits: float
    not_numbers: float
    mapped: Literal["nothing", "clip", "eetf"]
    source_peak_nits: float | None

    def sentences(self) -> list[str]:
        """What a reader has to know, in words; empty if nothing was changed."""
        out = []
        if self.above:
            how = (
                f"brought below it by the EETF of BT.2390 from {self.source_peak_nits:g} nit"
                if self.mapped == "eetf"
                else "held there"
            )
            out.append(
                f"{_percent(self.above)} of the picture is above 1000 nit, up to {self.peak_nits:.0f} nit, "
                f"and was {how}"
            )
        if self.outside:
            out.append(
                f"{_percent(self.outside)} of the picture is outside BT.2020, down to {self.lowest_nits:.3g} "
                "nit, and was held at its edge"
            )
        if self.not_numbers:
            share = _percent(self.not_numbers)
            out.append(f"{share} of the picture is NaN or infinite and was taken as black")
        return out


@dataclass(frozen=True, eq=False)
class UnifiedPicture:
    """hlg: (H, W, 3) float32 codes, 0..1. nits: (H, W, 3) float32, the light of those codes, 0..1000."""

    hlg: NDArray[np.float32]
    nits: NDArray[np.float32]
    report: UnifyReport


def _percent(value: float) -> str:
    return f"{100 * value:.2g} %" if value < 0.1 else f"{100 * value:.0f} %"


def unify(
    rgb: NDArray[np.generic],
    state: ColourState,
    *,
    bits: int | None = None,
    above: Above = "auto",
    source_peak_nits: float | None = None,
    sdr_white_nits: float | None = None,
    threads: int = 2,
) -> UnifiedPicture:
    """HLG at 1000 nit of a picture in any colour state, and what was changed for it.

    rgb: (H, W, 3): float codes (or light) as `to_nits_rec2020` takes them, or unsigned codes of `bits` bits.
    bits: needed for integers and for narrow range. above: see the module. source_peak_nits: the mastering
    peak, where it is known better than the state says. sdr_white_nits: white of an SDR picture; 203 if the
    state is SDR. threads: the result does not depend on it.
    Raises InputError or ColourStateError for shapes, dtypes, states or peaks that do not allow it.
    """
    hlg = np.empty(rgb.shape, np.float32) if isinstance(rgb, np.ndarray) else None
    nits, report = _unified(rgb, state, hlg, bits, above, source_peak_nits, sdr_white_nits, threads)
    assert hlg is not None  # of anything but an array nothing was unified
    return UnifiedPicture(hlg, nits, report)


def unify_light(
    rgb: NDArray[np.generic],
    state: ColourState,
    *,
    bits: int | None = None,
    above: Above = "auto",
    source_peak_nits: float | None = None,
    sdr_white_nits: float | None = None,
    threads: int = 2,
) -> tuple[NDArray[np.float32], UnifyReport]:
    """The light of `unify` without its codes, in a fraction of the time: (H, W, 3) nits, and the report.

    Light that is linear BT.2020 in nits already, of which nothing has to be changed, is returned as it is and
    not copied.
    """
    return _unified(rgb, state, None, bits, above, source_peak_nits, sdr_white_nits, threads)


def _unified(
    rgb: NDArray[np.generic],
    state: ColourState,
    hlg: NDArray[np.float32] | None,
    bits: int | None,
    above: Above,
    source_peak_nits: float | None,
    sdr_white_nits: float | None,
    threads: int,
) -> tuple[NDArray[np.float32], UnifyReport]:
    if not isinstance(rgb, np.ndarray) or rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.size == 0:
        shape = getattr(rgb, "shape", type(rgb).__name__)
        raise InputError(f"unify: {shape} where pixels (H, W, 3) are needed")
    if rgb.dtype.kind not in "fu":
        raise InputError(f"unify: pixels of {rgb.dtype}; floats or unsigned codes are needed")
    if rgb.dtype.kind == "u" and bits is None:
        raise InputError("unify: integer codes need their bit depth; say bits=8, 10, 12 or 16")
    white = sdr_white_nits
    if white is None and not state.is_hdr and not (state.transfer == "linear" and state.ocio_space is None):
        white = 203.0
    peak = _source_peak(state, source_peak_nits, white)
    eetf = peak is not None and peak > PEAK_NITS and above != "clip"
    if above == "eetf" and not eetf:
        raise InputError("unify: the EETF needs the mastering peak, above 1000 nit; give source_peak_nits")
    to_light = light_of(rgb.dtype, state, bits, white)
    height, width = rgb.shape[:2]
    step = max(1, _STRIP_PIXELS // width)
    if hlg is None and not eetf and _is_light(rgb, state):
        span = _span(rgb, step, threads)
        if span is not None:
            return rgb.view(np.float32), _report([Counts(0, span[1], 0, span[0], 0)], height * width, None)
    nits = np.empty(rgb.shape, np.float32)

    def strip(top: int) -> Counts:
        rows = slice(top, min(top + step, height))
        with np.errstate(all="ignore"):
            light = to_light(rgb[rows])
            codes = None if hlg is None else hlg[rows]
            return light_to_hlg(light, codes, nits[rows], source_peak=peak if eetf else None)

    parts = _mapped(strip, range(0, height, step), threads)
    return nits, _report(parts, height * width, peak if eetf else None)


def _mapped(work: Callable[[int], T], tops: range, threads: int) -> list[T]:
    if threads > 1 and len(tops) > 1:
        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(work, tops))
    return [work(top) for top in tops]


def _is_light(rgb: NDArray[np.generic], state: ColourState) -> bool:
    plain = state.transfer == "linear" and state.primaries == "bt2020" and state.range == "full"
    return plain and state.ocio_space is None and state.unit_nits == 1 and rgb.dtype == np.float32


def _span(rgb: NDArray[np.generic], step: int, threads: int) -> tuple[float, float] | None:
    """Lowest and highest value; None where something has to be changed or is no number."""

    def strip(top: int) -> tuple[float, float]:
        rows = rgb[top : top + step]
        return float(rows.min()), float(rows.max())

    # A NaN is the least and the most of what it is among, and compares with nothing.
    ends = _mapped(strip, range(0, rgb.shape[0], step), threads)
    if all(low >= 0 and high <= PEAK_NITS for low, high in ends):
        return min(low for low, _ in ends), max(high for _, high in ends)
    return None


def _source_peak(state: ColourState, given: float | None, white: float | None) -> float | None:
    if given is not None:
        if not 0 < given <= pq.PEAK_NITS:
            raise InputError(f"unify: a mastering peak of {given} nit; above 0 and up to 10000 is needed")
        return given
    if white is not None:
        return None
    # 10000 nit is PQ's ceiling, and stands for a mastering peak that nobody named.
    return None if state.peak_nits >= pq.PEAK_NITS else state.peak_nits


def _report(parts: list[Counts], pixels: int, source_peak: float | None) -> UnifyReport:
    above = sum(part.above for part in parts)
    mapped: Literal["nothing", "clip", "eetf"] = "nothing"
    if source_peak is not None:
        mapped = "eetf"
    elif above:
        mapped = "clip"
    return UnifyReport(
        above / pixels,
        max((part.peak for part in parts), default=math.nan),
        sum(part.outside for part in parts) / pixels,
        min((part.lowest for part in parts), default=math.nan),
        sum(part.broken for part in parts) / pixels,
        mapped,
        source_peak,
    )
