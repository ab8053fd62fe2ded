"""The recipes on a linear head: a house model's own policy, and what the rewards make of it.

A house head (`scorer.eye.head`) gives one number, JOD above or below by a constant. As a policy it is that
number with one spread for all, over the same bins; only order within a scene is known of choices, so that the
aligned recipe is the reward of order alone, held to the head that it starts from by the KL.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from candela_engines.scorer.alignment import PUBLISHED, Curriculum, Phase, Rewards, log_softmax
from candela_engines.scorer.eye.head import Head, Pairs
from candela_engines.scorer.eye.thurstone import components, scale
from candela_engines.scorer.preference.learn import Aligning, Group, Learner
from candela_engines.scorer.preference.policy import BINS, Floats, Tape

__all__ = ["LinearPolicy", "aligned_head", "groups_of"]

_MIDDLE = 2.0
_UPDATES = 200


@dataclass(frozen=True, eq=False)
class LinearPolicy:
    """weights: `head.w` (D, 1) and `head.b` (1,), the logarithm of the spread. offset: of the mean."""

    weights: Mapping[str, Floats]
    offset: float

    def forward(self, x: Floats, *, temperature: float = 1.0) -> Tape:
        """Of scaled features (N, D)."""
        mean = self.offset + (x @ self.weights["head.w"])[:, 0]
        spread = np.full(len(x), math.exp(float(self.weights["head.b"][0])) * math.sqrt(temperature))
        log_probs = log_softmax(-0.5 * ((BINS - mean[:, None]) / spread[:, None]) ** 2)
        return Tape(x, x, x, mean, spread, np.ones(len(x), bool), log_probs)

    def backward(
        self, tape: Tape, by_logits: Floats | None, by_mean: Floats | None = None
    ) -> dict[str, Floats]:
        """Slopes of the weights, as `Policy.backward`."""
        out, wide = np.zeros(len(tape.mean)), 0.0
        if by_logits is not None:
            apart = (BINS - tape.mean[:, None]) / tape.spread[:, None]
            out = (by_logits * apart).sum(1) / tape.spread
            wide = float((by_logits * apart**2).sum())
        if by_mean is not None:
            out = out + by_mean
        return {"head.w": tape.x.T @ out[:, None], "head.b": np.array([wide])}

    def with_weights(self, weights: Mapping[str, Floats]) -> LinearPolicy:
        """The same with other weights."""
        return replace(self, weights=dict(weights))


def groups_of(x: Floats, pairs: Pairs) -> list[Group]:
    """Rows that choices connect, each with its labels: JOD by Thurstone's Case V about their own mean."""
    wins = np.zeros((len(x), len(x)))
    np.add.at(wins, (pairs.first, pairs.second), pairs.wins)
    np.add.at(wins, (pairs.second, pairs.first), pairs.losses)
    found = []
    for rows in components(wins):
        if len(rows) > 2:
            own = wins[np.ix_(rows, rows)]
            found.append(Group(x[rows], scale(own)[0], own))
    return found


def aligned_head(
    x: Floats, pairs: Pairs, start: Head, seed: int, *, rewards: Rewards = PUBLISHED, rate: float = 1e-3
) -> Head:
    """A recipe of `scorer.eye.head`: scaled features (N, D), pairs, the head to start from, a seed.

    Where fewer than three versions of any scene are connected there is no order to reward: the head stays.
    """
    groups = groups_of(x, pairs)
    if not groups:
        return start
    offset = _MIDDLE - float((x @ start.weights).mean())
    first = LinearPolicy({"head.w": start.weights[:, None].copy(), "head.b": np.zeros(1)}, offset)
    learner = Learner(first, seed=seed, decay=0.0)  # type: ignore[arg-type]
    how = replace(Aligning(), rate=rate, sources=min(4, len(groups)))
    learner.align(groups, Curriculum((Phase("rank", _UPDATES),)), rewards, how)
    return replace(start, weights=learner.policy.weights["head.w"][:, 0].copy())
