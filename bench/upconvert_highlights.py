"""The second stage where SDR clipped, beside doing nothing and beside what a colourist's tool does.

    python -m bench.upconvert_highlights PAIRS --weights highlights=OUT/plain.npz [--looks 2] [--json FILE]

PAIRS are those of the training of networks; only the sources that training keeps for tests are measured, by
every operator and after every engine. Rivals, whose numbers are fitted for every engine to the sources that
training learns from, by grid, for the least error in stops:

    raised     light in the mask times 2^stops, the same everywhere
    inward     light times 2^(stops · (1 − exp(−distance/reach))), distance to the edge of what is clipped
    small      as raised, times 2 to a power that is more where the clipped area is small in the picture

Figures are of pixels in the mask (the largest of R', G', B' above .95): the error in stops, largest of R, G
and B, its median and the median of its size; ΔE_ITP; and PU-PSNR of the whole picture.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.environment import environment
from candela_engines.colour import pq
from candela_engines.colour.names import NAMED
from candela_engines.metrics import delta_e_itp_map, pu_psnr
from candela_engines.scorer.training.pictures import F32, generator
from candela_engines.upconvert.engine import Engine, open_engine
from candela_engines.upconvert.highlights import HighlightsEngine, load_highlights, mask_of, open_highlights
from candela_engines.upconvert.training.batches import family
from candela_engines.upconvert.training.data import Pairs, load_pairs, split_of

__all__ = ["main"]

_STATE, _PEAK = NAMED["rec709"], 1000.0
_ENGINES = ("placement", "agcm", "bt2446c")
_STOPS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
_REACHES = (0.01, 0.02, 0.04, 0.08, 0.16)  # of the longer side
_SMALL = (0.0, 0.1, 0.2, 0.3)
_LEAST = 2e-3  # of the picture in the mask
Row = dict[str, Any]
Way = Callable[[F32, F32], F32]


@dataclass(frozen=True, eq=False)
class Shown:
    """One SDR picture, its mask, its master's light, and what an engine makes of it."""

    source: str
    operator: str
    codes: np.ndarray
    mask: F32
    master: F32


def shown_of(pairs: Sequence[Pairs], each: int) -> Iterator[Shown]:
    """SDRs with something in the mask: up to `each` of an operator and source, trims among them."""
    for one in pairs:
        order = generator("shown", one.name).permutation(len(one.operators))
        taken: dict[str, int] = {}
        for at in order:
            word = family(one.operators[int(at)])
            mask = mask_of(one.codes[at].astype(np.float32) / np.float32(255))
            if taken.get(word, 0) < each and (mask > 0).mean() >= _LEAST:
                taken[word] = taken.get(word, 0) + 1
                master = pq.eotf(one.masters[one.of[at]].astype(np.float32) / np.float32(65535))
                yield Shown(one.name, word, one.codes[at], mask, np.asarray(master, np.float32))


def distance_of(mask: F32) -> F32:
    """Of pixels in the mask to its edge in pixels (H, W), by eight neighbours and by four in turn; 0 beside.

    The edge of the picture is none: what is clipped goes on there.
    """
    inside = np.pad(mask > 0, 1, mode="edge")
    found = np.zeros(inside.shape, np.float32)
    for step in range(max(mask.shape)):
        if not inside.any() or inside.all():
            break
        found += inside
        near = [np.roll(inside, by, axis) for axis in (0, 1) for by in (1, -1)]
        if step % 2:
            near += [np.roll(np.roll(inside, a, 0), b, 1) for a in (1, -1) for b in (1, -1)]
        inside = np.logical_and.reduce([inside, *near])
        inside = np.pad(inside[1:-1, 1:-1], 1, mode="edge")
    return found[1:-1, 1:-1]


def raised(stops: float) -> Way:
    """The same everywhere."""
    return lambda nits, mask: nits * np.exp2(np.float32(stops) * mask)[..., None]


def inward(stops: float, reach: float) -> Way:
    """More towards the middle. reach: of the longer side."""

    def way(nits: F32, mask: F32) -> F32:
        far = distance_of(mask) / np.float32(reach * max(mask.shape))
        return np.asarray(nits * np.exp2(np.float32(stops) * mask * (1 - np.exp(-far)))[..., None])

    return way


def smaller(stops: float, power: float) -> Way:
    """More where there is less of it in the picture."""

    def way(nits: F32, mask: F32) -> F32:
        share = max(float((mask > 0).mean()), 1e-3)
        return np.asarray(nits * np.exp2(np.float32(stops * share**-power) * mask)[..., None])

    return way


