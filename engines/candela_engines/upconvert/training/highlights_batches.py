"""What the second stage learns from: crops with clipped samples in them, after a first stage by chance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from candela_engines.colour import pq
from candela_engines.colour.names import NAMED
from candela_engines.upconvert.engine import ENGINES, Engine, open_engine
from candela_engines.upconvert.highlights import SIDE, mask_of, small
from candela_engines.upconvert.learnt import LearntEngine
from candela_engines.upconvert.network import load_network
from candela_engines.upconvert.training.batches import drawn, family, usable
from candela_engines.upconvert.training.data import Pairs

__all__ = ["BrightPairs", "Crop", "bases_of"]

Base = Callable[[np.ndarray], np.ndarray]

_LEAST_SHARE = 2e-3  # of the mask in a picture that is learnt from
_LEAST_SIDE = 0.5  # of a crop, in sides of the picture


@dataclass(frozen=True, eq=False)
class Crop:
    """One crop. first, true: PQ code (3, h, w) of the first stage and of the master, which is the first
    stage's beside the mask. mask: (1, h, w). few, weights: (3, h', w') and (1, h', w'), made small.
    """

    first: Tensor
    true: Tensor
    mask: Tensor
    few: Tensor
    weights: Tensor
    operator: str


class BrightPairs:
    """The pairs of a part of the split in which the mask is anywhere, by operator."""

    def __init__(self, pairs: Sequence[Pairs], hold_out: Sequence[str], bases: Sequence[Base]) -> None:
        self.pairs, self.bases = pairs, bases
        self.groups: dict[str, list[tuple[int, int]]] = {}
        for source, one in enumerate(pairs):
            for at in usable(one, hold_out):
                # Every second row and column is enough to know whether there is something to learn.
                if _mask(one.codes[at][::2, ::2]).mean() >= _LEAST_SHARE:
                    self.groups.setdefault(family(one.operators[at]), []).append((source, at))

    def draw(self, count: int, random: np.random.Generator) -> list[Crop]:
        """Of operators evenly, then of pairs: a part of a picture with some of the mask, or its mirror."""
        return [self._crop(*one, random) for one in drawn(self.groups, count, random)]

    def whole(self, source: int, at: int, base: int) -> Crop:
        """A whole picture after one of the bases."""
        one = self.pairs[source]
        codes = one.codes[at]
        wanted = one.masters[one.of[at]].astype(np.float32) / np.float32(65535)
        return _made(codes, self.bases[base](codes), wanted, family(one.operators[at]))

    def _crop(self, source: int, at: int, random: np.random.Generator) -> Crop:
        one = self.pairs[source]
        codes = one.codes[at]
        # The first stage sees the whole picture, as it does at work.
        first = self.bases[int(random.integers(len(self.bases)))](codes)
        wanted = one.masters[one.of[at]].astype(np.float32) / np.float32(65535)
        rows, columns = np.nonzero(_mask(codes))
        middle = int(random.integers(len(rows)))
        share = float(random.uniform(_LEAST_SIDE, 1))
        place = tuple(
            _stretch(size, share, at, random)
            for size, at in zip(codes.shape[:2], (rows[middle], columns[middle]), strict=True)
        )
        flip = slice(None, None, -1 if random.integers(2) else 1)
        parts = (part[place][:, flip] for part in (codes, first, wanted))
        return _made(*parts, family(one.operators[at]))


def _mask(codes: np.ndarray) -> np.ndarray:
    return mask_of(codes.astype(np.float32) / np.float32(255))


def _stretch(size: int, share: float, at: int, random: np.random.Generator) -> slice:
    length = min(size, max(round(size * share), 32))
    begin = int(random.integers(max(0, at - length + 1), min(at, size - length) + 1))
    return slice(begin, begin + length)


def _made(codes: np.ndarray, first: np.ndarray, wanted: np.ndarray, operator: str) -> Crop:
    mask = _mask(codes)[..., None]
    true = np.where(mask > 0, wanted, first)
    few, weights = small(np.ascontiguousarray(first), SIDE), small(mask, SIDE)
    return Crop(*(_planes(one) for one in (first, true, mask, few, weights)), operator)


def _planes(picture: np.ndarray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1), np.float32))


def bases_of(text: str) -> list[Base]:
    """PQ codes (h, w, 3) of first stages, of SDR codes (h, w, 3) uint8: engines, or NAME=FILE of weights."""
    return [_base(word) for word in text.split(",")]


def _base(text: str) -> Base:
    name, _, file = text.partition("=")
    engine: Engine
    if file:
        info = next(info for info in ENGINES.values() if info.name == name)
        with np.load(file, allow_pickle=False) as data:
            network = load_network(name, {key: data[key] for key in data.files}, threads=1)
        engine = LearntEngine(info, network)
    else:
        engine = open_engine(name)

    def codes_of(sdr: np.ndarray) -> np.ndarray:
        return np.asarray(pq.inverse_eotf(engine.light(sdr, 8, NAMED["rec709"])), np.float32)

    return codes_of
