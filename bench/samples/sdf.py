"""Organic forms: signed distance fields meshed by surface nets, and the figures built from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from mesh import Mesh

Array = np.ndarray
Field = Callable[[Array], Array]


def ellipsoid(p: Array, c: Sequence[float], r: Sequence[float]) -> Array:
    q = (p - np.array(c)) / np.array(r)
    k0 = np.linalg.norm(q, axis=-1)
    k1 = np.linalg.norm(q / np.array(r), axis=-1)
    return k0 * (k0 - 1) / np.maximum(k1, 1e-9)


def capsule(p: Array, a: Sequence[float], b: Sequence[float], ra: float, rb: float) -> Array:
    """Cone with round ends from a to b."""
    a_, b_ = np.array(a), np.array(b)
    d = b_ - a_
    h = np.clip(((p - a_) @ d) / (d @ d), 0, 1)
    return np.linalg.norm(p - a_ - h[..., None] * d, axis=-1) - (ra + (rb - ra) * h)


def union(a: Array, b: Array, k: float) -> Array:
    """Smooth minimum with a blend as wide as k metres."""
    h = np.maximum(k - np.abs(a - b), 0) / k
    return np.minimum(a, b) - h * h * k / 4


def carve(a: Array, b: Array, k: float) -> Array:
    return -union(-a, b, k)


def mesh_field(field: Field, lo: Sequence[float], hi: Sequence[float], step: float) -> Mesh:
    """Zero level of a field as a mesh: one vertex in each cell that the surface crosses."""
    axes = [np.arange(a, b + step, step) for a, b in zip(lo, hi, strict=True)]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), -1)
    d = field(grid)
    inside = d < 0
    cells = tuple(n - 1 for n in d.shape)
    pos, count = np.zeros((*cells, 3)), np.zeros(cells)
    for axis in range(3):
        others = [i for i in range(3) if i != axis]
        s0 = [slice(None)] * 3
        s1 = [slice(None)] * 3
        s0[axis], s1[axis] = slice(0, -1), slice(1, None)
        d0, d1 = d[tuple(s0)], d[tuple(s1)]
        cross = inside[tuple(s0)] != inside[tuple(s1)]
        t = np.where(cross, d0 / np.where(cross, d0 - d1, 1), 0)
        point = grid[tuple(s0)].copy()
        point[..., axis] += t * step
        for i in (0, 1):
            for j in (0, 1):
                sl = [slice(None)] * 3
                sl[others[0]] = slice(i, i + cells[others[0]])
                sl[others[1]] = slice(j, j + cells[others[1]])
                w = cross[tuple(sl)]
                pos += point[tuple(sl)] * w[..., None]
                count += w
    used = count > 0
    index = np.full(cells, -1)
    index[used] = np.arange(used.sum())
    v = pos[used] / count[used][:, None]
    faces = []
    for axis in range(3):
        i, j = [(1, 2), (2, 0), (0, 1)][axis]
        s0 = [slice(1, -1)] * 3
        s1 = [slice(1, -1)] * 3
        s0[axis], s1[axis] = slice(0, -1), slice(1, None)
        where = np.argwhere(inside[tuple(s0)] != inside[tuple(s1)])
        flip = inside[tuple(s0)][tuple(where.T)]
        where[:, i] += 1
        where[:, j] += 1
        ei, ej = np.eye(3, dtype=int)[i], np.eye(3, dtype=int)[j]
        a, b, c, e = (index[tuple((where - o).T)] for o in (0 * ei, ei, ei + ej, ej))
        q = np.where(flip[:, None], np.stack([a, b, c, e], 1), np.stack([a, e, c, b], 1))
        faces += [q[:, [0, 1, 2]], q[:, [0, 2, 3]]]
    f = np.concatenate(faces)
    f = f[(f >= 0).all(1)]
    eps = step * 0.5
    n = np.stack([field(v + eps * e) - field(v - eps * e) for e in np.eye(3)], -1)
    n /= np.maximum(np.linalg.norm(n, axis=1, keepdims=True), 1e-9)
    return Mesh(v, f, v[:, [0, 2]].copy(), n)


def head(p: Array) -> Array:
    """A classical head 0.25 m high, centred on the origin, that looks along -y."""
    x = np.abs(p[..., 0])
    m = np.stack([x, p[..., 1], p[..., 2]], -1)
    d = ellipsoid(m, (0, 0.012, 0.035), (0.074, 0.094, 0.092))
    d = union(d, ellipsoid(m, (0, -0.022, -0.045), (0.053, 0.062, 0.075)), 0.05)
    d = union(d, ellipsoid(m, (0, -0.064, -0.100), (0.022, 0.020, 0.018)), 0.03)
    d = union(d, ellipsoid(m, (0.034, -0.058, -0.032), (0.022, 0.020, 0.020)), 0.025)
    d = carve(d, ellipsoid(m, (0.032, -0.096, 0.004), (0.021, 0.020, 0.013)), 0.016)
    d = union(d, ellipsoid(m, (0.031, -0.070, 0.002), (0.0145, 0.0135, 0.0105)), 0.003)
    d = union(d, capsule(m, (0.010, -0.086, 0.024), (0.048, -0.074, 0.022), 0.008, 0.005), 0.014)
    d = union(d, capsule(m, (0, -0.083, 0.012), (0, -0.108, -0.030), 0.007, 0.0105), 0.012)
    d = union(d, ellipsoid(m, (0.010, -0.096, -0.033), (0.0075, 0.010, 0.0065)), 0.006)
    d = carve(d, capsule(m, (0, -0.092, -0.064), (0.021, -0.083, -0.065), 0.003, 0.002), 0.006)
    d = union(d, capsule(m, (0, -0.091, -0.057), (0.016, -0.083, -0.060), 0.006, 0.003), 0.005)
    d = union(d, capsule(m, (0, -0.089, -0.071), (0.013, -0.082, -0.070), 0.007, 0.004), 0.005)
    return union(d, ellipsoid(m, (0.075, 0.012, -0.005), (0.010, 0.022, 0.032)), 0.008)


def bust(p: Array) -> Array:
    """Head, neck, curled hair and draped shoulders; stands on z = 0, about 0.52 m high."""
    h = p - np.array([0, 0.0, 0.39])
    d = head(h)
    curl = 0.006 * np.sin(95 * h[..., 0] + 22 * np.sin(31 * h[..., 2])) * np.sin(80 * h[..., 2] + 3)
    cap = ellipsoid(h, (0, 0.022, 0.046), (0.083, 0.098, 0.090)) + curl
    line = 0.062 - 0.9 * (h[..., 1] + 0.07)
    cap = np.maximum(cap, (line - h[..., 2]) * 0.6)
    d = union(d, cap, 0.006)
    d = union(d, capsule(p, (0, 0.02, 0.20), (0, 0.015, 0.33), 0.058, 0.050), 0.03)
    x = np.stack([np.abs(p[..., 0]), p[..., 1], p[..., 2]], -1)
    d = union(d, capsule(x, (0.0, 0.03, 0.17), (0.155, 0.03, 0.135), 0.066, 0.062), 0.06)
    d = union(d, ellipsoid(p, (0, 0.01, 0.09), (0.15, 0.085, 0.11)), 0.05)
    fold = p[..., 0] * 0.75 + p[..., 2]
    cloth = ellipsoid(p, (0, 0.015, 0.085), (0.20, 0.105, 0.13)) + 0.006 * np.sin(120 * fold)
    d = union(d, np.maximum(cloth, fold - 0.15), 0.008)
    d = np.maximum(d, 0.045 - p[..., 2])
    plinth = np.maximum(
        np.linalg.norm(p[..., :2], axis=-1) - (0.075 + 0.02 * np.cos(p[..., 2] * 90)),
        np.abs(p[..., 2] - 0.03) - 0.03,
    )
    return union(d, plinth, 0.01)


def head_and_neck(p: Array) -> Array:
    """The head with short hair and its neck, for figures seen from some way off."""
    hair = np.maximum(
        ellipsoid(p, (0, 0.022, 0.046), (0.081, 0.097, 0.088)),
        (0.055 - 0.9 * (p[..., 1] + 0.07) - p[..., 2]) * 0.6,
    )
    d = union(head(p), hair, 0.006)
    return union(d, capsule(p, (0, 0.02, -0.20), (0, 0.015, -0.06), 0.056, 0.048), 0.03)


def walker(stride: float, coat: float = 1.0) -> Field:
    """A walking person 1.75 m high in a coat, facing -y; `stride` sets the legs, `coat` its width."""

    def field(p: Array) -> Array:
        d = capsule(p, (0, 0.01, 1.40), (0, 0.01, 1.55), 0.06, 0.05)
        x = np.stack([np.abs(p[..., 0]), p[..., 1], p[..., 2]], -1)
        body = capsule(
            x * np.array([1, 1.25, 1]), (0.075, 0.01, 1.36), (0.06, 0.02, 0.68), 0.112, 0.165 * coat
        )
        body = np.maximum(body, 0.58 - p[..., 2])
        d = union(d, body, 0.04)
        d = union(d, capsule(x, (0.19, 0.02, 1.38), (0.26, 0.02 - 0.2 * stride, 1.08), 0.062, 0.05), 0.04)
        d = union(d, capsule(x, (0.26, 0.02 - 0.2 * stride, 1.08), (0.22, -0.14, 0.92), 0.05, 0.04), 0.02)
        for side in (-1, 1):
            foot = (0.10 * side, -stride * side * 0.32, 0.07)
            knee = (0.10 * side, -stride * side * 0.10 - 0.04, 0.48)
            d = union(d, capsule(p, (0.09 * side, 0.02, 0.86), knee, 0.085, 0.06), 0.03)
            d = union(d, capsule(p, knee, foot, 0.06, 0.045), 0.02)
            toe = (foot[0], foot[1] - 0.13, 0.045)
            d = union(d, capsule(p, foot, toe, 0.05, 0.04), 0.02)
        return d

    return field
