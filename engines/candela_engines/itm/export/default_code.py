"""The default network as generated code: from r, g, b, x and y to light, as `itm/default_model.py` has it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from candela_engines.colour import pq
from candela_engines.itm.default_model import CEILING, DefaultModel
from candela_engines.itm.domain import OFFSETS, REFERENCE_WHITE
from candela_engines.itm.export.curves import matrix_lines
from candela_engines.itm.export.dialect import number
from candela_engines.itm.export.grids import Grid, Store
from candela_engines.itm.export.parts import Pixels, Weights, dequantised, units
from candela_engines.itm.export.sampling import Axis, bilinear, shepard
from candela_engines.itm.features import CELLS, PLANE_CELL
from candela_engines.itm.field import cell_means
from candela_engines.itm.guide import AXES
from candela_engines.itm.network import Layers
from candela_engines.runtime.frame import Curve

__all__ = ["DefaultNetwork", "network_of", "plane_grids"]

F32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class DefaultNetwork:
    """A default network as it is to be written.

    model: of a still or of one frame; of a shot its rows of time and planes at keys are beside it, and the
    code has `time0`, `time1`, `timef` (keys of the first layer) and `plane0`, `plane1`, `planef`.
    times: (keys, width) float64, the first biases at each key. planes: (h, w, keys).
    baked: cells whose means stand in a grid of that name. strides: of the others, every how manieth pixel of
    a cell is read.
    """

    model: DefaultModel
    curve: Curve
    times: npt.NDArray[np.float64] | None = None
    planes: F32 | None = None
    baked: tuple[int, ...] = ()
    strides: tuple[tuple[int, int], ...] = ()
    levels: tuple[float, int] = (1 / 65536, 16)

    @property
    def plane(self) -> F32 | None:
        """Samples (h, w, channels or keys), or None."""
        return self.planes if self.planes is not None else self.model.plane

    @property
    def reads(self) -> bool:
        """Whether a pixel needs others."""
        return self.model.strength > 0 or len(self.baked) < len(CELLS)

    def lines(
        self, store: Store, times: Store, grids: dict[str, Grid], weight: Weights, pixels: Pixels
    ) -> list[str]:
        """Statements from r, g, b to q0, q1, q2: PQ codes in the domain `pq`, light in nits in the others."""
        model = self.model
        lines = ["// means of the largest of R, G and B around the pixel, of codes as stored"]
        lines.append("float m4, m16, m64;")
        for cell in CELLS:
            if cell in self.baked:
                grid, axis = grids[f"m{cell}"], Axis(1, 0, cell)
                lines += [
                    "{",
                    *_inner(bilinear(store, grid, "mean", axis, axis)),
                    f"    m{cell} = mean;",
                    "}",
                ]
            else:
                lines += _cell_mean(pixels, cell, dict(self.strides).get(cell, 1))
        lines += dequantised(pixels, model.strength, model.bits)
        lines += [
            "float m = MAX(MAX(r, g), b);",
            "float f0 = r * 2.0f - 1.0f, f1 = g * 2.0f - 1.0f, f2 = b * 2.0f - 1.0f, f3 = m * 2.0f - 1.0f;",
            "float f4 = (m - m4) * 4.0f, f5 = (m4 - m16) * 4.0f, f6 = (m16 - m64) * 4.0f;",
        ]
        features = [f"f{k}" for k in range(7)]
        added: list[str] = []
        if self.plane is not None:
            plane, names = self._plane_lines(store, grids)
            lines += plane
            features += names
            added = names[:-1]
        lines += self._layers(features, times, weight, [f"p{k}" for k in range(len(added))])
        return lines + self._result()

    def _plane_lines(self, store: Store, grids: dict[str, Grid]) -> tuple[list[str], list[str]]:
        """The plane's channels p0, p1, …, and its features f7, …"""
        lattice, moving = self.model.lattice, self.planes is not None and self.planes.shape[-1] > 1
        channels = 1 if self.planes is not None else grids["plane"].samples.shape[-1]
        wanted = ["plane0", "plane1"] if moving else [str(k) for k in range(channels)]
        if lattice.kind == "shepard" and lattice.shift:
            lines = shepard(store, grids["plane"], "p", lattice.cell, channels=wanted)
        else:
            n = lattice.cell
            axis = Axis(1, 0, 1) if n == 1 else Axis(2, 1 - n, 2 * n)
            lines = bilinear(store, grids["plane"], "p", axis, axis, channels=wanted)
        cell = max(1, PLANE_CELL >> lattice.shift)
        over = 2 * cell * lattice.cell
        axis = Axis(2, 0 if lattice.kind == "shepard" else 1 - lattice.cell, over)
        lines = ["// the guide plane", *lines]
        if moving:
            lines.append("p0 = p0 + (p1 - p0) * planef;")
        elif channels == 1:
            lines.append("float p0 = p;")
        if "plane_mean" in grids:
            wanted_mean = ["plane0", "plane1"] if moving else ["0"]
            lines += bilinear(store, grids["plane_mean"], "pm", axis, axis, channels=wanted_mean)
            if moving:
                lines.append("float pm = pm0 + (pm1 - pm0) * planef;")
        else:
            lines.append("float pm = p0;  // a mean over a single sample")
        per = number(1 / np.float32(self.model.spread))
        names = [f"f{7 + k}" for k in range(channels + 1)]
        lines += [f"float {name} = p{k} * {per};" for k, name in enumerate(names[:-1])]
        lines.append(f"float {names[-1]} = (p0 - pm) * {number(2 / self.model.spread)};")
        return lines, names

    def _layers(self, inputs: list[str], times: Store, weight: Weights, plane: list[str]) -> list[str]:
        layers: Layers = self.model.layers.layers()
        lines = ["// the layers"]
        for number_of, (w, b) in enumerate(zip(layers.weights, layers.biases, strict=True)):
            last = number_of == len(layers.weights) - 1
            biases: list[float | str] = [float(v) for v in b]
            if number_of == 0 and self.times is not None:
                for j in range(len(b)):
                    for key in ("time0", "time1"):
                        lines += times.read("times", "0", key, str(j), f"{key}_{j}")
                    lines.append(f"float t{j} = time0_{j} + (time1_{j} - time0_{j}) * timef;")
                biases = [f"t{j}" for j in range(len(b))]
            name, around = ("d", "{}") if last else (f"h{number_of}_", "MAX({}, 0.0f)")
            layer = units(weight, inputs, w, biases, name, around)
            lines, inputs = lines + layer.lines, layer.names
        for c, name in enumerate(inputs):
            if plane:
                sums = " + ".join(
                    f"{number(AXES[k, c])} * {p}" for k, p in enumerate(plane) if AXES[k, c] != 0
                )
                lines.append(f"{name} = {name} + {sums};")
        return lines

    def _result(self) -> list[str]:
        lines = ["// over the SDR's own light, its white on 203 nit"]
        lines.append("float v0 = candela_light(r), v1 = candela_light(g), v2 = candela_light(b);")
        lines += matrix_lines(self.curve.matrix, ("v0", "v1", "v2"), ("s0", "s1", "s2"))
        ceiling = self.model.ceiling / CEILING
        if self.model.domain == "pq":
            for c in range(3):
                sum_of = f"candela_pq(s{c}) + d{c}"
                lines.append(f"float q{c} = MIN(MAX({sum_of}, 0.0f), {number(ceiling)});")
            return lines
        offset = number(OFFSETS[self.model.domain] * REFERENCE_WHITE)
        highest = number(float(pq.eotf(np.float64(ceiling))))
        for c in range(3):
            gain = f"POW(2.0f, MIN(MAX(d{c}, -24.0f), 24.0f))"
            light = f"(MAX(s{c}, 0.0f) + {offset}) * {gain} - {offset}"
            lines.append(f"float q{c} = MIN(MAX({light}, 0.0f), {highest});")
        return lines


