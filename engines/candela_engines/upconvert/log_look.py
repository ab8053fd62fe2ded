"""What a picture looks like whose codes are a camera's log, or PQ, whatever its tags say: numbers and odds.

Log lifts black, keeps below white, and spends as many codes on a stop in the shadows as in the lights, so
that colour and texture are as strong in the dark as in the bright; a grade has them grow with the level. Fog,
a faded look and a white wall have some of that. The odds are those of a logistic regression on these numbers
and on some of their products, fitted to real scenes through camera curves and to SDR of them, fog and faded
looks among it (`training.log_look`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from candela_engines.weights import load_weights

__all__ = ["FILE", "NUMBERS", "log_odds", "numbers_of", "shipped"]

F32 = npt.NDArray[np.float32]
Weights = Mapping[str, npt.NDArray[np.generic]]

FILE = "upconvert/log_look.npz"
_POINTS = 1 << 16
_LEAST = 64  # pixels: fewer say nothing
_DARK = 0.02  # code: rows and columns no brighter throughout are bars
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
_SMALL = 1e-3
_MOST = 4.0  # standard deviations
_LOWS, _LUMAS, _HIGHS, _CHROMAS = (0.1, 1, 5, 25, 50), (1, 5, 25, 50, 75, 95, 99), (99, 99.9), (50, 95, 99.5)
NUMBERS = (
    *(f"low{q:g}" for q in _LOWS), *(f"luma{q:g}" for q in _LUMAS), *(f"high{q:g}" for q in _HIGHS),
    "spread", "colour", "chroma", *(f"chroma{q:g}" for q in _CHROMAS), "chroma_up", "texture_up", "texture",
    "black", "white",
)  # fmt: skip
"""Names of the numbers: percentiles of the smallest of R', G', B', of luma and of the largest; the standard
deviation of luma; (largest − smallest)/largest and largest − smallest in the mean and in percentiles; by how
much chroma and texture grow from the darker to the brighter part, in logarithms; texture; the roots of the
shares at black and at white.
"""
_CROSSED = tuple(
    NUMBERS.index(name)
    for name in (
        "low1", "luma50", "spread", "colour", "high99.9", "chroma95", "texture", "texture_up", "chroma_up",
    )
)  # fmt: skip


def numbers_of(codes: npt.NDArray[np.floating]) -> F32 | None:
    """`NUMBERS` of R'G'B' codes over full scale (H, W, 3); None where too few pixels are a picture.

    Rows and columns that are black throughout, as of a letterbox, do not count; NaN does not either.
    """
    height, width = codes.shape[:2]
    step = max(1, int(np.sqrt(height * width / _POINTS)))
    part = np.nan_to_num(np.asarray(codes[::step, ::step], np.float32), nan=0.0, posinf=1.0, neginf=0.0)
    part = np.clip(part, 0, 1)
    lit = part.max(axis=2) > _DARK
    part = part[lit.any(axis=1)][:, lit.any(axis=0)]
    if part.shape[0] * part.shape[1] < _LEAST or min(part.shape[:2]) < 2:
        return None
    low, high, luma = part.min(axis=2), part.max(axis=2), part @ _LUMA
    chroma = high - low
    across, down = np.abs(np.diff(luma, axis=1))[:-1], np.abs(np.diff(luma, axis=0))[:, :-1]
    texture, level = across + down, luma[:-1, :-1]
    middle = np.median(luma)
    darker, brighter = level <= np.quantile(luma, 0.4), level >= np.quantile(luma, 0.6)
    found = [
        *np.percentile(low, _LOWS), *np.percentile(luma, _LUMAS), *np.percentile(high, _HIGHS), luma.std(),
        (chroma / np.maximum(high, _SMALL)).mean(), chroma.mean(), *np.percentile(chroma, _CHROMAS),
        _growth(chroma[luma <= middle], chroma[luma >= middle]), _growth(texture[darker], texture[brighter]),
        np.log(texture.mean() + _SMALL), np.sqrt((low <= 0.004).mean()), np.sqrt((high >= 0.996).mean()),
    ]  # fmt: skip
    return np.asarray(found, np.float32)


def _growth(dark: F32, bright: F32) -> float:
    if not dark.size or not bright.size:
        return 0.0
    return float(np.log((bright.mean() + _SMALL) / (dark.mean() + _SMALL)))


def terms_of(numbers: F32, mean: F32, scale: F32) -> F32:
    """What is weighted: the numbers (n, N) in standard deviations, squares and products of some, and 1."""
    z = np.clip((np.asarray(numbers, np.float64) - mean) / scale, -_MOST, _MOST)
    crossed = [z[:, i] * z[:, j] for at, i in enumerate(_CROSSED) for j in _CROSSED[at:]]
    return np.asarray(
        np.concatenate([z, np.stack(crossed, axis=1), np.ones((len(z), 1))], axis=1), np.float32
    )


def log_odds(numbers: F32, weights: Weights | None = None) -> float:
    """Logarithm of the odds that they are of log or PQ rather than of a grade, less what a refusal needs.

    0 and above: such as hardly any grade has. weights: those of the package if not given.
    """
    held = shipped() if weights is None else weights
    keys = ("mean", "scale", "weights", "least")
    mean, scale, each, least = (np.asarray(held[key], np.float32) for key in keys)
    return float(terms_of(numbers[None], mean, scale)[0] @ each - least)


@lru_cache(maxsize=1)
def shipped() -> Weights:
    """The weights of the package. Raises InfrastructureError where they are not whole."""
    return load_weights(FILE)
