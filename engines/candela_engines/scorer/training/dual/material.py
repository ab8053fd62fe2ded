"""Rows of the data set as tensors, for training and judging; standardised by the sources that are learnt
from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from candela_engines.scorer.training.dataset import Dataset
from candela_engines.scorer.training.dual.network import KINDS
from candela_engines.scorer.training.dual.pictures import corners, crops_of
from candela_engines.scorer.training.fault_heads import HeadSettings, targets
from candela_engines.scorer.training.ranked import simulated
from candela_engines.scorer.training.store import Store

__all__ = ["Material"]

_FARTHEST = 6.0  # standard deviations: what lies beyond would outshout the rest
_LOWEST = -6.0
_RUNGS = 5.0


class Material:
    """learnt, held_out: (K,) rows by fold. pairs: (P, 2) rows better and worse by construction, both learnt.
    telling: how many descriptors of one picture there are.
    """

    def __init__(self, store: Store, cache: Path, data: Dataset, fold: int) -> None:
        self.store, self.data = store, data
        self.learnt, self.held_out = (np.flatnonzero(mask) for mask in (data.fold != fold, data.fold == fold))
        order = data.order()
        self.pairs = order[np.isin(order, self.learnt).all(axis=1)]
        self._values = _standardised(data.values, data.valid, self.learnt)
        of = {part: [i for i, n in enumerate(data.names) if n.startswith(f"{part}.")] for part in _PARTS}
        own = {part: {data.names[i].partition(".")[2]: i for i in places} for part, places in of.items()}
        shared = sorted(set(own["grade"]) & set(own["sdr"]) & set(own["diff"]))
        self._own = [np.array([own[part][name] for name in shared]) for part in _PARTS]
        self.telling = len(shared)
        self._squares = {}
        for name in sorted(set(data.source.tolist())):
            with np.load(cache / f"{name}.npz", allow_pickle=False) as kept:
                places = {int(place): at for at, place in enumerate(kept["references"])}
                self._squares[name] = kept["context"], kept["context_of"], places
        self._score = np.clip(simulated(data), _LOWEST, 10.0).astype(np.float32)
        found = [targets(data, kind, HeadSettings()) for kind in KINDS]
        self._there = np.stack([there for there, _ in found], axis=1)
        self._told = np.stack([told for _, told in found], axis=1)

    def squares(self, rows: npt.NDArray[np.int64]) -> list[Tensor]:
        """Grades and references (B, 3, 256, 256), −1..1."""
        grades, references = [], []
        for row in rows:
            context, context_of, places = self._squares[str(self.data.source[row])]
            grades.append(context[self.data.variant[row]])
            references.append(context_of[places[int(self.data.reference[row])]])
        return [
            torch.from_numpy(np.stack(part).transpose(0, 3, 1, 2).astype(np.float32) / 127.5 - 1)
            for part in (grades, references)
        ]

    def crops(self, rows: npt.NDArray[np.int64], count: int, random: np.random.Generator | None) -> Tensor:
        """(B, K, 6, 96, 96). Of a pair's two pictures the same places would be no harm; they are drawn
        apart."""
        made = []
        for row in rows:
            name = str(self.data.source[row])
            grade = self.store.array(name, "variants")[int(self.data.variant[row])]
            reference = self.store.array(name, "references")[int(self.data.reference[row])]
            at = corners(grade.shape[0], grade.shape[1], count, random)
            made.append(crops_of(grade, reference, at))
        return torch.from_numpy(np.stack(made))

    def descriptors(self, rows: npt.NDArray[np.int64], *, none: bool) -> Tensor:
        """(B, N) standardised, or (B, 0)."""
        return torch.from_numpy(self._values[rows][:, : 0 if none else None])

    def measured(self, rows: npt.NDArray[np.int64]) -> list[tuple[Tensor, Tensor]]:
        """Descriptors of grade, reference and difference, (B, telling) each, and which of them are there."""
        return [
            (
                torch.from_numpy(self._values[rows][:, places]),
                torch.from_numpy(self.data.valid[rows][:, places].astype(np.float32)),
            )
            for places in self._own
        ]

    def wanted(self, rows: npt.NDArray[np.int64]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Score (B,), whether it is a measured one (B,), severities (B, kinds) 0..1, what is told of (B,
        kinds)."""
        severe = self._there[rows] * np.minimum(self.data.rung[rows, None] / _RUNGS, 1.0)
        # Both faults of a combined one are there; how much of each was not written down as a rung.
        severe = np.where(self._there[rows] & (severe == 0), 0.5, severe)
        return (
            torch.from_numpy(self._score[rows]),
            torch.from_numpy(self.data.asked[rows]),
            torch.from_numpy(severe.astype(np.float32)),
            torch.from_numpy(self._told[rows]),
        )


_PARTS = ("grade", "sdr", "diff")


def _standardised(
    values: npt.NDArray[np.float32], valid: npt.NDArray[np.bool_], rows: npt.NDArray[np.int64]
) -> npt.NDArray[np.float32]:
    """By mean and deviation of the valid values of some rows; 0 where there is no evidence."""
    kept = np.where(valid[rows], values[rows].astype(np.float64), np.nan)
    with np.errstate(all="ignore"):
        there = np.isfinite(kept).any(axis=0)
        mean = np.where(there, np.nanmean(np.where(there, kept, 0.0), axis=0), 0.0)
        spread = np.where(there, np.nanstd(np.where(there, kept, 0.0), axis=0), 1.0)
    scaled = (values - mean) / np.maximum(spread, 1e-6)
    return np.where(valid, np.clip(scaled, -_FARTHEST, _FARTHEST), 0.0).astype(np.float32)
