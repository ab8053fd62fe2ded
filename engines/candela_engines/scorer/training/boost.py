"""Bagged gradient boosting on the descriptors: the scorer that a network has to beat, and may be shipped.

    python -m candela_engines.scorer.training.boost OUT [--bags 4]      predictions of held-out sources

Needs scikit-learn (`pip install candela-hdr[train]`). The target is a root of the distance from the best,
−√(10 − mix): most flips lie between a master and its first rung, where the mix itself is flat. Styles are
trained on as being as good as their masters; every bag draws sources, not rows, so that it is its sources
that differ.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from candela_engines.scorer.training.dataset import FOLDS, Dataset, load_dataset
from candela_engines.scorer.training.following import parser_of
from candela_engines.scorer.training.pictures import generator
from candela_engines.scorer.training.scale import BEST
from candela_engines.scorer.training.store import Store

__all__ = ["Boosting", "Settings", "fit", "held_out", "main"]

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)  # without slots, so that the defaults can be read from the class
class Settings:
    """Of the boosting. columns: share of the descriptors that a split may choose from."""

    bags: int = 4
    trees: int = 250
    rate: float = 0.08
    leaves: int = 15
    least: int = 20
    columns: float = 0.3
    ridge: float = 1.0
    seed: int = 0


@dataclass(frozen=True)
class Boosting:
    """Fitted bags. A prediction is the mean of theirs, brought back to the scale of the mix."""

    bags: tuple[Any, ...]
    columns: npt.NDArray[np.int64]

    def roots(self, values: npt.NDArray[np.float32]) -> Floats:
        """−√(10 − mix) of each bag, (B, P), before they are averaged."""
        return np.stack([bag.predict(values[:, self.columns]) for bag in self.bags])

    def predict(self, values: npt.NDArray[np.float32]) -> Floats:
        """Mix of each row, (P,) float64; a little above 10 where the bags see no fault at all."""
        root = self.roots(values).mean(axis=0)
        # Signed, so that what lies above the best keeps its order.
        return np.asarray(BEST - np.sign(-root) * root * root)


def fit(data: Dataset, settings: Settings, *, columns: Sequence[int] | None = None) -> Boosting:
    """Boosting on all rows of `data`. columns: places of the descriptors to use; all by default."""
    try:
        from sklearn.ensemble import HistGradientBoostingRegressor
    except ImportError as error:
        raise ImportError("scikit-learn is not there: pip install 'candela-hdr[train]'") from error
    chosen = np.arange(data.values.shape[1]) if columns is None else np.array(columns, np.int64)
    target = -np.sqrt(np.maximum(BEST - data.mix, 0))
    sources, place, counts = np.unique(data.source, return_inverse=True, return_counts=True)
    bags = []
    for number in range(settings.bags):
        drawn = generator("bag", settings.seed, number).integers(0, len(sources), len(sources))
        # One bag is no bag: it sees every source once.
        weight = np.bincount(drawn, minlength=len(sources)) if settings.bags > 1 else np.ones(len(sources))
        rows = np.flatnonzero(weight[place] > 0)
        model = HistGradientBoostingRegressor(
            max_iter=settings.trees,
            learning_rate=settings.rate,
            max_leaf_nodes=settings.leaves,
            min_samples_leaf=settings.least,
            max_features=settings.columns,
            l2_regularization=settings.ridge,
            random_state=settings.seed * 1000 + number,
            early_stopping=False,
        )
        share = (weight[place] / counts[place])[rows]
        bags.append(model.fit(data.values[rows][:, chosen], target[rows], sample_weight=share / share.mean()))
    return Boosting(tuple(bags), chosen)


def held_out(
    data: Dataset,
    settings: Settings,
    *,
    train: Mask | None = None,
    test: Mask | None = None,
    columns: Sequence[int] | None = None,
    told: Callable[[str], None] = lambda _: None,
) -> Floats:
    """Mix of every row by a model that saw no source of its group, (P,); NaN outside `test`.

    train: rows that may be trained on, all by default, as for a ladder or an operator held out.
    """
    out = np.full(len(data), np.nan)
    allowed = np.ones(len(data), bool) if train is None else train
    wanted = np.ones(len(data), bool) if test is None else test
    for fold in range(FOLDS):
        rows = (data.fold == fold) & wanted
        teach = allowed & (data.fold != fold)
        if not rows.any() or not teach.any():
            continue
        model = fit(data.only(teach), settings, columns=columns)
        out[rows] = model.predict(data.values[rows])
        told(f"fold {fold}: {teach.sum()} rows taught, {rows.sum()} predicted")
    return out


def main(arguments: Sequence[str] | None = None) -> None:
    """Predict every source by models that did not see it; keep the predictions in OUT/boost.npz."""
    parser = parser_of(__doc__)
    parser.add_argument("--bags", type=int, default=Settings.bags)
    asked = parser.parse_args(arguments)
    data = load_dataset(Store(asked.out))
    made = held_out(data, Settings(bags=asked.bags), told=lambda line: print(line, flush=True))
    np.savez(asked.out / "boost.npz", mix=made, name=data.name, source=data.source, reference=data.reference)


if __name__ == "__main__":
    main()
