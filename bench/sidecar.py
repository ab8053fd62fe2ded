"""What the sidecar costs: over the bare engine, with many clients, and over thousands of calls.

    python -m bench.sidecar [--calls 10000] [--quick]

Writes bench/results/sidecar.json.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from bench.environment import environment
from candela_engines.colour.names import NAMED
from candela_engines.itm.decode import decode_payload
from candela_engines.media import write_hdr, write_sdr_png
from candela_server import service
from candela_server.client import FixedFrame, SharedFrames, Sidecar
from candela_server.jobs.job import Job
from candela_server.service import EmbedRequest, InspectRequest, ReconstructRequest
from candela_server.sidecar.on_frames import Frame, render_frame

RESULTS = Path(__file__).parent / "results" / "sidecar.json"
Figures = dict[str, Any]


def picture(folder: Path, name: str, height: int, width: int) -> tuple[Path, np.ndarray]:
    """An SDR file that carries its HDR, and its codes."""
    y, x = np.mgrid[0:height, 0:width] / max(height, width)
    nits = (
        2
        + 150 * x[..., None] * [1, 0.8, 0.6]
        + 700 * np.exp(-40 * ((x - 0.7) ** 2 + (y - 0.3) ** 2))[..., None]
    )
    codes = np.clip((nits / 700) ** 0.35 * 255, 0, 255).astype(np.uint8)
    write_sdr_png(folder / f"{name}.sdr.png", codes, state=NAMED["rec709"])
    write_hdr(folder / f"{name}.exr", nits.astype(np.float32), encoding=NAMED["linear-rec2020"])
    out = folder / f"{name}.png"
    service.embed(
        EmbedRequest(folder / f"{name}.sdr.png", out, folder / f"{name}.exr", effort="fast", seconds=1.0)
    )
    return out, codes


def timed(calls: int, call: Callable[[], object]) -> Figures:
    """Milliseconds of a call."""
    call()
    took = []
    for _ in range(calls):
        start = time.perf_counter()
        call()
        took.append(1000 * (time.perf_counter() - start))
    return {
        "calls": calls,
        "median_ms": round(float(np.median(took)), 3),
        "p99_ms": round(float(np.percentile(took, 99)), 3),
    }


def overhead(sidecar: Sidecar, folder: Path, calls: int) -> Figures:
    """The same call here and there."""
    small, _ = picture(folder, "small", 64, 96)
    large, codes = picture(folder, "large", 2160, 3840)
    found: Figures = {}
    for name, request in (
        ("inspect 96x64 file", InspectRequest(small)),
        ("inspect 4K file", InspectRequest(large)),
    ):
        count = calls if "96" in name else max(calls // 20, 5)
        found[name] = {
            "here": timed(count, lambda request=request: service.inspect(request)),
            "sidecar": timed(count, lambda request=request: sidecar.inspect(request)),
        }
    rebuilt = ReconstructRequest(small, folder / "r.exr")
    found["reconstruct 96x64 file to file"] = {
        "here": timed(calls, lambda: service.reconstruct(rebuilt)),
        "sidecar": timed(calls, lambda: sidecar.reconstruct(rebuilt)),
    }
    payload = service.inspect(InspectRequest(large)).found.payload
    decoded, room = decode_payload(payload), np.empty(codes.shape, np.float32)
    frame, linear = Frame(codes, 8, NAMED["rec709"]), NAMED["linear-rec2020"]
    job = Job("Reconstruct")
    few = max(calls // 10, 10)
    with SharedFrames(sidecar, 200 << 20) as memory, FixedFrame(sidecar, codes) as fixed:
        open_codes, sdr = memory.array(2160, 3840, "uint8")
        _, out = memory.array(2160, 3840, "float32")
        open_codes[...] = codes
        bare = lambda: render_frame(decoded, frame, room, 32, linear, force=False, progress=job.progress)  # noqa: E731
        found["reconstruct 4K frame in shared memory to float"] = {
            "here": timed(few, bare),
            "sidecar, frame sealed": timed(few, lambda: memory.reconstruct(fixed.place, out, payload)),
            "sidecar, frame copied": timed(few, lambda: memory.reconstruct(sdr, out, payload)),
        }
    for rows in found.values():
        here = rows["here"]["median_ms"]
        rows["overhead_ms"] = {k: round(v["median_ms"] - here, 3) for k, v in rows.items() if k != "here"}
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


def resident(process: int) -> float:
    """MiB that a process has in memory."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return round(next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024, 1)


def memory_over(sidecar: Sidecar, file: Path, process: int, calls: int) -> list[Figures]:
    """What the sidecar has in memory as calls go by."""
    found = []
    for done in range(calls + 1):
        if done % max(calls // 10, 1) == 0:
            found.append({"calls": done, "resident_mib": resident(process)})
        sidecar.inspect(InspectRequest(file))
    return found


def cancelling(sidecar: Sidecar, folder: Path, tries: int) -> Figures:
    """From the cancel of a fit of 1080p to the moment that its worker is free, at random moments."""
    picture(folder, "hd", 1080, 1920)
    rng, took = np.random.default_rng(0), []
    request = EmbedRequest(folder / "hd.sdr.png", folder / "never.png", folder / "hd.exr")
    for _ in range(tries):
        thread = threading.Thread(target=lambda: _ignored(lambda: sidecar.embed(request)))
        thread.start()
        while not any(j.running for j in sidecar.status().jobs):
            time.sleep(0.005)
        time.sleep(float(rng.uniform(0.1, 6.0)))
        jobs = sidecar.status().jobs
        stage = jobs[0].progress.stage if jobs else "done"
        start = time.perf_counter()
        if not jobs or not sidecar.cancel(jobs[0].request_id):
            thread.join()
            continue
        while sidecar.status().jobs:
            time.sleep(0.001)
        took.append((1000 * (time.perf_counter() - start), stage))
        thread.join()
    times = [t for t, _ in took]
    worst = {s: round(max(t for t, w in took if w == s), 1) for s in {w for _, w in took}}
    return {"tries": len(took), "median_ms": round(float(np.median(times)), 1), "worst_ms_by_stage": worst}


def _ignored(call: Callable[[], object]) -> None:
    try:
        call()
    except Exception:
        return


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=10_000, help="for the memory")
    parser.add_argument("--quick", action="store_true")
    said = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, address = Path(name), f"unix:{name}/s.sock"
        began = time.perf_counter()
        line = [
            sys.executable,
            "-m",
            "candela_server.cli",
            "serve",
            "--listen",
            address,
            "--root",
            name,
            "--shared-memory",
        ]
        process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert process.stdout is not None
        process.stdout.readline()
        figures: Figures = {
            "environment": environment(),
            "ready_seconds": round(time.perf_counter() - began, 3),
        }
        try:
            with Sidecar(address) as sidecar:
                figures["overhead"] = overhead(sidecar, folder, 40 if said.quick else 200)
                small = folder / "small.png"
                figures["throughput_inspect_96x64"] = {
                    str(n): throughput(address, small, n, 2 if said.quick else 10) for n in (1, 4, 16)
                }
                figures["cancel_embed_1080p"] = cancelling(sidecar, folder, 4 if said.quick else 20)
                figures["memory"] = memory_over(
                    sidecar, small, process.pid, 500 if said.quick else said.calls
                )
        finally:
            process.terminate()
            process.wait(60)
    RESULTS.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(figures, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
