"""AGCM and HDCFM: SDR code to PQ code, in two calls, the whole picture's context and then its pixels.

Input: R'G'B' of BT.709 with BT.1886, full range 0..1; output: PQ code in BT.2020, 0..1. What of a network
depends on the whole picture (conditions, gates, channel kernels) comes from a proxy of it, in training as
afterwards, so that a crop, a tile and a frame give the same pixels.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from candela_engines.upconvert.graphs import SHRINK
from candela_engines.upconvert.training.blocks import Context, Ddf, Gate, HierarchicalExtractor, Modulation

__all__ = ["PARAMETERS", "Agcm", "Hdcfm", "count", "network_named"]

WIDTH = 64
PARAMETERS = {"agcm": 35_251, "hdcfm": 100_682}
"""What the publications' networks have, and these have to."""


class Agcm(nn.Module):
    """Adaptive global colour mapping (HDRTVNet): 1x1 convolutions, modulated by a vector of the picture."""

    def __init__(self) -> None:
        super().__init__()
        self.condition = HierarchicalExtractor(local=False)
        sizes = ((3, WIDTH), (WIDTH, WIDTH), (WIDTH, 3))
        self.layers = nn.ModuleList([nn.Conv2d(*size, 1) for size in sizes])
        self.modulations = nn.ModuleList([Modulation(n, local=False) for n in (WIDTH, WIDTH, 3)])

    def context(self, proxy: Tensor, more: Tensor | None = None) -> Context:
        """vector (B, 6) of the proxy (B, 3, h, w). more: (B, 6), added to it."""
        vector = self.condition(proxy)[0]
        return Context(vector=vector if more is None else vector + more)

    def forward(self, x: Tensor, context: Context) -> Tensor:
        """PQ code (B, 3, H, W) of SDR code (B, 3, H, W)."""
        for number, (layer, modulation) in enumerate(zip(self.layers, self.modulations, strict=True)):
            x = modulation(layer(x), context["vector"])
            x = functional.relu(x) if number < len(self.layers) - 1 else x
        return x


class Hdcfm(nn.Module):
    """Hierarchical dynamic context feature mapping: three stages of gates and dynamic filters.

    steps: of every stage in order, its 1x1 convolution where the description has it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.condition = HierarchicalExtractor(local=True)
        self.enter = nn.Conv2d(3, WIDTH, 1)
        self.middle = nn.Conv2d(WIDTH, WIDTH, 1)
        self.leave = nn.Conv2d(WIDTH, 3, 1)
        self.gates = nn.ModuleList([Gate(WIDTH) for _ in range(5)])
        self.filters = nn.ModuleList([Ddf(WIDTH) for _ in range(5)])
        self.modulations = nn.ModuleList(
            [Modulation(WIDTH, local=True), Modulation(WIDTH, local=True), Modulation(3, local=False)]
        )

    def context(self, proxy: Tensor, more: Tensor | None = None) -> Context:
        """Everything that the pixels need of the whole picture, of the proxy (B, 3, h, w), h and w ≥ 32.

        more: (B, 6), added to the vector.

        vector (B, 6); map (B, 6, h/32, w/32); gate0..4 (B, 64, 1, 1); kernel0..4 (B, 64, 9).
        """
        vector, found = self.condition(proxy)
        assert found is not None
        vector = vector if more is None else vector + more
        context = Context(vector=vector, map=found)
        small = functional.avg_pool2d(proxy, SHRINK)
        local = functional.interpolate(found, size=small.shape[2:], mode="bilinear", align_corners=False)
        self._run(small, context, local, None, learn=True)
        return context

    def forward(self, x: Tensor, context: Context, local: Tensor, mask: Tensor | None = None) -> Tensor:
        """PQ code (B, 3, H, W) of SDR code (B, 3, H, W).

        local: (B, 6, H, W), the context's map read at the pixels, linear between cells. mask: (B, 1, H, W),
        0 where a tile reaches beyond the picture; None is 1 throughout.
        """
        return self._run(x, context, local, mask, learn=False)

    def _run(self, x: Tensor, context: Context, local: Tensor, mask: Tensor | None, *, learn: bool) -> Tensor:
        def held(values: Tensor) -> Tensor:
            return values if mask is None else values * mask

        def gate(at: int, values: Tensor) -> Tensor:
            if learn:
                context[f"gate{at}"] = self.gates[at](values.mean((2, 3), keepdim=True))
            return values * context[f"gate{at}"]

        def filtered(at: int, values: Tensor) -> Tensor:
            if learn:
                context[f"kernel{at}"] = self.filters[at].kernel(values.mean((2, 3), keepdim=True))
            return held(self.filters[at](values, context[f"kernel{at}"]))

        local = functional.avg_pool2d(held(local), 3, stride=1, padding=1)
        local = functional.leaky_relu(local, 0.2)
        x = held(self.enter(x))
        x = filtered(1, gate(1, filtered(0, gate(0, x))))
        x = held(functional.relu(self.modulations[0](x, context["vector"], local)))
        x = self.middle(gate(2, filtered(2, x)))
        x = held(functional.relu(self.modulations[1](x, context["vector"], local)))
        x = self.leave(gate(4, filtered(4, gate(3, filtered(3, x)))))
        return self.modulations[2](x, context["vector"])


def count(network: nn.Module) -> int:
    """Parameters that are learnt."""
    return sum(parameter.numel() for parameter in network.parameters())


def network_named(name: str) -> Agcm | Hdcfm:
    """A new network. Raises KeyError for another name, AssertionError where its size is not the published."""
    network = {"agcm": Agcm, "hdcfm": Hdcfm}[name]()
    assert count(network) == PARAMETERS[name], f"{name}: {count(network)} parameters"
    return network
