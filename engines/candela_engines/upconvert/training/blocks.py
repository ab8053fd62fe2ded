"""The parts of the up-conversion networks, after the publications; written anew from their descriptions.

DDF: decoupled dynamic filters (Zhou et al., CVPR 2021), a kernel a pixel times a kernel a channel. HME and
the global and local modulation: HDCFM (ACM MM 2022) and HDRTVNet (ICCV 2021).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["CONDITION", "Context", "Ddf", "Gate", "HierarchicalExtractor", "Modulation"]

CONDITION = 6  # channels of the global and of the local condition
TAPS = 9
_NARROW = 16


class ColourBlock(nn.Sequential):
    """1x1 convolution, average over 3x3 at every second pixel, leaky ReLU and, with normed, instance norm.

    The average comes first here, which is the same and a fraction of the work: at the edge, where zeros
    count in it, the bias has the average's share.
    """

    def __init__(self, inputs: int, outputs: int, *, normed: bool) -> None:
        layers: list[nn.Module] = [
            nn.Conv2d(inputs, outputs, 1), nn.AvgPool2d(3, stride=2, padding=1), nn.LeakyReLU(0.2)
        ]  # fmt: skip
        if normed:
            layers.append(nn.InstanceNorm2d(outputs, affine=True))
        super().__init__(*layers)

    def forward(self, x: Tensor) -> Tensor:
        """(B, outputs, h/2, w/2) of (B, inputs, h, w)."""
        convolution, average, *rest = self
        assert isinstance(convolution, nn.Conv2d) and convolution.bias is not None
        share = average(torch.ones_like(x[:1, :1]))
        x = functional.conv2d(average(x), convolution.weight) + convolution.bias[:, None, None] * share
        for layer in rest:
            x = layer(x)
        return x


class HierarchicalExtractor(nn.Module):
    """Condition of a picture: (B, 3, h, w) SDR code to a vector (B, 6) and, with local, a map at 1/32."""

    def __init__(self, *, local: bool) -> None:
        super().__init__()
        self.blocks = nn.Sequential(
            ColourBlock(3, 16, normed=True),
            ColourBlock(16, 32, normed=True),
            ColourBlock(32, 64, normed=True),
            ColourBlock(64, 128, normed=True),
            ColourBlock(128, 128, normed=False),
        )
        self.dropout = nn.Dropout(0.5)
        self.to_vector = nn.Conv2d(128, CONDITION, 1)
        self.to_map = nn.Conv2d(128, CONDITION, 1) if local else None

    def forward(self, proxy: Tensor) -> tuple[Tensor, Tensor | None]:
        """Vector (B, 6), and the map (B, 6, h/32, w/32) before it is enlarged and averaged."""
        found = self.blocks(proxy)
        vector = self.to_vector(self.dropout(found)).mean((2, 3))
        # A 1x1 convolution and repeating pixels are the same in either order.
        return vector, None if self.to_map is None else self.to_map(self.dropout(found))


class Ddf(nn.Module):
    """y[c, p] = Σ_j K_s[j, p]·K_c[c, j]·x[c, p + j] over 3x3, zeros outside; K_c of the picture's mean."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels, narrow = channels, int(0.2 * channels)
        self.spatial = nn.Conv2d(channels, TAPS, 1)
        self.squeeze = nn.Conv2d(channels, narrow, 1)
        self.spread = nn.Conv2d(narrow, TAPS * channels, 1)

    def kernel(self, mean: Tensor) -> Tensor:
        """K_c (B, C, 9) of the mean (B, C, 1, 1)."""
        made = self.spread(functional.relu(self.squeeze(mean)))
        return made.reshape(-1, self.channels, TAPS)

    def forward(self, x: Tensor, kernel: Tensor) -> Tensor:
        """x: (B, C, H, W)."""
        height, width = x.shape[2:]
        weights, padded = self.spatial(x), functional.pad(x, (1, 1, 1, 1))
        total = torch.zeros_like(x)
        for tap in range(TAPS):
            top, left = divmod(tap, 3)
            shifted = padded[:, :, top : top + height, left : left + width]
            total = total + shifted * weights[:, tap : tap + 1] * kernel[:, :, tap, None, None]
        return total

    def point(self, x: Tensor) -> Tensor:
        """The same of a picture of one pixel (B, C, 1, 1), whose neighbours are all zero."""
        middle = TAPS // 2
        return x * self.spatial(x)[:, middle : middle + 1] * self.kernel(x)[:, :, middle, None, None]


class Gate(nn.Module):
    """A gain a channel (B, C, 1, 1) in 0..1 of the whole picture's mean: the context block of HDCFM."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.narrow = nn.Conv2d(channels, _NARROW, 1)
        self.first, self.second = Ddf(_NARROW), Ddf(_NARROW)
        self.norm = nn.LayerNorm([_NARROW, 1, 1])
        self.widen = nn.Conv2d(_NARROW, channels, 1)
        nn.init.zeros_(self.widen.weight)
        nn.init.zeros_(self.widen.bias)

    def forward(self, mean: Tensor) -> Tensor:
        """mean: (B, C, 1, 1)."""
        found = functional.relu(self.norm(self.first.point(self.narrow(mean))))
        return torch.sigmoid(self.widen(self.second.point(found)))


class Modulation(nn.Module):
    """o·(1 + a) + b by the vector, and with local the same again by the map."""

    def __init__(self, channels: int, *, local: bool) -> None:
        super().__init__()
        self.gain, self.offset = nn.Linear(CONDITION, channels), nn.Linear(CONDITION, channels)
        self.local_gain = nn.Conv2d(CONDITION, channels, 1) if local else None
        self.local_offset = nn.Conv2d(CONDITION, channels, 1) if local else None

    def forward(self, x: Tensor, vector: Tensor, local: Tensor | None = None) -> Tensor:
        """x: (B, C, H, W); local: (B, 6, H, W)."""
        x = x * (1 + self.gain(vector)[:, :, None, None]) + self.offset(vector)[:, :, None, None]
        if self.local_gain is not None and self.local_offset is not None and local is not None:
            x = x * (1 + self.local_gain(local)) + self.local_offset(local)
        return x


class Context(dict[str, Tensor]):
    """What a network takes of the whole picture, by name."""
