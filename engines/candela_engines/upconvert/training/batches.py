"""Batches of pairs, every operator as often as any other, and what a network's proxies are, made once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from candela_engines.scorer.training.pictures import generator
from candela_engines.upconvert.anchors import ANCHORS
from candela_engines.upconvert.levels import levels_of
from candela_engines.upconvert.network import SIDES, proxy_of, shares
from candela_engines.upconvert.training.anchor import Anchored, anchor_codes
from candela_engines.upconvert.training.blocks import Context
from candela_engines.upconvert.training.curves import CURVE
from candela_engines.upconvert.training.data import Pairs

PARTS = 4
"""Parts of a picture whose levels are seen in training; the first is the whole."""
_LEAST_PART = 0.4  # of a side
_SAMPLE = 32  # rows and columns by which a curve is told

__all__ = ["PARTS", "Batch", "Looked", "Looks", "drawn", "family", "places_of", "predicted", "read", "usable"]


def family(operator: str) -> str:
    """An operator without its trim."""
    return operator.partition("+")[0]


def usable(pairs: Pairs, hold_out: Sequence[str]) -> list[int]:
    """Places of the SDRs that none of these operators made."""
    return [at for at, word in enumerate(pairs.operators) if family(word) not in hold_out]


@dataclass(frozen=True, eq=False)
class Looked:
    """A picture's proxy (h, w, 3) float16, its levels, and the part of the picture that they are of."""

    proxy: np.ndarray
    levels: np.ndarray
    active: tuple[int, int, int, int]


class Looks(dict[tuple[int, int], Looked]):
    """Of SDRs by the number of their source and their place: every step looks at some again."""

    def __init__(self, name: str, pairs: Sequence[Pairs]) -> None:
        super().__init__()
        self.side, self.pairs = SIDES[name], pairs
        self._parts: dict[tuple[int, int, int], Looked] = {}
        self._families: dict[int, tuple[str, ...]] = {}

    def part(self, source: int, at: int, number: int) -> Looked:
        """As `of`, with the levels of a part of the picture: the same grade with other things in it.

        Sources are few and their levels give them away; of parts they are more than there are sources.
        """
        whole = self.of(source, at)
        if number == 0:
            return whole
        if (found := self._parts.get((source, at, number))) is None:
            random = generator("part", self.pairs[source].name, at, number)
            rows, columns = (_stretch(size, random) for size in whole.proxy.shape[:2])
            levels = levels_of(whole.proxy[rows, columns][::2, ::2].astype(np.float32))
            found = self._parts[source, at, number] = replace(whole, levels=levels)
        return found

    def family(self, source: int, at: int) -> str:
        """The operator without its trim; of random curves also which reference comes closest to the master.

        So curves that placement undoes best count as much as those that are like method C.
        """
        if source not in self._families:
            self._families[source] = _families(self.pairs[source])
        return self._families[source][at]

    def of(self, source: int, at: int) -> Looked:
        """As `proxy_of`, kept."""
        if (source, at) not in self:
            code = self.pairs[source].codes[at].astype(np.float32) / np.float32(255)
            proxy, active = proxy_of(code, self.side)
            self[source, at] = Looked(proxy.astype(np.float16), levels_of(proxy), active)
        return self[source, at]


def _stretch(size: int, random: np.random.Generator) -> slice:
    length = max(1, round(size * float(random.uniform(_LEAST_PART, 1))))
    begin = int(random.integers(size - length + 1))
    return slice(begin, begin + length)


def _families(one: Pairs) -> tuple[str, ...]:
    words = [family(word) for word in one.operators]
    curves = [at for at, word in enumerate(words) if word.startswith(CURVE)]
    if curves:
        height, width = one.codes.shape[1:3]
        grid = np.ix_(*(np.linspace(0, n - 1, _SAMPLE).astype(int) for n in (height, width)))
        anchors = anchor_codes(np.stack([one.codes[at][grid] for at in curves]))
        masters = np.stack([one.masters[one.of[at]][grid] for at in curves]).astype(np.float32) / 65535
        nearest = np.square(anchors - masters[:, None]).mean((2, 3, 4)).argmin(axis=1)
        for at, reference in zip(curves, nearest, strict=True):
            words[at] = f"{words[at]}/{ANCHORS[int(reference)]}"
    return tuple(words)


