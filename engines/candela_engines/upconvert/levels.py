"""What a picture's levels tell about how it was graded: numbers of a proxy, for the networks' context.

A convolution with instance normalisation sees forms and hardly levels, and levels are what distinguishes one
tone mapping from another: where black, middle and white lie, how much is clipped, how colour fades upwards.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["LEVELS", "levels_of"]

F32 = npt.NDArray[np.float32]

_QUANTILES = np.concatenate([[0.5, 2], np.linspace(5, 95, 19), [98, 99.5, 100]])
_BANDS = 8
_CLIPPED = 0.995
LEVELS = 3 * len(_QUANTILES) + 3 + 2 * _BANDS
"""Numbers of a picture."""
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


def levels_of(proxy: F32) -> F32:
    """(LEVELS,) float32 of SDR code (h, w, 3), 0..1.

    Quantiles of luma and of the largest and the smallest of R, G and B; shares of pixels with one and with
    all of them clipped, and of black; by bands of luma the saturation's mean and the share of pixels.
    """
    pixels = proxy.reshape(-1, 3)
    luma, high, low = pixels @ _LUMA, pixels.max(axis=1), pixels.min(axis=1)
    quantiles = [np.percentile(values, _QUANTILES) for values in (luma, high, low)]
    shares = [(high >= _CLIPPED).mean(), (low >= _CLIPPED).mean(), (high <= 1 - _CLIPPED).mean()]
    band = np.clip((luma * _BANDS).astype(np.int64), 0, _BANDS - 1)
    count = np.bincount(band, minlength=_BANDS)
    saturation = (high - low) / np.maximum(high, np.float32(1e-3))
    means = np.bincount(band, saturation, _BANDS) / np.maximum(count, 1)
    return np.concatenate([*quantiles, shares, means, count / len(pixels)]).astype(np.float32)
