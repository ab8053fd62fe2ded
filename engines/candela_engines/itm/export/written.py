"""What is written, whatever the language: a network at a moment or in time, its output, and what it is of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from candela_engines.colour import pq
from candela_engines.itm.export.curves import PQ_BOTH_WAYS, sdr_light
from candela_engines.itm.export.default_code import DefaultNetwork, plane_grids
from candela_engines.itm.export.dialect import number
from candela_engines.itm.export.grids import Grid, Store
from candela_engines.itm.export.light_rest import light_rest
from candela_engines.itm.export.output import Output
from candela_engines.itm.export.parts import Pixels, Weights
from candela_engines.itm.export.pq_rest import pq_rest
from candela_engines.itm.export.published_code import GammaNetwork, PaperNetwork
from candela_engines.itm.field import cell_means

__all__ = ["Network", "Programme"]

Network = DefaultNetwork | PaperNetwork | GammaNetwork
F32 = np.typing.NDArray[np.float32]


@dataclass(frozen=True)
class Programme:
    """A network, its output, and the size of the picture.

    span: first and last frame of a shot whose network moves in time, else None. header: lines of what the
    file says of itself, ASCII. largest: (H, W, 1) float32, max(R, G, B) of the picture's codes, for what is
    baked. whole: whether the output is wanted as it comes from the network where that is PQ.
    """

    network: Network
    output: Output
    width: int
    height: int
    header: tuple[str, ...]
    span: tuple[int, int] | None = None
    largest: F32 | None = None

    @property
    def reads(self) -> bool:
        """Whether a pixel needs others of the picture."""
        return isinstance(self.network, DefaultNetwork) and self.network.reads

    def grids(self) -> list[Grid]:
        """What is read by place: the plane, and means that are baked."""
        if not isinstance(self.network, DefaultNetwork):
            return []
        grids = plane_grids(self.network)
        for cell in self.network.baked:
            assert self.largest is not None
            grids.append(Grid(f"m{cell}", cell_means(self.largest, cell)))
        return grids

    def times(self) -> list[Grid]:
        """The biases at the keys of time."""
        if not isinstance(self.network, DefaultNetwork) or self.network.times is None:
            return []
        return [Grid("times", self.network.times.astype(np.float32)[..., None])]

    def functions(self) -> str:
        """Neutral code of the curves."""
        parts = [PQ_BOTH_WAYS]
        if isinstance(self.network, DefaultNetwork):
            parts.append(sdr_light(self.network.curve, 203.0))
        elif isinstance(self.network, GammaNetwork):
            curve, white = self.network.curve, self.network.white_nits
            parts += [sdr_light(curve, white), light_rest(curve, white), pq_rest()]
        return "\n".join([*parts, self.output.functions()])

    def body(self, store: Store, times: Store, weight: Weights, pixels: Pixels, frame: str) -> list[str]:
        """Statements from r, g, b, x, y to o0, o1, o2. frame: an expression for a shot's frame, a float."""
        network = self.network
        lines = [] if self.span is None else self._time_lines(frame)
        if isinstance(network, DefaultNetwork):
            grids = {grid.name: grid for grid in self.grids()}
            lines += network.lines(store, times, grids, weight, pixels)
        else:
            lines += network.lines(weight, pixels)
        codes = not isinstance(network, DefaultNetwork) or network.model.domain == "pq"
        if codes and self.output == Output("pq"):
            black = number(float(pq.inverse_eotf(0.0)))  # as a picture of light has it
            return lines + [f"float o{c} = MAX(q{c}, {black});" for c in range(3)]
        light = "candela_nits(q{})" if codes else "q{}"
        lines += [f"float n{c} = {light.format(c)};" for c in range(3)]
        return [*lines, f"// {self.output.label}", *self.output.lines()]

    def _time_lines(self, frame: str) -> list[str]:
        """Which keys of the network and of the plane a frame lies between."""
        assert self.span is not None and isinstance(self.network, DefaultNetwork)
        first, last = self.span
        place = f"({frame} - {number(first)}) / {number(max(last - first, 1))}"
        lines = [f"float place = MIN(MAX({place}, 0.0f), 1.0f);"]
        network = self.network
        planes = 0 if network.planes is None else network.planes.shape[-1]
        for name, keys in (("time", 0 if network.times is None else len(network.times)), ("plane", planes)):
            if keys < 2:
                continue
            lines += [
                f"int {name}0 = (int)(place * {number(keys - 1)});",
                f"{name}0 = {name}0 > {keys - 2} ? {keys - 2} : {name}0;",
                f"int {name}1 = {name}0 + 1;",
                f"float {name}f = place * {number(keys - 1)} - (float){name}0;",
            ]
        return lines
