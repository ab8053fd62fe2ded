"""Bagged boosting that is taught orders beside values: the grade model that ships.

    python -m candela_engines.scorer.training.ranked OUT [--bags 4] [--margin FOLDER]

Predictions of held-out sources, kept in OUT; with --margin by `WITH_MARGIN`, which does not ship, in FOLDER.

Plain boosting regresses values and takes what orders come out (`built` and `told` 0). Here the gradient of
each tree is that of three losses (CP-LLM's regression and ranking, HDR-VLM's one list a source; from the
specification), and what is regressed is the simulated score s itself, so that the SDR reference has 0 and
the master 10:

    value   ½·(r − t)², t = −√(10 − s), of every row; r is what the trees add up to. Masters and styles, one
            row in 25, weigh a third of it and SDR references a twentieth: what is scored in earnest is mostly
            without a planted fault, and both ends of the scale have to hold
    built   log(1 + exp(−(r_better − r_worse)/T)), T = 0.15, of pairs whose order is known by construction:
            rungs of a ladder, a region against the whole, both faults against either; neighbours twice
    told    the same with T = 0.5 of pairs of one source that the mix puts 0.5 or more apart

With a margin m it is r_better − r_worse − min(t_better − t_worse, m): a pair that is as far apart as its
values are is left alone.

Needs LightGBM (`pip install candela-hdr[train]`). Every bag draws sources, not rows, so
that it is its sources that differ, where the settings do not say otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from candela_engines.scorer.training.dataset import FOLDS, Dataset, load_dataset
from candela_engines.scorer.training.following import parser_of
from candela_engines.scorer.training.forgetting import forgetting
from candela_engines.scorer.training.growing import Growth, grow
from candela_engines.scorer.training.pictures import generator
from candela_engines.scorer.training.scale import BEST
from candela_engines.scorer.training.store import Store

__all__ = [
    "HEAVIER",
    "WITH_MARGIN",
    "Ranked",
    "RankedSettings",
    "fit_ranked",
    "held_out_ranked",
    "kept_scores",
    "main",
    "oracle_pairs",
    "simulated",
]

Floats = npt.NDArray[np.float64]
Pairs = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_TOLD_GAP = 0.5
_NEIGHBOURS = 2.0
_LEAST_TAUGHT = -20.0  # what lies below is of one value; its order is taught by pairs


@dataclass(frozen=True)  # without slots, so that the defaults can be read from the class
class RankedSettings(Growth):
    """Of the boosting. value, built, told: weights of the losses, of the mean over rows or pairs.

    legitimate, sdr: share of the values' weight that masters and styles, and that SDR references have.
    margin, temperatures, settled: m at most, T of pairs built and told, a pair's least curvature.
    draws: whether each of several bags draws its sources; else it sees them all.
    forget: share of the pairs whose SDR operator is taught as one that nobody knows (`forgetting`).
    """

    rate: float = 0.05
    bags: int = 4
    value: float = 1.0
    built: float = 0.8
    told: float = 0.4
    legitimate: float = 0.35
    sdr: float = 0.05
    margin: float = 0.0
    temperatures: tuple[float, float] = (0.15, 0.5)
    settled: float = 1e-2
    draws: bool = True
    forget: float = 0.3
    seed: int = 0
    threads: int = 1


WITH_MARGIN = RankedSettings(
    rate=0.07, legitimate=0.5, margin=0.3, temperatures=(0.1, 0.1), settled=2e-3, draws=False
)
"""Better in rank correlation, on the ladders that flip most and in styles; why it does not ship yet stands in
docs/decisions/2026-11-28-orders-with-a-margin.md.
"""
HEAVIER: Mapping[str, float] = MappingProxyType(
    dict.fromkeys(("exp+", "exp-", "con+", "sat+", "wb_warm", "wb_cool", "crush"), 2.0)
)
"""What pairs weigh with `WITH_MARGIN`, by ladder: faults that are no larger than a style."""


@dataclass(frozen=True)
class Ranked:
    """Fitted bags: of each its base and its LightGBM booster. A prediction is the mean of theirs."""

    bags: tuple[tuple[float, Any], ...]

    def roots(self, values: npt.NDArray[np.float32]) -> Floats:
        """−√(10 − score) as each bag has it, (B, P)."""
        return np.stack([base + booster.predict(values) for base, booster in self.bags])

    def predict(self, values: npt.NDArray[np.float32]) -> Floats:
        """Score of each row, (P,) float64; above 10 where no fault is seen, so that order is kept."""
        root = self.roots(values).mean(axis=0)
        return np.asarray(BEST - np.sign(-root) * root * root)


def simulated(data: Dataset) -> Floats:
    """The simulated score of each row (`scale`), not held at its lower end, (P,)."""
    return np.asarray(BEST * (data.mix - data.zero) / (BEST - data.zero))


def oracle_pairs(data: Dataset, *, count: int = 1500, seed: int = 0) -> Pairs:
    """(K, 2) rows better and worse by the mix: of a source about `count` draws, those 0.5 or more apart."""
    out = [np.zeros((0, 2), np.int64)]
    for source in np.unique(data.source):
        rows = np.flatnonzero((data.source == source) & data.asked)
        references = np.unique(data.reference[rows])
        random = generator("told", seed, str(source))
        for reference in references:
            mine = rows[data.reference[rows] == reference]
            first, second = (random.choice(mine, count // len(references)) for _ in range(2))
            gap = data.mix[first] - data.mix[second]
            apart = np.abs(gap) >= _TOLD_GAP
            first, second, gap = first[apart], second[apart], gap[apart]
            out.append(np.stack([np.where(gap > 0, first, second), np.where(gap > 0, second, first)], axis=1))
    return np.concatenate(out)


def _shared(data: Dataset, weight: Floats, settings: RankedSettings) -> Floats:
    """Weights of the values, of the same sum, with the shares of the settings where there are such rows."""
    out, left = weight.copy(), 1.0
    rest = np.ones(len(data), bool)
    for kinds, share in ((("master", "style"), settings.legitimate), (("sdr",), settings.sdr)):
        rows = np.isin(data.kind, kinds)
        if share and 0 < np.count_nonzero(rows) < len(data):
            out[rows] *= share * weight.sum() / weight[rows].sum()
            rest &= ~rows
            left -= share
    out[rest] *= left * weight.sum() / weight[rest].sum()
    return out


class _Loss:
    """Gradient and curvature of the three losses over rows of one bag."""

    def __init__(
        self,
        data: Dataset,
        weight: Floats,
        settings: RankedSettings,
        seed: int,
        heavier: Mapping[str, float] = MappingProxyType({}),
    ) -> None:
        self.settings, self.weight = settings, weight
        self.target = -np.sqrt(BEST - np.clip(simulated(data), _LEAST_TAUGHT, BEST))
        self.values = _shared(data, weight, settings)
        self.base = float(np.average(self.target, weights=self.values))
        built, told = data.order(), oracle_pairs(data, seed=seed)
        near = {tuple(pair) for pair in data.order(1).tolist()}
        closer = np.array([_NEIGHBOURS if tuple(pair) in near else 1.0 for pair in built.tolist()])
        for ladder, factor in heavier.items():
            closer[data.ladder[built[:, 1]] == ladder] *= factor
        self.pairs = [
            (
                built,
                self._each(built) * closer * settings.built,
                settings.temperatures[0],
                self._margin(built),
            ),
            (told, self._each(told) * settings.told, settings.temperatures[1], self._margin(told)),
        ]

    def _margin(self, pairs: Pairs) -> Floats:
        return np.clip(self.target[pairs[:, 0]] - self.target[pairs[:, 1]], 0.0, self.settings.margin)

    def _each(self, pairs: Pairs) -> Floats:
        least = np.minimum(self.weight[pairs[:, 0]], self.weight[pairs[:, 1]])
        return least * (len(self.weight) / max(len(pairs), 1))

    def __call__(self, grown: Floats, _: Any) -> tuple[Floats, Floats]:
        said = grown + self.base
        slope = self.settings.value * self.values * (said - self.target)
        bend = self.settings.value * self.values
        rows = len(said)
        for pairs, weight, temperature, margin in self.pairs:
            if not len(pairs):
                continue
            better, worse = pairs.T
            gap = np.clip((said[better] - said[worse] - margin) / temperature, -30, 30)
            wrong = 1 / (1 + np.exp(gap))
            push = wrong * weight / temperature
            # Where a pair is settled its curvature is next to none; held, so that no leaf runs away.
            hold = np.maximum(wrong * (1 - wrong), self.settings.settled) * weight / temperature**2
            slope = slope - np.bincount(better, push, rows) + np.bincount(worse, push, rows)
            bend = bend + np.bincount(better, hold, rows) + np.bincount(worse, hold, rows)
        return slope, bend


def fit_ranked(
    data: Dataset, settings: RankedSettings, heavier: Mapping[str, float] = MappingProxyType({})
) -> Ranked:
    """Boosting on all rows of `data`. Raises ImportError where LightGBM is not installed.

    heavier: what the pairs of a ladder weigh, by its name; 1 where it is not named.
    """
    sources, place, counts = np.unique(data.source, return_inverse=True, return_counts=True)
    bags = []
    for number in range(settings.bags):
        drawn = generator("bag", settings.seed, number).integers(0, len(sources), len(sources))
        # One bag is no bag: it sees every source once.
        several = settings.bags > 1 and settings.draws
        often = np.bincount(drawn, minlength=len(sources)) if several else np.ones(len(sources))
        kept = often[place] > 0
        share = (often[place] / counts[place])[kept]
        seed = settings.seed * 1000 + number
        mine = forgetting(data.only(kept), settings.forget, seed)
        loss = _Loss(mine, share / share.mean(), settings, seed, heavier)
        booster = grow(settings, loss, mine.values, seed=seed, threads=settings.threads)
        bags.append((loss.base, booster))
    return Ranked(tuple(bags))


def held_out_ranked(
    data: Dataset,
    settings: RankedSettings,
    *,
    train: Mask | None = None,
    test: Mask | None = None,
    folds: Sequence[int] = range(FOLDS),
    heavier: Mapping[str, float] = MappingProxyType({}),
    told: Callable[[str], None] = lambda _: None,
) -> Floats:
    """Score of every row by a model that saw no source of its group, (P,); NaN outside `test` and `folds`.

    train: rows that may be trained on, all by default, as for a ladder or an operator held out. heavier: as
    of `fit_ranked`.
    """
    out = np.full(len(data), np.nan)
    allowed = np.ones(len(data), bool) if train is None else train
    wanted = np.ones(len(data), bool) if test is None else test
    for fold in folds:
        rows = (data.fold == fold) & wanted
        teach = allowed & (data.fold != fold)
        if rows.any() and teach.any():
            out[rows] = fit_ranked(data.only(teach), settings, heavier).predict(data.values[rows])
            told(f"fold {fold}: {teach.sum()} rows taught, {rows.sum()} predicted")
    return out


def kept_scores(
    out: Path,
    data: Dataset,
    settings: RankedSettings,
    *,
    told: Callable[[str], None],
    heavier: Mapping[str, float] = MappingProxyType({}),
) -> Floats:
    """`held_out_ranked` of all rows, kept in OUT/ranked.npz for the stages that need it."""
    path = out / "ranked.npz"
    rows = (len(data), sorted(set(data.source.tolist())), data.mix.sum())
    made_of = repr((settings, sorted(heavier.items()), *rows))
    if path.is_file():
        with np.load(path, allow_pickle=False) as kept:
            if str(kept["made_of"]) == made_of:
                return np.asarray(kept["score"], np.float64)
    score = held_out_ranked(data, settings, heavier=heavier, told=told)
    np.savez(path, score=score, made_of=made_of)
    return score


def main(arguments: Sequence[str] | None = None) -> None:
    """Score every source by models that did not see it; keep the scores in OUT/ranked.npz."""
    parser = parser_of(__doc__)
    parser.add_argument("--bags", type=int, default=RankedSettings.bags)
    parser.add_argument("--margin", type=Path, metavar="FOLDER", help="with a margin, the scores kept there")
    asked = parser.parse_args(arguments)
    data = load_dataset(Store(asked.out), estimate=True)
    settings = replace(RankedSettings() if asked.margin is None else WITH_MARGIN, bags=asked.bags)
    heavier = {} if asked.margin is None else HEAVIER
    kept = asked.margin or asked.out
    kept.mkdir(parents=True, exist_ok=True)
    kept_scores(kept, data, settings, heavier=heavier, told=lambda line: print(line, flush=True))


if __name__ == "__main__":
    main()
