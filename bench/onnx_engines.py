"""Whole frames by the ONNX engine of the default network, as a ratio of the native kernel's time.

    python -m bench.onnx_engines [--runs 5] [--provider cuda] [--out bench/results/onnx_engines.json]

One frame, 1920x1080, of the sample `interior`, with a network that was fitted to it: from 8-bit codes in
memory to nits in memory. Medians of runs in turns; the error of both against numpy in float64, in PQ codes
over full scale, on rows from all over the frame. Both use as many threads as the machine has.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np

from bench.environment import environment
from candela_engines.colour import pq
from candela_engines.colour.names import NAMED
from candela_engines.itm.engine_renderer import EngineRenderer
from candela_engines.itm.field import over_full_scale
from candela_engines.itm.fit import fit_pair
from candela_engines.itm.shot_model import ShotRenderer, decode_shot
from candela_engines.media import read_still
from candela_engines.runtime.engines import engine
from candela_engines.runtime.local import LocalRunner
from candela_engines.runtime.onnx_machine import OnnxMachine
from candela_engines.samples import sample_paths

CHECKED_ROWS = 8


def seconds(work: Callable[[], object]) -> float:
    """Time of one run."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measure(runs: int, provider: str | None) -> dict[str, object]:
    """The figures of one frame."""
    pair = sample_paths()["interior"]
    codes = np.ascontiguousarray(read_still(pair.sdr, colour=NAMED["rec709"]).codes[..., :3])
    nits = read_still(pair.hdr, colour=NAMED["linear-rec2020"]).pixels[..., :3].astype(np.float32)
    payload = fit_pair(codes, NAMED["rec709"], nits, effort="fast").payload
    model = decode_shot(payload)
    height, width = codes.shape[:2]
    plain = ShotRenderer(model, height, width)
    with LocalRunner(OnnxMachine(), provider) as runner:
        runner.warm(engine("candela_default_nits")).wait()
        by_engine = EngineRenderer(model, height, width, runner)
        here = {"native": plain.render, "engine": by_engine.render}
        results = {name: np.array(render(0, codes, 8)) for name, render in here.items()}
        times: dict[str, list[float]] = {name: [] for name in here}
        for _ in range(runs):
            for name, render in here.items():
                times[name].append(seconds(lambda render=render: render(0, codes, 8)))
        where = by_engine.by_engine(0)[1]
    errors = dict.fromkeys(here, 0.0)
    signal = over_full_scale(codes, 8)
    for top in np.linspace(0, height - 1, CHECKED_ROWS).astype(int).tolist():
        strips = plain.at(0)[0].strips(signal, model.payload.sdr, rows=(top, top + 1), reference=True)
        exact = pq.inverse_eotf(next(iter(strips))[1])
        for name, light in results.items():
            off = np.abs(pq.inverse_eotf(light[top : top + 1].astype(np.float64)) - exact).max()
            errors[name] = max(errors[name], float(off))
    return {
        "frame": f"{width}x{height}",
        "provider": where,
        "native_seconds": median(times["native"]),
        "engine_seconds": median(times["engine"]),
        "ratio": median(times["engine"]) / median(times["native"]),
        "native_error": errors["native"],
        "engine_error": errors["engine"],
    }


def main() -> None:
    """Measure, print, store."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--provider")
    arguments.add_argument("--out", type=Path, default=Path("bench/results/onnx_engines.json"))
    given = arguments.parse_args()
    found = measure(given.runs, given.provider)
    given.out.write_text(json.dumps({"environment": environment(), **found}, indent=1) + "\n")
    print(f"{found['provider']}: {found['ratio']:.1f} times the native kernel's time")
    print(f"errors: {found['engine_error']:.1e} of full scale, native {found['native_error']:.1e}")


if __name__ == "__main__":
    main()
