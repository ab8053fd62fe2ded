"""A table of scorers against what people said of the same versions, each figure with its interval.

Intervals are of a bootstrap over scenes, since versions of one scene share everything but the grade; 95 %,
percentile. With few scenes they are wide, and that is what is known.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from candela_engines.scorer.eye.choices import Choice
from candela_engines.scorer.eye.correlation import flip_rate, plcc_of, spearman
from candela_engines.scorer.eye.holdout import Estimate

__all__ = ["FIGURES", "Ratings", "Row", "evaluate"]

F64 = NDArray[np.float64]
FIGURES = ("plcc_4", "plcc_5", "srocc", "srocc_per_scene", "flip_rate", "choices_predicted")
"""In the order of a row. Pearson's after a logistic of 4 and 5 parameters and Spearman's, over all versions;
Spearman's per scene, averaged; flipped pairs of a scene; choices predicted, a tie counts half."""


@dataclass(frozen=True, eq=False)
class Ratings:
    """versions: scene and condition, (n,). jod: (n,). choices: between them, empty where there are none."""

    versions: tuple[tuple[str, str], ...]
    jod: F64
    choices: tuple[Choice, ...]

    @property
    def scenes(self) -> NDArray[np.int64]:
        """(n,) numbers of scenes."""
        names = sorted({scene for scene, _ in self.versions})
        return np.array([names.index(scene) for scene, _ in self.versions], np.int64)


@dataclass(frozen=True, eq=False)
class Row:
    """A scorer. count: versions that it scores. figures: by FIGURES; None where it cannot be told."""

    name: str
    count: int
    figures: Mapping[str, Estimate | None]


def evaluate(
    ratings: Ratings, scores: Mapping[str, F64], *, seed: int = 0, resamples: int = 200
) -> list[Row]:
    """A row a scorer, in order. scores: (n,) by name, higher is better, NaN where there is none."""
    return [
        _row(name, ratings, np.asarray(values, np.float64), seed, resamples)
        for name, values in scores.items()
    ]


def _row(name: str, ratings: Ratings, values: F64, seed: int, resamples: int) -> Row:
    known = np.isfinite(values) & np.isfinite(ratings.jod)
    place = {key: at for at, key in enumerate(ratings.versions)}
    ends = [
        (place[c.scene, c.a], place[c.scene, c.b], 1.0 if c.a_won else -1.0)
        for c in ratings.choices
        if (c.scene, c.a) in place and (c.scene, c.b) in place
    ]
    some = np.array([e for e in ends if np.isfinite(values[[e[0], e[1]]]).all()], np.float64).reshape(-1, 3)
    scenes = ratings.scenes
    at = [np.flatnonzero(known & (scenes == scene)) for scene in np.unique(scenes)]
    right = _predicted(values, some)
    by_scene = [right[scenes[some[:, 0].astype(np.int64)] == s] for s in np.unique(scenes)]
    dice = np.random.default_rng(seed)
    draws = [np.arange(len(at))]
    if len(at) >= 3:
        draws += [dice.integers(len(at), size=len(at)) for _ in range(resamples)]
    point, *drawn = _figures(values, ratings.jod, at, by_scene, draws)
    figures: dict[str, Estimate | None] = {}
    for number, key in enumerate(FIGURES):
        value = point[number]
        low = high = math.nan
        if drawn:
            column = np.array([one[number] for one in drawn])
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)  # a figure that no resample has
                low, high = np.nanpercentile(column, (2.5, 97.5))
        figures[key] = None if math.isnan(value) else Estimate(value, float(low), float(high))
    return Row(name, int(known.sum()), figures)


def _predicted(values: F64, some: F64) -> F64:
    if not len(some):
        return np.zeros(0)
    told = (values[some[:, 0].astype(np.int64)] - values[some[:, 1].astype(np.int64)]) * some[:, 2]
    return np.where(told == 0, 0.5, (told > 0).astype(np.float64))


def _figures(
    values: F64,
    jod: F64,
    at: Sequence[NDArray[np.int64]],
    right: Sequence[F64],
    draws: Sequence[NDArray[np.int64]],
) -> list[tuple[float, ...]]:
    """A row of figures for every draw of scenes.

    A scene that was drawn twice counts twice, and is another scene each time.
    """
    counts = np.zeros((len(draws), len(values)))
    for row, chosen in zip(counts, draws, strict=True):
        for k in chosen:
            row[at[k]] += 1
    known = np.flatnonzero(counts.any(0))
    curves = [plcc_of(values[known], jod[known], counts[:, known], parameters=n) for n in (4, 5)]
    each = [spearman(values[one], jod[one]) for one in at]
    found: list[tuple[float, ...]] = []
    for draw, chosen in enumerate(draws):
        rows = np.concatenate([at[k] for k in chosen]) if len(chosen) else np.zeros(0, np.int64)
        number = np.repeat(np.arange(len(chosen)), [len(at[k]) for k in chosen])
        told = [each[k] for k in chosen if not math.isnan(each[k])]
        flips, _ = flip_rate(values[rows], jod[rows], number)
        all_right = np.concatenate([right[k] for k in chosen]) if len(chosen) else np.zeros(0)
        found.append(
            (
                float(curves[0][draw]), float(curves[1][draw]), spearman(values[rows], jod[rows]),
                float(np.mean(told)) if told else math.nan, flips,
                float(all_right.mean()) if len(all_right) else math.nan,
            )
        )  # fmt: skip
    return found
