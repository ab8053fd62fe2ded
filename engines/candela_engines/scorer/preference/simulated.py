"""Simulated raters, who look at two versions of a picture and say which they prefer, as Thurstone has it.

P(i over j) = (1 − λ) Φ((q_i − q_j + b_i − b_j) / (1.4826 σ)) + λ / 2, with σ of the rater log-normal (0, .3),
lapses λ of Beta(1, 19), and a bias b of the rater towards each kind of version, normal (0, .3). An
adversarial rater says the opposite. Nobody's answers are in it: it is for tests, and for learning what a
method does with noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from candela_engines.scorer.normal import SIGMA_JOD, normal_cdf

__all__ = ["Panel", "counts_of_choices", "draw_panel", "simulate"]

Floats = npt.NDArray[np.float64]
Choices = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Panel:
    """R raters: sigma, lapse (R,), adversarial (R,) bool, and the seed of their biases."""

    sigma: Floats
    lapse: Floats
    adversarial: npt.NDArray[np.bool_]
    bias_sd: float
    seed: int

    def bias(self, kinds: Sequence[str]) -> Floats:
        """(R, V), alike for versions of one kind whatever the source: a rater's taste."""
        out = np.zeros((len(self.sigma), len(kinds)))
        for place, kind in enumerate(kinds):
            key = [self.seed, *kind.encode()]
            out[:, place] = np.random.default_rng(key).normal(0, self.bias_sd, len(self.sigma))
        return out


def draw_panel(
    raters: int, *, adversarial: int = 0, noise: float = 1.0, bias: float = 0.3, seed: int = 0
) -> Panel:
    """raters: R. adversarial: how many of them. noise: all σ times this. ValueError for others."""
    if not 0 <= adversarial <= raters or raters < 1:
        raise ValueError(f"{adversarial} adversarial of {raters} raters")
    random = np.random.default_rng(seed)
    sigma = noise * np.exp(random.normal(0, 0.3, raters))
    lapse = random.beta(1, 19, raters)
    bad = np.zeros(raters, bool)
    bad[random.choice(raters, adversarial, replace=False)] = True
    return Panel(sigma, lapse, bad, bias, seed)


def simulate(
    quality: npt.ArrayLike, kinds: Sequence[str], panel: Panel, choices: int, random: np.random.Generator
) -> Choices:
    """(choices, 4) int64: rater, first, second, chosen, of V versions of true quality (V,) JOD.

    Pairs come in rounds of all there are, shuffled, and the raters in turn, so that the design is balanced.
    """
    q = np.asarray(quality, np.float64)
    first, second = np.triu_indices(len(q), 1)
    rounds = -(-choices // len(first))
    order = np.concatenate([random.permutation(len(first)) for _ in range(rounds)])[:choices]
    swap = random.random(choices) < 0.5
    a, b = np.where(swap, second[order], first[order]), np.where(swap, first[order], second[order])
    rater = random.permutation(np.arange(choices) % len(panel.sigma))
    bias = panel.bias(kinds)
    apart = q[a] - q[b] + bias[rater, a] - bias[rater, b]
    sure = normal_cdf(apart / (SIGMA_JOD * panel.sigma[rater]))
    sure = np.where(panel.adversarial[rater], 1 - sure, sure)
    chance = (1 - panel.lapse[rater]) * sure + panel.lapse[rater] / 2
    chosen = np.where(random.random(choices) < chance, a, b)
    return np.stack([rater, a, b, chosen], axis=1).astype(np.int64)


def counts_of_choices(choices: Choices, versions: int) -> Floats:
    """(V, V): how often the version of the row was chosen over that of the column."""
    wins = np.zeros((versions, versions))
    loser = np.where(choices[:, 3] == choices[:, 1], choices[:, 2], choices[:, 1])
    np.add.at(wins, (choices[:, 3], loser), 1.0)
    return wins
