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
from candela_engines.scorer.training.dual.pictures import CROP, CROPS
from candela_engines.scorer.training.fault_heads import HeadSettings, targets
from candela_engines.scorer.training.ranked import simulated

__all__ = ["Material"]

Floats = npt.NDArray[np.float64]

_FARTHEST = 6.0  # standard deviations: what lies beyond would outshout the rest
_LOWEST, _HIGHEST = -6.0, 12.0  # of trees: above 10 they still keep an order
_RUNGS = 5.0


class Material:
    """learnt, held_out: (K,) rows by fold. pairs: (P, 2) rows better and worse by construction, both learnt.
    telling: how many descriptors of one picture there are; width: of all. trees: (P,) scores of
    `beside_trees.nested`, or None. What the encoders see stays on the disk, in `cache` (`pictures`).
    """

    def __init__(self, cache: Path, data: Dataset, fold: int, trees: Floats | None = None) -> None:
        self.data = data
        self.learnt, self.held_out = (np.flatnonzero(mask) for mask in (data.fold != fold, data.fold == fold))
        order = data.order()
        self.pairs = order[np.isin(order, self.learnt).all(axis=1)]
        self._values = _standardised(data.values, data.valid, self.learnt)
        self.width = self._values.shape[1]
        of = {part: [i for i, n in enumerate(data.names) if n.startswith(f"{part}.")] for part in _PARTS}
        own = {part: {data.names[i].partition(".")[2]: i for i in places} for part, places in of.items()}
        shared = sorted(set(own["grade"]) & set(own["sdr"]) & set(own["diff"]))
        self._own = [np.array([own[part][name] for name in shared]) for part in _PARTS]
        self.telling = len(shared)
        self._seen = {name: _Seen(cache / name) for name in sorted(set(data.source.tolist()))}
        self._trees = None if trees is None else np.clip(trees, _LOWEST, _HIGHEST).astype(np.float32)
        self._score = np.clip(simulated(data), _LOWEST, 10.0).astype(np.float32)
        found = [targets(data, kind, HeadSettings()) for kind in KINDS]
        self._there = np.stack([there for there, _ in found], axis=1)
        self._told = np.stack([told for _, told in found], axis=1)

    def drawn(self, count: int, legitimate: float, random: np.random.Generator) -> npt.NDArray[np.int64]:
        """(count,) learnt rows, that share of them masters and styles; any where it is 0."""
        if not legitimate:
            return random.choice(self.learnt, count)
        is_one = np.isin(self.data.kind[self.learnt], ("master", "style"))
        wanted = random.random(count) < legitimate
        return np.where(
            wanted,
            random.choice(self.learnt[is_one], count),
            random.choice(self.learnt[~is_one], count),
        )

    def pictures(self, rows: npt.NDArray[np.int64]) -> list[list[tuple[str, str, int]]]:
        """Source, which array and place in it of the grades and of the references of rows."""
        sources = self.data.source[rows].tolist()
        places = self.data.variant[rows].tolist(), self.data.reference[rows].tolist()
        return [
            [(name, "context", place) for name, place in zip(sources, places[0], strict=True)],
            [
                (name, "context_of", self._seen[name].places[place])
                for name, place in zip(sources, places[1], strict=True)
            ],
        ]

    def square(self, picture: tuple[str, str, int]) -> Tensor:
        """(3, 256, 256), -1..1."""
        name, array, place = picture
        code = self._seen[name].array(array)[place].astype(np.float32).transpose(2, 0, 1)
        return torch.from_numpy(code / 127.5 - 1)

    def squares(self, rows: npt.NDArray[np.int64]) -> list[Tensor]:
        """Grades and references (B, 3, 256, 256), −1..1."""
        return [torch.stack([self.square(one) for one in part]) for part in self.pictures(rows)]

    def crops(self, rows: npt.NDArray[np.int64], count: int, random: np.random.Generator | None) -> Tensor:
        """(B, K, 6, 96, 96), −1..1: `count` of those that are kept, drawn and turned over, or the first."""
        made = np.empty((len(rows), count, 2, 3, *_CROP), np.float32)
        for at, row in enumerate(rows):
            seen = self._seen[str(self.data.source[row])]
            places = np.arange(CROPS) if random is None else random.permutation(CROPS)
            places = np.sort(places[:count])
            made[at, :, 0] = seen.array("crops")[int(self.data.variant[row])][places]
            made[at, :, 1] = seen.array("crops_of")[seen.places[int(self.data.reference[row])]][places]
            for axis in (3, 4) if random is not None else ():
                if random is not None and random.integers(2):
                    made[at] = np.flip(made[at], axis)
        return torch.from_numpy(made.reshape(len(rows), count, 6, *_CROP) * np.float32(2) - np.float32(1))

    def trees(self, rows: npt.NDArray[np.int64]) -> Tensor:
        """(B,) scores of trees that were not taught those rows."""
        assert self._trees is not None
        return torch.from_numpy(self._trees[rows])

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
_CROP = (CROP, CROP)


class _Seen:
    """The arrays of one source, mapped from the disk when they are first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._open = folder, dict[str, np.ndarray]()
        self.places = {int(place): at for at, place in enumerate(np.load(folder / "references.npy"))}

    def array(self, key: str) -> np.ndarray:
        """As `pictures` lists them."""
        if key not in self._open:
            self._open[key] = np.load(self._folder / f"{key}.npy", mmap_mode="r")
        return self._open[key]


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
