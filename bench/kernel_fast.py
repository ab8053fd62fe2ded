"""How good a fast fit is, and how long each effort takes: `python -m bench.kernel_fast DATA`.

    python -m bench.kernel_fast DATA [--sources 1] [--json bench/results/kernel_fast.json]

DATA is a folder with HDR stills. Frames are 3840x2160 at native density (bench/kernel_frames.py). For each:
PU-PSNR, wall and processor seconds of `fast`, `normal` and `best`, of `best` held to so many seconds (the
curve in between), and what the stages of a fast fit take. Seconds are from the call to the end of the fit,
and of measuring; a fast fit is run --runs times, its median counts. Fits by `normal` and `best` are kept in
the bench's cache.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import json
import statistics
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.environment import environment
from bench.kernel_frames import BUDGET, _pairs
from bench.pairs import CACHE, chosen_sources
from candela_engines.colour.state import ColourState
from candela_engines.itm import finalist, fit, pair, quick
from candela_engines.itm.fit import fit_pair
from candela_engines.itm.fitted import Effort

BEST_FRAMES = 4  # curves are slow: of so many frames
CURVE = (1.0, 2.0, 4.0)  # seconds
GAP, LIMIT = 1.0, 0.5  # dB, seconds that a fast fit is held to
WAY = ("domain", "width", "depth", "plane_channels", "strength", "lattice")
_VERSION = 1

# Where a stage begins, by the module that calls it.
STAGES: tuple[tuple[Any, str, str], ...] = (
    (fit, "_checked", "checks"),
    (fit, "Pair", "pool"),
    (quick, "map_lattice", "search for a gain map"),
    (pair, "plane_of_targets", "planes"),
    (pair.GuideCoder, "code", "coding of planes"),
    (pair.Side, "_samples", "features"),
    (quick, "try_out", "trials, in all"),
    (finalist, "renewed", "renewal of the plane"),
    (finalist, "fit_layers", "final fit"),
)


def staged(task: Callable[[], Any]) -> dict[str, float]:
    """Wall seconds of the stages of a task; side by side they overlap, and the trials hold other stages."""
    took = {name: 0.0 for _, _, name in STAGES}
    lock, kept = threading.Lock(), []
    for owner, attribute, name in STAGES:
        kept.append((owner, attribute, getattr(owner, attribute)))

        def timed(*given: Any, _call: Any = kept[-1][2], _name: str = name, **named: Any) -> Any:
            start = time.perf_counter()
            try:
                return _call(*given, **named)
            finally:
                with lock:
                    took[_name] += time.perf_counter() - start

        setattr(owner, attribute, functools.wraps(kept[-1][2], updated=())(timed))
    try:
        task()
    finally:
        for owner, attribute, call in kept:
            setattr(owner, attribute, call)
    return {name: round(each, 4) for name, each in took.items()}


def fitted(
    codes: NDArray[np.uint8],
    state: ColourState,
    nits: NDArray[np.float32],
    effort: Effort,
    seconds: float | None,
) -> dict[str, Any]:
    """What a fit gives and takes."""
    wall, cpu = time.perf_counter(), time.process_time()
    done = fit_pair(codes, state, nits, budget=BUDGET, effort=effort, seconds=seconds)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    fit_seconds = float(done.details["fit_seconds"])
    return {
        "pu_psnr": round(done.report.pu_psnr, 3),
        "fit_seconds": round(fit_seconds, 3),
        "measure_seconds": round(wall - fit_seconds, 3),
        "cpu_seconds": round(cpu, 3),
        "way": {k: done.details[k] for k in WAY},
    }


def kept(key: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """A slow fit's figures, made once."""
    path = CACHE / "kernel_fast" / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.json"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(make()))
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def measured(
    name: str, given: tuple[NDArray[np.uint8], ColourState, NDArray[np.float32]], runs: int, curve: bool
) -> dict[str, Any]:
    """One frame's figures."""
    key = f"{_VERSION} {hashlib.sha256(given[0].tobytes()).hexdigest()} "
    fast = [fitted(*given, "fast", None) for _ in range(runs)]
    row: dict[str, Any] = {"frame": name, "fast": dict(fast[0])}
    for part in ("fit_seconds", "measure_seconds", "cpu_seconds"):
        row["fast"][part] = round(statistics.median(each[part] for each in fast), 3)
        row["fast"][f"least_{part}"] = min(each[part] for each in fast)
    row["stages"] = staged(lambda: fit_pair(*given, budget=BUDGET, effort="fast"))
    for effort in ("normal", "best"):
        row[effort] = kept(key + effort, functools.partial(fitted, *given, effort, None))  # type: ignore[arg-type]
    row["gap_db"] = round(row["best"]["pu_psnr"] - row["fast"]["pu_psnr"], 3)
    if curve:
        row["best_in_seconds"] = {
            f"{s:g}": kept(f"{key}{s:g}", functools.partial(fitted, *given, "best", s)) for s in CURVE
        }
    return row


def said(row: dict[str, Any]) -> str:
    """A row in words."""
    efforts = ("fast", "normal", "best")
    parts = [f"{e} {row[e]['pu_psnr']:.2f} dB {row[e]['fit_seconds']:.2f} s" for e in efforts]
    at = "".join(f", {s} s {each['pu_psnr']:.2f}" for s, each in row.get("best_in_seconds", {}).items())
    return (
        f"{row['frame']:26} gap {row['gap_db']:+.2f} dB; {'; '.join(parts)}{at}; "
        f"measuring {row['fast']['measure_seconds']:.2f} s; processor {row['fast']['cpu_seconds']:.2f} s"
    )


def main() -> None:
    """Print a table, misses first, and write the figures."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sources", type=int, default=1, help="so many photographs and so many stills")
    parser.add_argument("--runs", type=int, default=5, help="of a fast fit")
    parser.add_argument("--json", type=Path, default=Path("bench/results/kernel_fast.json"))
    asked = parser.parse_args()
    chosen, _ = chosen_sources(asked.data, limit=asked.sources)
    rows: list[dict[str, Any]] = []
    for path in chosen:
        for family, *given in _pairs(path):
            curve = len(rows) < BEST_FRAMES
            rows.append(measured(f"{path.stem} {family}", tuple(given), asked.runs, curve))  # type: ignore[arg-type]
            print(said(rows[-1]), flush=True)
    missed = [r for r in rows if r["gap_db"] > GAP or r["fast"]["fit_seconds"] > LIMIT]
    print(f"\n{len(missed)} of {len(rows)} frames miss {GAP:g} dB or {LIMIT:g} s:")
    for row in missed:
        print(" ", said(row))
    gaps = [r["gap_db"] for r in rows]
    figures = {
        "missed": [r["frame"] for r in missed],
        "gap_db": {"mean": round(statistics.mean(gaps), 3), "worst": max(gaps)},
        "fast_fit_seconds": {
            "median": statistics.median(r["fast"]["fit_seconds"] for r in rows),
            "worst": max(r["fast"]["fit_seconds"] for r in rows),
        },
        "fast_measure_seconds": {"median": statistics.median(r["fast"]["measure_seconds"] for r in rows)},
    }
    print(json.dumps(figures, indent=1))
    asked.json.write_text(json.dumps({**environment(), "figures": figures, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
