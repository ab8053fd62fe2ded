"""Group-relative advantages: a sample against the other samples of the same version."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from candela_engines.scorer.alignment.ranks import Floats

__all__ = ["group_relative", "silent_share"]


def group_relative(
    rewards: npt.ArrayLike,
    *,
    scale: Literal["group", "batch", "none"] = "group",
    epsilon: float = 1e-4,
) -> Floats:
    """(r − mean) / (σ + ε) of (G, K) rewards, a row a group.

    scale: `group`, each by its own σ as published; then a group whose rewards hardly differ weighs as much as
    one with all to learn. `batch`: by the root mean square of all groups' deviations. `none`: centred only.
    A group of equal rewards gives 0 throughout.
    """
    values = np.asarray(rewards, np.float64)
    if values.ndim != 2:
        raise ValueError(f"rewards must be (G, K), not {values.shape}")
    centred = values - values.mean(1, keepdims=True)
    # What only rounding made of equal rewards is not to be blown up.
    centred = np.where(np.ptp(values, axis=1, keepdims=True) > 1e-12, centred, 0.0)
    if scale == "none":
        return centred
    if scale == "batch":
        return np.asarray(centred / (np.sqrt((centred**2).mean()) + epsilon), np.float64)
    return np.asarray(centred / (values.std(1, keepdims=True) + epsilon), np.float64)


def silent_share(rewards: npt.ArrayLike) -> float:
    """Share of groups (G, K) whose rewards are all equal: those teach nothing."""
    values = np.asarray(rewards, np.float64)
    return float((np.ptp(values, axis=1) <= 1e-12).mean())
