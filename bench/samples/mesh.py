"""Triangle meshes made by formula, and their writing as PLY for the renderer.

Units are metres, z is up. Texture coordinates are in metres too unless said otherwise, so that one
wood or brick texture has the same scale on every object.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

Array = np.ndarray
Vec = Sequence[float]


@dataclass
class Mesh:
    v: Array
    f: Array
    uv: Array
    n: Array | None = None
    colour: Array | None = None  # one RGB a vertex, used by materials that read "vertex_color"

    def normals(self) -> Array:
        if self.n is not None:
            return self.n
        a, b, c = (self.v[self.f[:, i]] for i in range(3))
        face = np.cross(b - a, c - a)
        out = np.zeros_like(self.v)
        for i in range(3):
            np.add.at(out, self.f[:, i], face)
        return out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-20)

    def move(self, x: float, y: float, z: float) -> Mesh:
        return replace(self, v=self.v + np.array([x, y, z]))

    def scale(self, x: float, y: float, z: float) -> Mesh:
        return replace(self, v=self.v * np.array([x, y, z]), n=None)

    def turn(self, degrees: float, axis: str = "z") -> Mesh:
        c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        i, j = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
        m = np.eye(3)
        m[i, i], m[i, j], m[j, i], m[j, j] = c, -s, s, c
        return replace(self, v=self.v @ m.T, n=None if self.n is None else self.n @ m.T)

    def tint(self, rgb: Vec | Array) -> Mesh:
        return replace(self, colour=np.broadcast_to(np.asarray(rgb, float), self.v.shape).copy())

    def uvscale(self, u: float, v: float | None = None) -> Mesh:
        return replace(self, uv=self.uv * np.array([u, u if v is None else v]))

    def uvshift(self, u: float, v: float) -> Mesh:
        return replace(self, uv=self.uv + np.array([u, v]))


def join(parts: Sequence[Mesh]) -> Mesh:
    offsets = np.cumsum([0] + [len(p.v) for p in parts[:-1]])
    coloured = any(p.colour is not None for p in parts)
    return Mesh(
        np.concatenate([p.v for p in parts]),
        np.concatenate([p.f + o for p, o in zip(parts, offsets, strict=True)]),
        np.concatenate([p.uv for p in parts]),
        np.concatenate([p.normals() for p in parts]),
        np.concatenate([p.v * 0 + 0.5 if p.colour is None else p.colour for p in parts])
        if coloured
        else None,
    )


def write_ply(mesh: Mesh, path: Path) -> None:
    columns = [mesh.v, mesh.normals(), mesh.uv]
    names = ["x", "y", "z", "nx", "ny", "nz", "u", "v"]
    if mesh.colour is not None:
        columns.append(mesh.colour)
        names += ["r", "g", "b"]
    head = ["ply", "format binary_little_endian 1.0", f"element vertex {len(mesh.v)}"]
    head += [f"property float {n}" for n in names]
    head += [f"element face {len(mesh.f)}", "property list uchar int vertex_indices", "end_header", ""]
    faces = np.empty(len(mesh.f), dtype=[("n", "u1"), ("i", "<i4", 3)])
    faces["n"], faces["i"] = 3, mesh.f
    data = np.concatenate(columns, axis=1).astype("<f4").tobytes() + faces.tobytes()
    path.write_bytes("\n".join(head).encode() + data)


def surface(fn: Callable[[Array, Array], Array], nu: int, nv: int, uv: Vec = (1, 1)) -> Mesh:
    """Parametric sheet: fn maps grids of u and v in [0, 1] to points (…, 3)."""
    u, v = np.meshgrid(np.linspace(0, 1, nu), np.linspace(0, 1, nv), indexing="ij")
    i = np.arange(nu * nv).reshape(nu, nv)
    a, b, c, d = i[:-1, :-1].ravel(), i[1:, :-1].ravel(), i[1:, 1:].ravel(), i[:-1, 1:].ravel()
    faces = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])
    points = np.asarray(fn(u, v), float).reshape(-1, 3)
    return Mesh(points, faces, np.stack([u.ravel() * uv[0], v.ravel() * uv[1]], 1))


def quad(origin: Vec, eu: Vec, ev: Vec, uv: Vec | None = None) -> Mesh:
    o, a, b = np.array(origin, float), np.array(eu, float), np.array(ev, float)
    su, sv = (np.linalg.norm(a), np.linalg.norm(b)) if uv is None else uv
    return Mesh(
        np.stack([o, o + a, o + a + b, o + b]),
        np.array([[0, 1, 2], [0, 2, 3]]),
        np.array([[0, 0], [su, 0], [su, sv], [0, sv]], float),
    )


def box(lo: Vec, hi: Vec) -> Mesh:
    (x0, y0, z0), (x1, y1, z1) = lo, hi
    dx, dy, dz = x1 - x0, y1 - y0, z1 - z0
    return join(
        [
            quad((x0, y0, z0), (dx, 0, 0), (0, 0, dz)),
            quad((x1, y1, z0), (-dx, 0, 0), (0, 0, dz)),
            quad((x0, y1, z0), (0, -dy, 0), (0, 0, dz)),
            quad((x1, y0, z0), (0, dy, 0), (0, 0, dz)),
            quad((x0, y0, z1), (dx, 0, 0), (0, dy, 0)),
            quad((x0, y1, z0), (dx, 0, 0), (0, -dy, 0)),
        ]
    )


def rounded_box(lo: Vec, hi: Vec, radius: float, steps: int = 12, puff: float = 0.0) -> Mesh:
    """Box with rounded edges; `puff` swells the faces like a cushion (metres at the middle)."""
    lo_, hi_ = np.array(lo, float), np.array(hi, float)
    sheets = []
    size = hi_ - lo_
    for axis in range(3):
        for side in (0, 1):
            i, j = [(1, 2), (2, 0), (0, 1)][axis]

            def face(u: Array, v: Array, axis: int = axis, side: int = side, i: int = i, j: int = j) -> Array:
                p = np.zeros((*u.shape, 3))
                p[..., axis], p[..., i], p[..., j] = side, u if side else 1 - u, v
                # Denser rings near the edges, where the rounding happens.
                q = 0.5 - 0.5 * np.cos(np.pi * p)
                q = lo_ + q * size
                inner = np.clip(q, lo_ + radius, hi_ - radius)
                d = q - inner
                d /= np.maximum(np.linalg.norm(d, axis=-1, keepdims=True), 1e-9)
                bump = puff * np.prod(np.where(np.arange(3) == axis, 1, np.sin(np.pi * p)), axis=-1)
                return inner + d * (radius + np.abs(bump)[..., None])

            sheet = surface(face, steps, steps)
            sheet.uv *= np.array([size[i], size[j]])
            sheets.append(sheet)
    return join(sheets)


def lathe(profile: Sequence[Vec], seg: int = 48, uv: Vec = (1, 1), smooth: int = 0) -> Mesh:
    """Turn a profile of (radius, z) about the z axis; `smooth` rounds its corners that many times."""
    p = np.array(profile, float)
    for _ in range(smooth):
        p = chaikin(p)
    t = np.linspace(0, 1, len(p))

    def fn(u: Array, v: Array) -> Array:
        r, z = np.interp(v, t, p[:, 0]), np.interp(v, t, p[:, 1])
        return np.stack([r * np.cos(2 * np.pi * u), r * np.sin(2 * np.pi * u), z], -1)

    return surface(fn, seg + 1, len(p), uv)


def chaikin(p: Array, closed: bool = False) -> Array:
    q = np.concatenate([p, p[:1]]) if closed else p
    cut = np.stack([0.75 * q[:-1] + 0.25 * q[1:], 0.25 * q[:-1] + 0.75 * q[1:]], 1).reshape(-1, q.shape[1])
    return cut if closed else np.concatenate([q[:1], cut, q[-1:]])


def sphere(centre: Vec, radius: float, seg: int = 32) -> Mesh:
    a = np.linspace(-np.pi / 2, np.pi / 2, seg // 2 + 1)
    ball = lathe(np.stack([radius * np.cos(a), radius * np.sin(a)], 1), seg)
    return replace(ball.move(*centre), n=ball.v / radius)


def cylinder(base: Vec, radius: float, height: float, seg: int = 24) -> Mesh:
    profile = [
        (1e-4, 0),
        (radius, 0),
        (radius, 1e-4),
        (radius, height - 1e-4),
        (radius, height),
        (1e-4, height),
    ]
    m = lathe(profile, seg, (2 * np.pi * radius, height))
    return m.move(*base)


def tube(path: Array | Sequence[Vec], radius: float | Array, seg: int = 8, closed: bool = False) -> Mesh:
    """Sweep a circle along a polyline, its frame carried without twist."""
    p = np.array(path, float)
    if closed:
        p = np.concatenate([p, p[:1]])
    t = np.gradient(p, axis=0)
    if closed:
        t[0] = t[-1] = p[1] - p[-2]
    t /= np.maximum(np.linalg.norm(t, axis=1, keepdims=True), 1e-12)
    side = np.cross(t[0], [0.31, 0.17, 0.93])
    frames = []
    for d in t:
        side = side - d * (side @ d)
        side /= np.linalg.norm(side)
        frames.append((side, np.cross(d, side)))
    a = np.linspace(0, 2 * np.pi, seg + 1)
    r = np.broadcast_to(np.asarray(radius, float), (len(p),))
    ring = [
        q + ri * (np.cos(a)[:, None] * s - np.sin(a)[:, None] * b)
        for q, ri, (s, b) in zip(p, r, frames, strict=True)
    ]
    pts = np.stack(ring)
    length = float(np.linalg.norm(np.diff(p, axis=0), axis=1).sum())
    return surface(lambda u, v: pts, len(p), seg + 1, (length, 2 * np.pi * float(r.mean())))
