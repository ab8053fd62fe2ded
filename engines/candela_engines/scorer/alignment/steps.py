"""Rewards put together for the steps of the curriculum: as published, mended, and the rival's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy.typing as npt

from candela_engines.scorer.alignment import rewards as r
from candela_engines.scorer.alignment.levels import Levels
from candela_engines.scorer.alignment.ranks import Floats
from candela_engines.scorer.alignment.rival import fidelity_reward

__all__ = ["MENDED", "PUBLISHED", "RIVAL", "Reward", "Rewards"]

Reward = Callable[[npt.ArrayLike, npt.ArrayLike, Levels], Floats]


@dataclass(frozen=True, slots=True)
class Rewards:
    """rank: of order alone; step1, step2: of the curriculum. Of samples (V, K), labels (V,) and levels."""

    name: str
    rank: Reward
    step1: Reward
    step2: Reward

    def of(self, kind: str) -> Reward:
        """By the kind of a `Phase`. Raises ValueError for another word."""
        if kind not in ("rank", "step1", "step2"):
            raise ValueError(f"{kind}: a phase is rank, step1 or step2")
        return {"rank": self.rank, "step1": self.step1, "step2": self.step2}[kind]


PUBLISHED = Rewards(
    "published",
    lambda samples, truth, levels: r.endogenous_rank_reward(samples, levels),
    lambda samples, truth, levels: r.endogenous_rank_reward(samples, levels) + r.sign_reward(samples, truth),
    lambda samples, truth, levels: (
        r.exogenous_rank_reward(samples, levels) + r.distance_reward(samples, truth)
    ),
)
"""Levels' rank correlation with the sign, then with the truncated distance."""

MENDED = Rewards(
    "mended",
    lambda samples, truth, levels: r.pairwise_rank_reward(samples, levels),
    lambda samples, truth, levels: (
        r.pairwise_rank_reward(samples, levels) + r.graded_sign_reward(samples, truth)
    ),
    lambda samples, truth, levels: (
        r.pairwise_rank_reward(samples, levels, exogenous=True) + r.graded_distance_reward(samples, truth)
    ),
)
"""The same steps by rewards that are nowhere flat."""


def _fidelity(samples: npt.ArrayLike, truth: npt.ArrayLike, levels: Levels) -> Floats:
    return fidelity_reward(samples, truth)


RIVAL = Rewards("rival", _fidelity, _fidelity, _fidelity)
"""VisualQuality-R1's, in every step."""