def network_of(model: DefaultModel, curve: Curve) -> DefaultNetwork:
    """A still's network, or a shot's at one frame."""
    return DefaultNetwork(model, curve)


def plane_grids(network: DefaultNetwork) -> list[Grid]:
    """The plane and its means, where there is one."""
    plane = network.plane
    if plane is None:
        return []
    lattice = network.model.lattice
    first = plane if network.planes is not None else plane[..., :1]
    cell = max(1, PLANE_CELL >> lattice.shift)
    if cell == 1 and lattice.kind == "centred":
        return [Grid("plane", plane, *network.levels)]
    means = np.concatenate([cell_means(first[..., k : k + 1], cell) for k in range(first.shape[-1])], -1)
    return [Grid("plane", plane, *network.levels), Grid("plane_mean", means)]


def _cell_mean(pixels: Pixels, cell: int, stride: int) -> list[str]:
    """Statements that set m`cell` from the picture itself."""
    w, h = pixels.width - 1, pixels.height - 1
    columns, rows = -(-w // cell), -(-h // cell)  # the last node of either axis
    first = stride // 2 if stride > 1 else 0
    count = len(range(first, cell, stride)) ** 2
    r, g, b = (pixels.texel(c, "px", "py") for c in range(3))
    return [
        "{",
        f"    int i = x / {cell}, j = y / {cell};",
        f"    float xf = (float)(x - i * {cell}) * {number(1 / cell)};",
        f"    float yf = (float)(y - j * {cell}) * {number(1 / cell)};",
        "    float total = 0.0f;",
        "    for (int k = 0; k < 4; k++) {",
        f"        int ci = i + (k & 1) < {columns} ? i + (k & 1) : {columns};",
        f"        int cj = j + (k >> 1) < {rows} ? j + (k >> 1) : {rows};",
        "        float share = ((k & 1) != 0 ? xf : 1.0f - xf) * ((k >> 1) != 0 ? yf : 1.0f - yf);",
        "        if (share > 0.0f) {",
        "            float cell = 0.0f;",
        f"            for (int dy = {first}; dy < {cell}; dy += {stride}) {{",
        f"                int py = cj * {cell} - {cell // 2} + dy;",
        f"                py = py < 0 ? 0 : (py > {h} ? {h} : py);",
        "                float line = 0.0f;",
        f"                for (int dx = {first}; dx < {cell}; dx += {stride}) {{",
        f"                    int px = ci * {cell} - {cell // 2} + dx;",
        f"                    px = px < 0 ? 0 : (px > {w} ? {w} : px);",
        f"                    line += MAX(MAX({r}, {g}), {b});",
        "                }",
        "                cell += line;",
        "            }",
        "            total += cell * share;",
        "        }",
        "    }",
        f"    m{cell} = total * {number(1 / count)};",
        "}",
    ]


def _inner(lines: list[str]) -> list[str]:
    return ["    " + line for line in lines]
