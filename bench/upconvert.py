"""How close up-conversion comes to a master that it never saw, by engine and by SDR operator.

    python -m bench.upconvert DATA [--side 512] [--sources N] [--json bench/results/upconvert.json]
    python -m bench.upconvert DATA --side 256 --weights agcm=OUT/agcm.npz --held-out PAIRS [--rival AGCM.pth]

DATA holds `stills` and `clips`. Every source becomes a master of 1000 nit and, by every operator, an SDR
version of 8 bits; phone photographs bring their own SDR as well. An engine sees the SDR alone. What is asked:
medians over sources, and the least of those medians over operators, since what is good at one operator and
falls at another is no help to somebody who does not know which one a library was made with.

Networks that are trained but do not ship come with --weights, and with --held-out there are only the sources
that training on those pairs keeps for tests. By how much a network that was given is above the others is
there too, paired by source, with the interval that holds 95 % of means over sources drawn again.
--rival: `bench.upconvert_rival`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.environment import environment
from bench.upconvert_rival import rival
from candela_engines.colour import gamma
from candela_engines.colour.names import NAMED
from candela_engines.metrics import delta_e_itp, psnr_pq, pu_psnr
from candela_engines.scorer.training.masters import master, rendering_of
from candela_engines.scorer.training.operators import OPERATORS, eight_bits, sdr_code
from candela_engines.scorer.training.pictures import F32, generator
from candela_engines.scorer.training.sources import Picture, UnusableError, find_sources, load
from candela_engines.upconvert.chart import chart_levels
from candela_engines.upconvert.engine import ENGINES, Engine, open_engine
from candela_engines.upconvert.learnt import LearntEngine
from candela_engines.upconvert.network import load_network
from candela_engines.upconvert.training.data import split_of

__all__ = ["compared", "main", "paired", "summary"]

Row = dict[str, Any]
_HIGHLIGHT = 203.0  # nits from which on a pixel of the master counts as highlight


def versions(
    picture: Picture, nits: F32, only: Sequence[str] | None = None
) -> Iterator[tuple[str, np.ndarray]]:
    """Operators, or only some, and the SDR that they make of a picture, (H, W, 3) uint8."""
    for operator in OPERATORS:
        if (operator == "aces1" and picture.scene is None) or (only is not None and operator not in only):
            continue
        yield operator, eight_bits(sdr_code(operator, nits, picture.scene))
    if picture.own_sdr is not None and (only is None or "phone" in only):
        yield "phone", eight_bits(gamma.inverse_eotf(np.clip(picture.own_sdr, 0, 1), 2.4))


def trained(text: str) -> Engine:
    """The network of NAME=FILE."""
    name, _, file = text.partition("=")
    info = next(info for info in ENGINES.values() if info.name == name)
    with np.load(file, allow_pickle=False) as data:
        return LearntEngine(info, load_network(name, {key: data[key] for key in data.files}, threads=1))


def engines_of(weights: Sequence[str]) -> list[Engine]:
    """Those that ship, and the networks of NAME=FILE, in the place of a shipped one of the name."""
    given = [trained(text) for text in weights]
    names = {one.info.name for one in given}
    shipped = [open_engine(e.name) for e in ENGINES.values() if e.available and e.name not in names]
    return shipped + given


def test_sources(folder: Path) -> set[str]:
    """Names of the sources that training on pairs in a folder keeps for tests."""
    group = {path.stem: str(np.load(path, allow_pickle=False)["group"]) for path in folder.glob("*.npz")}
    split = split_of(list(group.values()))
    return {name for name, one in group.items() if split[one] == "test"}


def compared(codes: np.ndarray, nits: F32, engine: Engine) -> Row:
    """One engine on one SDR picture, held against its master."""
    made = engine.light(codes, 8, NAMED["rec709"])
    bright = nits.max(axis=-1) > _HIGHLIGHT
    error = np.log2(np.maximum(made, 0.1).max(-1)[bright] / nits.max(-1)[bright]) if bright.any() else None
    return {
        "pu_psnr_db": pu_psnr(made, nits),
        "pq_psnr_db": psnr_pq(made, nits),
        "delta_e_itp_mean": delta_e_itp(made, nits).mean,
        "highlight_stops_median": None if error is None else float(np.median(error)),
    }


def summary(rows: Sequence[Row]) -> dict[str, Any]:
    """Of one engine: medians of all, and by operator; the worst operator."""
    figures = ("pu_psnr_db", "pq_psnr_db", "delta_e_itp_mean", "highlight_stops_median")

    def medians(some: Sequence[Row]) -> dict[str, float]:
        return {
            name: round(float(np.median([row[name] for row in some if row[name] is not None])), 3)
            for name in figures
        }

    operators = sorted({row["operator"] for row in rows})
    by = {name: medians([row for row in rows if row["operator"] == name]) for name in operators}
    worst = min(by, key=lambda name: by[name]["pu_psnr_db"])
    return {**medians(rows), "worst_operator": worst, "worst": by[worst], "operators": by}


def paired(rows: Sequence[Row], one: str, other: str) -> dict[str, Any]:
    """By how many dB of PU-PSNR one engine is above another: by source the mean over operators, its mean over
    sources and 2.5 and 97.5 % of such means of sources drawn again, and the same for every operator.
    """
    by: dict[tuple[str, str], dict[str, float]] = {}
    for row in rows:
        by.setdefault((row["source"], row["operator"]), {})[row["engine"]] = row["pu_psnr_db"]

    def of(operator: str | None) -> dict[str, Any]:
        apart: dict[str, list[float]] = {}
        for (source, made_by), found in by.items():
            if operator in (None, made_by):
                apart.setdefault(source, []).append(found[one] - found[other])
        means = np.array([np.mean(values) for values in apart.values()])
        drawn = generator("paired", one, other).choice(means, size=(10_000, len(means))).mean(axis=1)
        low, high = np.percentile(drawn, (2.5, 97.5))
        numbers = {"mean_db": means.mean(), "low_db": low, "high_db": high}
        return {"sources": len(means)} | {key: round(float(value), 3) for key, value in numbers.items()}

    return {**of(None), "operators": {name: of(name) for name in sorted({made_by for _, made_by in by})}}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, write the results file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--sources", type=int)
    parser.add_argument("--weights", action="append", default=[], metavar="NAME=FILE")
    parser.add_argument("--operators", help="only these, joined by commas")
    parser.add_argument("--rival", type=Path, metavar="AGCM.pth")
    parser.add_argument("--held-out", type=Path, metavar="PAIRS")
    parser.add_argument("--json", type=Path, default=Path("bench/results/upconvert.json"))
    asked = parser.parse_args(arguments)
    engines = engines_of(asked.weights)
    engines += [] if asked.rival is None else [rival(asked.rival)]
    only = None if asked.held_out is None else test_sources(asked.held_out)
    rows: list[Row] = []
    left_out, seen = [], 0
    for source in find_sources(asked.data):
        if source.kind == "view" or (asked.sources is not None and seen >= asked.sources):
            continue
        if only is not None and source.name not in only:
            continue
        try:
            picture = load(source, side=asked.side)
        except UnusableError as error:
            left_out.append(f"{source.name}: {error}")
            continue
        seen += 1
        nits = master(picture, rendering_of(picture, generator(0, source.name)))
        for operator, codes in versions(picture, nits, asked.operators and asked.operators.split(",")):
            for engine in engines:
                found = compared(codes, nits, engine)
                rows.append({"source": source.name, "operator": operator, "engine": engine.info.name} | found)
        print(source.name, flush=True)
    found = {e.info.name: summary([r for r in rows if r["engine"] == e.info.name]) for e in engines}
    table = Table(title=f"Medians over {seen} sources, PU-PSNR in dB by operator", title_justify="left")
    for name in ("engine", "all", "worst", *next(iter(found.values()))["operators"]):
        table.add_column(name, justify="left" if name == "engine" else "right")
    for name, one in found.items():
        by = (f"{row['pu_psnr_db']:.1f}" for row in one["operators"].values())
        table.add_row(name, f"{one['pu_psnr_db']:.2f}", f"{one['worst']['pu_psnr_db']:.1f}", *by)
    Console(width=150).print(table)
    given = [text.partition("=")[0] for text in asked.weights]
    apart = {f"{a} above {b}": paired(rows, a, b) for a in given for b in found if a != b}
    levels = {e.info.name: [asdict(level) for level in chart_levels(e)] for e in engines}
    document = {
        **environment(), "sources": seen, "side_px": asked.side, "left_out": left_out, "engines": found,
        "paired": apart, "levels": levels,
    }  # fmt: skip
    asked.json.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
