"""From an oracle and a distance to one number: the mix, and the simulated scale with the SDR reference at 0.

There are no ratings by people here. ColorVideoVDP hardly sees dimming or gamut and ΔE_ITP hardly sees what is
structured, so the label is a mix of both (all figures against "the mix" are against this):

    mix = JOD* − 4·(1 − exp(−mean ΔE_ITP / 25))         JOD*: ColorVideoVDP, isotonic along a ladder
    score = 10·(mix − z) / (10 − z), held to [−6, 10]    z: the mix of the SDR reference placed at 203 nit

so that the master scores 10 and the SDR reference 0. z is held to at most 7, else a picture whose SDR version
shows nearly all that is in it would spread small faults over the whole scale.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["BEST", "HIGHEST_ZERO", "LOWEST", "falling", "mix_of", "score_of"]

BEST = 10.0
LOWEST = -6.0
HIGHEST_ZERO = 7.0

Values = npt.NDArray[np.float64]


def falling(values: Sequence[float] | Values) -> Values:
    """The nearest series (least squares) that never rises: pool adjacent violators. (N,) float64."""
    levels: list[float] = []
    counts: list[int] = []
    for value in values:
        levels.append(float(value))
        counts.append(1)
        while len(levels) > 1 and levels[-2] < levels[-1]:
            total = counts[-2] + counts[-1]
            levels[-2] = (levels[-2] * counts[-2] + levels[-1] * counts[-1]) / total
            counts[-2] = total
            levels.pop()
            counts.pop()
    return np.repeat(np.array(levels, np.float64), counts)


def mix_of(jod: npt.ArrayLike, mean_delta_e: npt.ArrayLike) -> Values:
    """The mix of JOD* (at most 10) and mean ΔE_ITP; arrays of one shape."""
    distance = np.asarray(mean_delta_e, np.float64)
    return np.minimum(np.asarray(jod, np.float64), BEST) - 4 * (1 - np.exp(-distance / 25))


def score_of(mix: npt.ArrayLike, zero: float) -> Values:
    """The simulated scale: 10 the master, 0 the SDR reference of mix `zero`, held to [−6, 10]."""
    held = min(zero, HIGHEST_ZERO)
    return np.clip(BEST * (np.asarray(mix, np.float64) - held) / (BEST - held), LOWEST, BEST)
