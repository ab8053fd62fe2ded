"""Hard examples: samples drawn anew by what the layers get wrong."""

from __future__ import annotations

import numpy as np

from candela_engines.itm.learn import Samples, weighted_error
from candela_engines.itm.network import Layers
from candela_engines.native import native

__all__ = ["resampled"]

HARD = 0.2  # share that is drawn in proportion to the error


def resampled(pool: Samples, layers: Layers, most: int, seed: int) -> Samples:
    """A new active set of at most `most`: four fifths evenly, one fifth by the error, weights made fair.

    The share is that of the published hard-example step (MLP-embedded iTM, ACM MM 2024); dividing the
    weight by the odds keeps the loss that of the picture. The pool has to be in random order. Deterministic
    for a seed; the native library and numpy draw different samples.
    """
    n = len(pool.features)
    count = min(most, n)
    library = native()
    if library is not None:
        arrays = (pool.features, pool.target, pool.weight)
        return Samples(
            *library.resample(
                *(np.ascontiguousarray(a, np.float32) for a in arrays),
                [np.ascontiguousarray(w, np.float32) for w in layers.weights],
                [np.ascontiguousarray(b, np.float32) for b in layers.biases],
                count=count,
                seed=seed,
            )
        )
    error = np.sqrt(np.square(weighted_error(pool, layers)).sum(1, dtype=np.float64))
    odds = (1 - HARD) / n + HARD * error / max(float(error.sum()), 1e-12)
    odds /= odds.sum()
    picks = np.random.default_rng(seed).choice(n, size=count, p=odds)
    fair = np.sqrt(1 / (n * odds[picks])).astype(np.float32)[:, None]
    return Samples(pool.features[picks], pool.target[picks], pool.weight[picks] * fair)
