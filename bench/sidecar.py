"""What the sidecar costs: over the bare engine, with many clients, and over thousands of calls.

    python -m bench.sidecar [--calls 10000] [--quick] [--parts overhead,cancel]

Writes bench/results/sidecar.json. `load` in it is what others had the machine do before and after; times on a
machine that is shared say less than their differences, which are taken in turns.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bench.environment import environment
from bench.sidecar_work import anew, cancelling, memory_a_pixel, throughput
from candela_engines.colour.names import NAMED
from candela_engines.itm.decode import decode_payload
from candela_engines.media import write_hdr, write_sdr_png
from candela_server import service
from candela_server.client import FixedFrame, SharedFrames, Sidecar
from candela_server.frames.samples import MemoryFrame
from candela_server.rpc.convert.frame_stream import to_frame, to_setup
from candela_server.rpc.convert.requests import to_reconstruct
from candela_server.service import EmbedRequest, InspectRequest, ReconstructRequest, SaidSide, ScoreRequest
from candela_server.sidecar.on_frames import Frame, render_frame

RESULTS = Path(__file__).parent / "results" / "sidecar.json"
Figures = dict[str, Any]
PARTS = ("overhead", "frames", "throughput", "memory", "pixels", "cancel")


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


def in_turns(calls: int, ways: dict[str, Callable[[], object]]) -> Figures:
    """Milliseconds of a call by each way, in turns, so that all have the same of a busy machine."""
    took: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(calls + 1):
        for name, call in ways.items():
            start = time.perf_counter()
            call()
            if number:
                took[name].append(1000 * (time.perf_counter() - start))
    found: Figures = {
        name: {
            "calls": calls,
            "fastest_ms": round(min(times), 3),
            "median_ms": round(float(np.median(times)), 3),
            "p99_ms": round(float(np.percentile(times, 99)), 3),
        }
        for name, times in took.items()
    }
    for name, times in took.items():
        if name != "here":
            more = np.subtract(times, took["here"])
            low, median, high = np.percentile(more, [25, 50, 75])
            found[name]["overhead_ms"] = {
                "median_of_differences": round(float(median), 3),
                "quartiles_of_differences": [round(float(low), 3), round(float(high), 3)],
            }
    return found


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
        found[name] = in_turns(
            count,
            {
                "here": lambda request=request: service.inspect(request),
                "sidecar": lambda request=request: sidecar.inspect(request),
            },
        )
    rebuilt = ReconstructRequest(small, folder / "r.exr")
    found["reconstruct 96x64 file to file"] = in_turns(
        calls,
        {
            "here": lambda: service.reconstruct(rebuilt),
            "sidecar": lambda: sidecar.reconstruct(rebuilt),
        },
    )
    payload = service.inspect(InspectRequest(large)).found.payload
    decoded, room = decode_payload(payload), np.empty(codes.shape, np.float32)
    frame, linear = Frame(codes, 8, NAMED["rec709"]), NAMED["linear-rec2020"]
    few = max(calls // 4, 10)
    with SharedFrames(sidecar, 200 << 20) as memory, FixedFrame(sidecar, codes) as fixed:
        open_codes, sdr = memory.array(2160, 3840, "uint8")
        _, out = memory.array(2160, 3840, "float32")
        open_codes[...] = codes

        def bare() -> object:
            return render_frame(decoded, frame, room, 32, linear, force=False, progress=lambda *at: None)

        found["reconstruct 4K frame in shared memory to float"] = in_turns(
            few,
            {
                "here": bare,
                "sidecar, frame sealed": lambda: memory.reconstruct(fixed.place, out, payload),
                "sidecar, frame copied": lambda: memory.reconstruct(sdr, out, payload),
            },
        )
    with SharedFrames(sidecar, 1 << 16) as memory:
        _, place = memory.array(1, 1, "uint8")
        _, into = memory.array(1, 1, "float32")
        least = least_payload(folder)
        found["a call with next to no work: 1x1 frame in shared memory"] = in_turns(
            calls,
            {
                "here": lambda: rendered_here(least),
                "sidecar, stream of frames": lambda: memory.reconstruct(place, into, least, force=True),
                "sidecar, a call a frame": lambda: a_call(sidecar, place, into, least),
            },
        )
    return found


def a_call(sidecar: Sidecar, sdr: MemoryFrame, out: MemoryFrame, payload: bytes) -> None:
    """A frame by a call of its own, and not over one that stays open."""
    message = to_reconstruct(ReconstructRequest(Path(), Path(), force=True), sdr, out, payload)
    for _ in sidecar.events(sidecar.stub.Reconstruct, message):
        pass


def ahead(sidecar: Sidecar, folder: Path, frames: int) -> Figures:
    """Small frames over one stream: one after the other, and all sent before any is answered. Whether several
    in one message would be worth it."""
    small, codes = picture(folder, "batch", 64, 96)
    payload = service.inspect(InspectRequest(small)).found.payload
    setup = to_setup(ReconstructRequest(Path(), Path()), payload)
    with SharedFrames(sidecar, 1 << 20) as memory:
        room, sdr = memory.array(64, 96, "uint8")
        _, out = memory.array(64, 96, "float32")
        room[...] = codes
        start = time.perf_counter()
        for _ in range(frames):
            memory.reconstruct(sdr, out, payload)
        alone = time.perf_counter() - start
        messages = (to_frame(n, sdr, out, setup if n == 0 else None, None) for n in range(frames))
        start = time.perf_counter()
        for _ in sidecar.stub.ReconstructFrames(messages):
            pass
        together = time.perf_counter() - start
    return {
        "frames": frames,
        "one_after_another_ms": round(1000 * alone / frames, 3),
        "sent_ahead_ms": round(1000 * together / frames, 3),
    }


def least_payload(folder: Path) -> bytes:
    """Of a picture of one pixel, or nearly."""
    small, _ = picture(folder, "least", 1, 1)
    return service.inspect(InspectRequest(small)).found.payload


def rendered_here(payload: bytes) -> None:
    decoded = decode_payload(payload)
    codes, room = np.zeros((1, 1, 3), np.uint8), np.empty((1, 1, 3), np.float32)
    frame, linear = Frame(codes, 8, NAMED["rec709"]), NAMED["linear-rec2020"]
    render_frame(decoded, frame, room, 32, linear, force=True, progress=lambda *at: None)


def proportional(process: int) -> float:
    """MiB that a process and all below it have in memory, what they share counted once."""
    texts = [path.read_text() for path in Path(f"/proc/{process}/task").glob("*/children")]
    below = sum(proportional(int(child)) for text in texts for child in text.split())
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return below
    return below + next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def memory_over(sidecar: Sidecar, file: Path, process: int, calls: int) -> list[Figures]:
    """What the sidecar and its workers have in memory as calls go by."""
    found = []
    for done in range(calls + 1):
        if done % max(calls // 10, 1) == 0:
            found.append({"calls": done, "memory_mib": round(proportional(process), 1)})
        sidecar.inspect(InspectRequest(file))
    return found


def measure(
    figures: Figures, said: argparse.Namespace, sidecar: Sidecar, address: str, folder: Path, process: int
) -> None:
    """The parts that are asked for, into `figures`."""
    parts, small = said.parts.split(","), picture(folder, "small", 64, 96)[0]
    if "overhead" in parts:
        figures["overhead"] = overhead(sidecar, folder, 40 if said.quick else 200)
    if "frames" in parts:
        figures["frames_96x64"] = ahead(sidecar, folder, 200 if said.quick else 2000)
    if "throughput" in parts:
        figures["throughput_inspect_96x64"] = {
            str(n): throughput(address, small, n, 2 if said.quick else 10) for n in (1, 4, 16)
        }
    if "memory" in parts:
        figures["memory"] = memory_over(sidecar, small, process, said.calls)
    if {"pixels", "cancel"} & set(parts):
        picture(folder, "hd", 1080, 1920)
        picture(folder, "large", 2160, 3840)
    if "pixels" in parts:
        figures["memory_a_pixel"] = memory_a_pixel(folder / "large", folder / "hd", 1920, 1080)
    if "cancel" in parts:
        embed = EmbedRequest(folder / "hd.sdr.png", folder / "never.png", folder / "hd.exr")
        avif = ReconstructRequest(folder / "large.png", folder / "never.avif")
        tries = 6 if said.quick else 20
        figures["cancel_embed_1080p"] = cancelling(sidecar, lambda: sidecar.embed(embed), tries, 6)
        figures["cancel_4k_to_avif"] = cancelling(sidecar, lambda: sidecar.reconstruct(avif), tries // 2, 4)
        said_hdr, said_sdr = SaidSide("--colour"), SaidSide("--reference-colour")
        grade, sdr = folder / "large.exr", folder / "large.sdr.png"
        score = ScoreRequest(grade, said_hdr, sdr, said_sdr, overlay=folder / "looks")
        figures["cancel_score_4k"] = cancelling(sidecar, lambda: sidecar.score(score), tries // 2, 4)
        figures["cancel_qc_4k"] = cancelling(sidecar, anew(sidecar, grade, folder), tries // 2, 3)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=10_000, help="for the memory")
    parser.add_argument("--quick", action="store_true", help="fewer calls for everything else")
    parser.add_argument(
        "--parts", default=",".join(PARTS), help="only these; the others stay as they were kept"
    )
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
            "load": [round(os.getloadavg()[0], 2)],
            "ready_seconds": round(time.perf_counter() - began, 3),
        }
        try:
            with Sidecar(address) as sidecar:
                measure(figures, said, sidecar, address, folder, process.pid)
        finally:
            process.terminate()
            process.wait(60)
    figures["load"].append(round(os.getloadavg()[0], 2))
    if said.parts != ",".join(PARTS):
        about = {name: figures[name] for name in ("environment", "load", "ready_seconds")}
        parts = {name: found for name, found in figures.items() if name not in about}
        kept = json.loads(RESULTS.read_text(encoding="utf-8"))
        when = kept.get("parts_measured", {}) | dict.fromkeys(parts, about)
        figures = kept | parts | {"parts_measured": when}
    RESULTS.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(figures, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