@dataclass(frozen=True, eq=False)
class Batch:
    """codes: (n, h, w, 3) uint8 at places: rows and columns (n, h, w). wanted: (n, 3, h, w) PQ codes.

    looked and operators are of pictures; with several crops each, those of one picture follow each other.
    """

    codes: np.ndarray
    wanted: Tensor
    rows: np.ndarray
    columns: np.ndarray
    looked: tuple[Looked, ...]
    operators: tuple[str, ...]


def drawn(
    groups: dict[str, list[tuple[int, int]]], count: int, random: np.random.Generator
) -> list[tuple[int, int]]:
    """Sources and places of a batch: an operator first, evenly, and then a pair of it."""
    names = sorted(groups)
    chosen = [names[int(at)] for at in random.integers(len(names), size=count)]
    return [groups[name][int(random.integers(len(groups[name])))] for name in chosen]


def places_of(
    name: str, size: tuple[int, int], crop: int, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns (h, w) of what a step sees: for AGCM, which knows no neighbours, pixels anywhere."""
    height, width = size
    if name == "agcm":
        return random.integers(height, size=(crop, crop)), random.integers(width, size=(crop, crop))
    rows = (np.arange(crop) + int(random.integers(max(height - crop, 0) + 1))) % height
    columns = (np.arange(crop) + int(random.integers(max(width - crop, 0) + 1))) % width
    found = np.meshgrid(rows, columns, indexing="ij")
    return found[0], found[1]


def read(
    looks: Looks, name: str, chosen: Sequence[tuple[int, int]], crop: int, random: np.random.Generator,
    *, parts: int = 1, crops: int = 1,
) -> Batch:  # fmt: skip
    """The pixels of some pairs, of each as many crops.

    parts: of which levels may be, by chance; with 1 they are the picture's.
    """
    codes, wanted, rows, columns = [], [], [], []
    for source, at in [one for one in chosen for _ in range(crops)]:
        one = looks.pairs[source]
        ys, xs = places_of(name, one.codes.shape[1:3], crop, random)
        codes.append(one.codes[at][ys, xs])
        wanted.append(one.masters[one.of[at]][ys, xs].astype(np.float32) / np.float32(65535))
        rows.append(ys)
        columns.append(xs)
    return Batch(
        np.stack(codes),
        planes(wanted),
        np.stack(rows),
        np.stack(columns),
        tuple(looks.part(source, at, int(random.integers(parts))) for source, at in chosen),
        tuple(looks.family(source, at) for source, at in chosen),
    )


def planes(pictures: Sequence[np.ndarray]) -> Tensor:
    """(n, 3, h, w) float32 of pictures (h, w, 3)."""
    return torch.from_numpy(
        np.stack([np.ascontiguousarray(p.transpose(2, 0, 1), dtype=np.float32) for p in pictures])
    )


def predicted(network: Anchored, batch: Batch) -> tuple[Tensor, Tensor]:
    """PQ codes (n, 3, h, w), and those of the references alone (n, 3 references, 3, h, w)."""
    crops = len(batch.codes) // len(batch.looked)
    x = planes([one.astype(np.float32) / np.float32(255) for one in batch.codes])
    anchors = torch.from_numpy(np.ascontiguousarray(anchor_codes(batch.codes).transpose(0, 1, 4, 2, 3)))
    made, order = [], []
    # Pictures of another shape have proxies of another size; most come in one go.
    for size in sorted({one.proxy.shape for one in batch.looked}):
        here = [at for at, one in enumerate(batch.looked) if one.proxy.shape == size]
        levels = torch.from_numpy(np.stack([batch.looked[at].levels for at in here]))
        context = network.context(planes([batch.looked[at].proxy for at in here]), levels)
        context = Context({key: one.repeat_interleave(crops, dim=0) for key, one in context.items()})
        here = [at * crops + crop for at in here for crop in range(crops)]
        order += here
        local = None
        if "map" in context:
            cells, parts = context["map"], []
            for number, at in enumerate(here):
                top, left, height, width = batch.looked[at // crops].active
                ys = torch.from_numpy(shares(batch.rows[at][:, 0], top, height, cells.shape[2]))
                xs = torch.from_numpy(shares(batch.columns[at][0], left, width, cells.shape[3]))
                parts.append(ys @ cells[number] @ xs.T)
            local = torch.stack(parts)
        made.append(network(x[here], anchors[here], context, local))
    return torch.cat(made)[torch.from_numpy(np.argsort(order))], anchors
