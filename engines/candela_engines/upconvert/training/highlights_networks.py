"""The second stage's networks: a generator of highlights, a discriminator of patches, features for VGG's.

In the place of HDCFM's PDCG, whose architecture is not published. The generator sees a small
copy of the whole picture, and what it gives is read between that copy's pixels (`spread_of`).
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

from candela_engines.upconvert.highlights import DILATIONS, LEAST
from candela_engines.upconvert.network import shares

__all__ = ["Generator", "PatchDiscriminator", "gradient_features", "spread_of"]

_SCALES = 4


class Generator(nn.Module):
    """What to add (B, 3, h, w) to PQ code (B, 3, h, w) where a mask (B, 1, h, w) is.

    Nothing at the beginning.
    """

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.enter = nn.Conv2d(4, width, 3, padding=1)
        self.body = nn.ModuleList(
            [nn.Conv2d(width, width, 3, padding=reach, dilation=reach) for reach in DILATIONS]
        )
        self.leave = nn.Conv2d(width, 3, 3, padding=1)
        nn.init.zeros_(self.leave.weight)
        assert self.leave.bias is not None
        nn.init.zeros_(self.leave.bias)

    def forward(self, code: Tensor, mask: Tensor) -> Tensor:
        """The field, which beside the mask means nothing."""
        x = functional.relu(self.enter(torch.cat([code, mask], dim=1)))
        for layer in self.body:
            x = x + functional.relu(layer(x))
        field: Tensor = self.leave(x)
        return field


def spread_of(field: Tensor, weights: Tensor, mask: Tensor) -> Tensor:
    """`upconvert.highlights.spread` of one picture: (3, H, W) of field (3, h, w), (1, h, w) and (1, H, W)."""
    down, across = (
        torch.from_numpy(shares(np.arange(n), 0, n, count))
        for n, count in zip(mask.shape[1:], field.shape[1:], strict=True)
    )
    read = down @ torch.cat([field * weights, weights]) @ across.T
    return mask * read[:3] / read[3:].clamp_min(LEAST)


class PatchDiscriminator(nn.Module):
    """Of patches of 70 pixels, 64-128-256-512 at a width of 64, 4x4, instance and spectral norm: logits of
    PQ code (B, 3, h, w) with its mask, h and w ≥ 32.
    """

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        sizes = (4, width, 2 * width, 4 * width, 8 * width)
        layers: list[nn.Module] = []
        for number, (inputs, outputs) in enumerate(pairwise(sizes)):
            stride = 2 if number < 3 else 1
            layers.append(spectral_norm(nn.Conv2d(inputs, outputs, 4, stride=stride, padding=1)))
            if number:
                layers.append(nn.InstanceNorm2d(outputs))
            layers.append(nn.LeakyReLU(0.2))
        layers.append(spectral_norm(nn.Conv2d(sizes[-1], 1, 4, padding=1)))
        self.layers = nn.Sequential(*layers)

    def forward(self, code: Tensor, mask: Tensor) -> Tensor:
        """(B, 1, h/8 − 2, w/8 − 2)."""
        found: Tensor = self.layers(torch.cat([code, mask], dim=1))
        return found


def gradient_features(code: Tensor) -> list[Tensor]:
    """Gradients across and down and a Laplacian of PQ code (B, 3, h, w), at four scales, each half the last.

    In the place of a VGG's features, whose weights cannot be had here: forms and edges count, a shift of
    level does not.
    """
    found = []
    for _ in range(_SCALES):
        if min(code.shape[2:]) < 3:
            break
        across, down = code[..., :, 1:] - code[..., :, :-1], code[..., 1:, :] - code[..., :-1, :]
        middle = code[..., 1:-1, 1:-1]
        around = code[..., :-2, 1:-1] + code[..., 2:, 1:-1] + code[..., 1:-1, :-2] + code[..., 1:-1, 2:]
        found += [across, down, around - 4 * middle]
        code = functional.avg_pool2d(code, 2)
    return found
