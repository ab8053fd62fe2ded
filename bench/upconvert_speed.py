"""How much faster a distilled network is than the engine it was distilled from, in one run, on one frame.

    python -m bench.upconvert_speed [--height 1080] [--json bench/results/upconvert_speed.json]

Networks that ship run as they ship. One that does not runs on the weights that training begins with (torch,
the extra `train`): how long it takes does not depend on what it learnt. What is compared is rendering alone,
with the same threads; the load of the machine is in the results.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.environment import environment
from candela_engines.colour.names import NAMED
from candela_engines.itm.fit import fit_pair
from candela_engines.itm.payload import decode
from candela_engines.upconvert.engine import ENGINES, Engine, open_engine
from candela_engines.upconvert.learnt import LearntEngine
from candela_engines.upconvert.network import load_network
from candela_server.service.upconversion import Upconversion
from candela_server.service.upconvert_speed import compare_speed

__all__ = ["main"]


def frame(height: int, width: int) -> np.ndarray:
    """A made SDR picture (H, W, 3) uint8: gradients, waves, grain."""
    y, x = np.mgrid[0:height, 0:width] / max(height, width)
    waves = np.stack([np.sin(9 * x), np.cos(7 * y), np.sin(5 * x + 4 * y)], axis=-1)
    grain = np.random.default_rng(0).normal(0, 0.01, (height, width, 3))
    return np.rint(255 * np.clip(0.4 + 0.35 * waves + grain, 0, 1)).astype(np.uint8)


def engines() -> list[Engine]:
    """Those that ship, and the other networks untrained."""
    found: list[Engine] = [open_engine(info.name) for info in ENGINES.values() if info.available]
    for info in ENGINES.values():
        if not info.available:
            import torch

            from candela_engines.upconvert.training.anchor import Anchored

            torch.manual_seed(0)
            found.append(LearntEngine(info, load_network(info.name, Anchored(info.name).arrays())))
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, write the results file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--height", type=int, default=1080)
    parser.add_argument("--json", type=Path, default=Path("bench/results/upconvert_speed.json"))
    asked = parser.parse_args(arguments)
    state, codes = NAMED["rec709"], frame(asked.height, asked.height * 16 // 9)
    teacher = open_engine("bt2446c").light(codes, 8, state)
    payload = decode(fit_pair(codes, state, teacher, effort="fast", provenance="distilled").payload)
    rows: dict[str, Any] = {}
    table = Table(title=f"{codes.shape[1]}x{codes.shape[0]}", title_justify="left")
    for name in ("engine", "seconds", "distilled", "times faster"):
        table.add_column(name, justify="left" if name == "engine" else "right")
    for engine in engines():
        speed = compare_speed(Upconversion(engine, state), payload, codes, 8, 0)
        rows[engine.info.name] = speed.to_json()
        seconds = (f"{speed.engine_seconds:.3f}", f"{speed.distilled_seconds:.4f}")
        table.add_row(engine.info.name, *seconds, f"{speed.gain:.1f}")
        Console().print(f"{engine.info.name}: {speed.gain:.1f}")
    Console().print(table)
    size = {"width_px": codes.shape[1], "height_px": codes.shape[0]}
    size["load_1_min"] = round(os.getloadavg()[0], 1)
    asked.json.write_text(json.dumps({**environment(), **size, "engines": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
