"""What the heads of the dual encoder hear of rows, and what they say."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from candela_engines.scorer.training.dual.material import Material
from candela_engines.scorer.training.dual.network import Dual

__all__ = ["Hearing"]


class Hearing:
    """Of one arm of `train`.

    While the context encoder is frozen it is asked once a picture and no more, one picture at a time, so that
    what it says does not depend on the batch. A new one is needed after it has been taught.
    """

    def __init__(self, material: Material, arm: str) -> None:
        self.material, self.arm = material, arm
        self._kept: dict[tuple[str, str, int], Tensor] = {}

    def __call__(
        self,
        network: Dual,
        rows: npt.NDArray[np.int64],
        crops: int,
        random: np.random.Generator | None,
        *,
        frozen: bool,
    ) -> tuple[Tensor, Tensor]:
        """Score (B,) and severities (B, kinds), logits. crops: how many; drawn where `random` is given."""
        material = self.material
        grade = reference = seen = None
        if network.hears_context and frozen:
            grade, reference = (self._frozen(network, part) for part in material.pictures(rows))
        elif network.hears_context:
            grade, reference = (network.context(part) for part in material.squares(rows))
        if network.hears_pixels:
            seen = material.crops(rows, crops, random)
        beside = material.descriptors(rows, none=self.arm == "pixels")
        if self.arm != "beside-trees":
            said, kinds = network(grade, reference, seen, beside)
            return said, kinds
        trees = material.trees(rows)
        added, kinds = network(grade, reference, seen, torch.cat([beside, trees[:, None] / 5], dim=1))
        return trees + added, kinds

    def _frozen(self, network: Dual, pictures: list[tuple[str, str, int]]) -> Tensor:
        with torch.no_grad():
            for picture in pictures:
                if picture not in self._kept:
                    self._kept[picture] = network.context(self.material.square(picture)[None])[0]
        return torch.stack([self._kept[picture] for picture in pictures])
