"""Preference alignment with no model in it: levels, rewards, advantages, the objective, the schedules.

Two policies are taught by it, the compact one (`scorer.preference`) and Qwen2.5-VL
(`scorer.training.vlm`). Arrays of one source: `samples` (V, K), K scores drawn by the policy for each of V
versions; `truth` (V,), their label, the SDR reference at 0; `category` (V,), the level of each, 0 the lowest.
Lists ascend in the label throughout.

The published rewards have traps, which the docstrings name; beside each stands the one that is mended.
"""

from candela_engines.scorer.alignment.advantages import group_relative, silent_share
from candela_engines.scorer.alignment.levels import Levels, dynamic_levels, split_into
from candela_engines.scorer.alignment.objective import (
    clipped_surrogate,
    estimated_kl,
    gradient_of_kl,
    kl_of_categories,
    log_softmax,
)
from candela_engines.scorer.alignment.ranks import average_ranks, spearman
from candela_engines.scorer.alignment.rewards import (
    distance_reward,
    endogenous_rank_reward,
    exogenous_rank_reward,
    graded_distance_reward,
    graded_sign_reward,
    pairwise_rank_reward,
    sign_reward,
)
from candela_engines.scorer.alignment.rival import fidelity_reward
from candela_engines.scorer.alignment.schedules import Curriculum, Phase, Unfreezing, kl_weight
from candela_engines.scorer.alignment.steps import MENDED, PUBLISHED, RIVAL, Rewards

__all__ = [
    "MENDED",
    "PUBLISHED",
    "RIVAL",
    "Curriculum",
    "Levels",
    "Phase",
    "Rewards",
    "Unfreezing",
    "average_ranks",
    "clipped_surrogate",
    "distance_reward",
    "dynamic_levels",
    "endogenous_rank_reward",
    "estimated_kl",
    "exogenous_rank_reward",
    "fidelity_reward",
    "graded_distance_reward",
    "graded_sign_reward",
    "gradient_of_kl",
    "group_relative",
    "kl_of_categories",
    "kl_weight",
    "log_softmax",
    "pairwise_rank_reward",
    "sign_reward",
    "silent_share",
    "spearman",
    "split_into",
]
