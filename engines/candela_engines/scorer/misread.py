"""Pictures whose colour state looks wrong: SDR read as HDR, or HDR read as SDR.

Nothing is decided here: a tag is a statement, statistics are hints. Each suspicion gives the numbers that
speak for it; a picture of a white wall may look like one. With an SDR reference at hand the strongest hint is
available: the codes of the grade being those of the reference. Alone, SDR read as HLG cannot be told: HLG was
made to look right as SDR.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour import pq
from candela_engines.colour.state import ColourState
from candela_engines.errors import InputError

__all__ = ["Suspicion", "suspect", "suspect_reference", "thinned"]

Kind = Literal["sdr-read-as-pq", "sdr-in-hdr", "pq-read-as-sdr", "same-codes-as-sdr"]

_POINTS = 1 << 17
_LEAST = 64
_ALIKE = 0.02
# Gamma and PQ codes of one light cross near 0.15 and are 0.4 apart at white: dark pictures say little.
_BRIGHT = 0.4


@dataclass(frozen=True, slots=True)
class Suspicion:
    """One hint that a picture is not in the state it is said to be in.

    kind: what it looks like. text: one sentence with the numbers. evidence: those numbers by name: codes
    0..1, light in nits, shares 0..1.
    """

    kind: Kind
    text: str
    evidence: dict[str, float]


def suspect(
    codes: NDArray[np.floating], state: ColourState, sdr_codes: NDArray[np.floating] | None = None
) -> list[Suspicion]:
    """What speaks against a picture being in `state`; empty if nothing does.

    codes: (H, W, 3) float32 or float64, full-range signal R'G'B' of PQ, HLG or an SDR transfer, 0..1 nominal.
    Light (`linear`, OCIO) has no codes to misread: nothing is said of it. sdr_codes: those of the SDR
    reference, of the same size, or None. Raises InputError for another shape or dtype.
    """
    if codes.ndim != 3 or codes.shape[2] != 3 or codes.dtype.kind != "f":
        raise InputError(f"misread: {codes.dtype} {codes.shape}; float codes (H, W, 3) are needed")
    if sdr_codes is not None and sdr_codes.shape != codes.shape:
        raise InputError(f"misread: codes {codes.shape} and SDR codes {sdr_codes.shape}; one size is needed")
    if state.ocio_space is not None or state.transfer == "linear":
        return []
    some = np.nan_to_num(thinned(codes).reshape(-1, 3).astype(np.float64))
    if len(some) < _LEAST or some.max() - some.min() < 0.02:
        return []  # black, constant or tiny: no statistics
    found: list[Suspicion] = []
    top = some.max(axis=1)
    if state.transfer == "pq":
        found += _as_pq(some, top)
    elif not state.is_hdr:
        found += _as_sdr(some, top)
    if sdr_codes is not None and state.is_hdr:
        reference = thinned(sdr_codes).reshape(-1, 3).astype(np.float64)
        found += _same(some, np.nan_to_num(reference), state)
    return found


def suspect_reference(nits: NDArray[np.floating], sdr_codes: NDArray[np.floating]) -> list[Suspicion]:
    """Whether an SDR reference has the PQ codes of a grade that is light: HDR codes read as SDR.

    nits: (H, W, 3) linear BT.2020, as `suspect` looks at it, or thinned. sdr_codes: 0..1, of the same size.
    Raises InputError for another size.
    """
    if sdr_codes.shape != nits.shape:
        raise InputError(f"misread: light {nits.shape} and SDR codes {sdr_codes.shape}; one size is needed")
    light, reference = (np.nan_to_num(thinned(one).reshape(-1, 3)) for one in (nits, sdr_codes))
    if len(light) < _LEAST:
        return []
    most, bright = _apart(pq.inverse_eotf(np.maximum(light, 0)).astype(np.float64), reference)
    if most >= _ALIKE or bright <= _BRIGHT:
        return []
    text = (
        f"the SDR reference's codes are those of the grade's light in PQ ({most:.3f} apart at the 95th "
        "percentile): it looks like an HDR picture read as SDR"
    )
    return [Suspicion("pq-read-as-sdr", text, {"code_p95": most, "code_bright": bright})]


def thinned(picture: NDArray[np.floating]) -> NDArray[np.floating]:
    """The pixels of (H, W, 3) that `suspect` looks at, a lattice of half a million at most, as (h, w, 3).

    Of what is thinned nothing more is left out, so that codes need not be made of all of a picture's light.
    """
    step = max(1, int(np.sqrt(picture.shape[0] * picture.shape[1] / _POINTS)))
    return picture[step // 2 :: step, step // 2 :: step]


def _as_pq(codes: NDArray[np.float64], top: NDArray[np.float64]) -> list[Suspicion]:
    median, high = float(np.median(top)), float(np.quantile(top, 0.999))
    nits = pq.eotf(codes)
    fall = float(nits.max(axis=1).mean())
    share = float((top > 0.85).mean())  # 2600 nit
    # No grade has frames of 400 nit on average that reach 4000 in places: it is gamma, whites at code 1.
    if high > 0.9 and fall > 400 and share > 0.005:
        text = (
            f"read as PQ, the frame is {fall:.0f} nit on average and {float(pq.eotf(high)):.0f} nit at the "
            f"top, with {100 * share:.1f} % above 2600 nit: it looks like SDR codes (median {median:.2f}) "
            "read as PQ"
        )
        return [Suspicion("sdr-read-as-pq", text, {"fall_nits": fall, "code_p999": high, "share": share})]
    return _placed_sdr(nits)


def _placed_sdr(nits: NDArray[np.float64]) -> list[Suspicion]:
    """An SDR picture in an HDR signal: it ends at 100 or 203 nit and has no colour outside BT.709."""
    from candela_engines.colour.gamuts import rgb_to_rgb

    top = nits.max(axis=1)
    peak = float(np.quantile(top, 0.9999))
    inside = nits @ rgb_to_rgb("bt2020", "bt709").T
    largest = np.maximum(inside.max(axis=1), 1e-3)
    outside = float((inside.min(axis=1) < -0.01 * largest).mean())
    for white in (100.0, 203.0):
        edge = float(np.quantile(inside.max(axis=1), 0.9999))
        pile = float((inside.max(axis=1) > 0.985 * white).mean())
        if abs(edge / white - 1) < 0.02 and pile > 5e-4 and outside < 1e-3:
            text = (
                f"the light ends at {peak:.0f} nit, {100 * pile:.2g} % of the picture lies there and nothing "
                f"is outside BT.709: it looks like an SDR picture placed at {white:.0f} nit in an HDR signal"
            )
            evidence = {"peak_nits": peak, "share_at_peak": pile, "share_outside_709": outside}
            return [Suspicion("sdr-in-hdr", text, evidence)]
    return []


def _as_sdr(codes: NDArray[np.float64], top: NDArray[np.float64]) -> list[Suspicion]:
    """PQ codes of a 1000-nit grade read as gamma: nothing near white, flat, and hardly any colour."""
    high, low = float(np.quantile(top, 0.999)), float(np.quantile(top, 0.02))
    median = float(np.median(top))
    spread = codes.max(axis=1) - codes.min(axis=1)
    colour = float(np.median(spread / np.maximum(top, 0.05)))
    if 0.6 < high < 0.83 and 0.2 < median < 0.65 and colour < 0.16 and low > 0.045:
        text = (
            f"the brightest code is {high:.2f} and the median {median:.2f}, with little colour ({colour:.2f} "
            f"of the light) and blacks at {low:.2f}: it looks like PQ codes read as SDR"
        )
        evidence = {"code_p999": high, "code_median": median, "code_p2": low, "colour": colour}
        return [Suspicion("pq-read-as-sdr", text, evidence)]
    return []


def _same(codes: NDArray[np.float64], sdr: NDArray[np.float64], state: ColourState) -> list[Suspicion]:
    most, bright = _apart(codes, sdr)
    if most < _ALIKE and bright > _BRIGHT:
        middle = float(np.median(np.abs(codes - sdr).max(axis=1)))
        name = state.transfer.upper()
        text = (
            f"the grade's {name} codes are those of the SDR reference ({most:.3f} apart at the 95th "
            f"percentile): it looks like the SDR picture tagged as {name}"
        )
        return [Suspicion("same-codes-as-sdr", text, {"code_median": middle, "code_p95": most})]
    return []


def _apart(codes: NDArray[np.float64], sdr: NDArray[np.floating]) -> tuple[float, float]:
    """The 95th percentile of the distance of codes (P, 3), and of the reference's brightest channel."""
    distance = np.abs(codes - sdr).max(axis=1)
    return float(np.quantile(distance, 0.95)), float(np.quantile(sdr.max(axis=1), 0.95))
