"""Recipes: how a policy is brought from labels and choices to what is kept. The ablation compares them all.

Every recipe gets the same updates in all, so that none wins by having learnt for longer: what the curriculum
spends on rewards, the supervised ones spend on labels (`sft_long`). Rates were chosen on panels and splits of
their own (seeds from 1000 on of `bench.preference_ablation`).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from candela_engines.scorer.alignment import MENDED, PUBLISHED, RIVAL, Curriculum, Phase, Rewards, Unfreezing
from candela_engines.scorer.preference.learn import Aligning, Group, Learner, Loss
from candela_engines.scorer.preference.policy import Floats, Policy

__all__ = ["DEFAULT", "RECIPES", "Budget", "Recipe", "supervised", "train"]


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


Teach = Callable[[Learner, list[Group], Budget], None]


@dataclass(frozen=True, slots=True)
class Recipe:
    """teach: what is done. supervised: after the supervised stage that many recipes have in common."""

    teach: Teach
    supervised: bool = True


_FINE = replace(Aligning(), scale="batch", rate=4e-3)
"""For rewards that always differ a little: a group's own σ would blow up what is next to nothing."""


def _on_labels(loss: Loss, *, unfreeze: bool = False) -> Recipe:
    """All updates on labels."""

    def teach(learner: Learner, groups: list[Group], budget: Budget) -> None:
        updates = budget.supervised + budget.aligned
        plan = Unfreezing.evenly(updates) if unfreeze else None
        learner.supervise(*_rows(groups), updates, loss=loss, unfreezing=plan)

    return Recipe(teach, supervised=False)


def _aligned(
    rewards: Rewards, kinds: Sequence[str], *, how: Aligning | None = None, supervised: bool = True
) -> Recipe:
    def teach(learner: Learner, groups: list[Group], budget: Budget) -> None:
        both = (("step1", budget.first), ("step2", budget.second))
        parts = [p for kind in kinds for p in (both if kind == "both" else ((kind, budget.aligned),))]
        plan = Curriculum(tuple(Phase(kind, updates) for kind, updates in parts))  # type: ignore[arg-type]
        learner.align(groups, plan, rewards, how or Aligning())

    return Recipe(teach, supervised)


def _choices(learner: Learner, groups: list[Group], budget: Budget) -> None:
    """Labels first, for the scale; then who was preferred, choice by choice."""
    learner.choose(groups, budget.aligned, rate=1e-3)


def _nothing(learner: Learner, groups: list[Group], budget: Budget) -> None:
    pass


def _rows(groups: list[Group]) -> tuple[Floats, Floats]:
    return np.concatenate([group.x for group in groups]), np.concatenate([group.truth for group in groups])


RECIPES: dict[str, Recipe] = {
    "regression": _on_labels("mse"),
    "huber": _on_labels("huber"),
    "sft": Recipe(_nothing),
    "sft_long": _on_labels("nll"),
    "sft_unfreezing": _on_labels("nll", unfreeze=True),
    "rank_only": _aligned(PUBLISHED, ["rank"]),
    "step1": _aligned(PUBLISHED, ["step1"]),
    "step2": _aligned(PUBLISHED, ["step2"]),
    "both": _aligned(PUBLISHED, ["both"]),
    "both_k5": _aligned(PUBLISHED, ["both"], how=replace(Aligning(), samples=5)),
    "both_no_sft": _aligned(PUBLISHED, ["both"], supervised=False),
    "step1_mended": _aligned(MENDED, ["step1"], how=_FINE),
    "step2_mended": _aligned(MENDED, ["step2"], how=_FINE),
    "both_mended": _aligned(MENDED, ["both"], how=_FINE),
    "visualquality_r1": _aligned(RIVAL, ["rank"], how=replace(Aligning(), rate=3e-4)),
    "choices": Recipe(_choices),
}
"""By name. `regression`, `huber`, `sft_long` and `sft_unfreezing` spend all updates on labels; `sft` is what
the aligned ones begin with; `both` is the published curriculum, `_k5` with its five samples, `_no_sft` from
nothing; `_mended` by rewards without traps; `visualquality_r1` the rival; `choices` Thurstone's likelihood.
"""


DEFAULT = "both_mended"
"""What wins in `bench.preference_ablation`; docs/preference.md has the table."""


def supervised(
    policy: Policy, groups: list[Group], *, seed: int = 0, budget: Budget | None = None
) -> Learner:
    """A policy after the stage that recipes have in common: labels, by next-bin likelihood."""
    learner = Learner(policy, seed=seed)
    learner.supervise(*_rows(groups), (budget or Budget()).supervised)
    return learner


def train(
    recipe: str,
    policy: Policy,
    groups: list[Group],
    *,
    seed: int = 0,
    budget: Budget | None = None,
    begun: Learner | None = None,
) -> Policy:
    """The policy after a recipe. begun: what `supervised` gave of the very same, to spare doing it again.

    Raises ValueError for an unknown recipe.
    """
    if recipe not in RECIPES:
        raise ValueError(f"recipe {recipe[:40]!r}: there are {', '.join(RECIPES)}")
    chosen, budget = RECIPES[recipe], budget or Budget()
    if not chosen.supervised:
        learner = Learner(policy, seed=seed)
    elif begun is None:
        learner = supervised(policy, groups, seed=seed, budget=budget)
    else:
        learner = copy.deepcopy(begun)
    chosen.teach(learner, groups, budget)
    return learner.policy
