"""Everything around the guide plane on the native library, beside numpy: `python -m bench.kernel_plane`.

A made 4K pair with noise and an edge; both paths take turns in one run, medians of --runs. With --numpy 0
the slow side is left out.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable

import numpy as np

from candela_engines.colour.names import NAMED
from candela_engines.itm.features import features_at, surroundings
from candela_engines.itm.guide import GuideCoder
from candela_engines.itm.lattice import Lattice
from candela_engines.itm.pair import Pair, Side
from candela_engines.native import VARIABLE, native

HEIGHT, WIDTH = 2160, 3840


def made_pair() -> Pair:
    """Codes with an edge, a ramp and noise; a master with its highlights expanded."""
    rng = np.random.default_rng(0)
    ys, xs = np.mgrid[0:HEIGHT, 0:WIDTH] / WIDTH
    grey = np.clip(0.2 + 0.5 * xs + np.where(ys > xs / 2, 0.2, 0), 0, 0.95)[..., None]
    grey = grey * np.array([1, 0.9, 0.8]) * (1 + 0.04 * rng.normal(size=(HEIGHT, WIDTH, 1)))
    signal = (np.rint(np.clip(grey, 0, 1) * 255) / 255).astype(np.float32)
    nits = (203 * np.power(grey, 2.4) * (1 + 3 * grey**4)).astype(np.float32)
    return Pair(signal, NAMED["rec709"], nits, bits=8, floats=False, seed=0)


def tasks(pair: Pair) -> dict[str, Callable[[], object]]:
    """What is timed, by name."""
    side, shepard = Side(pair, "pq"), Side(pair, "pq", Lattice("shepard", 2))
    plane, weight = side._plane(1)
    around = pair.around.with_plane(plane, side.lattice, 0.1)
    return {
        "pair": lambda: Pair(pair.codes, pair.state, pair.nits, bits=8, floats=False, seed=0),
        "surroundings": lambda: surroundings(pair.codes),
        "steps of the pool": pair._steps,
        "targets of the pool": lambda: Side(pair, "pq"),
        "features of the pool": lambda: features_at(pair.pool_codes, around, pair.ys, pair.xs),
        "plane of 960x540": lambda: side._plane(1),
        "plane on shepard's lattice": lambda: shepard._plane(1),
        "coded to 8 KB, draft": lambda: GuideCoder(plane, weight).code(8192, draft=True),
        "coded to 8 KB": lambda: GuideCoder(plane, weight).code(8192),
    }


def timed(task: Callable[[], object], path: str) -> float:
    """Milliseconds on one path."""
    os.environ[VARIABLE] = path
    start = time.perf_counter()
    task()
    return (time.perf_counter() - start) * 1e3


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--numpy", type=int, default=1)
    options = parser.parse_args()
    if native() is None:
        raise SystemExit("the native library is not in use: candela inspect --runtime")
    paths = ["1", "0"] if options.numpy else ["1"]
    print(f"{'':28}{'native ms':>11}{'numpy ms':>11}{'ratio':>8}")
    for name, task in tasks(made_pair()).items():
        took: dict[str, list[float]] = {path: [] for path in paths}
        for _ in range(options.runs):
            for path in paths:
                took[path].append(timed(task, path))
        medians = [statistics.median(each) for each in took.values()]
        slow = f"{medians[1]:11.1f}{medians[1] / medians[0]:8.1f}" if len(medians) > 1 else ""
        print(f"{name:28}{medians[0]:11.1f}{slow}")


if __name__ == "__main__":
    main()
