"""Recipes: how a policy is brought from labels and choices to what is kept. The ablation compares them all.

Every recipe gets the same updates in all, so that none wins by having learnt for longer: what the curriculum
spends on rewards, the supervised ones spend on labels (`sft_long`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from candela_engines.scorer.alignment import MENDED, PUBLISHED, RIVAL, Curriculum, Phase, Rewards, Unfreezing
from candela_engines.scorer.preference.learn import Aligning, Group, Learner, Loss
from candela_engines.scorer.preference.policy import Policy

__all__ = ["RECIPES", "Budget", "train"]


@dataclass(frozen=True, slots=True)
class Budget:
    """Updates: of the supervised stage, and of the two steps of the curriculum."""

    supervised: int = 300
    first: int = 150
    second: int = 50

    @property
    def aligned(self) -> int:
        """Of the curriculum."""
        return self.first + self.second


Recipe = Callable[[Learner, list[Group], Budget], None]


def _supervised(loss: Loss = "nll", *, long: bool = False, unfreeze: bool = False) -> Recipe:
    def recipe(learner: Learner, groups: list[Group], budget: Budget) -> None:
        x = np.concatenate([group.x for group in groups])
        truth = np.concatenate([group.truth for group in groups])
        updates = budget.supervised + (budget.aligned if long else 0)
        plan = Unfreezing.evenly(updates) if unfreeze else None
        learner.supervise(x, truth, updates, loss=loss, unfreezing=plan)

    return recipe


def _aligned(
    rewards: Rewards,
    kinds: Sequence[str],
    *,
    how: Aligning | None = None,
    start: Recipe | None = None,
    choices: bool = False,
) -> Recipe:
    first = _supervised() if start is None else start

    def recipe(learner: Learner, groups: list[Group], budget: Budget) -> None:
        first(learner, groups, budget)
        shares = {"both": (("step1", budget.first), ("step2", budget.second))}
        parts = [p for kind in kinds for p in shares.get(kind, ((kind, budget.aligned),))]
        plan = Curriculum(tuple(Phase(kind, updates) for kind, updates in parts))  # type: ignore[arg-type]
        learner.align(groups, plan, rewards, how or Aligning())

    return recipe


def _choices(learner: Learner, groups: list[Group], budget: Budget) -> None:
    """Labels first, for the scale; then who was preferred, word by word."""
    _supervised()(learner, groups, budget)
    learner.choose(groups, budget.aligned, rate=1e-3)


def _nothing(learner: Learner, groups: list[Group], budget: Budget) -> None:
    pass


RECIPES: dict[str, Recipe] = {
    "regression": _supervised("mse", long=True),
    "huber": _supervised("huber", long=True),
    "sft": _supervised(),
    "sft_long": _supervised(long=True),
    "sft_unfreezing": _supervised(long=True, unfreeze=True),
    "rank_only": _aligned(PUBLISHED, ["rank"]),
    "step1": _aligned(PUBLISHED, ["step1"]),
    "step2": _aligned(PUBLISHED, ["step2"]),
    "both": _aligned(PUBLISHED, ["both"]),
    "both_k5": _aligned(PUBLISHED, ["both"], how=replace(Aligning(), samples=5)),
    "both_no_sft": _aligned(PUBLISHED, ["both"], start=_nothing),
    "step1_mended": _aligned(MENDED, ["step1"]),
    "step2_mended": _aligned(MENDED, ["step2"]),
    "both_mended": _aligned(MENDED, ["both"]),
    "visualquality_r1": _aligned(RIVAL, ["rank"]),
    "choices": _choices,
}
"""By name. `regression`, `huber`, `sft_long` and `sft_unfreezing` spend all updates on labels; `sft` is what
the aligned ones begin with; `both` is the published curriculum, `_k5` with its five samples, `_no_sft` from
nothing; `_mended` by rewards without traps; `visualquality_r1` the rival; `choices` Thurstone's likelihood."""


def train(
    recipe: str, policy: Policy, groups: list[Group], *, seed: int = 0, budget: Budget | None = None
) -> Policy:
    """The policy after a recipe. Raises ValueError for an unknown one."""
    if recipe not in RECIPES:
        raise ValueError(f"recipe {recipe[:40]!r}: there are {', '.join(RECIPES)}")
    learner = Learner(policy, seed=seed)
    RECIPES[recipe](learner, groups, budget or Budget())
    return learner.policy
