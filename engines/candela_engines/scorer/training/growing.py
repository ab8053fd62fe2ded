"""LightGBM as every model here uses it: one thread by default, and the same trees every time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Growth", "grow"]


@dataclass(frozen=True)  # without slots, so that the defaults can be read from the class
class Growth:
    """What boosted trees are grown by. columns: share of the descriptors that a tree may choose from. bins:
    values of a descriptor that are told apart; 63 take a quarter of the time of LightGBM's 255.
    """

    trees: int = 400
    rate: float = 0.08
    leaves: int = 15
    least: int = 20
    columns: float = 0.3
    ridge: float = 1.0
    bins: int = 63


def grow(
    growth: Growth,
    objective: Any,
    values: npt.NDArray[np.float32],
    label: npt.NDArray[np.float64] | None = None,
    weight: npt.NDArray[np.float64] | None = None,
    *,
    seed: int,
    threads: int = 1,
) -> Any:
    """A LightGBM booster. objective: a name of LightGBM's, or a function of gradient and curvature.

    Raises ImportError where LightGBM is not installed.
    """
    try:
        import lightgbm
    except ImportError as error:
        raise ImportError("LightGBM is not there: pip install 'candela-hdr[train]'") from error
    asked = {
        "objective": objective,
        "num_leaves": growth.leaves,
        "learning_rate": growth.rate,
        "feature_fraction": growth.columns,
        "max_bin": growth.bins,
        "min_data_in_leaf": growth.least,
        "lambda_l2": growth.ridge,
        "num_threads": threads,
        "deterministic": True,
        "force_row_wise": True,
        "seed": seed,
        "verbosity": -1,
    }
    return lightgbm.train(asked, lightgbm.Dataset(values, label, weight=weight), num_boost_round=growth.trees)
