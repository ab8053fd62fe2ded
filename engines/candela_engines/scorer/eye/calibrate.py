"""From choices and features of the versions to a house model, or to why there is none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from candela_engines.scorer.eye.choices import Choice
from candela_engines.scorer.eye.enough import Refusal, better_than_stock, enough, ordered
from candela_engines.scorer.eye.features import FEATURES, stock_head
from candela_engines.scorer.eye.head import Head, fine_tune
from candela_engines.scorer.eye.holdout import HeldOut, hold_out, pairs_of
from candela_engines.scorer.eye.screening import Rater, screen
from candela_engines.scorer.eye.thurstone import Scale, scale_scene

__all__ = ["Calibration", "calibrate", "hopeless"]

F64 = NDArray[np.float64]
_MOST_LEFT_OUT = 1 / 3


@dataclass(frozen=True, eq=False)
class Calibration:
    """raters: all, with why some are left out. scales: by scene, in JOD. order_p: of the order, were choices
    coins; NaN where it was not asked. held: on held-out scenes, None where there is not enough for it.

    head: None with the reason in `refusal`. used: choices that were learnt from.
    """

    raters: tuple[Rater, ...]
    scales: Mapping[str, Scale]
    order_p: float
    held: HeldOut | None
    head: Head | None
    refusal: Refusal | None
    used: int


def calibrate(
    choices: Sequence[Choice],
    versions: Mapping[tuple[str, str], F64],
    *,
    zero: str | None = None,
    recipe: str = "held",
    seed: int = 0,
    resamples: int = 400,
) -> Calibration:
    """Screen, scale, teach, hold out, decide.

    versions: features (D,) by scene and condition, in the order of FEATURES; a choice of a version that is
    not among them is scaled and not learnt from. zero: a condition at 0 JOD where it occurs.
    Raises InputError for versions that no comparisons connect.
    """
    raters, kept = screen(choices)
    scales = {}
    for scene in sorted({c.scene for c in kept}):
        own = [c for c in kept if c.scene == scene]
        at_zero = zero if zero is not None and any(zero in (c.a, c.b) for c in own) else None
        scales[scene] = scale_scene(own, zero=at_zero, resamples=resamples, seed=seed)
    learnt = [c for c in kept if (c.scene, c.a) in versions and (c.scene, c.b) in versions]
    result = Calibration(tuple(raters), scales, float("nan"), None, None, None, len(learnt))
    order_p, refusal = _of_choices(raters, kept, learnt, seed)
    result = replace(result, order_p=order_p, refusal=refusal)
    if refusal is not None:
        return result
    names = sorted({(c.scene, x) for c in learnt for x in (c.a, c.b)})
    rows = {name: at for at, name in enumerate(names)}
    features = np.stack([versions[name] for name in names])
    start = stock_head(features)
    held = hold_out(features, rows, learnt, start, recipe=recipe, seed=seed)
    result = replace(result, held=held)
    refusal = better_than_stock(held)
    if refusal is not None:
        return replace(result, refusal=refusal)
    head = fine_tune(features, pairs_of(learnt, rows), start, recipe=recipe, seed=seed)
    # Pairs tell differences alone: the level is the stock scorer's, over what the raters were shown.
    stock = features[:, FEATURES.index("stock_score")]
    return replace(result, head=replace(head, bias=float(stock.mean() - head.score(features).mean())))


def hopeless(choices: Sequence[Choice], *, seed: int = 0) -> bool:
    """Whether `calibrate` refuses these choices whatever their pictures are, which need not be measured."""
    raters, kept = screen(choices)
    return _of_choices(raters, kept, kept, seed)[1] is not None


def _of_choices(
    raters: Sequence[Rater], kept: Sequence[Choice], learnt: Sequence[Choice], seed: int
) -> tuple[float, Refusal | None]:
    """p of the order, NaN where it was not asked, and what the choices alone are refused for."""
    refusal = _too_many_left_out(raters, kept) or enough(learnt)
    return (float("nan"), refusal) if refusal is not None else ordered(learnt, seed=seed)


def _too_many_left_out(raters: Sequence[Rater], kept: Sequence[Choice]) -> Refusal | None:
    out = [rater for rater in raters if rater.why]
    if len(out) <= _MOST_LEFT_OUT * len(raters):
        return None
    most = Counter(c.observer for c in kept).most_common(1)
    more = (most[0][1] if most else 100) * len(out)
    return Refusal(
        "raters-disagree",
        f"{len(out)} of {len(raters)} raters do not go with the rest: there is no one eye to learn. See "
        f"that all judge by one question; about {more} choices of other raters in their place would do",
        more,
    )
