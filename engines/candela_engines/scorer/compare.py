"""Two grades of one shot: which is better, where that can be known, and how they differ.

With a grade model, the scores say, where they are 0.25 or more apart: below, order is chance. Without, the
violations say, and only where none of them speaks the other way: how much banding outweighs how much clip is
nothing that was measured. Deviations within legitimate styles are described and decide nothing: where neither
grade has a violation, they differ in nothing beyond that range, and by no more than styles cost in the score
(legitimate grades of held-out sources lie up to 3 below their masters), no order is told.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from candela_engines.scorer.evidence import Evidence
from candela_engines.scorer.reasons import Reason
from candela_engines.scorer.reasons_measure import amounts
from candela_engines.scorer.reasons_table import kind_of
from candela_engines.scorer.verdict import FrameVerdict

__all__ = ["LEAST_DIFFERENCE", "Comparison", "compare_frames"]

LEAST_DIFFERENCE = 0.25
_LEAST_SEVERITY = 0.05
_STYLE_COSTS = 3.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """better: `first`, `second`, `equal` (nothing told apart) or `undecided`. why: sentences.

    score_difference: first less second, None without two scores.
    """

    better: str
    why: tuple[str, ...]
    score_difference: float | None


def compare_frames(
    first: FrameVerdict, second: FrameVerdict, a: Evidence, b: Evidence, *, style_decides: bool = False
) -> Comparison:
    """The comparison of one frame of both, by verdicts and descriptions.

    style_decides: whether scores say also what styles are worth, as a studio's own model does.
    """
    why = [*_violations(first, second), *_differences(a, b)]
    if first.score is not None and second.score is not None:
        gap = first.score - second.score
        if abs(gap) < LEAST_DIFFERENCE:
            said = f"scores differ by {abs(gap):.2f}, less than the {LEAST_DIFFERENCE:g} that means anything"
            return Comparison("undecided", (said, *why), gap)
        alike = abs(gap) <= _STYLE_COSTS and not _kinds(first, second) and _differ_in_style(a, b)
        if alike and not style_decides:
            said = "they differ by what legitimate grades of one shot differ by: described, not judged"
            return Comparison("undecided", (said, *why), gap)
        return Comparison("first" if gap > 0 else "second", tuple(why), gap)
    flat = [name for name, one in (("first", a), ("second", b)) if one.is_constant]
    if flat:
        said = f"the {' and the '.join(flat)} is of one level: there is nothing in it to judge"
        return Comparison("undecided", (said,), None)
    for verdict in (first, second):
        if any(reason.kind == "wrong_tag" for reason in verdict.reasons):
            return Comparison("undecided", ("a colour tag looks wrong", *why), None)
    gaps = [_severity(first, kind) - _severity(second, kind) for kind in _kinds(first, second)]
    worse, lesser = (any(g * sign >= _LEAST_SEVERITY for g in gaps) for sign in (1, -1))
    if worse and lesser:
        return Comparison("undecided", ("each has a violation that the other has less of", *why), None)
    if not worse and not lesser:
        return Comparison("equal", tuple(why) or ("nothing tells them apart",), None)
    return Comparison("second" if worse else "first", tuple(why), None)


def _kinds(first: FrameVerdict, second: FrameVerdict) -> list[str]:
    both = [r.kind for v in (first, second) for r in v.reasons if r.reason_class == "violation"]
    return list(dict.fromkeys(both))


def _of(verdict: FrameVerdict, kind: str) -> Reason | None:
    found = [r for r in verdict.reasons if r.kind == kind and r.reason_class == "violation"]
    return found[0] if found else None


def _severity(verdict: FrameVerdict, kind: str) -> float:
    """Of a violation; one that is told at all counts more than none, however slight."""
    reason = _of(verdict, kind)
    return 0.0 if reason is None else max(reason.severity, _LEAST_SEVERITY)


def _violations(first: FrameVerdict, second: FrameVerdict) -> list[str]:
    out = []
    for kind in _kinds(first, second):
        a, b = _severity(first, kind), _severity(second, kind)
        if abs(a - b) < _LEAST_SEVERITY:
            continue
        worse, name, other = (first, "the first", b) if a > b else (second, "the second", a)
        reason = _of(worse, kind)
        assert reason is not None
        rest = f"; the other one at severity {other:.2f}" if other else ""
        out.append(f"{name} (severity {max(a, b):.2f}): {reason.text}{rest}")
    return out


_WORDS = {
    "exposure": ("{:.2f} EV", "brighter", "darker", 0.1),
    "white_balance": ("{:.0f} mired", "warmer", "cooler", 4.0),
    "contrast": ("{:.0%}", "more contrast in the mid tones", "less contrast in the mid tones", 0.05),
    "saturation": ("{:.0%}", "more saturated", "less saturated", 0.05),
    "hue": ("{:.0f}° of hue", "turned on", "turned back", 2.0),
}


def _differ_in_style(a: Evidence, b: Evidence) -> bool:
    """Whether something of style tells them apart, and nothing of it by more than its usual range."""
    if a.relation is None or b.relation is None:
        return False
    mine, others = amounts(a.description), amounts(b.description)
    gaps = {kind: abs(mine[kind] - others[kind]) for kind in _WORDS}
    told = [kind for kind, gap in gaps.items() if gap >= _WORDS[kind][3]]
    return bool(told) and all(gaps[kind] <= kind_of(kind).within for kind in told)


def _differences(a: Evidence, b: Evidence) -> list[str]:
    """How the first differs from the second, beside one reference or by levels alone; descriptions."""
    out = []
    if a.relation is None or b.relation is None:
        stops = (a["grade.light.log_average"] - b["grade.light.log_average"]) * math.log2(10)
        if abs(stops) >= 0.1:
            side = "brighter" if stops > 0 else "darker"
            out.append(f"the first is {abs(stops):.2f} EV {side} on the log average")
        return out
    mine, others = amounts(a.description), amounts(b.description)
    for kind, (form, more, less, least) in _WORDS.items():
        gap = mine[kind] - others[kind]
        if math.isnan(gap) or abs(gap) < least:
            continue
        shown = abs(math.expm1(gap)) if kind in ("contrast", "saturation") else abs(gap)
        out.append(f"the first is {form.format(shown)} {more if gap > 0 else less}; described, not judged")
    return out
