"""One network for a shot, beside a network for every frame and a gain map for every frame.

    python -m bench.shots DATA [--sources 6] [--frames 48] [--families aces2,bt2446a,window] [--only name,…]

DATA: a folder with `stills` (lat-long maps, over which a camera moves) and `clips`. Each shot is fitted at
all BUDGETS and measured on all its frames. Beside it, on the same frames:

- a network for every frame: SAMPLED frames at each of FRAME_BUDGETS, from which the bytes that reach the
  shot's quality are read off (linear in their logarithm; the smallest budget where that is already better);
- the best gain map (bench.gainmap) of one frame at the shot's bytes a frame, and at MAP_BYTES, which is more;
- flicker (metrics.flicker) of the shot's network and of networks for every frame, on CONSECUTIVE frames.

The goals: a tenth of the bytes at equal quality, flicker under 0.5 (median) and 1 (p95).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from bench.environment import environment
from bench.gainmap_search import best_gain_maps
from bench.pairs import Pair
from bench.shot_pairs import Frame, ShotPair, shots
from candela_engines.colour import pq
from candela_engines.itm.decode import decode_payload, render
from candela_engines.itm.fit import fit_pair
from candela_engines.itm.shot_fit import FittedShot
from candela_engines.itm.shot_model import ShotRenderer, decode_shot
from candela_engines.itm.shot_pairs import PairFrame, spread_out
from candela_engines.itm.shot_split import fit_shot
from candela_engines.metrics.flicker import Flicker, FlickerResult

__all__ = ["equal_bytes", "main", "measure"]

Row = dict[str, Any]

RESULTS = Path(__file__).parent / "results" / "shots.json"
BUDGETS = (1536, 4096)
FRAME_BUDGETS = (640, 1024, 2048, 4096)
SAMPLED = 4
CONSECUTIVE = 8
MAP_BYTES = 1024
FAMILIES = ("aces2", "bt2446a", "window")


def measure(shot: ShotPair, *, effort: str = "normal", maps: bool = True) -> list[Row]:
    """Rows of a shot, one for every budget."""
    frames = list(shot.frames())
    sampled = [frames[i] for i in spread_out(0, len(frames) - 1, SAMPLED)]
    by_frame = [_mean_quality(sampled, shot, budget) for budget in FRAME_BUDGETS]
    start = (len(frames) - CONSECUTIVE) // 2
    window = range(max(start, 0), min(max(start, 0) + CONSECUTIVE, len(frames)))
    rows = []
    for budget in BUDGETS:
        began = time.perf_counter()
        parts = fit_shot(_source(frames), 0, len(frames) - 1, sdr_state=shot.sdr_state, budget=budget,
                         effort=effort)  # fmt: skip
        seconds = time.perf_counter() - began
        size = sum(len(part.payload) for part in parts)
        quality = _pooled(parts)
        needed = equal_bytes(FRAME_BUDGETS, [q for q, _ in by_frame], [b for _, b in by_frame], quality)
        rows.append(
            {
                "shot": shot.name,
                "family": shot.family,
                "frames": len(frames),
                "size": list(shot.size),
                "budget": budget,
                "bytes": size,
                "bytes_a_second": round(size * shot.rate / len(frames), 1),
                "parts": len(parts),
                "pu_psnr": round(quality, 3),
                "pu_psnr_worst_frame": round(min(p.report.worst for p in parts), 3),
                "delta_e_itp": round(_mean(parts, lambda r: r.fidelity.delta_e_mean), 4),
                "delta_e_itp_p99": round(max(p.report.fidelity.delta_e_p99 for p in parts), 4),
                "fit_seconds": round(seconds, 2),
                "details": [part.details for part in parts],
                "by_frame": {
                    str(b): {"pu_psnr": round(q, 3), "bytes": round(used)}
                    for b, (q, used) in zip(FRAME_BUDGETS, by_frame, strict=True)
                },
                "frame_bytes_at_equal_quality": None if needed is None else round(needed),
                "byte_ratio": None if needed is None else round(needed * len(frames) / size, 2),
                "flicker": _flicker_json(_flicker(_by_shot(parts, shot), frames, window)),
                "gain_map": _gain_map(frames[len(frames) // 2], shot, size / len(frames)) if maps else None,
            }
        )
    every = _flicker_json(_flicker(_by_frame(shot, FRAME_BUDGETS[1]), frames, window))
    return [{**row, "flicker_by_frame": every} for row in rows]


def equal_bytes(
    budgets: Sequence[int], qualities: Sequence[float], used: Sequence[float], wanted: float
) -> float | None:
    """Bytes a frame that reach a quality: read off between budgets; None where none of them reaches it.

    The bytes used, which may be fewer than the budget, count. Below the smallest the smallest is taken, which
    favours networks for every frame as far as they were measured.
    """
    if qualities[0] >= wanted:
        return used[0]
    for i in range(1, len(budgets)):
        low, high = qualities[i - 1], qualities[i]
        if high >= wanted:
            share = (wanted - low) / (high - low)
            return math.exp((1 - share) * math.log(used[i - 1]) + share * math.log(used[i]))
    return None


def _source(frames: Sequence[Frame]) -> Callable[..., Iterator[PairFrame]]:
    def pairs(first: int, last: int, wanted: Collection[int] | None = None) -> Iterator[PairFrame]:
        for n in range(first, last + 1):
            if wanted is None or n in wanted:
                codes, nits = frames[n]
                yield PairFrame(n, codes, 8, nits, hashlib.sha256(codes.tobytes()).digest()[:16])

    return pairs


def _mean_quality(frames: Sequence[Frame], shot: ShotPair, budget: int) -> tuple[float, float]:
    """PU-PSNR over some frames, each with a network of its own, and the bytes it took on the mean."""
    squares, sizes = [], []
    for codes, nits in frames:
        fitted = fit_pair(codes, shot.sdr_state, nits, budget=budget, effort="normal")
        squares.append(10 ** (-fitted.report.pu_psnr / 10))
        sizes.append(len(fitted.payload))
    return -10 * math.log10(float(np.mean(squares))), float(np.mean(sizes))


def _pooled(parts: Sequence[FittedShot]) -> float:
    counts = [len(p.report.frames) for p in parts]
    squares = [10 ** (-p.report.fidelity.pu_psnr / 10) for p in parts]
    return -10 * math.log10(sum(c * s for c, s in zip(counts, squares, strict=True)) / sum(counts))


def _mean(parts: Sequence[FittedShot], figure: Callable[[Any], float]) -> float:
    counts = [len(p.report.frames) for p in parts]
    return sum(c * figure(p.report) for c, p in zip(counts, parts, strict=True)) / sum(counts)


Render = Callable[[int, NDArray[np.uint8], NDArray[np.float32]], NDArray[Any]]


def _by_shot(parts: Sequence[FittedShot], shot: ShotPair) -> Render:
    width, height = shot.size
    renderers = [(p, ShotRenderer(decode_shot(p.payload), height, width)) for p in parts]

    def rendered(n: int, codes: NDArray[np.uint8], nits: NDArray[np.float32]) -> NDArray[Any]:
        renderer = next(r for p, r in renderers if p.first <= n <= p.last)
        return renderer.render(n, codes, 8)

    return rendered


def _by_frame(shot: ShotPair, budget: int) -> Render:
    def rendered(n: int, codes: NDArray[np.uint8], nits: NDArray[np.float32]) -> NDArray[Any]:
        fitted = fit_pair(codes, shot.sdr_state, nits, budget=budget, effort="normal")
        return render(decode_payload(fitted.payload), codes)

    return rendered


def _flicker(rendered: Render, frames: Sequence[Frame], window: range) -> FlickerResult:
    flicker = Flicker()
    for n in window:
        codes, nits = frames[n]
        flicker.add(rendered(n, codes, nits).astype(np.float32), nits)
    return flicker.result()


def _flicker_json(found: FlickerResult) -> Row:
    parts = {"all": found.all, "static": found.static, "moving": found.moving}
    out: Row = {
        name: {"median": _rounded(p.median), "p95": _rounded(p.p95), "share": _rounded(p.share)}
        for name, p in parts.items()
    }
    return {**out, "left_out": _rounded(found.left_out)}


def _rounded(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 4)


def _gain_map(frame: Frame, shot: ShotPair, size: float) -> Row:
    codes, nits = frame
    master = np.rint(pq.inverse_eotf(nits.astype(np.float64)) * 65535).astype(np.uint16)
    pair = Pair(shot.source, shot.family, codes, shot.sdr_state, master)
    budgets = (max(round(size), 1), MAP_BYTES)
    found = best_gain_maps(pair, budgets)
    return {
        str(b): {"pu_psnr": round(found[b].pu_psnr, 3), "bytes": found[b].bytes, "name": found[b].name}
        if b in found
        else None
        for b in budgets
    }


def _figures(rows: Sequence[Row]) -> Row:
    def middle(values: Sequence[float | None]) -> float | None:
        known = [v for v in values if v is not None]
        return round(median(known), 4) if known else None

    out: Row = {}
    for budget in BUDGETS:
        here = [r for r in rows if r["budget"] == budget]
        ratios = [r["byte_ratio"] for r in here]
        out[str(budget)] = {
            "bytes_a_second": middle([r["bytes_a_second"] for r in here]),
            "pu_psnr": middle([r["pu_psnr"] for r in here]),
            "delta_e_itp": middle([r["delta_e_itp"] for r in here]),
            "byte_ratio_median": middle(ratios),
            "byte_ratio_least": min((r for r in ratios if r is not None), default=None),
            "beyond_every_frame_budget": sum(r is None for r in ratios),
            "flicker_median": middle([r["flicker"]["all"]["median"] for r in here]),
            "flicker_p95": middle([r["flicker"]["all"]["p95"] for r in here]),
            "flicker_median_worst": max((r["flicker"]["all"]["median"] or 0 for r in here), default=None),
            "flicker_p95_worst": max((r["flicker"]["all"]["p95"] or 0 for r in here), default=None),
            "shots_over_flicker_goal": sum(_flickers(r["flicker"]["all"]) for r in here),
            "flicker_by_frame_median": middle([r["flicker_by_frame"]["all"]["median"] for r in here]),
            "flicker_by_frame_p95": middle([r["flicker_by_frame"]["all"]["p95"] for r in here]),
        }
    return out


def _flickers(levels: Row) -> bool:
    return (levels["median"] or 0) > 0.5 or (levels["p95"] or 0) > 1


def _table(rows: Sequence[Row]) -> Table:
    table = Table(title="One network a shot, beside one a frame")
    columns = ("shot", "family", "bytes", "B/s", "PU-PSNR", "worst", "ΔE", "frame bytes for that", "x",
               "flicker", "p95", "a frame's", "p95", "map, equal bytes", f"map, {MAP_BYTES} B")  # fmt: skip
    for column in columns:
        table.add_column(column, justify="left" if column in ("shot", "family") else "right")
    for r in rows:
        flicker, every = r["flicker"]["all"], r["flicker_by_frame"]["all"]
        maps = [*(r["gain_map"] or {}).values(), None, None]
        table.add_row(
            r["shot"], r["family"], str(r["bytes"]), f"{r['bytes_a_second']:.0f}", f"{r['pu_psnr']:.2f}",
            f"{r['pu_psnr_worst_frame']:.2f}", f"{r['delta_e_itp']:.2f}",
            str(r["frame_bytes_at_equal_quality"] or f"> {FRAME_BUDGETS[-1]}"), str(r["byte_ratio"] or "-"),
            *(str(v) for v in (flicker["median"], flicker["p95"], every["median"], every["p95"])),
            *("none fits" if m is None else f"{m['pu_psnr']:.1f}" for m in maps[:2]),
        )  # fmt: skip
    return table


def main() -> None:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sources", type=int, default=6, help="at most so many maps, and so many clips")
    parser.add_argument("--frames", type=int, default=48)
    parser.add_argument("--families", default=",".join(FAMILIES))
    parser.add_argument("--only", default="", help="shots whose name holds one of these words")
    parser.add_argument("--all", action="store_true", help="also sources that training may use")
    parser.add_argument("--no-maps", action="store_true", help="leave out the gain maps, the slow part")
    parser.add_argument("-o", "--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    words = [w for w in options.only.split(",") if w]
    console, rows = Console(), []
    made = shots(options.data, count=options.frames, families=options.families.split(","),
                 limit=options.sources, everything=options.all)  # fmt: skip
    for shot in made:
        if words and not any(w in shot.name for w in words):
            continue
        if shot.count < CONSECUTIVE:
            continue
        rows += measure(shot, maps=not options.no_maps)
        console.print(_table(rows[-len(BUDGETS) :]))
    document = {**environment(), "options": vars(options) | {"data": options.data.name, "out": None},
                "figures": _figures(rows), "rows": rows}  # fmt: skip
    options.out.write_text(json.dumps(document, indent=1, default=str) + "\n")
    console.print(_table(rows))
    console.print(document["figures"])


if __name__ == "__main__":
    main()
