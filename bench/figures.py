"""From rows to the figures that were asked: medians, leads over the gain map, reached or missed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench.pairs import PHONE_FAMILIES, SCENE_FAMILIES

__all__ = ["Figure", "figures", "leads", "rival_of"]

Row = dict[str, Any]
GLOBAL_FAMILIES = ("aces2", "bt2446a", "bt2446c")
KIB = 1024


@dataclass(frozen=True)
class Figure:
    """One figure of the list. value: None where nothing was measured for it."""

    name: str
    asked: str
    value: float | None
    reached: bool | None
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return dict(self.__dict__)


def rival_of(row: Row, rivals: Iterable[Row], *, same_budget: bool = False) -> Row | None:
    """The gain map that a row of ours is held to.

    That is the one of the same pair with the least budget that holds all our bytes: equal bytes, rounded up
    in favour of the map. same_budget: the one that was given our whole budget, spent or not.
    """
    mine = [r for r in rivals if (r["source"], r["family"]) == (row["source"], row["family"])]
    if same_budget:
        return next((r for r in mine if r["budget"] == row["budget"]), None)
    return min((r for r in mine if r["budget"] >= row["bytes"]), key=lambda r: r["budget"], default=None)


def leads(
    rows: Iterable[Row], rivals: Sequence[Row], *, same_budget: bool = False, key: str = "pu_psnr"
) -> list[float]:
    """PU-PSNR of ours minus that of the gain map, one a row that has a rival.

    key: `pu_psnr` of the best map there is, `recommended_offset` of the best with k = 1/64.
    """
    pairs = ((row, rival_of(row, rivals, same_budget=same_budget)) for row in rows)
    return [row["pu_psnr"] - rival[key] for row, rival in pairs if rival and rival.get(key) is not None]


def figures(rows: Sequence[Row], rivals: Sequence[Row]) -> list[Figure]:
    """Every figure asked of the default model, those missed first, those not measured last.

    rows, rivals: dicts with source, family, budget, bytes, pu_psnr and delta_e_itp; rows with model as well.
    """
    ours = [row for row in rows if row["model"] == "default"]

    def at(families: Sequence[str], budget: int) -> list[Row]:
        return [row for row in ours if row["family"] in families and row["budget"] == budget]

    def level(name: str, budget: int, key: str, bound: float, *, least: bool) -> Figure:
        values = [row[key] for row in at(GLOBAL_FAMILIES, budget)]
        return _figure(name, values, bound, median, least=least, note=f"n = {len(values)}")

    def lead(
        name: str,
        families: Sequence[str],
        bound: float,
        take: Callable[[Sequence[float]], float],
        key: str = "pu_psnr",
    ) -> Figure:
        budgets = sorted({row["budget"] for row in ours if row["budget"]})
        each = {b: leads(at(families, b), rivals, key=key) for b in budgets}
        others = ", ".join(f"{b // KIB} KiB {take(v):+.2f}" for b, v in each.items() if v)
        return _figure(name, each.get(8 * KIB, []), bound, take, note=others)

    def both(
        which: str, families: Sequence[str], bound: float, take: Callable[[Sequence[float]], float]
    ) -> list[Figure]:
        return [
            lead(f"{which} lead over gain map", families, bound, take),
            lead(f"{which} lead over gain map of k = 1/64", families, bound, take, "recommended_offset"),
        ]

    photographs = [
        *both("phone and crop, 8 KiB, median", PHONE_FAMILIES, 1.0, median),
        *both("phone and crop, 8 KiB, worst", PHONE_FAMILIES, -0.2, min),
    ]
    made = [
        level("global operators, 8 KiB, median PU-PSNR", 8 * KIB, "pu_psnr", 55.0, least=True),
        level("global operators, 8 KiB, median ΔE_ITP", 8 * KIB, "delta_e_itp", 0.8, least=False),
        level("global operators, 2 KiB, median PU-PSNR", 2 * KIB, "pu_psnr", 53.0, least=True),
        *(figure for f in SCENE_FAMILIES for figure in both(f"{f}, 8 KiB, median", (f,), 10.0, median)),
        *photographs,
    ]
    return sorted(made, key=lambda figure: (figure.reached is None, bool(figure.reached)))


def _figure(
    name: str,
    values: Sequence[float],
    bound: float,
    take: Callable[[Sequence[float]], float],
    *,
    least: bool = True,
    note: str = "",
) -> Figure:
    asked = f"{'≥' if least else '≤'} {bound:g}"
    finite = [value for value in values if not math.isnan(value)]
    if not finite:
        return Figure(name, asked, None, None, "not measured")
    value = take(finite)
    return Figure(name, asked, value, value >= bound if least else value <= bound, note)
