"""A published rival: the reward of VisualQuality-R1, reinforcement learning to rank by fidelity.

Wu et al. 2025, arXiv 2505.14460: a sample of one picture is compared with the mean of every other picture's
samples, as Thurstone would, and the probability is rewarded by its fidelity to which one is better.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from candela_engines.scorer.alignment.ranks import Floats
from candela_engines.scorer.normal import normal_cdf

__all__ = ["fidelity_reward"]

_LEAST_VARIANCE = 1e-6


def fidelity_reward(samples: npt.ArrayLike, truth: npt.ArrayLike) -> Floats:
    """(V, K): mean over j ≠ i of √(p g) + √((1−p)(1−g)), 0 to 1.

    p = Φ((sample − mean_j) / √(var_i + var_j)), variances over the K samples of each; g is 1 where i is
    labelled better than j, 0 where worse, ½ where they are equal. Samples that are NaN get 0 and are left out
    of means and variances. Raises ValueError for fewer than two versions.
    """
    drawn, label = np.asarray(samples, np.float64), np.asarray(truth, np.float64)
    if drawn.ndim != 2 or label.shape != drawn.shape[:1] or len(drawn) < 2:
        raise ValueError(
            f"samples (V, K) and labels (V,), V of 2 or more, not {drawn.shape} and {label.shape}"
        )
    there = np.isfinite(drawn)
    count = np.maximum(there.sum(1), 1)
    filled = np.where(there, drawn, 0.0)
    mean = filled.sum(1) / count
    variance = (np.where(there, drawn - mean[:, None], 0.0) ** 2).sum(1) / count
    wide = np.sqrt(np.maximum(variance[:, None] + variance[None, :], _LEAST_VARIANCE))
    better = normal_cdf((filled[:, :, None] - mean[None, None, :]) / wide[:, None, :])
    wanted = (0.5 * (1 + np.sign(label[:, None] - label[None, :])))[:, None, :]
    fidelity = np.sqrt(better * wanted) + np.sqrt((1 - better) * (1 - wanted))
    usable = np.asarray(there.any(axis=1))[None, :] & ~np.eye(len(drawn), dtype=bool)
    weight = np.broadcast_to(usable[:, None, :], fidelity.shape)
    total = np.where(weight, fidelity, 0.0).sum(-1) / np.maximum(weight.sum(-1), 1)
    return np.where(there, total, 0.0)
