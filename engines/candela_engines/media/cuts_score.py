"""From measures to a verdict: a cut, a pop of the grade, or something that comes and goes.

A cut is a change of picture that stands out of its surroundings, in both directions of time. So every measure
is taken twice: as it is, and against its median over the four changes before and after it. A median is not
moved by one or two other cuts nearby, but by a whip pan, a shaking camera or a strobe, which therefore have
to be outdone. The weights are those of a logistic regression (bench/cut_fit.py, on the tuning sources only).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from candela_engines.media.cuts_compare import Unlike, compare
from candela_engines.media.cuts_proxy import HEIGHT, Look, look_at

__all__ = ["AROUND", "RETURN", "Verdict", "cut_measures", "cut_probability", "judge", "pair_probability"]

AROUND = 4  # changes before and after that a change is held against
RETURN = 12  # frames within which a picture that comes back was never gone

_CUT = 0.5
_POP_LIGHT = 0.04  # spread, codes
_LIT = 0.45  # tone and structure together, below which a picture is another one lit otherwise
_SAME = -1.0  # log odds below which a picture has come back
_BLACK = 0.04  # codes; of a matte
_OFFSET = 0.004  # a code of 8 bits: keeps the logarithm of nothing finite
CUT_WEIGHTS = (0.504, -2.028, -10.974, -12.99, 10.082, -0.433, 3.931, -1.712, 7.985, -16.519)
PAIR_WEIGHTS = (1.01, 0.518, 0.492, -5.828, 2.376, 0.702)


@dataclass(frozen=True, slots=True)
class Verdict:
    """probability that the picture changes for good here; pop: how strong a change of the grade is, or 0."""

    probability: float
    pop: float = 0.0

    @property
    def cut(self) -> bool:
        """Whether it is one."""
        return self.probability >= _CUT


def cut_measures(changes: Sequence[Unlike], index: int) -> tuple[float, ...]:
    """The measures of one change among its neighbours, in the order of CUT_WEIGHTS."""
    here = changes[index]
    others = [c for i, c in enumerate(changes) if i != index]
    blocks, spread = math.log(here.blocks + _OFFSET), math.log(here.spread + _OFFSET)
    above = blocks - _median([math.log(c.blocks + _OFFSET) for c in others], blocks - 2.5)
    wider = spread - _median([math.log(c.spread + _OFFSET) for c in others], spread - 2.5)
    odder = here.structure - _median([c.structure for c in others], 0.1)
    return (
        blocks,
        spread,
        here.structure,
        here.peak,
        here.tone,
        above,
        wider,
        odder,
        min(above, 2.0) * here.structure,
    )


def _median(values: list[float], default: float) -> float:
    return float(np.median(values)) if values else default


def cut_probability(measures: Sequence[float]) -> float:
    """0..1 of the measures of a change."""
    return _logistic(measures, CUT_WEIGHTS)


def pair_probability(unlike: Unlike) -> float:
    """0..1 that two frames, however far apart, are of different pictures."""
    return _logistic(pair_measures(unlike), PAIR_WEIGHTS)


def pair_measures(unlike: Unlike) -> tuple[float, ...]:
    """The measures of a pair without surroundings, in the order of PAIR_WEIGHTS."""
    blocks, spread = math.log(unlike.blocks + _OFFSET), math.log(unlike.spread + _OFFSET)
    return blocks, spread, unlike.structure, unlike.peak, unlike.tone


def _logistic(measures: Sequence[float], weights: Sequence[float]) -> float:
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, _odds(measures, weights)))))


def _odds(measures: Sequence[float], weights: Sequence[float]) -> float:
    return sum(m * w for m, w in zip(measures, weights[:-1], strict=True)) + weights[-1]


def judge(changes: Sequence[Unlike], index: int, looks: Sequence[Look], place: int) -> Verdict:
    """The verdict on the change into looks[place].

    changes: the change at `index` and up to AROUND before and after. looks: frames around, looks[place - 1]
    and looks[place] being those of the change.
    """
    probability = cut_probability(cut_measures(changes, index))
    if probability < _CUT:
        return Verdict(probability, _popped(changes, index, looks, place))
    # The frame beside the change may be lit itself, so the next one is asked too.
    if any(
        _comes_back(looks, place - 1 - back, place, 1) or _comes_back(looks, place + back, place - 1, -1)
        for back in range(2)
    ):
        return Verdict(0.0)
    if _mattes_alone(looks[place - 1], looks[place]):
        return Verdict(0.0)
    return Verdict(probability)


def _mattes_alone(before: Look, after: Look) -> bool:
    """Whether black bars above and below have come, gone or changed on one picture."""
    first, second = _bars(before), _bars(after)
    if first == second:
        return False
    top, bottom = max(first[0], second[0]), max(first[1], second[1])
    # What is between the bars of both, drawn to full height: black rows would agree with each other.
    rows = top + (np.arange(HEIGHT) + 0.5) * (HEIGHT - top - bottom) / HEIGHT
    one, other = (look_at(look.rgb[rows.astype(np.int64)]) for look in (before, after))
    return pair_probability(compare(one, other)) < _CUT / 4


def _bars(look: Look) -> tuple[int, int]:
    """Black rows above and below, a third of the height at most; none unless there are some at both ends."""
    lit = np.flatnonzero(np.abs(look.rgb).max(axis=(1, 2)) > _BLACK)
    if not lit.size:
        return 0, 0
    top, bottom = int(lit[0]), HEIGHT - 1 - int(lit[-1])
    return (top, bottom) if min(top, bottom) >= 1 and max(top, bottom) <= HEIGHT // 3 else (0, 0)


def _comes_back(looks: Sequence[Look], whole: int, odd: int, step: int) -> bool:
    """Whether the picture `whole` is there again beyond `odd`, which is a washed-out picture or this one,
    lit.

    A short shot between two halves of another is not: it has a structure of its own.
    """
    if not 0 <= whole < len(looks):
        return False
    a, x = looks[whole], looks[odd]
    here = compare(a, x)
    flat = x.contrast < max(0.03, 0.35 * a.contrast)
    if abs(whole - odd) > 1 and not flat:
        return False
    if not flat and here.tone > 0.3 and here.structure > 0.45:
        return False
    most = min(_SAME, _odds(pair_measures(here), PAIR_WEIGHTS) - 2)
    for distance in range(1, RETURN + 1):
        other = odd + step * distance
        if not 0 <= other < len(looks):
            return False
        again = compare(a, looks[other])
        if again.blocks < 0.6 * here.blocks and _odds(pair_measures(again), PAIR_WEIGHTS) < most:
            return True
        # An explosion dies down for long: the picture is back while it is still lit otherwise.
        if flat and again.tone + again.structure < _LIT:
            return True
    return False


def _popped(changes: Sequence[Unlike], index: int, looks: Sequence[Look], place: int) -> float:
    """How far the light of the same picture jumped for good, mean codes over full scale; 0 if it did not."""
    here = changes[index]
    if here.spread < _POP_LIGHT or here.tone + here.structure > 0.6 or not 2 <= place < len(looks) - 2:
        return 0.0
    # It must stand out of its surroundings, and stay where it jumped to.
    others = [c.spread for i, c in enumerate(changes) if i != index]
    if not others or max(others) > 0.5 * here.spread:
        return 0.0
    for early, late in (
        (place - 1, place + 2),
        (place - 2, place),
        (place - 2, min(place + 8, len(looks) - 1)),
    ):
        stayed = compare(looks[early], looks[late])
        if stayed.spread < 0.6 * here.spread or stayed.light * here.light < 0:
            return 0.0
    return here.spread / 3
