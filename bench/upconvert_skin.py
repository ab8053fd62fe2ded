"""Where engines put skin and greys of real pictures: a photographed colour chart, a hand, two faces.

    python -m bench.upconvert_skin DATA [--weights hdcfm=FILE] [--json bench/results/upconvert_skin.json]

DATA/clips has `hlg10-color-test.mp4` (a phone's take of a 24-patch chart, held by a hand) and `ToS-s01.h265`
(two actors, a hard grade). Masters are of at most 1000 nit; four operators make SDR of them, which is all
that an engine sees. Of every region: its luminance by the engine over the master's, in stops, and how far its
colour is from what BT.2408 placement has, luminance aside, in ΔE_ITP. The chart's white and grey stand for
logos and graphics.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.environment import environment
from bench.upconvert import engines_of
from bench.upconvert_flicker import masters_of
from candela_engines.colour import ictcp
from candela_engines.colour.gamuts import luminance
from candela_engines.colour.names import NAMED
from candela_engines.scorer.training.operators import eight_bits, sdr_code
from candela_engines.scorer.training.pictures import F32
from candela_engines.upconvert.engine import open_engine

__all__ = ["main"]

_OPERATORS = ("bt2390", "bt2446c", "hard_clip", "reinhard")
_HALF = 0.012  # of the width: half a side of a region
# Middles over the picture's width and height, read off the pictures.
REGIONS = {
    "hlg10-color-test.mp4": {
        "dark skin patch": (0.17, 0.14),
        "light skin patch": (0.32, 0.14),
        "white patch": (0.15, 0.80),
        "grey patch": (0.555, 0.80),
        "hand": (0.03, 0.20),
    },
    "ToS-s01.h265": {"man's face": (0.3225, 0.255), "woman's face": (0.525, 0.285)},
}
Row = dict[str, Any]


def of_region(nits: F32, middle: tuple[float, float]) -> tuple[float, np.ndarray]:
    """Luminance in nits of the mean light about a place of a picture (H, W, 3), and its colour at 100 nit:
    T and P of ICtCp as ΔE_ITP counts them.
    """
    height, width = nits.shape[:2]
    x, y, half = round(middle[0] * width), round(middle[1] * height), max(1, round(_HALF * width))
    part = nits[max(y - half, 0) : y + half + 1, max(x - half, 0) : x + half + 1].astype(np.float64)
    mean = part.mean((0, 1))
    level = float(luminance(mean))
    _, ct, cp = ictcp.from_nits(mean * (100 / max(level, 1e-6)))
    return level, 720 * np.array([ct / 2, cp])


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, write the results file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--side", type=int, default=400)
    parser.add_argument("--weights", action="append", default=[], metavar="NAME=FILE")
    parser.add_argument("--json", type=Path, default=Path("bench/results/upconvert_skin.json"))
    asked = parser.parse_args(arguments)
    engines = engines_of(asked.weights)
    rows: list[Row] = []
    for clip, regions in REGIONS.items():
        (nits,) = masters_of(asked.data / "clips" / clip, 1, asked.side)
        for operator in _OPERATORS:
            codes = eight_bits(sdr_code(operator, nits, None))
            placed = open_engine("placement").light(codes, 8, NAMED["rec709"])
            for engine in engines:
                made = engine.light(codes, 8, NAMED["rec709"])
                for name, middle in regions.items():
                    got, colour = of_region(made, middle)
                    wanted = of_region(nits, middle)[0]
                    moved = float(np.linalg.norm(colour - of_region(placed, middle)[1]))
                    rows.append({
                        "region": name, "operator": operator, "engine": engine.info.name,
                        "nits": round(got, 2), "master_nits": round(wanted, 2),
                        "stops": round(float(np.log2(max(got, 1e-3) / wanted)), 3),
                        "colour_moved_itp": round(moved, 2),
                    })  # fmt: skip
    names = [name for regions in REGIONS.values() for name in regions]
    title = f"stops off the master (ΔE_ITP off placement's colour), medians over {len(_OPERATORS)} operators"
    table = Table(title=title, title_justify="left")
    for column in ("engine", *names):
        table.add_column(column)
    summary: dict[str, dict[str, Row]] = {}
    for engine in engines:
        found = {name: medians(rows, engine.info.name, name) for name in names}
        summary[engine.info.name] = found
        cells = (f"{one['stops']:+.2f} ({one['colour_moved_itp']:.1f})" for one in found.values())
        table.add_row(engine.info.name, *cells)
    Console(width=150).print(table)
    document = {**environment(), "side_px": asked.side, "summary": summary, "rows": rows}
    asked.json.write_text(json.dumps(document, indent=1) + "\n")


def medians(rows: Sequence[Row], engine: str, region: str) -> Row:
    """Over operators; and the operator at which the level is farthest off."""
    some = [row for row in rows if row["engine"] == engine and row["region"] == region]
    worst = max(some, key=lambda row: abs(row["stops"]))
    return {
        "stops": round(float(np.median([row["stops"] for row in some])), 3),
        "colour_moved_itp": round(float(np.median([row["colour_moved_itp"] for row in some])), 2),
        "master_nits": some[0]["master_nits"],
        "farthest_stops": worst["stops"],
        "farthest_operator": worst["operator"],
    }


if __name__ == "__main__":
    main()
