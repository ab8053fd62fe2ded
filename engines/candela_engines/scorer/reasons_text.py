"""Each reason as one plain sentence: numbers with units, words of place, nothing unmeasured."""

from __future__ import annotations

import math

from candela_engines.scorer.evidence import Evidence, Mask
from candela_engines.scorer.reasons_table import Kind

__all__ = ["sentence"]


def sentence(
    kind: Kind, amount: float, evidence: Evidence, mask: Mask | None, *, within: bool, gross: bool
) -> str:
    """The sentence of a reason. amount: in the kind's unit, with its sign."""
    place = "" if mask is None else f", {mask.words()}"
    share = "" if mask is None else _percent(mask.share)
    if kind.name == "highlights_clipped" and not gross:
        return _held(evidence, place, share)
    lead = _TEXTS[kind.name](amount, evidence, place, share)
    if gross or kind.violation_from == 0.0 or kind.name == "gamut_exceeded":
        return lead
    if within:
        return f"{lead}; within what legitimate grades differ by, described only"
    return f"{lead}; beyond the usual range of styles, though an SDR operator of its own can make as much"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share >= 0.001 else f"{100 * share:.2g} %"


def _nit(value: float) -> str:
    return f"{value:.0f} nit" if value >= 10 else f"{value:.2g} nit"


def _clipped(amount: float, e: Evidence, place: str, share: str) -> str:
    return (
        f"Highlights clip at {_nit(e.told_peak)} over {share} of the picture{place}; the SDR reference keeps "
        f"detail there, {e['pair.tone.sdr_range_at_peak']:.0f} PU21 units of it"
    )


def _held(e: Evidence, place: str, share: str) -> str:
    return (
        f"Highlights end at {_nit(e.told_peak)}, the most that the grade can show, over {share} of the "
        f"picture{place}, where the SDR reference keeps {e['pair.tone.sdr_range_at_peak']:.0f} PU21 units of "
        "detail; a brighter or steeper look does that, described only"
    )


def _crushed(amount: float, e: Evidence, place: str, share: str) -> str:
    return (
        f"Blacks are crushed to {_nit(e.floor)} over {share} of the picture{place}; the SDR reference keeps "
        f"{e['pair.tone.sdr_range_at_floor']:.0f} PU21 units there"
    )


def _lifted(amount: float, e: Evidence, place: str, share: str) -> str:
    red, blue = e["grade.limits.tint_red"], e["grade.limits.tint_blue"]
    tint = ""
    if not math.isnan(red) and max(abs(red), abs(blue)) > 0.05:
        words = {
            (True, True): "magenta",
            (True, False): "red",
            (False, True): "blue",
            (False, False): "green",
        }
        tint = f" and tinted {words[(red > 0.02, blue > 0.02)]}"
    return (
        f"Blacks are lifted{tint}: the darkest part is at {_nit(e.floor)}, {amount:.0f} PU21 units above the "
        f"SDR reference's{place}"
    )


def _banding(amount: float, e: Evidence, place: str, share: str) -> str:
    density = e["grade.banding.density"]
    return (
        f"Banding: {amount:.1f} visible contours a line{place}; {100 * density:.0f} % of the neighbouring "
        "codes are in use"
    )


def _noise(amount: float, e: Evidence, place: str, share: str) -> str:
    return f"Noise of {amount:.1f} PU21 units in flat parts that the SDR reference does not have{place}"


def _soft(amount: float, e: Evidence, place: str, share: str) -> str:
    gone = f"{100 * amount:.0f} % of the finest detail is gone"
    return f"The picture is softer than its SDR reference: {gone}{place}"


def _halo(amount: float, e: Evidence, place: str, share: str) -> str:
    return (
        f"Edges are sharpened: {100 * amount:.0f} % more of the finest detail than the SDR reference{place}"
    )


def _compression(amount: float, e: Evidence, place: str, share: str) -> str:
    kept, colour = e["pair.detail.correlation_two"], e["pair.detail.chroma_correlation"]
    blocks = e["grade.texture.blocking_8"]
    seen = f", with blocks of 8 pixels ({blocks:.2f} log10)" if blocks > 0.2 else ""
    return (
        f"Compression: detail goes with the SDR reference's by a correlation of {kept:.2f} in light and "
        f"{colour:.2f} in colour{seen}{place}"
    )


def _reversed(amount: float, e: Evidence, place: str, share: str) -> str:
    return (
        f"Tones are reversed: what is brighter in the SDR reference is darker in the grade, by {amount:.1f} "
        "PU21 units on average over its scale"
    )


def _gamut(amount: float, e: Evidence, place: str, share: str) -> str:
    return (
        f"{_percent(amount)} of the picture is outside P3-D65, by up to "
        f"{100 * e['grade.colour.excess_p3']:.0f} % of the largest component{place}"
    )


def _exposure(amount: float, e: Evidence, place: str, share: str) -> str:
    side = "above" if amount > 0 else "below"
    return f"{abs(amount):.1f} EV {side} the expected rendering of the SDR reference (white at 203 nit)"


def _balance(amount: float, e: Evidence, place: str, share: str) -> str:
    side = "warmer" if amount > 0 else "cooler"
    return f"White balance about {abs(amount):.0f} mired {side} than the SDR reference"


def _hue(amount: float, e: Evidence, place: str, share: str) -> str:
    return f"Hues are turned by {amount:+.0f}° from the SDR reference"


def _saturation(amount: float, e: Evidence, place: str, share: str) -> str:
    side = "more" if amount > 0 else "less"
    return f"{100 * abs(math.expm1(amount)):.0f} % {side} saturated than the expected rendering"


def _contrast(amount: float, e: Evidence, place: str, share: str) -> str:
    side = "more" if amount > 0 else "less"
    return f"{100 * abs(math.expm1(amount)):.0f} % {side} contrast in the mid tones than the SDR reference"


def _skin(amount: float, e: Evidence, place: str, share: str) -> str:
    return f"Skin-like colours are turned by {amount:+.0f}° of hue over {share} of the picture{place}"


_TEXTS = {
    "highlights_clipped": _clipped,
    "blacks_crushed": _crushed,
    "blacks_lifted": _lifted,
    "banding": _banding,
    "noise": _noise,
    "soft": _soft,
    "halo": _halo,
    "compression": _compression,
    "tones_reversed": _reversed,
    "gamut_exceeded": _gamut,
    "exposure": _exposure,
    "white_balance": _balance,
    "hue": _hue,
    "saturation": _saturation,
    "contrast": _contrast,
    "skin": _skin,
}
