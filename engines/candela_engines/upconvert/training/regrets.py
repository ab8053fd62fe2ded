"""What training asks of a network: errors of pictures, and regrets beside the reference renderings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from candela_engines.upconvert.anchors import ANCHORS
from candela_engines.upconvert.training.anchor import Anchored
from candela_engines.upconvert.training.batches import Batch, predicted
from candela_engines.upconvert.training.curves import CURVE

__all__ = ["GUARDED", "Regrets", "below", "errors_of"]

GUARDED = "bt2446c"
"""The reference that a guarded network is not to fall below."""
_EDGE = 4  # pixels along the edge of a crop, where filters saw most of the zeros, that do not count
_FLOOR = 3e-5  # of a mean squared error: about half an 8-bit code
_OWN = {"bt2446a": "bt2446a", "bt2446c": "bt2446c"}
_MEMORY, _SHARPNESS = 0.98, 2.0


def errors_of(network: Anchored, batch: Batch) -> tuple[Tensor, np.ndarray]:
    """Of pictures: logarithms of the mean squared error (n,), and of those of the references (n, 3).

    The logarithm is of a picture's error, over its crops: of a crop's own it would ask most of the places
    that are right already.
    """
    made, anchors = predicted(network, batch)
    wanted, pictures = batch.wanted, len(batch.looked)
    edge = 0 if network.name == "agcm" else _EDGE
    if edge and min(wanted.shape[2:]) > 2 * edge:
        # The zero padding of a filter at the edge of a crop is no edge of the picture.
        made, wanted, anchors = (t[..., edge:-edge, edge:-edge] for t in (made, wanted, anchors))
    found = torch.log((made - wanted).square().reshape(pictures, -1).mean(1) + _FLOOR)
    with torch.no_grad():
        squares = (anchors - wanted[:, None]).square().mean((2, 3, 4))
        beside = torch.log(squares.reshape(pictures, -1, len(ANCHORS)).mean(1) + _FLOOR).numpy()
    return found, beside


class Regrets(dict[str, list[float]]):
    """By operator the errors, in logarithms, of the network and of the references, each a running mean.

    beside: the references that count.
    """

    def __init__(self, beside: Sequence[str] = ANCHORS) -> None:
        super().__init__()
        self.beside = beside

    def add(self, operator: str, found: float, beside: np.ndarray) -> None:
        """One picture's."""
        new = [found, *beside.tolist()]
        old = self.get(operator, new)
        self[operator] = [_MEMORY * a + (1 - _MEMORY) * b for a, b in zip(old, new, strict=True)]

    def of(self, operator: str) -> float:
        """By how much the network is above the best reference that is not the operator's own inverse."""
        found, *beside = self[operator]
        rivals = [
            error for name, error in zip(ANCHORS, beside, strict=True)
            if name in self.beside and _OWN.get(operator) != name
        ]  # fmt: skip
        return found - min(rivals) if rivals else 0.0

    def published(self) -> list[str]:
        """Operators that are no random curves: those are sorted by the reference that is best, which nobody
        who sees SDR alone could choose, so that by their regret they would get all the weight.
        """
        return [name for name in self if not name.startswith(CURVE)]

    def weights(self, operators: Sequence[str]) -> np.ndarray:
        """Of pictures by their operators, 1 in the mean over the published, and of random curves."""
        strength = {name: np.exp(_SHARPNESS * np.clip(self.of(name), -1, 1)) for name in self.published()}
        mean = float(np.mean(list(strength.values()))) if strength else 1.0
        return np.array([strength.get(name, mean) / mean for name in operators], np.float32)


def below(found: Tensor, beside: np.ndarray, operators: Sequence[str]) -> Tensor:
    """By how much pictures are worse than by method C, in the mean; 0 where better, and of its own SDR."""
    guarded = torch.from_numpy(beside[:, ANCHORS.index(GUARDED)])
    counts = torch.tensor([_OWN.get(operator) != GUARDED for operator in operators])
    return ((found - guarded).clamp(min=0) * counts).mean()
