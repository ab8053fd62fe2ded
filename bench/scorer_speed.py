"""What measuring one 4K frame costs: unification and all descriptors, as ratios of a named rival's time.

    python -m bench.scorer_speed [--runs 5] [--threads 2] [--cvvdp] [--out bench/results/scorer_speed.json]

The frame is the sample `low_sun` at twice its size, 3840x2160, with noise of half a PU21 unit, so that no two
pixels are alike. The rivals: PU-SSIM of this package on the same pair (numpy, one thread), and with --cvvdp
ColorVideoVDP (`pip install cvvdp`) on the same pair. Medians of runs in turns: seconds on the clock, and
of the processor, which other work on the machine changes less. Its load is kept with the figures.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from bench.environment import environment
from candela_engines.colour import bt1886, pq, pu21
from candela_engines.colour.convert import place_sdr_at_reference_white
from candela_engines.colour.names import NAMED
from candela_engines.media import read_still
from candela_engines.metrics import pu_ssim
from candela_engines.samples import sample_paths
from candela_engines.scorer import describe, names
from candela_engines.scorer.engine import installed_engine
from candela_engines.scorer.evidence import evidence_of
from candela_engines.scorer.unify import unify, unify_light
from candela_engines.scorer.verdict import judge


def frames() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """PQ codes and light of the grade, and codes of the SDR, (2160, 3840, 3) float32."""
    pair = sample_paths()["low_sun"]
    grade = read_still(pair.hdr).pixels.repeat(2, axis=0).repeat(2, axis=1)
    sdr = read_still(pair.sdr).pixels.repeat(2, axis=0).repeat(2, axis=1)
    grain = np.random.default_rng(0).standard_normal(grade.shape, dtype=np.float32) * np.float32(0.5)
    nits = np.minimum(pu21.decode(pu21.encode(grade) + grain), np.float32(1000))
    return pq.inverse_eotf(nits), nits, np.ascontiguousarray(sdr)


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Time of one run: on the clock, and of the processor over all threads."""
    start, used = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - start, time.process_time() - used


def verdict(nits: np.ndarray, light: np.ndarray, threads: int) -> object:
    """What `candela score` does with a frame that is read: the common form, descriptors, score, reasons."""
    common, _ = unify_light(nits, NAMED["linear-rec2020"], threads=threads)
    return judge(evidence_of(common, light, threads=threads), installed_engine())


def rival_cvvdp(nits: np.ndarray, reference: np.ndarray) -> Callable[[], object]:
    """ColorVideoVDP of the pair as PQ, on its HDR display."""
    import pycvvdp  # type: ignore[import-not-found]

    metric = pycvvdp.cvvdp(display_name="standard_hdr_pq", heatmap=None)
    a, b = pq.inverse_eotf(nits), pq.inverse_eotf(reference)
    return lambda: metric.predict(a, b, dim_order="HWC")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--cvvdp", action="store_true")
    parser.add_argument("--out", type=Path)
    said = parser.parse_args()
    codes, nits, sdr = frames()
    light = bt1886.eotf(sdr)
    placed = place_sdr_at_reference_white(sdr, NAMED["rec709"])
    sdr_codes = (sdr * 255 + 0.5).astype(np.uint8)
    pq10 = (codes * 1023 + 0.5).astype(np.uint16)
    work: dict[str, Callable[[], object]] = {
        "unify PQ, float": lambda: unify(codes, NAMED["rec2100-pq"], threads=said.threads),
        "unify PQ, 10 bit": lambda: unify(pq10, NAMED["rec2100-pq"], bits=10, threads=said.threads),
        "unify SDR, 8 bit": lambda: unify(sdr_codes, NAMED["rec709"], bits=8, threads=said.threads),
        "describe alone": lambda: describe(nits, threads=said.threads),
        "describe with SDR": lambda: describe(nits, light, threads=said.threads),
        "score: light to verdict": lambda: verdict(nits, light, said.threads),
        "PU-SSIM": lambda: pu_ssim(nits, placed),
    }
    if said.cvvdp:
        work["ColorVideoVDP"] = rival_cvvdp(nits, placed)
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in work}
    for name, one in work.items():
        if name not in ("PU-SSIM", "ColorVideoVDP"):
            one()
    for turn in range(said.runs):
        for name, one in work.items():
            if turn == 0 or name not in ("PU-SSIM", "ColorVideoVDP"):
                times[name].append(seconds(one))
    rival = "ColorVideoVDP" if said.cvvdp else "PU-SSIM"
    load = os.getloadavg()[0]
    base, base_used = (median(one[i] for one in times[rival]) for i in (0, 1))
    rows: list[dict[str, Any]] = []
    for name, values in times.items():
        clock, used = (median(one[i] for one in values) for i in (0, 1))
        rows.append(
            {
                "work": name,
                "median_seconds": round(clock, 4),
                "least_seconds": round(min(one[0] for one in values), 4),
                "median_processor_seconds": round(used, 4),
                f"times_faster_than_{rival}": round(base / clock, 2),
                f"times_less_processor_than_{rival}": round(base_used / used, 2),
            }
        )
        print(
            f"{name:20s} {clock:7.3f} s, processor {used:6.3f} s, {base / clock:6.1f} x {rival}, "
            f"processor {base_used / used:6.1f} x"
        )
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    if said.out is not None:
        document = {
            "environment": environment(),
            "frame": "3840x2160",
            "threads": said.threads,
            "load_average": round(load, 1),
            "descriptors": len(names()),
            "peak_memory_mib": memory,
            "rows": rows,
        }
        said.out.write_text(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    main()
