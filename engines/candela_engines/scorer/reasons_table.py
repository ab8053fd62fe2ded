"""The kinds of reasons and the thresholds of each, in one table, with where every number comes from.

`least` and `full` bound the severity: 0 where a reason is told for the first time, 1 at the last rung of that
fault's ladder. `usual` and `spread` are the median and the deviation (95th percentile less median, over
1.645; a tenth of `least` at the least) of the measured quantity over masters and legitimate other grades
of 23 tuning sources beside two SDR operators; of signed quantities, 0 and the 68th percentile of the size.
The confidence of a reason is the share of those that stay below it, were they normally distributed. The
tuning sources are those that `bench/reasons.py` names; its figures are of others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["KINDS", "Class", "Kind", "kind_of"]

Class = Literal["violation", "deviation"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of reason.

    name: stable, for programs. title: for people. unit: of the measured quantity. least: below it nothing is
    told. full: severity 1. within: up to here a deviation is within the range of legitimate styles and is
    described only. usual, spread: see the module. descriptors: that prove it. source: of the thresholds.
    """

    name: str
    title: str
    unit: str
    least: float
    full: float
    usual: float
    spread: float
    descriptors: tuple[str, ...]
    source: str
    within: float = 0.0
    violation_from: float | None = None


_TUNED = "least: above all masters and styles of the tuning sources; full: last rung of the ladder there"
_STYLE = "within: range of legitimate styles (±0.7 EV, ±16 mired, saturation .8 to 1.2, contrast .92 to 1.12)"

KINDS: tuple[Kind, ...] = (
    Kind(
        "highlights_clipped",
        "highlights clip",
        "share",
        0.002,
        0.10,
        0.0,
        0.0013,
        ("pair.tone.clip_lost", "grade.limits.top_pile", "pair.tone.sdr_range_at_peak"),
        _TUNED,
        violation_from=0.0,
    ),
    Kind(
        "blacks_crushed",
        "blacks are crushed",
        "share",
        0.006,
        0.20,
        0.0,
        0.0006,
        ("pair.tone.floor_share", "pair.tone.crush_lost", "pair.tone.sdr_range_at_floor"),
        _TUNED,
        violation_from=0.0,
    ),
    Kind(
        "blacks_lifted",
        "blacks are lifted",
        "PU21",
        15.0,
        90.0,
        0.0,
        1.5,
        ("pair.tone.floor_at_sdr_black", "diff.limits.channel_floor", "grade.limits.channel_floor"),
        _TUNED,
        violation_from=0.0,
    ),
    Kind(
        "banding",
        "banding",
        "contours a line",
        0.6,
        6.0,
        0.0,
        0.06,
        ("grade.banding.contours", "grade.banding.density", "pair.detail.lost_steps_mid"),
        _TUNED + "; codes are sparse (density under 0.6) as well, as no camera's picture is",
        violation_from=0.0,
    ),
    Kind(
        "noise",
        "noise",
        "PU21",
        0.8,
        8.0,
        -0.2081,
        0.1159,
        ("pair.detail.noise_added", "grade.texture.noise"),
        _TUNED + "; 1 PU21 unit is near what is seen",
        violation_from=0.0,
    ),
    Kind(
        "soft",
        "the picture is soft",
        "1",
        0.30,
        0.92,
        0.0011,
        0.0476,
        ("pair.detail.sharpen_one", "pair.detail.gain_pixel"),
        _TUNED,
        violation_from=0.0,
    ),
    Kind(
        "halo",
        "edges have halos",
        "1",
        0.30,
        1.6,
        -0.0011,
        0.03,
        ("pair.detail.sharpen_one", "pair.detail.gain_pixel"),
        _TUNED,
        violation_from=0.0,
    ),
    Kind(
        "compression",
        "compression",
        "1",
        0.09,
        0.7,
        0.0,
        0.009,
        ("pair.detail.correlation_two", "pair.detail.chroma_correlation", "grade.texture.blocking_8"),
        _TUNED,
        violation_from=0.0,
    ),
    Kind(
        "tones_reversed",
        "tones are reversed",
        "PU21",
        0.25,
        2.0,
        0.0,
        0.025,
        ("pair.tone.not_monotone",),
        "the fitted curve falls: brighter in the reference is darker in the grade; " + _TUNED,
        violation_from=0.0,
    ),
    Kind(
        "gamut_exceeded",
        "colours leave P3-D65",
        "share",
        0.002,
        0.15,
        0.0,
        0.0009,
        ("grade.colour.out_p3", "grade.colour.excess_p3", "grade.colour.out_2020"),
        "P3-D65 inside BT.2020 is studio delivery practice; the share is a default to be changed",
    ),
    Kind(
        "exposure",
        "exposure",
        "EV",
        0.35,
        2.0,
        -0.6,
        0.5988,
        ("pair.tone.stops",),
        _STYLE
        + "; expected −0.6 EV: median over tuning sources. SDR operators differ by more than an EV here, so "
        "that a violation begins where an unknown one and a style together do not reach",
        within=0.7,
        violation_from=2.5,
    ),
    Kind(
        "white_balance",
        "white balance",
        "mired",
        8.0,
        60.0,
        0.0,
        9.8926,
        ("pair.colour.blue_green", "pair.colour.red_green", "pair.colour.neutral_t"),
        _STYLE,
        within=16.0,
        violation_from=50.0,
    ),
    Kind(
        "hue",
        "hue",
        "degree",
        4.0,
        35.0,
        0.0,
        0.9579,
        ("pair.colour.hue_median", "pair.colour.hue_turn"),
        "a turn of hue of 5° and less is described only; " + _TUNED,
        within=6.0,
    ),
    Kind(
        "saturation",
        "saturation",
        "ln",
        0.09,
        1.2,
        0.0,
        0.1782,
        ("pair.colour.chroma_ratio", "pair.colour.chroma_gain"),
        _STYLE,
        within=0.24,
    ),
    Kind(
        "contrast",
        "contrast",
        "ln",
        0.10,
        0.9,
        0.0,
        0.1404,
        ("pair.tone.slope_mid", "pair.tone.exponent_1", "pair.tone.exponent_10"),
        _STYLE,
        within=0.25,
        violation_from=0.65,
    ),
    Kind(
        "skin",
        "skin-like colours",
        "degree",
        5.0,
        30.0,
        0.0,
        1.5369,
        ("pair.colour.skin_hue", "pair.colour.skin_stops", "grade.skin.share"),
        "turn of hue of skin-like regions beyond the rest of the picture's styles; " + _TUNED,
        within=8.0,
    ),
    Kind(
        "wrong_tag",
        "the colour tag looks wrong",
        "1",
        0.0,
        1.0,
        0.0,
        0.1,
        ("pair.tone.code_pq",),
        "`misread`: statistics of codes, thresholds there",
    ),
    Kind(
        "local_grade",
        "one region is graded otherwise",
        "ΔE_ITP",
        9.0,
        60.0,
        0.0,
        5.0,
        ("pair.tone.residual_broad", "pair.colour.chroma_residual"),
        "a region off the curve and the colour of the rest; a window is a choice, so described only; "
        + _TUNED,
        within=1e9,
    ),
)
"""In the order in which reasons of one severity are told."""

_BY_NAME = {kind.name: kind for kind in KINDS}


def kind_of(name: str) -> Kind:
    """The kind of that name. Raises KeyError for another."""
    return _BY_NAME[name]
