"""How much of each kind of reason a description shows: one signed number a kind, in the unit of `KINDS`."""

from __future__ import annotations

import math

from candela_engines.scorer.descriptors.vector import Description
from candela_engines.scorer.reasons_table import kind_of

__all__ = ["LOG2_A_MIRED", "amounts"]

LOG2_A_MIRED = 0.0113
"""log2 of red over blue that a mired of a daylight illuminant's shift makes, measured: 0.0106 to 0.0118."""


def amounts(d: Description) -> dict[str, float]:
    """Measured quantity by kind; NaN where the picture holds no evidence or a reference is lacking.

    `exposure` is relative to the expected −0.6 EV of a grade against its SDR placed at 203 nit. `local_grade`
    and `wrong_tag` are not among them: they are not single descriptors.
    """
    return {
        "highlights_clipped": _clipped(d),
        "blacks_crushed": _crushed(d),
        "blacks_lifted": _lifted(d),
        "banding": _banding(d),
        "noise": d["pair.detail.noise_added"],
        "soft": _soft(d),
        "halo": d["pair.detail.sharpen_one"],
        "compression": _compression(d),
        "tones_reversed": _reversed(d),
        "gamut_exceeded": d["grade.colour.out_p3"],
        "exposure": d["pair.tone.stops"] - kind_of("exposure").usual,
        "white_balance": (d["pair.colour.red_green"] - d["pair.colour.blue_green"]) / LOG2_A_MIRED,
        "hue": d["pair.colour.hue_median"],
        "saturation": _saturation(d),
        "contrast": d["pair.tone.slope_mid"],
        "skin": d["pair.colour.skin_hue"],
    }


def _or(value: float, other: float) -> float:
    return other if math.isnan(value) else value


def _ramp(value: float, low: float, high: float) -> float:
    """0 below `low`, 1 above `high`, straight between."""
    return min(max((value - low) / (high - low), 0.0), 1.0)


def _clipped(d: Description) -> float:
    """Share at the peak where the reference still changes, where values pile up there and it has a range."""
    share = d["pair.tone.clip_lost"]
    piled = _ramp(_or(d["grade.limits.top_pile"], 0.0), 0.6, 1.2)
    ranged = _ramp(_or(d["pair.tone.sdr_range_at_peak"], 0.0), 1.0, 4.0)
    return share * piled * ranged * common_end(d)


def common_end(d: Description) -> float:
    """What an amount of clipping is multiplied by: a roll-off that ends at the 1000 nit of the common form
    touches it in legitimate grades too.
    """
    return 0.4 if d["grade.light.peak_rgb"] > math.log10(970) else 1.0


def _crushed(d: Description) -> float:
    """Share at the floor where the reference is above its own floor, with a range there."""
    ranged = _ramp(_or(d["pair.tone.sdr_range_at_floor"], 0.0), 2.0, 10.0)
    return d["pair.tone.floor_share"] * ranged


def _lifted(d: Description) -> float:
    """The grade's black above the reference's, where the curve goes flat in the shadows alone.

    Operators put black at different places, and lower contrast raises it: a lift is flat at the bottom and is
    as steep as it should be in the mid tones. Where the reference has no shadows there is no evidence.
    """
    middle = d["pair.tone.exponent_10"]
    falls = [
        middle - e for e in (d["pair.tone.exponent_0.1"], d["pair.tone.exponent_1"]) if not math.isnan(e)
    ]
    if not falls or math.isnan(middle):
        return math.nan
    raised = min(d["pair.tone.floor_at_sdr_black"], d["diff.limits.channel_floor"])
    return raised * _ramp(max(falls), 0.35, 0.6)


def _banding(d: Description) -> float:
    """Contours that show, of a picture whose codes are sparse and which lost steps of the reference."""
    sparse = 1 - _ramp(_or(d["grade.banding.density"], 1.0), 0.55, 0.75)
    lost = _ramp(_or(d["pair.detail.lost_steps_mid"], 0.0), 0.004, 0.02)
    return d["grade.banding.contours"] * sparse * lost


def _colour_kept(d: Description) -> float:
    """Detail of colour that goes with the reference's, over that of light: codecs drop colour first."""
    return d["pair.detail.chroma_correlation"] / max(d["pair.detail.busy_correlation"], 0.05)


def _soft(d: Description) -> float:
    """Share of the finest detail that is gone, where colour lost no more than light."""
    return -d["pair.detail.sharpen_one"] * _ramp(_or(_colour_kept(d), 1.0), 0.1, 0.3)


def _compression(d: Description) -> float:
    """Detail over two pixels that is not the reference's, where colour lost more, and noise is no reason."""
    noisy = _ramp(_or(d["pair.detail.noise_added"], 0.0), 0.8, 2.0)
    dropped = 1 - _ramp(_or(_colour_kept(d), 1.0), 0.2, 0.45)
    return (1 - d["pair.detail.correlation_two"]) * dropped * (1 - noisy)


def _reversed(d: Description) -> float:
    """Fall of the fitted curve, where curve and detail fit: of a chart of pure colours neither does."""
    fits = _ramp(_or(d["pair.detail.correlation_two"], 1.0), 0.85, 0.95)
    fits *= 1 - _ramp(_or(d["pair.tone.residual"], 0.0), 3.0, 5.0)
    return d["pair.tone.not_monotone"] * fits


def _saturation(d: Description) -> float:
    """Change of chroma beyond what brighter or darker light makes of it, 0.1 a stop, measured."""
    stops = d["pair.tone.stops"] - kind_of("exposure").usual
    return d["pair.colour.chroma_ratio"] - 0.1 * _or(stops, 0.0)
