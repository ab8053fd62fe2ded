"""Whether choices can carry a house model at all, and how many more would.

Three questions, in this order. Are there enough raters, scenes and choices for the figures to mean anything?
Do the choices hold an order, or might coins have made them (a randomisation test: every outcome is flipped at
random, and the order found is compared)? Does a head taught on them predict choices of other scenes better
than the stock scorer does, beyond its 95 % interval? Nothing is learnt from what fails one of them.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from candela_engines.scorer.eye.choices import Choice
from candela_engines.scorer.eye.holdout import HeldOut

__all__ = [
    "LEAST_CHOICES",
    "LEAST_RATERS",
    "LEAST_SCENES",
    "Refusal",
    "better_than_stock",
    "enough",
    "ordered",
]

F64 = NDArray[np.float64]
LEAST_RATERS, LEAST_SCENES, LEAST_CHOICES = 3, 5, 100
"""Of two raters who differ neither is wrong; an interval over fewer scenes means nothing."""
_FLIPS = 500
_MOST_P = 0.01


@dataclass(frozen=True, slots=True)
class Refusal:
    """code: stable, for programs. reason: a sentence. more: choices that would do, None where none would."""

    code: str
    reason: str
    more: int | None

    def to_json(self) -> dict[str, object]:
        """Bare numbers."""
        return {"code": self.code, "reason": self.reason, "more_choices": self.more}


def enough(choices: Sequence[Choice]) -> Refusal | None:
    """Of choices of the raters who are kept."""
    raters = {c.observer for c in choices}
    scenes = {c.scene for c in choices}
    count = len(choices)
    missing = max(LEAST_CHOICES - count, 0)
    if len(raters) < LEAST_RATERS:
        each = math.ceil(max(count, LEAST_CHOICES) / LEAST_RATERS)
        more = max(missing, each * (LEAST_RATERS - len(raters)))
        who = (
            f"all {count} choices are of one rater" if len(raters) == 1 else f"{len(raters)} raters are left"
        )
        return Refusal(
            "few-raters",
            f"{who}; it takes {LEAST_RATERS} to tell a house's eye from a person's, and one who answers at "
            f"random from the rest. About {more} more choices, of {LEAST_RATERS - len(raters)} more raters, "
            "would do for a first try",
            more,
        )
    if len(scenes) < LEAST_SCENES:
        more = max(missing, math.ceil(count / max(len(scenes), 1)) * (LEAST_SCENES - len(scenes)))
        return Refusal(
            "few-scenes",
            f"the choices are of {len(scenes)} scenes; what was learnt is tried on scenes that were held "
            f"out, for which {LEAST_SCENES} are the least. About {more} more choices, on "
            f"{LEAST_SCENES - len(scenes)} more scenes, would do for a first try",
            more,
        )
    if missing:
        return Refusal(
            "few-choices",
            f"{count} choices are left; below {LEAST_CHOICES} nothing that is learnt can be told from "
            f"chance. At least {missing} more are needed",
            missing,
        )
    return None


def ordered(choices: Sequence[Choice], *, seed: int = 0) -> tuple[float, Refusal | None]:
    """p of the order that the choices hold, were they coins; and a refusal where that may be.

    Wins less losses of every version go apart where raters agree: the sum of their squares is compared.
    """
    place: dict[tuple[str, str], int] = {}
    first = np.array([place.setdefault((c.scene, c.a), len(place)) for c in choices])
    second = np.array([place.setdefault((c.scene, c.b), len(place)) for c in choices])
    signs = np.array([1.0 if c.a_won else -1.0 for c in choices])
    dice = np.random.default_rng(seed)

    def order(signs: F64) -> float:
        net = np.bincount(first, signs, len(place)) - np.bincount(second, signs, len(place))
        return float(net @ net)

    seen = order(signs)
    more = sum(order(signs * dice.choice((-1.0, 1.0), size=len(signs))) >= seen for _ in range(_FLIPS))
    p = (1 + more) / (1 + _FLIPS)
    if p <= _MOST_P:
        return p, None
    share = _disagreement(choices)
    if share >= 0.45:
        said = (
            f"choices contradict one another: of the same two versions two choices differ {share:.0%} of the "
            f"time, and coins would make such an order with a probability of {p:.2f}. More of them would not "
            "help; see that all judge by one question, on one display"
        )
        return p, Refusal("contradictory", said, None)
    # The order grows with the square of the count, its chance with the root.
    extra = _round(len(signs) * max(0.5, (0.5 - share) ** -1 * 0.1))
    said = (
        f"the choices hold no order that coins might not have made (p = {p:.2f}); two choices of one pair "
        f"differ {share:.0%} of the time. About {extra} more choices would show it, if it is there"
    )
    return p, Refusal("no-order", said, extra)


def better_than_stock(held: HeldOut) -> Refusal | None:
    """Whether the house head predicts held-out choices better than the stock scorer, surely."""
    gain = held.gain_nats
    if gain.low > 0:
        return None
    figures = (
        f"on scenes held out it predicts {held.house.value:.1%} of {held.choices} choices "
        f"[{held.house.low:.1%} to {held.house.high:.1%}], the stock scorer {held.stock.value:.1%} "
        f"[{held.stock.low:.1%} to {held.stock.high:.1%}]"
    )
    if gain.value <= 0:
        return Refusal(
            "no-better",
            f"what was learnt is no better than the stock scorer: {figures}. More choices like these would "
            "not change it; these raters and the stock scorer may simply agree, or differ by what it does "
            "not see",
            None,
        )
    needed = held.choices * (1.96 * held.se_nats / gain.value) ** 2
    # Where the interval only just holds 0 the root says next to none: a tenth is the least worth asking for.
    more = _round(max(needed - held.choices, 0.1 * held.choices))
    return Refusal(
        "not-surely-better",
        f"what was learnt is not surely better than the stock scorer: {figures}. If the difference is real, "
        f"about {more} more choices, on further scenes and of further raters, would show it",
        more,
    )


def _disagreement(choices: Sequence[Choice]) -> float:
    """Share of two choices of one pair that differ, over all pairs of choices of one pair of versions."""
    counts: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for c in choices:
        one, two = sorted((c.a, c.b))
        counts[c.scene, one, two][c.winner == one] += 1
    differ = sum(a * b for a, b in counts.values())
    both = sum((a + b) * (a + b - 1) // 2 for a, b in counts.values())
    return differ / both if both else 0.0


def _round(value: float) -> int:
    """Up, to two figures: it is an estimate."""
    if value < 10:
        return max(1, math.ceil(value))
    unit = 10 ** (int(math.log10(value)) - 1)
    return int(math.ceil(value / unit) * unit)
