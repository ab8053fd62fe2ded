"""The default network's whole pipeline in numpy float64: what frames are held against.

Written from docs/payload.md and the docstrings of itm, apart from the code that they describe.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

Array = np.ndarray


@dataclass
class Case:
    """One random network and picture: everything that `FrameNumbers` and `Frame.render` take."""

    codes: Array
    bits: int
    weights: list[Array]
    biases: list[Array]
    plane: Array | None = None
    lattice: str = "centred"
    shift: int = 0
    spread: float = 1.0
    domain: str = "pq"
    strength: int = 0
    ceiling: float = 1.0
    kind: str = "power"
    exponent: float = 2.4
    scale: float = 1.0
    offset: float = 0.0
    matrix: Array = field(default_factory=lambda: np.eye(3))


def signal_of(case: Case) -> Array:
    codes = case.codes[..., :3].astype(np.float64)
    return codes if case.codes.dtype.kind == "f" else codes / (2**case.bits - 1)


def repeated(a: Array, before: int, after: int) -> Array:
    return np.pad(a, ((before, after), (before, after)) + ((0, 0),) * (a.ndim - 2), mode="edge")


def dequantised(s: Array, bits: int, strength: int) -> Array:
    padded = repeated(s, 1, 1)
    h, w = s.shape[:2]
    mean = sum(padded[y : y + h, x : x + w] for y in range(3) for x in range(3)) / 9
    step = mean - s
    taken = np.maximum(np.minimum(np.abs(step), 1 / (2**bits - 1) - np.abs(step)), 0)
    return s + np.sign(step) * taken * strength / 8


def means(values: Array, cell: int) -> Array:
    """Means over squares of `cell` centred on every cell-th sample, edges repeated."""
    nodes = [-(-(n - 1) // cell) + 1 for n in values.shape]
    out = np.empty(nodes)
    for j in range(nodes[0]):
        for i in range(nodes[1]):
            ys = np.clip(np.arange(cell) + j * cell - cell // 2, 0, values.shape[0] - 1)
            xs = np.clip(np.arange(cell) + i * cell - cell // 2, 0, values.shape[1] - 1)
            out[j, i] = values[np.ix_(ys, xs)].mean()
    return out


def bilinear(nodes: Array, shape: tuple[int, int], scale: float, offset: float) -> Array:
    at = []
    for count, size in zip(shape, nodes.shape[:2], strict=True):
        u = np.clip(np.arange(count) * scale + offset, 0, size - 1)
        i = np.minimum(np.floor(u).astype(int), max(size - 2, 0))
        at.append((i, np.minimum(i + 1, size - 1), u - i))
    (i, i1, fy), (j, j1, fx) = at
    fy, fx = fy[:, None], fx[None]
    top = nodes[i][:, j] * (1 - fx) + nodes[i][:, j1] * fx
    return top * (1 - fy) + (nodes[i1][:, j] * (1 - fx) + nodes[i1][:, j1] * fx) * fy


def shepard(nodes: Array, shape: tuple[int, int], cell: int) -> Array:
    out = np.empty(shape)
    for y in range(shape[0]):
        for x in range(shape[1]):
            i, j = y // cell, x // cell
            i1, j1 = min(i + 1, nodes.shape[0] - 1), min(j + 1, nodes.shape[1] - 1)
            v, u = y / cell - i, x / cell - j
            d = np.array([np.hypot(v, u), np.hypot(v, u - 1), np.hypot(v - 1, u), np.hypot(v - 1, u - 1)])
            share = 1 / np.maximum(d, 1e-9)
            four = np.array([nodes[i, j], nodes[i, j1], nodes[i1, j], nodes[i1, j1]])
            out[y, x] = (share * four).sum() / share.sum()
    return out


AXES = np.array([[1, 1, 1], [1, 0, -1], [1, -2, 1]]) / np.sqrt([[3], [2], [6]])


def features(case: Case, s: Array) -> tuple[Array, Array]:
    """Features (H, W, n), and what the plane adds to the output (H, W, 3)."""
    shape = s.shape[:2]
    raw = signal_of(case).max(-1)
    top = s.max(-1)
    out = [s[..., 0] * 2 - 1, s[..., 1] * 2 - 1, s[..., 2] * 2 - 1, top * 2 - 1]
    last = top
    for cell in (4, 16, 64):
        mean = bilinear(means(raw, cell), shape, 1 / cell, 0)
        out.append((last - mean) * 4)
        last = mean
    added = np.zeros((*shape, 3))
    if case.plane is not None:
        plane, size = case.plane.astype(np.float64), 1 << case.shift
        on_pixel = case.lattice == "shepard"
        channels = []
        for c in range(plane.shape[-1]):
            if on_pixel and case.shift:
                channels.append(shepard(plane[..., c], shape, size))
            else:
                channels.append(bilinear(plane[..., c], shape, 1 / size, 0.5 / size - 0.5))
        cell = max(1, 16 >> case.shift)
        first = 0.0 if on_pixel else 0.5 * size - 0.5
        mean = bilinear(means(plane[..., 0], cell), shape, 1 / (cell * size), -first / (cell * size))
        out += [v / case.spread for v in channels]
        out.append((channels[0] - mean) * 2 / case.spread)
        added = np.stack(channels, -1) @ AXES[: len(channels)]
    return np.stack(out, -1), added


def pq_code(nits: Array) -> Array:
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    y = np.power(np.maximum(nits / 10000, 0), m1)
    return np.power((c1 + c2 * y) / (1 + c3 * y), m2)


def pq_nits(code: Array) -> Array:
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    root = np.power(np.maximum(code, 0), 1 / m2)
    return 10000 * np.power(np.maximum(root - c1, 0) / (c2 - c3 * root), 1 / m1)


def light_of(case: Case, s: Array) -> Array:
    """The SDR's light in BT.2020, white being 1."""
    v = s * case.scale + case.offset
    size = np.abs(v)
    if case.kind == "srgb":
        light = np.where(size <= 0.04045, size / 12.92, ((size + 0.055) / 1.055) ** 2.4)
    else:
        light = size**case.exponent
    return np.copysign(light, v) @ case.matrix.T


def rendered(case: Case) -> tuple[Array, Array]:
    """PQ codes and nits (H, W, 3) in float64."""
    s = signal_of(case)
    if case.strength:
        s = dequantised(s, case.bits, case.strength)
    x, added = features(case, s)
    h = x
    for w, b in zip(case.weights[:-1], case.biases[:-1], strict=True):
        h = np.maximum(h @ w.astype(np.float64) + b.astype(np.float64), 0)
    out = h @ case.weights[-1].astype(np.float64) + case.biases[-1].astype(np.float64) + added
    light = light_of(case, s)
    if case.domain == "pq":
        code = np.clip(pq_code(light * 203) + out, 0, case.ceiling)
        return code, pq_nits(code)
    k = 1 / 1024 if case.domain == "gain" else 2.0**-20
    raised = (np.maximum(light, 0) + k) * np.exp2(np.clip(out, -24, 24)) - k
    nits = np.clip(raised * 203, 0, pq_nits(np.float64(case.ceiling)))
    return pq_code(nits), nits
