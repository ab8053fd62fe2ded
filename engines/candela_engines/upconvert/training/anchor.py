"""What a network adds to: the reference renderings, weighted by what the picture's levels tell.

    PQ code = Σ w·reference(SDR) + network(SDR), which leaves greys grey

At the beginning the sum is all but the placement of BT.2408 and the network adds nothing, so that what is
learnt is learnt as a departure from what a colourist would do. The levels go into the network's global
condition as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from candela_engines.colour import pq
from candela_engines.colour.names import NAMED
from candela_engines.upconvert.anchors import ANCHORS, COLOURED, rendered_anchors
from candela_engines.upconvert.levels import LEVELS
from candela_engines.upconvert.training.blocks import CONDITION, TAPS, Context
from candela_engines.upconvert.training.networks import Agcm, Hdcfm, network_named

__all__ = ["Anchored", "anchor_codes"]

_HIDDEN = 32
_PLAIN = ("spatial.weight", "spread.weight")
_PLACEMENT_LOGIT = 4.0  # 96 % at the beginning


class Anchor(nn.Module):
    """Of levels (B, LEVELS): weights of the references (B, 3), and what the condition gets besides (B, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(LEVELS, _HIDDEN)
        self.second = nn.Linear(_HIDDEN, len(ANCHORS) + CONDITION)
        self.register_buffer("mean", torch.zeros(LEVELS))
        self.register_buffer("scale", torch.ones(LEVELS))
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(self.second.bias)
        with torch.no_grad():
            self.second.bias[0] = _PLACEMENT_LOGIT

    def forward(self, levels: Tensor) -> tuple[Tensor, Tensor]:
        """Weights, which add up to 1, and the addition."""
        found = self.second(functional.relu(self.first((levels - self.mean) * self.scale)))
        return functional.softmax(found[:, : len(ANCHORS)], dim=1), found[:, len(ANCHORS) :]


class Anchored(nn.Module):
    """A network with its anchor. Its arrays have the network's names, and `anchor.…` of the anchor."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name, self.network, self.anchor = name, network_named(name), Anchor()
        last = self.network.layers[-1] if isinstance(self.network, Agcm) else self.network.leave
        for part in (last, self.network.modulations[-1].offset):
            nn.init.zeros_(part.weight)
            nn.init.zeros_(part.bias)

    def begin_as(self, agcm: Mapping[str, np.ndarray]) -> None:
        """That it gives what this trained AGCM gives, an HDCFM to the rounding, and learns on from there.

        AGCM's layers are among HDCFM's; its gates begin at a half, and a filter of one tap of 2 undoes one.
        Raises KeyError for weights that are not an anchored AGCM's.
        """
        names = ("layers.0", "layers.1", "layers.2")
        layers = dict(zip(("enter", "middle", "leave"), names, strict=True))
        if not isinstance(self.network, Hdcfm):
            layers = {"layers": "layers", "modulations": "modulations"}
        state = self.state_dict()
        for key, value in state.items():
            name = key.removeprefix("network.")
            first, _, rest = name.partition(".")
            name = f"{layers[first]}.{rest}" if first in layers else name
            if name in agcm:
                value.copy_(torch.from_numpy(np.array(agcm[name])).reshape(value.shape))
            elif first in (*layers, "anchor") or (first == "condition" and "to_map" not in rest):
                raise KeyError(name)
            elif "local_" in rest or (first == "filters" and rest.partition(".")[2] in _PLAIN):
                value.zero_()
            elif first == "filters" and rest.endswith("spread.bias"):
                value.fill_(2)
            elif first == "filters" and rest.endswith("spatial.bias"):
                value.copy_(torch.eye(TAPS)[TAPS // 2])
        self.load_state_dict(state)

    def own(self) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
        """What an HDCFM has beside an AGCM, and what it has of one; an AGCM has it all as its own."""
        if not isinstance(self.network, Hdcfm):
            return list(self.parameters()), []
        found: tuple[list[nn.Parameter], list[nn.Parameter]] = [], []
        for key, value in self.named_parameters():
            beside = any(word in key for word in ("to_map", "local_", "gates.", "filters."))
            found[0 if beside else 1].append(value)
        return found

    def context(self, proxy: Tensor, levels: Tensor) -> Context:
        """As the network's, with `weights` (B, 3)."""
        weights, more = self.anchor(levels)
        return Context({**self.network.context(proxy, more), "weights": weights})

    def forward(
        self, x: Tensor, anchors: Tensor, context: Context, local: Tensor | None = None
    ) -> Tensor:
        """PQ code (B, 3, H, W) of SDR code and of the references' PQ codes (B, 3 references, 3, H, W)."""
        base = (anchors * context["weights"][:, :, None, None, None]).sum(1)
        if isinstance(self.network, Hdcfm):
            assert local is not None
            added = self.network(x, context, local)
        else:
            added = self.network(x, context)
        # As `anchors.greys_kept`.
        mean = added.mean(1, keepdim=True)
        share = ((x.amax(1, keepdim=True) - x.amin(1, keepdim=True)) / COLOURED).clamp(0, 1)
        return base + mean + (added - mean) * share

    def arrays(self) -> dict[str, np.ndarray]:
        """What the graphs are built of."""
        return {key.removeprefix("network."): value.numpy() for key, value in self.state_dict().items()}

    def standardise(self, levels: Sequence[np.ndarray]) -> None:
        """Take the levels' mean and spread from those of the pictures that are learnt from."""
        stack = np.stack(levels).astype(np.float64)
        self.anchor.mean.copy_(torch.from_numpy(stack.mean(axis=0)))
        self.anchor.scale.copy_(torch.from_numpy(1 / (stack.std(axis=0) + 0.02)))


def anchor_codes(codes: np.ndarray) -> np.ndarray:
    """PQ codes (B, 3 references, h, w, 3) float32 of SDR (B, h, w, 3) uint8."""
    flat = codes.reshape(codes.shape[0] * codes.shape[1], codes.shape[2], 3)
    found = [pq.inverse_eotf(one.light(flat, 8, NAMED["rec709"])) for one in rendered_anchors()]
    return np.stack([one.reshape(codes.shape) for one in found], axis=1).astype(np.float32)
