"""The trainer of the default network: PSNR against seconds, beside PyTorch's Adam and the numpy reference.

    python -m bench.kernel_fit DATA [--sources 2] [--rounds 2] [--json bench/results/kernel_fit.json]

DATA is a folder with HDR stills, as in `bench.stills`; only sources that training does not use are
measured. All start from the same layers, see the same samples in the same order, and are judged on pixels
that none has seen: PSNR of the weighted error, which is PU21's over 256 to first order. Weights are not
rounded. Every way of fitting has its turn in every round; times are medians over the rounds. PyTorch's Adam
runs at the rate, the implementation and the number of threads that did best on the first pair, at each
batch.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.environment import environment
from bench.kernel_fit_rivals import Rival, fastest
from bench.pairs import PHONE_FAMILIES, chosen_sources, families_of, make_pairs
from bench.pairs import Pair as Pictures
from candela_engines.itm.choose import Size, decibel
from candela_engines.itm.learn import Samples, fit_layers, rate_for, weighted_error
from candela_engines.itm.network import Layers
from candela_engines.itm.pair import ACTIVE, Pair, Side, spread_code
from candela_engines.itm.starts import start_layers
from candela_engines.native import VARIABLE, native

__all__ = ["Case", "cases", "main", "seconds_to"]

HELD_OUT = 50_000
PLANE = 3500  # bytes
SIZES = (Size(20, 1), Size(32, 2))
BATCHES, RATES = (256, 512, 1024), (3e-3, 6e-3, 1.2e-2)
LONG = 4000  # steps of PyTorch's Adam that ours is held against
STEPS = {
    "torch": (500, LONG),
    "numpy": (250, 1000, LONG),
    "native": (50, 100, 200, 400, 800, 1600, LONG, 10_000),
}
Fit = Callable[[int], tuple[Layers, float]]


@dataclass(frozen=True)
class Case:
    """A pair seen by a network: what is fitted, what is judged on, where it starts."""

    name: str
    size: Size
    samples: Samples
    judge: Samples
    start: Layers

    def psnr(self, layers: Layers) -> float:
        """On the held-out pixels."""
        error = weighted_error(self.judge, layers)
        return decibel(float(np.mean(np.square(error), dtype=np.float64)))


def cases(pictures: Pictures) -> Iterator[Case]:
    """The sizes that are measured, with one channel of the plane."""
    nits = np.clip(pictures.hdr_nits, 0, 10000)
    signal = pictures.sdr_codes.astype(np.float32) / 255
    pair = Pair(signal, pictures.sdr_state, nits, bits=8, floats=False, seed=0)
    domain = "gain" if pictures.family in PHONE_FAMILIES else "pq"
    side = Side(pair, domain)  # type: ignore[arg-type]
    guide = side.guide(1, PLANE)
    pool = side.samples(guide, spread_code(guide))
    cut = max(len(pool.features) - HELD_OUT, len(pool.features) // 2)
    judge = Samples(pool.features[cut:], pool.target[cut:], pool.weight[cut:])
    samples = pool.head(min(cut, ACTIVE))
    for size in SIZES:
        start = start_layers(domain, size, 1, samples, 0)  # type: ignore[arg-type]
        name = f"{Path(pictures.source).stem} {pictures.family}, {size.width}x{size.depth}"
        yield Case(name, size, samples, judge, start)


def _ours(case: Case, *, library: bool) -> Fit:
    def fit(steps: int) -> tuple[Layers, float]:
        layers = case.start.copy()
        before = os.environ.get(VARIABLE)
        os.environ[VARIABLE] = "1" if library else "0"
        began = time.perf_counter()
        fit_layers(case.samples, layers, steps=steps, bits=0)
        seconds = time.perf_counter() - began
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before
        return layers, seconds

    return fit


def _native_adam(case: Case) -> Fit:
    library = native()
    assert library is not None

    def fit(steps: int) -> tuple[Layers, float]:
        s = case.samples
        start = [[np.ascontiguousarray(a) for a in part] for part in (case.start.weights, case.start.biases)]
        rate = rate_for(steps) / 2
        began = time.perf_counter()
        trainer = library.Trainer(
            s.features, s.target, s.weight, *start, steps=steps, rate=rate, optimiser="adam"
        )
        while trainer.run(128):
            pass
        return Layers(*trainer.parameters()), time.perf_counter() - began

    return fit


def _torch(case: Case, rival: Rival) -> Fit:
    return lambda steps: rival.fit(case.samples, case.start, steps)


def tuned(case: Case) -> list[Rival]:
    """PyTorch's Adam at each batch, at what does best on a case."""
    rivals = []
    for batch in BATCHES:
        way = fastest(case.samples, case.start, batch, os.cpu_count() or 1)
        tries = [Rival(batch, rate, way.threads, way.implementation) for rate in RATES]
        rivals.append(max(tries, key=lambda r: case.psnr(r.fit(case.samples, case.start, LONG // 4)[0])))
    return rivals


def measured(case: Case, rivals: list[Rival], rounds: int) -> list[dict[str, Any]]:
    """A row for every way and number of steps."""
    ways: dict[str, tuple[Fit, str]] = {
        f"PyTorch Adam, batch {r.batch}": (_torch(case, r), "torch") for r in rivals
    }
    ways["numpy SOAP"] = (_ours(case, library=False), "numpy")
    ways["native Adam"] = (_native_adam(case), "native")
    ways["native SOAP"] = (_ours(case, library=True), "native")
    runs = [(name, fit, steps) for name, (fit, kind) in ways.items() for steps in STEPS[kind]]
    taken: dict[tuple[str, int], list[float]] = {}
    psnr: dict[tuple[str, int], float] = {}
    for _ in range(rounds):
        for name, fit, steps in runs:
            layers, seconds = fit(steps)
            taken.setdefault((name, steps), []).append(seconds)
            psnr[name, steps] = case.psnr(layers)
    return [
        {"case": case.name, "way": name, "steps": steps, "seconds": median(s), "psnr": psnr[name, steps]}
        for (name, steps), s in taken.items()
    ]


def seconds_to(psnr: float, rows: list[dict[str, Any]]) -> float | None:
    """Seconds that a curve takes to a PSNR, between its points by the logarithm; None where it ends below."""
    last: dict[str, Any] | None = None
    for row in sorted(rows, key=lambda r: float(r["seconds"])):
        if row["psnr"] >= psnr:
            if last is None:
                return float(row["seconds"])  # at most
            share = (psnr - last["psnr"]) / (row["psnr"] - last["psnr"])
            return float(last["seconds"] * (row["seconds"] / last["seconds"]) ** share)
        if last is None or row["psnr"] > last["psnr"]:
            last = row
    return None


def speedups(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of every case and batch: what PyTorch's Adam took to its PSNR, over what ours take to the same."""
    out = []
    for row in rows:
        if row["steps"] != LONG or not row["way"].startswith("PyTorch"):
            continue
        found = {k: row[k] for k in ("case", "way", "seconds", "psnr")}
        for way in ("numpy SOAP", "native Adam", "native SOAP"):
            own = [r for r in rows if r["case"] == row["case"] and r["way"] == way]
            seconds = seconds_to(row["psnr"], own)
            found[way] = None if seconds is None else row["seconds"] / seconds
        out.append(found)
    return out


def show(rows: list[dict[str, Any]], console: Console) -> None:
    """Curves, then speed-ups."""
    for name in dict.fromkeys(r["case"] for r in rows):
        table = Table(title=name, title_justify="left")
        for column in ("way", "steps: seconds → dB"):
            table.add_column(column)
        for way in dict.fromkeys(r["way"] for r in rows):
            own = [r for r in rows if r["case"] == name and r["way"] == way]
            table.add_row(way, "  ".join(f"{r['steps']}: {r['seconds']:.3g} → {r['psnr']:.2f}" for r in own))
        console.print(table)
    title = f"Times faster than PyTorch's Adam to what it reaches in {LONG} steps"
    table = Table(title=title, title_justify="left")
    ways = ("numpy SOAP", "native Adam", "native SOAP")
    for column in ("case", "PyTorch Adam", "seconds", "dB", *ways):
        table.add_column(column)
    found = speedups(rows)
    for f in found:
        cells = ["never" if f[w] is None else f"{f[w]:.1f}" for w in ways]
        table.add_row(f["case"], f["way"].split(", ")[1], f"{f['seconds']:.2f}", f"{f['psnr']:.2f}", *cells)
    table.add_section()
    middle = [f"{median(f[w] or 0 for f in found):.1f}" for w in ways]
    least = [f"{min(f[w] or 0 for f in found):.1f}" for w in ways]
    table.add_row("median", "", "", "", *middle)
    table.add_row("least", "", "", "", *least)
    console.print(table)


def main() -> None:
    """Measure, show, and keep."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sources", type=int, default=2, help="of each kind, a pair of each")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    console = Console()
    library = native()
    if library is None:
        parser.error("the native library is not built here")
    import torch

    rows: list[dict[str, Any]] = []
    rivals: dict[Size, list[Rival]] = {}
    turn = 0
    for path in chosen_sources(options.data, limit=options.sources)[0]:
        families = families_of(path)
        family = families[0] if families == PHONE_FAMILIES else ("aces2", "bt2446a", "window")[turn % 3]
        turn += families != PHONE_FAMILIES
        for pictures in make_pairs(path, [family]):
            for case in cases(pictures):
                if case.size not in rivals:
                    rivals[case.size] = tuned(case)
                rows += measured(case, rivals[case.size], options.rounds)
                console.print(f"{case.name}: done")
    show(rows, console)
    if options.json:
        facts = {"torch": torch.__version__, "instruction_set": library.instruction_sets()[0]}
        kept = {
            "environment": environment() | facts,
            "rivals": {f"{s.width}x{s.depth}": [vars(r) for r in found] for s, found in rivals.items()},
            "rows": rows,
            "times_faster": speedups(rows),
        }
        options.json.write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
