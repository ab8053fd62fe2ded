"""PU-VTAMIQ-S for training; its names of weights are those that `scorer.pu_vtamiq.graph` reads."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from candela_engines.scorer.pu_vtamiq.shape import (
    BLOCKS,
    CELLS,
    COMMON,
    GROUPS,
    HEADS,
    STEM,
    UNITS,
    WIDTH,
)

__all__ = ["Network", "count"]

_HIDDEN = WIDTH // 4


class _Block(nn.Module):
    def __init__(self, drop: float) -> None:
        super().__init__()
        self.before, self.after = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.query, self.key, self.value, self.out = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.wide, self.narrow = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)
        self.first_scale, self.second_scale = (nn.Parameter(torch.full((WIDTH,), 0.1)) for _ in range(2))
        self.drop = drop

    def forward(self, x: Tensor) -> Tensor:
        y = self.before(x)
        query, key, value = (
            part(y).unflatten(-1, (HEADS, WIDTH // HEADS)).transpose(1, 2)
            for part in (self.query, self.key, self.value)
        )
        mixed = functional.scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2)
        x = x + self._kept(self.out(mixed) * self.first_scale)
        return x + self._kept(self.narrow(functional.gelu(self.wide(self.after(x)))) * self.second_scale)

    def _kept(self, branch: Tensor) -> Tensor:
        """Drop-path: a branch is left out of some pictures. The halves of a pair lose the same ones."""
        if not self.training or not self.drop:
            return branch
        pairs = len(branch) // 2
        kept = (torch.rand(pairs, 1, 1) >= self.drop).repeat(2, 1, 1)
        return branch * kept / (1 - self.drop)


class _Unit(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.bend, self.mix = nn.PReLU(), nn.Linear(WIDTH, WIDTH)
        self.narrow, self.wide = nn.Linear(WIDTH, WIDTH // 16), nn.Linear(WIDTH // 16, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        z = self.mix(self.bend(x))
        return x + z * torch.sigmoid(self.wide(functional.relu(self.narrow(z))))


class _Group(nn.ModuleDict):
    def __init__(self) -> None:
        super().__init__({**{str(at): _Unit() for at in range(UNITS)}, "last": nn.Linear(WIDTH, WIDTH)})

    def forward(self, x: Tensor) -> Tensor:
        y = x
        for at in range(UNITS):
            y = self[str(at)](y)
        return x + self["last"](y)


class Network(nn.Module):
    """Patches of pairs to losses. drop: of drop-path and of the decoder's dropout, in training."""

    def __init__(self, drop: float = 0.05) -> None:
        super().__init__()
        sizes = zip((4, *STEM[:-1]), STEM, strict=True)
        self.stem = nn.ModuleList([nn.Conv2d(*size, 3, stride=2, padding=1) for size in sizes])
        self.cells = nn.Parameter(torch.randn(CELLS * CELLS, WIDTH) * 0.02)
        self.sizes = nn.Parameter(torch.randn(3, WIDTH) * 0.02)
        self.common = nn.Parameter(torch.randn(COMMON, WIDTH) * 0.02)
        self.blocks = nn.ModuleList([_Block(drop) for _ in range(BLOCKS)])
        self.norm = nn.LayerNorm(WIDTH)
        self.scale = nn.Parameter(torch.ones(WIDTH))
        self.groups = nn.ModuleList([_Group() for _ in range(GROUPS)])
        self.mix, self.hidden = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, _HIDDEN)
        self.bend, self.score = nn.PReLU(), nn.Linear(_HIDDEN, 1)
        self.carries = nn.Parameter(torch.full((WIDTH, 1), 0.01))
        self.dropout = nn.Dropout(drop)

    def forward(
        self, test: Tensor, reference: Tensor, cell: Tensor, size: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Loss (B,), what each patch carries of it (B, N), and the tokens of both pictures (2B, C).

        test, reference: (B, N, 4, 16, 16). cell, size: (B, N) integers.
        """
        pairs, patches = test.shape[:2]
        x = torch.cat([test, reference]).flatten(0, 1).contiguous(memory_format=torch.channels_last)
        for at, layer in enumerate(self.stem):
            x = layer(x)
            x = functional.gelu(x) if at < len(self.stem) - 1 else x
        place = self.cells[cell] + self.sizes[size]
        x = x.reshape(2 * pairs, patches, WIDTH) + place.repeat(2, 1, 1)
        x = torch.cat([self.common.expand(2 * pairs, -1, -1), x], dim=1)
        for block in self.blocks:
            x = block(x)
        x = self.norm(x)
        whole, tokens = x[:, 0], x[:, COMMON:]
        difference = (whole[pairs:] - whole[:pairs]) * self.scale
        # Equal pictures lose nothing, whatever was learnt.
        loss = self._decoded(difference) - self._decoded(torch.zeros_like(difference[:1]))
        carried = ((tokens[pairs:] - tokens[:pairs]).abs() @ self.carries.abs()).squeeze(-1)
        # Patches alone order faults early in training; the whole says what they do not add up to.
        return loss.squeeze(-1) + carried.mean(1), carried, whole

    def _decoded(self, x: Tensor) -> Tensor:
        for group in self.groups:
            x = group(x)
        x = self.bend(self.hidden(self.dropout(self.mix(x))))
        return self.score(self.dropout(x))


def count(network: nn.Module) -> int:
    """Parameters that are learnt."""
    return sum(parameter.numel() for parameter in network.parameters())
