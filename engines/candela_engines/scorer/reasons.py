"""Reasons: what is wrong with a grade or different about it, each with the measured evidence for it.

Three classes. A *violation* is a fault that can be proved without the master: the reference keeps detail that
the grade lost, or the grade has what no camera makes. A *deviation* is a distance from the expected rendering
of the reference; within the range of legitimate styles it is a description. *Abstained* says what could not
be judged, and why. A reason without measured evidence is not given.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal

from candela_engines.metrics import Rectangle
from candela_engines.scorer.descriptors.table import DESCRIPTORS
from candela_engines.scorer.evidence import Evidence, Mask
from candela_engines.scorer.misread import Suspicion
from candela_engines.scorer.reasons_decide import GROSS_AT_CEILING, is_at_ceiling, is_told, weighed
from candela_engines.scorer.reasons_local import Found, local_grade
from candela_engines.scorer.reasons_measure import amounts
from candela_engines.scorer.reasons_silent import abstentions, is_tiny
from candela_engines.scorer.reasons_table import KINDS, Kind, kind_of
from candela_engines.scorer.reasons_text import sentence
from candela_engines.scorer.reasons_where import regions, where

__all__ = ["MEANING", "Measure", "Reason", "ReasonClass", "find_reasons"]

ReasonClass = Literal["violation", "deviation", "abstained"]

MEANING = {
    "severity": "0 where a kind is told for the first time, 1 at the last rung of its fault ladder",
    "confidence": "the probability that the grade model gives to a fault of the kind; of kinds that it does "
    "not know, the share of masters and legitimate grades that show less, were they normally distributed",
}
"""What the two numbers of a reason mean."""

_FAR_OUTSIDE = 0.1
_UNITS = {d.name: d.unit for d in DESCRIPTORS}
_BOTH_SIGNS = {"exposure", "white_balance", "hue", "saturation", "contrast", "skin"}
_PLACED = {
    "highlights_clipped",
    "blacks_crushed",
    "blacks_lifted",
    "banding",
    "noise",
    "soft",
    "halo",
    "compression",
    "gamut_exceeded",
    "skin",
}


@dataclass(frozen=True, slots=True)
class Measure:
    """One number that proves a reason. name: of a descriptor, or of what was measured; unit: its unit."""

    name: str
    value: float
    unit: str


@dataclass(frozen=True, eq=False)
class Reason:
    """kind: a name of `KINDS`. severity, confidence: 0..1 (`MEANING`); 0 of what is abstained from.

    amount: the measured quantity, with its sign, in `unit`. within: a deviation no larger than those of
    legitimate styles. box: in pixels of the full picture, None where the fault is everywhere or has no place.
    mask_share: of the active picture, 0..1; that of `mask` where there is one. A reason that was sent from
    elsewhere has the share and no mask.
    """

    kind: str
    reason_class: ReasonClass
    severity: float
    confidence: float
    amount: float
    unit: str
    text: str
    evidence: tuple[Measure, ...]
    within: bool = False
    box: Rectangle | None = None
    mask: Mask | None = None
    mask_share: float | None = None

    def __post_init__(self) -> None:
        if self.mask is not None:
            object.__setattr__(self, "mask_share", self.mask.share)

    def to_json(self) -> dict[str, Any]:
        """Bare numbers, units beside them; the mask only as its share of the picture."""
        box = self.box
        return {
            "kind": self.kind,
            "class": self.reason_class,
            "severity": round(self.severity, 3),
            "confidence": round(self.confidence, 3),
            "amount": None if math.isnan(self.amount) else round(self.amount, 4),
            "unit": self.unit,
            "within_legitimate_styles": self.within,
            "text": self.text,
            "box_px": None
            if box is None
            else {"left": box.left, "top": box.top, "width": box.width, "height": box.height},
            "mask_share": None if self.mask_share is None else round(self.mask_share, 5),
            "evidence": [
                {"name": m.name, "value": None if math.isnan(m.value) else round(m.value, 4), "unit": m.unit}
                for m in self.evidence
            ],
        }


_MISREAD = "Nothing else is judged: with a wrong tag every figure would be of light that is not there"


def find_reasons(
    evidence: Evidence, suspicions: Sequence[Suspicion] = (), chances: Mapping[str, float] | None = None
) -> tuple[Reason, ...]:
    """All reasons of a picture or a pair: violations first, then deviations, then abstentions; by severity.

    suspicions: what `misread.suspect` found of the codes. chances: by kind, how likely a grade model takes
    the fault to be, given only inside the range that the model knows: there they decide (`reasons_decide`).
    Deterministic.
    """
    found = [_tag(s) for s in suspicions]
    if evidence.is_constant or is_tiny(evidence):
        return (*found, *(_silent(kind, text) for kind, text in abstentions(evidence)))
    # An SDR picture placed in an HDR signal is read rightly; what the others measure is no light of theirs.
    if any(suspicion.kind != "sdr-in-hdr" for suspicion in suspicions):
        return (*found, _silent("exposure", _MISREAD))
    if evidence.threads < 2:
        return _sorted(
            evidence, [*found, *_by_kind(evidence, chances)], local_grade(evidence), regions(evidence)
        )
    # numpy leaves the interpreter to others while it works, and each of the three finds by itself.
    with ThreadPoolExecutor(1) as pool:
        others = pool.submit(lambda: (local_grade(evidence), regions(evidence)))
        found += _by_kind(evidence, chances)
        return _sorted(evidence, found, *others.result())


def _by_kind(evidence: Evidence, chances: Mapping[str, float] | None) -> list[Reason]:
    """Reasons of the kinds that a descriptor shows."""
    measured, found = amounts(evidence.description), []
    for kind in KINDS:
        if kind.name in measured:
            reason = _judged(kind, measured[kind.name], evidence, (chances or {}).get(kind.name))
            if reason is not None:
                found.append(reason)
    return found


def _sorted(
    evidence: Evidence, found: list[Reason], local: Found | None, parts: Sequence[tuple[str, float, Mask]]
) -> tuple[Reason, ...]:
    """All that was found, in the order of `find_reasons`, with what is not judged."""
    if local is not None:
        found.append(_local(local[0], local[1], local[2]))
    told = {reason.kind for reason in found}
    found += [_region(*one) for one in parts if one[0] not in told and "compression" not in told]
    found.sort(key=lambda r: (r.reason_class != "violation", r.within, -r.severity))
    told = {reason.kind for reason in found}
    return (*found, *(_silent(kind, text) for kind, text in abstentions(evidence) if kind not in told))


def _judged(kind: Kind, amount: float, evidence: Evidence, chance: float | None) -> Reason | None:
    size = abs(amount) if kind.name in _BOTH_SIGNS else amount
    size = weighed(kind.name, size, evidence.description, evidence.ceiling_nits)
    if not is_told(kind, size, chance):
        return None
    gross = _is_gross(kind, size, evidence)
    within = not gross and (kind.violation_from == 0 or size <= kind.within)
    mask = where(kind.name, evidence) if kind.name in _PLACED else None
    if mask is not None and not mask.flags.any():
        mask = None
    return Reason(
        kind.name,
        "violation" if gross else "deviation",
        _severity(kind, size) * _reach(kind, evidence),
        _confidence(kind, size) if chance is None else chance,
        amount,
        kind.unit,
        sentence(kind, amount, evidence, mask, within=within, gross=gross),
        _proof(kind, evidence),
        within,
        None if mask is None else mask.box(),
        mask,
    )


def _is_gross(kind: Kind, size: float, evidence: Evidence) -> bool:
    """Whether it is a violation. size: `weighed`."""
    if kind.violation_from is None:
        return False
    if kind.name == "highlights_clipped" and is_at_ceiling(evidence.description, evidence.ceiling_nits):
        return size >= GROSS_AT_CEILING
    if kind.violation_from > 0 and size < max(kind.violation_from, kind.least):
        return False
    tint = math.hypot(evidence["pair.colour.neutral_t"], evidence["pair.colour.neutral_p"])
    return kind.name != "white_balance" or tint >= 15


def _severity(kind: Kind, size: float) -> float:
    return min(max((size - kind.least) / (kind.full - kind.least), 0.0), 1.0)


def _reach(kind: Kind, evidence: Evidence) -> float:
    """Colours hardly outside weigh little, however many: whole at a tenth of the largest component."""
    if kind.name != "gamut_exceeded":
        return 1.0
    excess = evidence["grade.colour.excess_p3"]
    return 0.0 if math.isnan(excess) else min(max(excess, 0.0) / _FAR_OUTSIDE, 1.0)


def _confidence(kind: Kind, size: float) -> float:
    middle = 0.0 if kind.name in _BOTH_SIGNS else kind.usual
    return 0.5 * (1 + math.erf((size - middle) / (kind.spread * math.sqrt(2))))


def _proof(kind: Kind, evidence: Evidence) -> tuple[Measure, ...]:
    proof = [Measure(name, evidence[name], _UNITS[name]) for name in kind.descriptors]
    if kind.name == "highlights_clipped":
        proof.insert(0, Measure("peak", evidence.told_peak, "nit"))
    if kind.name in ("blacks_crushed", "blacks_lifted"):
        proof.insert(0, Measure("floor", evidence.floor, "nit"))
    return tuple(proof)


def _tag(suspicion: Suspicion) -> Reason:
    proof = tuple(Measure(name, value, _tag_unit(name)) for name, value in suspicion.evidence.items())
    kind = kind_of("wrong_tag")
    text = suspicion.text[0].upper() + suspicion.text[1:]
    # A suspicion has no scale: it holds or it does not, and what it is worth is said in its words.
    return Reason("wrong_tag", "violation", 1.0, 0.5, math.nan, kind.unit, text, proof)


def _tag_unit(name: str) -> str:
    if name.endswith("_nits"):
        return "nit"
    return "share" if name.startswith("share") else "code"


def _local(amount: float, mask: Mask, proof: tuple[tuple[str, float, str], ...]) -> Reason:
    kind = kind_of("local_grade")
    text = (
        f"A region {mask.words()} ({100 * mask.share:.1f} % of the picture) is graded otherwise than "
        "the rest, "
        f"by ΔE_ITP {amount:.0f} in the median; a window may be meant"
    )
    measures = tuple(Measure(*one) for one in proof)
    return Reason(
        "local_grade",
        "deviation",
        _severity(kind, amount),
        _confidence(kind, amount),
        amount,
        kind.unit,
        text,
        measures,
        True,
        mask.box(),
        mask,
    )


def _region(name: str, amount: float, mask: Mask) -> Reason:
    """Softness or noise of a part of the picture: described, since focus may be pulled in the grade."""
    kind = kind_of(name)
    what = (
        f"softer, by {100 * amount:.0f} % of its detail,"
        if name == "soft"
        else f"noisier, by {amount:.1f} PU21,"
    )
    text = (
        f"A region {mask.words()} ({100 * mask.share:.1f} % of the picture) is {what} than the rest beside "
        "the SDR reference"
    )
    proof = (Measure("region", amount, kind.unit), Measure("region_share", mask.share, "share"))
    size, sure = _severity(kind, amount), _confidence(kind, amount)
    return Reason(name, "deviation", size, sure, amount, kind.unit, text, proof, False, mask.box(), mask)


def _silent(kind: str, text: str) -> Reason:
    return Reason(kind, "abstained", 0.0, 0.0, math.nan, kind_of(kind).unit, text, ())
