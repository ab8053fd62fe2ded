"""How generated code reads a grid at a pixel: bilinear, or by inverse distance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from candela_engines.itm.export.dialect import number
from candela_engines.itm.export.grids import Grid, Store

__all__ = ["Axis", "bilinear", "shepard"]


@dataclass(frozen=True)
class Axis:
    """Where pixel x reads a grid: at (scale·x + shift) / over of its nodes, held within them."""

    scale: int
    shift: int
    over: int


def bilinear(
    store: Store, grid: Grid, into: str, x: Axis, y: Axis, *, channels: Sequence[str] = ("0",)
) -> list[str]:
    """Statements that declare `into` (one channel) or `into`0, `into`1, …: the grid at pixel x, y."""
    rows, columns, _ = grid.samples.shape
    names = [into] if len(channels) == 1 else [f"{into}{k}" for k in range(len(channels))]
    if x.over == y.over == 1:  # a sample a pixel
        pairs = zip(names, channels, strict=True)
        return [line for name, channel in pairs for line in store.read(grid.name, channel, "y", "x", name)]
    lines = [f"float {name};" for name in names] + ["{"]
    body = _place("x", x, columns) + _place("y", y, rows)
    for name, channel in zip(names, channels, strict=True):
        corners = ("a", "b", "c", "d")
        body.append("{")
        for corner, (row, column) in zip(corners, _CORNERS, strict=True):
            body += ["    " + line for line in store.read(grid.name, channel, row, column, corner)]
        body += [
            "    float above = a + (b - a) * xf;",
            "    float below = c + (d - c) * xf;",
            f"    {name} = above + (below - above) * yf;",
            "}",
        ]
    return lines + ["    " + line for line in body] + ["}"]


_CORNERS = (("y0", "x0"), ("y0", "x1"), ("y1", "x0"), ("y1", "x1"))


def _place(axis: str, of: Axis, size: int) -> list[str]:
    """Nodes `x0`, `x1` and the part `xf` between them."""
    at = f"{of.scale} * {axis}" if of.scale != 1 else axis
    shift = f" + {of.shift}" if of.shift > 0 else f" - {-of.shift}" if of.shift < 0 else ""
    past = (size - 1) * of.over
    return [
        f"int {axis}at = {at}{shift};",
        f"{axis}at = {axis}at < 0 ? 0 : ({axis}at > {past} ? {past} : {axis}at);",
        f"int {axis}0 = {axis}at / {of.over};",
        f"float {axis}f = (float)({axis}at - {axis}0 * {of.over}) * {number(1 / of.over)};",
        f"int {axis}1 = {axis}0 < {size - 1} ? {axis}0 + 1 : {axis}0;",
    ]


def shepard(store: Store, grid: Grid, into: str, cell: int, *, channels: Sequence[str] = ("0",)) -> list[str]:
    """As `bilinear` by inverse distance to the four nodes around, each on every `cell`-th pixel."""
    rows, columns, _ = grid.samples.shape
    names = [into] if len(channels) == 1 else [f"{into}{k}" for k in range(len(channels))]
    body = []
    for axis, size in (("x", columns), ("y", rows)):
        body += [
            f"int {axis}0 = {axis} / {cell} < {size - 1} ? {axis} / {cell} : {size - 1};",
            f"int {axis}1 = {axis}0 < {size - 1} ? {axis}0 + 1 : {axis}0;",
            f"float {axis}f = (float)({axis} % {cell}) * {number(1 / cell)};",
        ]
    for corner, down, right in (
        ("a", "yf", "xf"),
        ("b", "yf", "(1.0f - xf)"),
        ("c", "(1.0f - yf)", "xf"),
        ("d", "(1.0f - yf)", "(1.0f - xf)"),
    ):
        body.append(f"float w{corner} = 1.0f / MAX(SQRT({down} * {down} + {right} * {right}), 1.0e-9f);")
    body.append("float whole = 1.0f / (wa + wb + wc + wd);")
    for name, channel in zip(names, channels, strict=True):
        body.append("{")
        for corner, (row, column) in zip("abcd", _CORNERS, strict=True):
            body += ["    " + line for line in store.read(grid.name, channel, row, column, corner)]
        body += [f"    {name} = (a * wa + b * wb + c * wc + d * wd) * whole;", "}"]
    return [*(f"float {name};" for name in names), "{", *("    " + line for line in body), "}"]
