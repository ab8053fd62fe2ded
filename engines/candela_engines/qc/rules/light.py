"""Rules on light: MaxCLL, MaxFALL, the peak of the mastering display; levels of white and skin as advice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from candela_engines.qc.findings import Box, Severity
from candela_engines.qc.rule import ClipFacts, Held, Hit, Rule, Setting, Settings, held_runs
from candela_engines.qc.shots import ShotData

__all__ = ["RULES"]

_FRAMES = Setting(2, "frames", "in so many frames in a row at least", 1, 1e6)


def _max_cll(facts: ClipFacts, shots: Sequence[ShotData], s: Settings) -> Iterator[Hit]:
    limit = float(s["limit_nits"])
    for shot in shots:
        robust = shot.column("robust_max_nits")
        held = held_runs(shot, robust, limit * (1 + s["tolerance_percent"] / 100), int(s["frames"]))
        if held is None:
            continue
        strict = float(shot.column("max_nits")[held.place])
        yield Hit.of(
            held, shot,
            f"MaxCLL is {held.value:.0f} nit (99.99 % of pixels; {strict:.0f} nit strictly), over"
            f" {limit:g} nit.",
            limit, "nits",
            f"{limit:g} nit + {s['tolerance_percent']:g} %, 99.99 % of pixels, {int(s['frames'])} frames",
            box=_around(shot, held.place, facts),
        )  # fmt: skip


def _around(shot: ShotData, place: int, facts: ClipFacts) -> Box | None:
    """A box around the brightest pixel of a frame."""
    x, y = shot.column("max_x_px")[place], shot.column("max_y_px")[place]
    if not np.isfinite(x):
        return None
    reach = max(16, facts.width_px // 48)
    left, top = max(0, int(x) - reach), max(0, int(y) - reach)
    return Box(left, top, min(facts.width_px, int(x) + reach), min(facts.height_px, int(y) + reach))


def _max_fall(facts: ClipFacts, shots: Sequence[ShotData], s: Settings) -> Iterator[Hit]:
    limit = float(s["limit_nits"])
    for shot in shots:
        falls = shot.column("fall_nits")
        held = held_runs(shot, falls, limit * (1 + s["tolerance_percent"] / 100), int(s["frames"]))
        if held is None:
            continue
        yield Hit.of(
            held, shot, f"MaxFALL is {held.value:.0f} nit over the active picture, over {limit:g} nit.",
            limit, "nits", f"{limit:g} nit + {s['tolerance_percent']:g} %, {int(s['frames'])} frames",
        )  # fmt: skip


def _display_peak(facts: ClipFacts, s: Settings) -> tuple[float, str]:
    mastering = facts.declared.mastering
    if mastering is not None and mastering.max_nits > 0:
        return mastering.max_nits, "as the file declares"
    return float(s["peak_nits"]), "by the profile"


def _peak_over(facts: ClipFacts, s: Settings) -> Sequence[float]:
    return (_display_peak(facts, s)[0] * (1 + s["tolerance_percent"] / 100),)


def _peak(facts: ClipFacts, shots: Sequence[ShotData], s: Settings) -> Iterator[Hit]:
    peak, whose = _display_peak(facts, s)
    over = _peak_over(facts, s)[0]
    for shot in shots:
        held = held_runs(shot, shot.over[over], float(s["percent"]), int(s["frames"]))
        if held is None:
            continue
        high = float(shot.column("robust_max_nits")[held.place])
        yield Hit.of(
            held, shot,
            f"{held.value:.2g} % of the pixels are brighter than the mastering display shows "
            f"({peak:g} nit {whose}); they reach {high:.0f} nit.",
            float(s["percent"]), "percent",
            f"{s['percent']:g} % of pixels over {peak:g} nit + {s['tolerance_percent']:g} %, "
            f"{int(s['frames'])} frames",
            box=_around(shot, held.place, facts),
        )  # fmt: skip


def _white(facts: ClipFacts, shots: Sequence[ShotData], s: Settings) -> Iterator[Hit]:
    yield from _advice(
        shots,
        "diffuse_white_nits",
        float(s["most_nits"]),
        None,
        "Neutral areas lie at {value:.0f} nit; reference white is 203 nit (advice).",
    )


def _skin(facts: ClipFacts, shots: Sequence[ShotData], s: Settings) -> Iterator[Hit]:
    low, high = float(s["least_nits"]), float(s["most_nits"])
    sentence = "Skin-like areas lie at {value:.0f} nit (advice: " + f"{low:g} to {high:g})."
    for shot in shots:
        share = shot.column("skin_percent")
        known = np.isfinite(share)
        if known.any() and float(np.nanmedian(share[known])) >= float(s["percent"]):
            yield from _advice([shot], "skin_nits", high, low, sentence)


def _advice(
    shots: Sequence[ShotData], name: str, most: float, least: float | None, sentence: str
) -> Iterator[Hit]:
    for shot in shots:
        value = shot.middle(name)
        if value is None or ((least is None or value >= least) and value <= most):
            continue
        held = Held.throughout(shot, int(np.isfinite(shot.column(name)).sum()), value)
        limit = most if least is None or value > most else least
        yield Hit.of(
            held, shot, sentence.format(value=value), limit, "nits", "median of the sampled frames"
        )


RULES = (
    Rule(
        "light.max_cll",
        "MaxCLL",
        "The highest 99.99th percentile of max(R, G, B) of a frame's active picture, beside the strict"
        " maximum of single pixels.",
        "CTA-861.3-A Annex P; percentile: Smith & Zink, SMPTE Motion Imaging Journal 2021",
        Severity.ISSUE,
        {
            "limit_nits": Setting(1000, "nits", "the most", 1, 10000),
            "tolerance_percent": Setting(3, "%", "what rounding and compression add", 0, 100),
            "frames": _FRAMES,
        },
        _max_cll,
    ),
    Rule(
        "light.max_fall",
        "MaxFALL",
        "The highest mean of max(R, G, B) of a frame, over the active picture without its bars.",
        "CTA-861.3-A Annex P",
        Severity.ISSUE,
        {
            "limit_nits": Setting(400, "nits", "the most", 1, 10000),
            "tolerance_percent": Setting(1, "%", "what rounding and compression add", 0, 100),
            "frames": _FRAMES,
        },
        _max_fall,
    ),
    Rule(
        "light.mastering_peak",
        "Peak against the mastering display",
        "Share of pixels of which max(R, G, B) is above the peak of the mastering display (ST 2086 as"
        " declared; without it, the profile's).",
        "SMPTE ST 2086",
        Severity.ISSUE,
        {
            "peak_nits": Setting(1000, "nits", "where the file declares none", 1, 10000),
            "tolerance_percent": Setting(3, "%", "what rounding and compression add", 0, 100),
            "percent": Setting(0.1, "% of pixels", "more than this", 0, 100),
            "frames": _FRAMES,
        },
        _peak,
        over=_peak_over,
    ),
    Rule(
        "light.white",
        "Level of neutral areas (advice)",
        "95th percentile of the luminance of neutral pixels, the median of sampled frames.",
        "ITU-R BT.2408-7: reference white 203 nit",
        Severity.FYI,
        {"most_nits": Setting(600, "nits", "more is told", 1, 10000)},
        _white,
    ),
    Rule(
        "light.skin",
        "Level of skin (advice)",
        "Median luminance of skin-like pixels where there are enough; wood, sand and brick look alike to it.",
        "ITU-R BT.2408-7 table 2 (skin tones 10 to 120 nit, type 1 to 6)",
        Severity.FYI,
        {
            "least_nits": Setting(4, "nits", "less is told", 0, 10000),
            "most_nits": Setting(200, "nits", "more is told", 1, 10000),
            "percent": Setting(4, "% of pixels", "skin-like, at least", 0, 100),
        },
        _skin,
    ),
)
