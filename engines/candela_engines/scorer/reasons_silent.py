"""What is not judged, and why: said, so that silence is not taken for praise."""

from __future__ import annotations

import math

from candela_engines.scorer.evidence import Evidence

__all__ = ["abstentions", "is_tiny"]

_FEW = 0.002
_LEAST_SIDE = 64
_HELD, _PILED = 0.002, 1.2  # share at the peak, and the pile there that only a clip or a lamp makes


def is_tiny(evidence: Evidence) -> bool:
    """Whether the active picture is under 64 pixels a side, which no descriptor was tried on."""
    return min(evidence.area.width, evidence.area.height) < _LEAST_SIDE


def abstentions(evidence: Evidence) -> list[tuple[str, str]]:
    """Kind and sentence of each abstention (scorer_calibration: "Abstain")."""
    d = evidence.description
    if evidence.is_constant:
        level = 10 ** d["grade.light.p50"] if not math.isnan(d["grade.light.p50"]) else 0.0
        text = f"The picture is of one level, {level:.3g} nit: there is nothing in it to judge"
        return [("exposure", text)]
    out: list[tuple[str, str]] = []
    if is_tiny(evidence):
        height, width = evidence.nits.shape[:2]
        size = f"{min(evidence.area.width, width)}x{min(evidence.area.height, height)}"
        return [("noise", f"The picture is {size} pixels: nothing is judged under {_LEAST_SIDE} a side")]
    if evidence.relation is None:
        top = 100 * d["grade.limits.at_peak"]
        text = f"{top:.2g} % of the picture is at its peak of {evidence.told_peak:.0f} nit: without the "
        out.append(("highlights_clipped", text + "reference that may be a clip or a lamp"))
        out.append(
            ("exposure", "Without the SDR reference no deviation of exposure, colour or contrast is told")
        )
        return out
    if evidence.relation.curve is None:
        out.append(("contrast", "The SDR reference is of one level: nothing of the pair is told"))
        return out
    if d["grade.colour.out_709"] < _FEW:
        share = 100 * d["grade.colour.out_709"]
        text = f"{share:.2g} % of the picture is outside BT.709: whether its gamut was cut is not told"
        out.append(("gamut_exceeded", text))
    over = d["grade.light.over_203"]
    if over < _FEW:
        text = f"{100 * over:.2g} % of the picture is above 203 nit: a clip of highlights is not told"
        out.append(("highlights_clipped", text))
    elif d["grade.limits.at_peak"] > _HELD and d["grade.limits.top_pile"] > _PILED:
        share, spread = 100 * d["grade.limits.at_peak"], d["pair.tone.sdr_range_at_peak"]
        if spread < 1.0:
            text = f"{share:.2g} % of the picture is at its peak of {evidence.told_peak:.0f} nit, where the "
            out.append(("highlights_clipped", text + "reference has no detail either: a clip is not told"))
    if not d["grade.banding.density"] < 0.75:
        out.append(("banding", "Codes lie as close as those of 8 bits and more: banding is not told"))
    if math.isnan(d["pair.tone.exponent_0.1"]) and math.isnan(d["pair.tone.exponent_1"]):
        out.append(("blacks_lifted", "The SDR reference has no shadows to compare: a lift is not told"))
    if math.isnan(d["pair.colour.hue_median"]):
        out.append(("hue", "There is too little colour: hue is not told"))
    return out
