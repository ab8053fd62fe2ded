"""Two encoders and their heads. Sizes: context 1.4 M weights, pixels 1.3 M, heads .6 M.

Context: the whole picture at 256x256, four stages of 32 to 256 channels of depthwise convolutions (as
ConvNeXt builds them). Pixels: crops of 96x96 of grade and reference together, six convolutions and two
layers of a transformer over the crops, averaged and normalised; beside their codes they get what a code has
over the mean of its 3x3 neighbours, eightfold: noise and contours are hundredths of the scale. Heads: a
score, and a severity for every kind of fault.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from candela_engines.scorer.training.kinds import LADDERS

__all__ = ["CONTEXT", "KINDS", "PIXELS", "ContextEncoder", "Dual", "PixelEncoder", "count"]

CONTEXT, PIXELS = 256, 192
KINDS = tuple(LADDERS)
_STAGES = ((32, 1), (64, 1), (128, 2), (CONTEXT, 1))
_CONVS = ((32, 2), (48, 2), (96, 2), (128, 2), (PIXELS, 2), (PIXELS, 1))
_HEADS = 3
_DETAIL = 8.0


class _Mixing(nn.Module):
    """A depthwise 7x7 and two dense layers over channels, added to what comes in."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.spread = nn.Conv2d(width, width, 7, padding=3, groups=width)
        self.norm = nn.GroupNorm(1, width)
        self.wide, self.narrow = nn.Conv2d(width, 4 * width, 1), nn.Conv2d(4 * width, width, 1)
        self.scale = nn.Parameter(torch.full((width, 1, 1), 0.1))

    def forward(self, x: Tensor) -> Tensor:
        y = self.narrow(functional.gelu(self.wide(self.norm(self.spread(x)))))
        return x + self.scale * y


class ContextEncoder(nn.Module):
    """(B, 3, 256, 256) HLG codes, −1..1, to (B, 256)."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = 3
        for at, (width, depth) in enumerate(_STAGES):
            stride = 4 if at == 0 else 2
            layers.append(nn.Conv2d(before, width, stride, stride=stride))
            layers.append(nn.GroupNorm(1, width))
            layers += [_Mixing(width) for _ in range(depth)]
            before = width
        self.layers, self.norm = nn.Sequential(*layers), nn.LayerNorm(CONTEXT)
        # Channels last is a third faster on a processor.
        self.to(memory_format=torch.channels_last)

    def forward(self, x: Tensor) -> Tensor:
        """As the class says."""
        return self.norm(self.layers(x.contiguous(memory_format=torch.channels_last)).mean((2, 3)))


class PixelEncoder(nn.Module):
    """(B, K, 6, 96, 96), crops of the grade over those of the reference, to (B, 192)."""

    def __init__(self) -> None:
        super().__init__()
        widths = [12, *(width for width, _ in _CONVS)]
        self.convs = nn.ModuleList(
            [
                nn.Conv2d(before, width, 3, stride=stride, padding=1)
                for before, (width, stride) in zip(widths, _CONVS, strict=False)
            ]
        )
        self.norms = nn.ModuleList([nn.GroupNorm(8, width) for width, _ in _CONVS])
        layer = nn.TransformerEncoderLayer(
            PIXELS, _HEADS, 4 * PIXELS, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
        )
        self.mixing = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(PIXELS)
        self.convs.to(memory_format=torch.channels_last)

    def forward(self, crops: Tensor) -> Tensor:
        """As the class says."""
        pictures, count = crops.shape[:2]
        x = crops.flatten(0, 1)
        detail = x - functional.avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=False)
        x = torch.cat([x, _DETAIL * detail], dim=1).contiguous(memory_format=torch.channels_last)
        for conv, norm in zip(self.convs, self.norms, strict=True):
            x = functional.gelu(norm(conv(x)))
        x = x.mean((2, 3)).reshape(pictures, count, PIXELS)
        return self.norm(self.mixing(x).mean(1))


class Dual(nn.Module):
    """descriptors: how many go in beside what the encoders see; 0 for none.

    measured: how many descriptors of one picture the context encoder is taught to tell. context, pixels:
    which encoders the heads hear.
    """

    def __init__(self, descriptors: int, measured: int, *, context: bool = True, pixels: bool = True) -> None:
        super().__init__()
        # First what all arms have alike, so that of one seed they begin alike.
        self.context, self.tell = ContextEncoder(), nn.Linear(CONTEXT, measured)
        self.pixels = PixelEncoder()
        self.hears_context, self.hears_pixels = context, pixels
        width = 3 * CONTEXT * context + PIXELS * pixels + descriptors
        self.project = nn.Linear(width, 512)
        self.hidden, self.score = nn.Linear(512, 128), nn.Linear(128, 1)
        self.severity = nn.Linear(128, len(KINDS))

    def forward(
        self, grade: Tensor | None, reference: Tensor | None, crops: Tensor | None, descriptors: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Score (B,) and severities (B, kinds), logits.

        grade, reference: (B, 256), of the context encoder. crops: (B, K, 6, 96, 96). descriptors: (B, N).
        None for what the heads do not hear.
        """
        seen = [descriptors]
        if grade is not None and reference is not None:
            seen += [grade, reference, grade - reference]
        if crops is not None:
            seen.append(self.pixels(crops))
        x = functional.relu(self.hidden(functional.relu(self.project(torch.cat(seen, dim=1)))))
        return self.score(x).squeeze(-1), self.severity(x)


def count(network: nn.Module) -> int:
    """Weights that are learnt."""
    return sum(parameter.numel() for parameter in network.parameters())
