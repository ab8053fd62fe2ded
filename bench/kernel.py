"""The native kernel on frames of 3840x2160, beside ONNX Runtime at its best, interleaved in one run.

    python -m bench.kernel DATA [--sources 2] [--rounds 5] [--only grain,phone]

DATA is a folder with HDR stills. Every method runs once a round and its median counts. Ratios are those of
one run; milliseconds are this machine's. The kernel's time is that of the whole job: 8-bit codes in, cell
means taken, 16-bit PQ codes out. Error: the largest against the float64 reference, in PQ codes over full
scale, on bands of the frame. GFLOP/s are those of the multiply-adds that are left, and their share of what
a large sgemm reaches on as many threads.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits

from bench.environment import environment
from bench.kernel_frames import HEIGHT, WIDTH, KernelFrame, kernel_frames
from bench.kernel_rival import TILES, job_graph, layers_graph, rival
from candela_engines.colour import pq
from candela_engines.itm.decode import decode_payload, to_signal
from candela_engines.itm.default_model import DefaultModel
from candela_engines.itm.dequantise import dequantise_rows
from candela_engines.itm.features import features_of_rows, surroundings
from candela_engines.native import native

__all__ = ["main", "measure"]

Row = dict[str, Any]
PIXELS = HEIGHT * WIDTH
BANDS = (0, 1016, 2096)  # rows at which 64 are held against the reference
THREADS = 2


def _inputs(frame: KernelFrame, model: DefaultModel) -> dict[str, np.ndarray]:
    """What the rivals find ready in memory: dequantised codes, what is around, and the features."""
    signal = to_signal(frame.codes, model.bits)
    around = surroundings(signal)
    if model.plane is not None:
        around = around.with_plane(model.plane, model.lattice, model.spread)
    rgb = np.empty((PIXELS, 3), np.float32)
    means, x = [], []
    for y in range(0, HEIGHT, 120):
        rows = dequantise_rows(signal, y, y + 120, model.strength, model.bits)
        rgb[y * WIDTH : (y + 120) * WIDTH] = rows.reshape(-1, 3)
        parts = [f.rows(y, y + 120, WIDTH) for f in around.means]
        if around.plane is not None and around.plane_means is not None:
            parts += [around.plane.rows(y, y + 120, WIDTH), around.plane_means.rows(y, y + 120, WIDTH)]
        means.append(np.concatenate(parts, -1).reshape(120 * WIDTH, -1))
        x.append(features_of_rows(rows, around, y).reshape(120 * WIDTH, -1))
    return {"rgb": rgb, "around": np.concatenate(means), "x": np.concatenate(x)}


def _rivals(frame: KernelFrame, model: DefaultModel) -> dict[str, Callable[[], None]]:
    ready = _inputs(frame, model)
    out = np.empty((PIXELS, 3), np.float32)
    graph, fixed = layers_graph(model)
    runs = {f"layers, {t}": rival(graph, {"x": ready["x"]}, fixed, out, t) for t in TILES}
    pixels = {"rgb": ready["rgb"], "around": ready["around"]}
    for powers in ("pow", "exp-log"):
        graph = job_graph(model, frame.state, powers=powers)
        for tile in TILES:
            runs[f"job, {powers}, {tile}"] = rival(graph, pixels, {}, out, tile)
    return runs


def _sgemm() -> Callable[[], None]:
    """The yardstick for multiply-adds: a product of two matrices of 1536 on as many threads."""
    a, b = np.random.default_rng(0).normal(size=(2, 1536, 1536)).astype(np.float32)
    out = np.empty_like(a)

    def run() -> None:
        with threadpool_limits(THREADS, "blas"):
            np.matmul(a, b, out=out)

    return run


def _error(model: DefaultModel, frame: KernelFrame, found: np.ndarray) -> float:
    worst, signal = 0.0, to_signal(frame.codes, model.bits)
    for top in BANDS:
        for y, nits in model.strips(signal, frame.state, rows=(top, top + 64), reference=True):
            worst = max(worst, float(np.abs(pq.inverse_eotf(nits) - found[y : y + len(nits)]).max()))
    return worst


def measure(frame: KernelFrame, rounds: int) -> Row:
    """All methods on one frame."""
    model = decode_payload(frame.payload).model
    assert isinstance(model, DefaultModel)
    kernel = model.frame(frame.state, HEIGHT, WIDTH)
    assert kernel is not None
    codes16, floats = np.empty((HEIGHT, WIDTH, 3), np.uint16), np.empty((HEIGHT, WIDTH, 3), np.float32)

    def run(out: np.ndarray, fold: bool = True, isa: str = "") -> Any:
        around = kernel.surroundings(frame.codes, 8, threads=THREADS)
        return kernel.render(frame.codes, 8, around, out, encoding="pq", threads=THREADS, fold=fold, isa=isa)

    runs: dict[str, Callable[[], Any]] = {"kernel": lambda: run(codes16)}
    runs |= {"kernel, float": lambda: run(floats), "kernel, dense": lambda: run(codes16, fold=False)}
    library = native()
    for isa in (library.instruction_sets() if library else [])[1:]:
        if isa != "portable":
            runs[f"kernel, {isa}"] = lambda isa=isa: run(codes16, isa=isa)
    runs |= {"sgemm": _sgemm()} | _rivals(frame, model)
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(rounds + 1):
        for name, call in runs.items():
            start = time.perf_counter()
            call()
            if number:  # the first is for the caches
                seconds[name].append(time.perf_counter() - start)
    ms = {name: 1e3 * median(s) for name, s in seconds.items()}
    work = run(floats)
    sizes = [model.layers.weights[0].shape[0], *(w.shape[1] for w in model.layers.weights)]
    dense = sum(w.size for w in model.layers.weights)
    layers = min(v for k, v in ms.items() if k.startswith("layers"))
    job = min(v for k, v in ms.items() if k.startswith("job"))
    flops = 2e-6 * PIXELS / ms["kernel"]
    sgemm = 2e-6 * 1536**3 / ms["sgemm"]
    return {
        "frame": frame.name,
        "network": "-".join(str(s) for s in sizes),
        "domain": model.domain,
        "strength": model.strength,
        "ms": {k: round(v, 2) for k, v in ms.items()},
        "ratio_layers": layers / ms["kernel"],
        "ratio_job": job / ms["kernel"],
        "multiply_adds": dense,
        "multiply_adds_left": work.multiply_adds / work.pixels,
        "dense_tiles": work.dense_tiles / work.tiles,
        "gflops": flops * work.multiply_adds / work.pixels,
        "gflops_of_the_whole_network": flops * dense,
        "sgemm_gflops": sgemm,
        "share_of_sgemm": flops * work.multiply_adds / work.pixels / sgemm,
        "error": _error(model, frame, floats),
    }


def _table(rows: Sequence[Row]) -> Table:
    table = Table(title="3840x2160, 8-bit SDR to 16-bit PQ, two threads", title_justify="left")
    for name in (
        "frame",
        "network",
        "kernel ms",
        "job, ORT",
        "x",
        "layers, ORT",
        "x",
        "MAC left",
        "GFLOP/s",
        "error",
    ):
        table.add_column(name, justify="left" if name in ("frame", "network") else "right")
    for r in rows:
        kernel = r["ms"]["kernel"]
        table.add_row(
            r["frame"],
            f"{r['network']} {r['domain']}",
            f"{kernel:.1f}",
            f"{kernel * r['ratio_job']:.0f}",
            f"{r['ratio_job']:.1f}",
            f"{kernel * r['ratio_layers']:.0f}",
            f"{r['ratio_layers']:.1f}",
            f"{r['multiply_adds_left']:.0f} of {r['multiply_adds']}",
            f"{r['gflops']:.0f} ({r['share_of_sgemm']:.0%})",
            f"{r['error']:.1e}",
        )
    return table


def _figures(rows: Sequence[Row]) -> dict[str, Any]:
    job, layers = [r["ratio_job"] for r in rows], [r["ratio_layers"] for r in rows]
    return {
        "median_ms": median(r["ms"]["kernel"] for r in rows),
        "worst_ms": max(r["ms"]["kernel"] for r in rows),
        "job_median": median(job),
        "job_worst": min(job),
        "layers_median": median(layers),
        "layers_worst": min(layers),
        "largest_error": max(r["error"] for r in rows),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, write the results file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sources", type=int, default=2, help="so many photographs and so many stills")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--only", type=lambda t: tuple(t.split(",")), default=(), help="words in a frame's name"
    )
    parser.add_argument("--effort", choices=("fast", "normal", "best"), default="normal", help="of the fits")
    parser.add_argument("--json", type=Path, default=Path("bench/results/kernel.json"))
    asked = parser.parse_args(arguments)
    console = Console(width=None if Console().is_terminal else 150)
    if native() is None:
        parser.error("the native library is not in use here: candela inspect --runtime says why")
    rows = []
    for frame in kernel_frames(asked.data, sources=asked.sources, effort=asked.effort, only=asked.only):
        rows.append(measure(frame, asked.rounds))
        Console(stderr=True).print(f"{frame.name}: {rows[-1]['ms']}", highlight=False)
    figures = _figures(rows)
    console.print(_table(rows))
    # What was asked, and of which rival: docs/decisions/0007.
    asks = {"job_median": 20, "job_worst": 5, "layers_median": 20, "layers_worst": 5}
    for name, asked_for in asks.items():
        word = "reached" if figures[name] >= asked_for else "MISSED "
        console.print(f"{word} {name}: {figures[name]:.1f}, asked {asked_for}", highlight=False)
    word = "reached" if figures["largest_error"] <= 2e-6 else "MISSED "
    console.print(f"{word} largest error: {figures['largest_error']:.1e}, asked 2e-06", highlight=False)
    library = native()
    result = {
        **environment(),
        "instruction_sets": library.instruction_sets() if library else [],
        "options": {
            "sources": asked.sources,
            "rounds": asked.rounds,
            "effort": asked.effort,
            "threads": THREADS,
        },
        "figures": figures,
        "rows": rows,
    }
    asked.json.parent.mkdir(parents=True, exist_ok=True)
    asked.json.write_text(json.dumps(result, indent=1) + "\n")
    console.print(f"rows in {asked.json}")


if __name__ == "__main__":
    main()