def figures(made: F32, one: Shown) -> Row:
    """Of light that was made."""
    bright = one.mask > 0
    stops = np.log2(np.maximum(made, 0.1).max(-1)[bright] / np.maximum(one.master, 0.1).max(-1)[bright])
    return {
        "stops_median": float(np.median(stops)),
        "stops_off": float(np.median(np.abs(stops))),
        "delta_e_itp": float(delta_e_itp_map(made, one.master)[bright].mean()),
        "pu_psnr_db": pu_psnr(made, one.master),
    }


def fitted(engine: Engine, learnt: Sequence[Shown]) -> dict[str, tuple[Way, list[float]]]:
    """The rivals with the numbers that are best on the sources for training."""
    light = [engine.light(one.codes, 8, _STATE) for one in learnt]
    tried: dict[str, list[tuple[Way, list[float]]]] = {
        "raised": [(raised(s), [s]) for s in _STOPS],
        "inward": [(inward(s, r), [s, r]) for s in _STOPS for r in _REACHES],
        "small": [(smaller(s, p), [s, p]) for s in _STOPS for p in _SMALL],
    }
    return {name: min(some, key=lambda one: _off(one[0], light, learnt)) for name, some in tried.items()}


def _off(way: Way, light: Sequence[F32], learnt: Sequence[Shown]) -> float:
    found = []
    for nits, one in zip(light, learnt, strict=True):
        bright = one.mask > 0
        made = np.minimum(way(nits, one.mask), _PEAK).max(-1)[bright]
        off = np.abs(np.log2(np.maximum(made, 0.1) / np.maximum(one.master, 0.1).max(-1)[bright]))
        found.append(float(np.median(off)))
    return float(np.mean(found))


def summary(rows: Sequence[Row]) -> dict[str, Any]:
    """Medians over pictures, of all and by operator."""

    def medians(some: Sequence[Row]) -> dict[str, float]:
        names = ("stops_median", "stops_off", "delta_e_itp", "pu_psnr_db")
        return {name: round(float(np.median([row[name] for row in some])), 3) for name in names}

    operators = sorted({row["operator"] for row in rows})
    return medians(rows) | {
        "operators": {name: medians([row for row in rows if row["operator"] == name]) for name in operators}
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, write the results file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--weights", action="append", default=[], metavar="NAME=FILE", help="else what ships")
    parser.add_argument("--engines", default=",".join(_ENGINES), help="joined by commas")
    parser.add_argument("--looks", type=int, default=2, help="of an operator and source")
    parser.add_argument("--json", type=Path, default=Path("bench/results/upconvert_highlights.json"))
    asked = parser.parse_args(arguments)
    pairs = load_pairs(asked.pairs)
    split = split_of([one.group for one in pairs])
    held, learnt = (
        list(shown_of([one for one in pairs if split[one.group] == part], looks))
        for part, looks in (("test", asked.looks), ("train", 1))
    )
    learnt = learnt[:: max(1, len(learnt) // 60)]
    stages = {"highlights": open_highlights()} if not asked.weights else {}
    for text in asked.weights:
        name, _, file = text.partition("=")
        with np.load(file, allow_pickle=False) as data:
            stages[name] = load_highlights({key: data[key] for key in data.files}, threads=1)
    found: dict[str, Any] = {}
    for name in asked.engines.split(","):
        engine = open_engine(name)
        rivals = fitted(engine, learnt)
        rows: dict[str, list[Row]] = {}
        for one in held:
            nits = engine.light(one.codes, 8, _STATE)
            made = {"nothing": nits}
            made |= {key: np.minimum(way(nits, one.mask), _PEAK) for key, (way, _) in rivals.items()}
            for key, stage in stages.items():
                made[key] = HighlightsEngine(engine, stage).finished(nits, one.codes, 8, _STATE)
            for key, light in made.items():
                own = {"source": one.source, "operator": one.operator}
                rows.setdefault(key, []).append(own | figures(np.asarray(light, np.float32), one))
        found[name] = {
            "pictures": len(held), "sources": len({one.source for one in held}),
            "rivals": {key: numbers for key, (_, numbers) in rivals.items()},
            "ways": {key: summary(some) for key, some in rows.items()},
        }  # fmt: skip
        _show(name, found[name])
    asked.json.write_text(json.dumps({**environment(), "engines": found}, indent=1) + "\n")


def _show(name: str, one: dict[str, Any]) -> None:
    title = f"{name}: medians over {one['pictures']} pictures of {one['sources']} sources held out"
    table = Table(title=title, title_justify="left")
    for column in ("way", "stops", "stops off", "ΔE_ITP", "PU-PSNR dB"):
        table.add_column(column, justify="left" if column == "way" else "right")
    for key, row in one["ways"].items():
        table.add_row(
            key, f"{row['stops_median']:+.2f}", f"{row['stops_off']:.2f}", f"{row['delta_e_itp']:.1f}",
            f"{row['pu_psnr_db']:.2f}",
        )  # fmt: skip
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
