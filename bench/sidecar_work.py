"""What the workers cost: how soon they are free after a cancel, what memory work takes, and how much
of it they do for many clients."""

from __future__ import annotations

import itertools
import pickle
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from candela_server.client import Sidecar
from candela_server.jobs.estimate import reckoned
from candela_server.service import (
    CompareRequest,
    EmbedRequest,
    EmbedShotsRequest,
    InspectRequest,
    InspectShotsRequest,
    MetricsRequest,
    QcRequest,
    ReconstructClipRequest,
    ReconstructRequest,
    SaidSide,
    ScoreRequest,
    ShotsRequest,
    VerifyRequest,
    VerifyShotsRequest,
)

__all__ = ["anew", "cancelling", "memory_a_pixel", "throughput"]

Figures = dict[str, Any]
_MEASURE = """
import pickle, sys
from pathlib import Path
from candela_server import service
from candela_server.service import qc_calls
import candela_server.sidecar.tasks, imagecodecs, av, PyOpenColorIO, OpenImageIO
lines = lambda: Path("/proc/self/status").read_text().splitlines()
peak = lambda: next(int(line.split()[1]) for line in lines() if line.startswith("VmHWM")) * 1024
name, request = pickle.load(sys.stdin.buffer)
before = peak()
getattr(qc_calls if name == "qc" else service, name)(request)
print(peak() - before)
"""


def cancelling(sidecar: Sidecar, call: Callable[[], object], tries: int, longest: float) -> Figures:
    """Milliseconds from a cancel to the moment that its place is free, at random moments of `call`."""
    rng, took = np.random.default_rng(0), []
    for _ in range(tries):
        thread = threading.Thread(target=_ignored, args=(call,))
        thread.start()
        while not any(j.running for j in sidecar.status().jobs):
            time.sleep(0.005)
        time.sleep(float(rng.uniform(0.1, longest)))
        jobs = sidecar.status().jobs
        start = time.perf_counter()
        if jobs and sidecar.cancel(jobs[0].request_id):
            while sidecar.status().jobs:
                time.sleep(0.001)
            took.append((1000 * (time.perf_counter() - start), jobs[0].progress.stage))
        thread.join()
    times = [t for t, _ in took]
    worst = {s: round(max(t for t, w in took if w == s), 1) for s in sorted({w for _, w in took})}
    return {"tries": len(took), "median_ms": round(float(np.median(times)), 1), "worst_ms_by_stage": worst}


def anew(sidecar: Sidecar, grade: Path, folder: Path) -> Callable[[], object]:
    """A QC pass that finds nothing of the last one, as it would else be over at once."""
    numbers = itertools.count()
    return lambda: sidecar.qc(QcRequest((grade,), "archive", work=folder / f"qc-{next(numbers)}"))


def _ignored(call: Callable[[], object]) -> None:
    try:
        call()
    except Exception:
        return


def memory_a_pixel(still: Path, frames: Path, width: int, height: int) -> Figures:
    """Bytes a pixel that a process takes on top of its own for every call, beside what is reckoned with; both
    count what does not grow with the picture too.

    still: `NAME` of NAME.sdr.png, NAME.exr and NAME.png, which carries its HDR; of 4K. frames: the same, of a
    frame of width x height, which a sequence is made of here.
    """
    folder = still.parent
    sdr, hdr, made = (still.with_name(still.name + end) for end in (".sdr.png", ".exr", ".png"))
    for number in range(4):
        for end, name in ((".sdr.png", f"in.{number}.png"), (".exr", f"in.{number}.exr")):
            shutil.copy(frames.with_name(frames.name + end), folder / name)
    clip, master, out = folder / "in.#.png", folder / "in.#.exr", folder / "out.#.png"
    large, small = 3840 * 2160, width * height
    grade, reference, work = SaidSide("--colour"), SaidSide("--reference-colour"), folder / "w"
    calls = {
        "Embed": ("embed", EmbedRequest(sdr, folder / "m.png", hdr, effort="fast", seconds=2.0), large),
        "Reconstruct": ("reconstruct", ReconstructRequest(made, folder / "m.exr"), large),
        "Reconstruct to .avif": ("reconstruct", ReconstructRequest(made, folder / "m.avif"), large),
        "Verify": ("verify", VerifyRequest(made, hdr), large),
        "Inspect": ("inspect", InspectRequest(made), large),
        "EmbedShots": (
            "embed_shots",
            EmbedShotsRequest(clip, out, master, effort="fast", no_cuts=True, bytes=2000),
            small,
        ),
        "ReconstructClip": ("reconstruct_clip", ReconstructClipRequest(out, folder / "h.#.exr"), small),
        "ReconstructClip to .mp4": (
            "reconstruct_clip",
            ReconstructClipRequest(out, folder / "h.mp4", rate=Fraction(24)),
            small,
        ),
        "VerifyShots": ("verify_shots", VerifyShotsRequest(out, master), small),
        "InspectShots": ("inspect_shots", InspectShotsRequest(out), small),
        "ListShots": ("shots", ShotsRequest(clip, detect=True), small),
        "Score": ("score", ScoreRequest(hdr, grade, sdr, reference, overlay=folder / "looks"), large),
        "Score of frames": ("score", ScoreRequest(master, grade, clip, reference), small),
        "Compare": ("compare", CompareRequest(hdr, hdr, grade, grade, sdr, reference), large),
        "Measure": ("metrics", MetricsRequest(hdr, hdr, grade, grade), large),
        "Measure of frames": ("metrics", MetricsRequest(master, master, grade, grade), small),
        "Qc": ("qc", QcRequest((hdr,), "archive", work=work, report=folder / "qc"), large),
        "Qc of frames": ("qc", QcRequest((master,), "archive", work=work, report=folder / "qc"), small),
    }
    found = {}
    for name, (call, request, pixels) in calls.items():
        line, asked = [sys.executable, "-c", _MEASURE], pickle.dumps((call, request))
        said = subprocess.run(line, input=asked, capture_output=True, check=True)
        found[name] = {
            "bytes_a_pixel": round(int(said.stdout) / pixels, 1),
            "reckoned": round(reckoned(name.partition(" ")[0], pixels) / pixels, 1),
        }
    return found


def throughput(address: str, file: Path, clients: int, seconds: float) -> Figures:
    """Calls a second of so many clients, each a connection of its own."""
    end, took = time.perf_counter() + seconds, []

    def client() -> None:
        with Sidecar(address, retries=20) as sidecar:
            while time.perf_counter() < end:
                start = time.perf_counter()
                sidecar.inspect(InspectRequest(file))
                took.append(1000 * (time.perf_counter() - start))

    with ThreadPoolExecutor(clients) as pool:
        for future in [pool.submit(client) for _ in range(clients)]:
            future.result()
    p50, p99 = np.percentile(took, [50, 99])
    return {
        "calls_per_second": round(len(took) / seconds, 1),
        "p50_ms": round(p50, 3),
        "p99_ms": round(p99, 3),
    }
