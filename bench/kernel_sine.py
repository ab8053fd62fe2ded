"""The published networks, `paper` and `gamma`, on the native kernel and on ONNX Runtime at its best.

    python -m bench.kernel_sine [--runs 5] [--out bench/results/kernel_sine.json]

ONNX Runtime gets what serves it best on few cores: a session of one thread for each core, on as many Python
threads, in tiles of 2048 or 8192 pixels. It is given colours and places, or encoded inputs, ready in memory,
and gives codes, or γ: what the kernel does around the layers (samples, places, encoding, the power) is
not asked of it. Medians of runs in turns; errors against numpy in float64, PQ codes of full scale.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import onnxruntime as ort

from bench.environment import environment
from candela_engines.colour.gamuts import rgb_to_rgb
from candela_engines.colour.names import NAMED
from candela_engines.itm import gamma_mlp, siren
from candela_engines.itm.gamma_mlp import GammaModel, Norms
from candela_engines.media import read_still
from candela_engines.native import native
from candela_engines.runtime.siren import build_sine_mlp, build_siren
from candela_engines.samples import sample_paths
from candela_engines.weights import load_weights

CORES = os.cpu_count() or 1
SIZES = {"1920x1080": (1080, 1920), "3840x2160": (2160, 3840)}
CHECKED = 200_000
FEW = 1 << 20  # pixels of 120 numbers that ONNX Runtime is given of a picture, and its time scaled up
NORMS = Norms(0.3, 0.5, 0.92, 0.9)


def on_onnx(graph: bytes, pixels: dict[str, Any], weights: dict[str, Any], tile: int) -> Callable[[], Any]:
    """What runs a graph over all pixels."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    where = ["CPUExecutionProvider"]
    sessions = [ort.InferenceSession(graph, options, providers=where) for _ in range(CORES)]
    count = len(next(iter(pixels.values())))
    out = np.empty((count, 3), np.float32)

    def part(nth: int) -> None:
        for start in range(nth * tile, count, CORES * tile):
            given = {name: v[start : start + tile] for name, v in pixels.items()}
            out[start : start + tile] = sessions[nth].run(["y"], given | weights)[0]

    pool = ThreadPoolExecutor(CORES)
    return lambda: [None for _ in pool.map(part, range(CORES))]


def measured(model: str, height: int, width: int, runs: int) -> dict[str, Any]:
    """Times, ratio and error of one network on one size of picture."""
    library = native()
    assert library is not None, "the native library is not built"
    sample = np.rint(read_still(sample_paths()["low_sun"].sdr).pixels * 255).astype(np.uint8)
    codes = np.tile(sample, (-(-height // 1080), -(-width // 1920), 1))[:height, :width].copy()
    signal = (codes.astype(np.float32) / np.float32(255)).reshape(-1, 3)
    ys, xs = (a.ravel() for a in np.mgrid[0:height, 0:width])
    at = np.random.default_rng(0).integers(0, len(signal), CHECKED)

    def encoded(part: Any) -> tuple[Any, Any]:
        s = gamma_mlp.sdr_code(signal[part], NAMED["rec709"])
        return s, gamma_mlp.turns(s, ys[part], xs[part], height, width, NORMS)

    share = 1.0
    start = {"paper": "siren_start.npz", "gamma": "gamma_start.npz"}[model]
    vector = load_weights(start)["vector"].astype(np.float32)
    if model == "paper":
        graph, pixels = build_siren(), {"colour": signal, "place": siren.places(height, width, ys, xs)}
        factors = {name: np.float32(1 if name == "last" else siren.OMEGA) for name, _, _ in siren.LAYERS}
        weights = {k: v * factors[k[:-2]] for k, v in siren.views(vector).items()}
        exact = siren.evaluate_siren(signal[at], pixels["place"][at], vector)
        make = lambda: library.Siren(vector, height, width)  # noqa: E731
    else:
        share = min(len(signal), FEW) / len(signal)
        parts = np.array_split(np.arange(min(len(signal), FEW)), 16)
        pixels = {"x": np.concatenate([gamma_mlp.encoded(encoded(p)[1], np.float32) for p in parts])}
        graph, weights = build_sine_mlp(2), {f"{i}.w": m for i, m in enumerate(gamma_mlp.matrices(vector))}
        s, inputs = encoded(at)
        exact = np.power(s + 1 / 64, GammaModel(vector, NORMS).gamma(inputs, reference=True)) - 1 / 64
        colour = ("power", 2.4, 1.0, 0.0, rgb_to_rgb("bt709", "bt2020").ravel().tolist())
        make = lambda: library.GammaMlp(vector, NORMS.to_list(), height, width, *colour)  # noqa: E731
    out = np.empty(codes.shape, np.float32)
    timed = {"native": lambda: make().render(codes, 8, out, 32, (0, 0, width, height), "pq", CORES)}
    timed |= {f"onnxruntime_{tile}": on_onnx(graph, pixels, weights, tile) for tile in (2048, 8192)}
    seconds: dict[str, list[float]] = {name: [] for name in timed}
    for _ in range(runs):
        for name, run in timed.items():
            start = time.perf_counter()
            run()
            seconds[name].append((time.perf_counter() - start) / (share if name != "native" else 1))
    middle = {name: median(each) for name, each in seconds.items()}
    error = np.abs(out.reshape(-1, 3)[at] - np.clip(exact, 0, 1)).max()
    ratio = min(v for name, v in middle.items() if name != "native") / middle["native"]
    milliseconds = {name: round(v * 1e3, 1) for name, v in middle.items()}
    return {"milliseconds": milliseconds, "times_onnxruntime": round(ratio, 2), "largest_error": float(error)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results/kernel_sine.json")
    given = parser.parse_args()
    found = {m: {k: measured(m, *v, given.runs) for k, v in SIZES.items()} for m in ("paper", "gamma")}
    isa = native().instruction_sets()[0]  # type: ignore[union-attr]
    facts = {"environment": environment(), "instruction_set": isa, "runs": given.runs, **found}
    given.out.write_text(json.dumps(facts, indent=1) + "\n")
    print(json.dumps(found, indent=1))
