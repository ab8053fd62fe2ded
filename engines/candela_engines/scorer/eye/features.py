"""What a head looks at: the stock score, and by how much a grade differs from the expected rendering.

The amounts are those that reasons are made of (`reasons_measure.amounts`), each in units of what legitimate
grades differ by, or of its fault's first rung. Beside them are levels of the grade itself that tastes are
about and reasons are not: how high and how much light stands above white, how deep shadows are, how much
colour there is, and how skin is held. For what has two sides, as exposure, the square goes in as well, so
that a head can learn where a studio's favourite lies and not only which way is better. Where a picture holds
no evidence the feature is 0: the expected rendering, no fault.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from candela_engines.scorer.descriptors import Description
from candela_engines.scorer.eye.head import Head
from candela_engines.scorer.reasons_measure import amounts

__all__ = ["FEATURES", "STOCK", "features_of", "stock_head"]

STOCK = "stock_score"
_SIDED = {
    "exposure": 0.7,
    "white_balance": 16.0,
    "hue": 5.0,
    "saturation": 0.18,
    "contrast": 0.12,
    "skin": 5.0,
}
"""Unit of a feature that has two sides: the width of legitimate styles (docs/scorer.md)."""
_FAULTS = {
    "highlights_clipped": 0.02, "blacks_crushed": 0.02, "blacks_lifted": 15.0, "banding": 1.0, "noise": 1.0,
    "soft": 0.3, "halo": 0.3, "compression": 0.1, "gamut_exceeded": 0.01,
}  # fmt: skip
_LEVELS = {
    "grade.light.peak_rgb": (2.7, 0.3), "grade.light.log_average": (1.0, 0.3), "grade.light.p5": (-0.5, 0.4),
    "pair.colour.skin_chroma": (0.0, 0.15), "pair.colour.skin_stops": (-0.6, 0.7),
}  # fmt: skip
"""Levels of the grade itself, log10 nit, and of its skin: about what is usual, and a stop or a style's
width."""
_FAVOURITES = ("grade.light.peak_rgb", "pair.colour.skin_chroma")
"""Levels whose square goes in as well."""
_HIGHLIGHTS, _COLOURFULNESS = "highlights_over_500", "colourfulness"
_MOST = 4.0

FEATURES: tuple[str, ...] = (
    STOCK,
    *_SIDED,
    *(f"{name}_squared" for name in _SIDED),
    *_FAULTS,
    *_LEVELS,
    *(f"{name}_squared" for name in _FAVOURITES),
    _HIGHLIGHTS,
    _COLOURFULNESS,
)
"""In the order of the arrays. A house model names those that it was made with."""

_STOCK_SLOPE, _STOCK_SD = 0.5, 0.5
"""JOD a point of the stock score before anybody chose: nobody rated anything, so it is a wide guess."""
_TASTE_SD, _SQUARE_SD = 0.7, 0.35


def features_of(description: Description, stock_score: float) -> NDArray[np.float64]:
    """(D,) in the order of FEATURES, finite. stock_score: −6 to 10, of the grade model."""
    found = amounts(description)
    sided = [_held(found[name] / unit) for name, unit in _SIDED.items()]
    # A fault's amount grows by orders of magnitude along its ladder, and its nuisance does not.
    faults = [math.log1p(max(_held(found[name] / unit, 1e3), 0.0)) for name, unit in _FAULTS.items()]
    levels = {n: _held((description[n] - usual) / unit) for n, (usual, unit) in _LEVELS.items()}
    favourites = [levels[name] ** 2 for name in _FAVOURITES]
    # In per cent; from a lamp to a window it grows a thousandfold, and what it is felt as does not.
    above = math.log1p(100 * max(_held(description["grade.light.over_500"], 1.0), 0.0))
    colour = _held((math.log1p(max(_held(description["grade.colour.chroma"], 1e3), 0.0)) - 3.0) / 0.2)
    squares = (x * x for x in sided)
    return np.array([stock_score, *sided, *squares, *faults, *levels.values(), *favourites, above, colour])


def stock_head(features: NDArray[np.floating]) -> Head:
    """The head to start from: the stock score alone. features: (N, D), of which it takes the ranges."""
    count = len(FEATURES)
    weights = np.zeros(count)
    weights[0] = _STOCK_SLOPE
    prior = np.full(count, _TASTE_SD)
    prior[0] = _STOCK_SD
    squares = [at for at, name in enumerate(FEATURES) if name.endswith("_squared")]
    prior[squares] = _SQUARE_SD
    low, high = features.min(axis=0), features.max(axis=0)
    return Head(weights, 0.0, np.zeros(count), np.ones(count), low, high, prior)


def mean_features(frames: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Of a shot, from those of its key frames: a linear head's score of it is the mean of their scores."""
    return np.asarray(np.mean(np.stack(frames), axis=0), np.float64)


def _held(value: float, most: float = _MOST) -> float:
    return 0.0 if math.isnan(value) else min(max(value, -most), most)
