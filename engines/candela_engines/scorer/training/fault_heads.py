"""One head a kind of fault: how likely it is that a grade has it, from the descriptors of the pair.

A head is boosted trees with a logistic loss. It says yes on rungs from the second on, no on masters, styles
and every fault of another kind, and nothing where the kind is a consequence (`kinds.FOLLOWS`), on the first
rung, whose fault is hardly there, and on faults of a region: maps find those, not descriptors of the whole.
In the place of CP-LLM's language decoder: the words of a reason are made from what was measured.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from candela_engines.scorer.training.dataset import FOLDS, Dataset
from candela_engines.scorer.training.forgetting import forgetting
from candela_engines.scorer.training.growing import Growth, grow
from candela_engines.scorer.training.kinds import FOLLOWS, LADDERS

__all__ = ["HeadSettings", "fit_head", "held_out_heads", "targets"]


@dataclass(frozen=True)
class HeadSettings(Growth):
    """Of one head's boosting."""

    trees: int = 120
    rate: float = 0.1
    leaves: int = 12
    columns: float = 0.25
    ridge: float = 2.0
    first_rung: int = 2
    forget: float = 0.3


def targets(data: Dataset, kind: str, settings: HeadSettings) -> tuple[npt.NDArray[np.bool_], ...]:
    """(P,) bool each: where the kind is there by construction, and which rows say anything of it."""
    shown, follows = LADDERS[kind], FOLLOWS.get(kind, ())
    single = data.kind == "fault"
    mine = single & np.isin(data.ladder, shown)
    if kind == "tones_reversed":
        # Only the last rung of that ladder falls.
        mine &= data.rung == 4
        told = ~(single & np.isin(data.ladder, shown) & (data.rung < 4))
    else:
        told = ~(mine & (data.rung < settings.first_rung)) & ~(mine & ~data.visible)
    told &= ~(single & np.isin(data.ladder, follows))
    told &= ~np.isin(data.kind, ("local", "eotf", "sdr"))
    parts = np.array([_ladders_of(names) for names in data.components], dtype=object)
    both = np.array([any(p in shown for p in part) for part in parts], bool) & (data.kind == "combined")
    unclear = np.array([any(p in follows for p in part) for part in parts], bool) & (data.kind == "combined")
    return mine | both, told & ~(unclear & ~both)


def _ladders_of(components: Sequence[str]) -> tuple[str, ...]:
    return tuple(name.split("/")[1] for name in components)


def fit_head(data: Dataset, kind: str, settings: HeadSettings, seed: int = 0) -> Any:
    """A LightGBM booster of a kind; `predict(values)` is the probability."""
    data = forgetting(data, settings.forget, seed)
    there, told = targets(data, kind, settings)
    rows = np.flatnonzero(told)
    _, place, counts = np.unique(data.source[rows], return_inverse=True, return_counts=True)
    weight = 1.0 / counts[place]
    # Masters and styles are few beside all faults, and they are what must not be accused.
    legitimate = np.isin(data.kind[rows], ("master", "style"))
    weight = weight * np.where(legitimate, 4.0, 1.0)
    label = there[rows].astype(np.float64)
    return grow(settings, "binary", data.values[rows], label, weight / weight.mean(), seed=seed)


def held_out_heads(
    data: Dataset, settings: HeadSettings, told: Callable[[str], None] = lambda _: None
) -> dict[str, npt.NDArray[np.float64]]:
    """Probability of every kind on every row, (P,), by heads that saw no source of its group."""
    out = {kind: np.full(len(data), np.nan) for kind in LADDERS}
    for fold in range(FOLDS):
        rows = data.fold == fold
        if not rows.any():
            continue
        teach = data.only(~rows)
        for number, kind in enumerate(LADDERS):
            if targets(teach, kind, settings)[0].any():
                model = fit_head(teach, kind, settings, seed=number)
                out[kind][rows] = model.predict(data.values[rows])
        told(f"fold {fold}: heads")
    return out
