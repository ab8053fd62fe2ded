"""Frames a second of `candela qc`, beside decoding alone and beside FFmpeg's signalstats; memory over many
frames.

    python -m bench.qc [--ffmpeg PATH] [--turns 3] [--frames 24]
        [--repeat 10] [--sizes 1920x1080,3840x2160] [--formats hevc,exr] [--long 10000]

Clips are made here: a pan over a shipped sample with grain, as HDR10 HEVC (x265 ultrafast, CRF 16), its
packets `--repeat` times one after the other, and as half-float OpenEXR (zip, a third as many frames, each
once: files alike are measured once). What a run leaves out is kept of the run before, with when and where
that was. Every turn runs each competitor once, one after the other, in a process of its own; medians are of
the turns. Processor time is of the work alone, without the start of the process: what a loaded machine
distorts least. Python's bytecode is there before, as where Candela is installed. signalstats wants Y'CbCr:
FFmpeg brings EXR to it without colour management, within its time.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from fractions import Fraction
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from bench.environment import environment
from candela_engines.colour.names import NAMED
from candela_engines.media import read_still
from candela_engines.media.exr_frames import ExrFrames
from candela_engines.media.mastering import MasteringDisplay
from candela_engines.media.write_movie import open_movie_writer

RESULTS = Path(__file__).parent / "results" / "qc.json"
F32 = NDArray[np.float32]

_CHILD = """
import json, resource, sys, time
from pathlib import Path
what, name, work = sys.argv[1:4]
from candela_engines.media.open_clip import open_clip
from candela_engines.colour.names import NAMED
from candela_engines.media.movie import Movie
from candela_server.service.qc import qc
from candela_server.service.qc_request import QcRequest, QcSaid
linear = name.endswith(".exr")
def used():
    u = resource.getrusage(resource.RUSAGE_SELF)
    return u.ru_utime + u.ru_stime
begin, before = time.perf_counter(), used()
if what == "decode":
    with open_clip(name, colour=NAMED["linear-rec2020"] if linear else None) as clip:
        frames = clip.stored(clip.info.first, clip.info.last) if isinstance(clip, Movie) else clip.frames()
        count = sum(1 for _ in frames)
else:
    said = QcSaid("linear-rec2020") if linear else QcSaid()
    result = qc(QcRequest((Path(name),), "archive", said, work=Path(work), score=False)).result
    count = len(result.clips[0].shots) and sum(len(s.trend.frames) for s in result.clips[0].shots)
peak = [line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")][0]
wall, cpu = time.perf_counter() - begin, used() - before
print(json.dumps({"wall": wall, "cpu": cpu, "frames": count, "peak_kb": int(peak)}))
"""


def pan(size: tuple[int, int], count: int) -> Any:
    """Nits of linear BT.2020, a sample moved by a few pixels a frame, with grain."""
    with as_file(files("candela_engines.samples") / "interior.hdr.exr") as path:
        still = read_still(path, colour=NAMED["linear-rec2020"])
    picture = np.maximum(still.pixels, 0)
    scale = max(-(-size[1] // picture.shape[0]), -(-size[0] // picture.shape[1])) + 1
    large = picture.repeat(scale, axis=0).repeat(scale, axis=1)
    rng = np.random.default_rng(1)
    grain = rng.normal(1, 0.02, (size[1] + 64, size[0] + 64, 1)).astype(np.float32)
    for number in range(count):
        part = large[4 * number % 64 :, 6 * number % 64 :][: size[1], : size[0]]
        down, across = rng.integers(0, 64, 2)
        yield np.asarray(part * grain[down : down + size[1], across : across + size[0]], np.float32)


def write_hevc(path: Path, size: tuple[int, int], count: int) -> None:
    writer = open_movie_writer(
        path, size=size, rate=Fraction(24), encoding=NAMED["rec2100-pq"], quality=16, preset="ultrafast",
        max_cll=1000, max_fall=200, mastering=MasteringDisplay(1000.0),
    )  # fmt: skip
    with writer as out:
        for light in pan(size, count):
            out.write(light)


def write_exr(folder: Path, size: tuple[int, int], count: int) -> str:
    folder.mkdir()
    frames = ExrFrames(size[1], size[0], NAMED["linear-rec2020"], bits=16, compression="zip")
    for number, light in enumerate(pan(size, count), 1):
        buffer = frames.buffer()
        buffer.fill(light, NAMED["linear-rec2020"])
        frames.write(folder / f"x.{number:04d}.exr", buffer, max_cll=0.0, max_fall=0.0)
    return str(folder / "x.####.exr")


def child(what: str, name: str, folder: Path) -> dict[str, float]:
    work, bytecode = folder / "work", folder / "bytecode"
    shutil.rmtree(work, ignore_errors=True)
    there = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    there["PYTHONPYCACHEPREFIX"] = str(bytecode)
    command = [sys.executable, "-c", _CHILD, what, name, str(work)]
    if not bytecode.exists():
        subprocess.run(command, check=True, capture_output=True, env=there)
        shutil.rmtree(work, ignore_errors=True)
    ran = subprocess.run(command, check=True, capture_output=True, text=True, env=there)
    found: dict[str, float] = json.loads(ran.stdout.strip().splitlines()[-1])
    return found


def ffmpeg(program: str, name: str, filters: str | None, count: int) -> dict[str, float]:
    given = name.replace("####", "%04d")
    begins = ["-start_number", "1"] if "%04d" in given else []
    asked = ["-vf", filters] if filters else []
    command = [
        program,
        "-nostdin",
        "-v",
        "error",
        "-benchmark",
        *begins,
        "-i",
        given,
        *asked,
        "-f",
        "null",
        "-",
    ]
    ran = subprocess.run([*command[:3], "info", *command[4:]], check=True, capture_output=True, text=True)
    line = next(line for line in ran.stderr.splitlines() if "utime=" in line)
    parts = dict(part.split("=") for part in line.split(":", 1)[1].split())
    times = {key: float(value.rstrip("s")) for key, value in parts.items()}
    return {"wall": times["rtime"], "cpu": times["utime"] + times["stime"], "frames": count}


def measured(name: str, count: int, folder: Path, program: str | None, turns: int) -> dict[str, Any]:
    runs: dict[str, list[dict[str, float]]] = {}
    for _ in range(turns):
        runs.setdefault("qc", []).append(child("qc", name, folder))
        runs.setdefault("decode", []).append(child("decode", name, folder))
        if program is not None:
            chain = "signalstats" if "####" not in name else "format=yuv420p10le,signalstats"
            runs.setdefault("signalstats", []).append(ffmpeg(program, name, chain, count))
            runs.setdefault("ffmpeg_decode", []).append(ffmpeg(program, name, None, count))
    out: dict[str, Any] = {}
    for who, those in runs.items():
        for what in ("wall", "cpu"):
            seconds = statistics.median(run[what] for run in those)
            out[f"{who}_{what}_seconds"] = round(seconds, 3)
            out[f"{who}_frames_per_{what}_second"] = round(count / seconds, 2)
        if "peak_kb" in those[0]:
            out[f"{who}_peak_mb"] = round(max(run["peak_kb"] for run in those) / 1024)
    for what in ("wall", "cpu"):
        for rival in ("decode", "signalstats"):
            pairs = [
                run[what] / other[what] for run, other in zip(runs["qc"], runs.get(rival, []), strict=False)
            ]
            if pairs:
                out[f"qc_over_{rival}_{what}"] = round(statistics.median(pairs), 2)
    return out


def repeated(path: Path, once: Path, frames: int, turns: int) -> None:
    """A movie of `once`, which has so many frames, its packets written again and again."""
    with av.open(str(once)) as source:
        packets = [p for p in source.demux(video=0) if p.size]
        step = int(1 / (Fraction(24) * packets[0].time_base))
        with av.open(str(path), "w") as out:
            stream = out.add_stream_from_template(source.streams.video[0])
            for turn in range(turns):
                for packet in packets:
                    copy = av.Packet(bytes(packet))
                    copy.time_base, copy.stream = packet.time_base, stream
                    copy.pts, copy.dts = packet.pts + turn * frames * step, packet.dts + turn * frames * step
                    copy.is_keyframe = packet.is_keyframe
                    out.mux(copy)


def memory(folder: Path, longest: int) -> dict[str, Any]:
    out = {}
    once = folder / "once.mp4"
    write_hevc(once, (256, 144), 48)
    for count in (longest // 10, longest):
        path = folder / f"long{count}.mp4"
        repeated(path, once, 48, -(-count // 48))
        found = child("qc", str(path), folder)
        out[f"peak_mb_of_{int(found['frames'])}_frames"] = round(found["peak_kb"] / 1024)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--ffmpeg", default=shutil.which("ffmpeg"))
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--frames", type=int, default=24)
    parser.add_argument("--repeat", type=int, default=10)
    parser.add_argument("--sizes", default="1920x1080,3840x2160")
    parser.add_argument("--formats", default="hevc,exr")
    parser.add_argument("--long", type=int, default=10_000)
    parser.add_argument("--keep", type=Path, help="a folder to keep the clips in")
    parser.add_argument("--out", type=Path, default=RESULTS)
    said = parser.parse_args()
    results: dict[str, Any] = json.loads(said.out.read_text()) if said.out.exists() else {}
    for gone in ("environment", "load_before", "load_after", "turns", "note"):
        results.pop(gone, None)
    run = {"environment": environment(), "turns": said.turns}
    with tempfile.TemporaryDirectory() as temporary:
        folder = said.keep or Path(temporary)
        folder.mkdir(exist_ok=True)
        for text in said.sizes.split(","):
            width, height = (int(part) for part in text.split("x"))
            if "hevc" in said.formats:
                once, total = folder / f"{text}-{said.frames}.mp4", said.frames * said.repeat
                if not once.exists():
                    write_hevc(once, (width, height), said.frames)
                movie = folder / f"{text}-{total}-of-{said.frames}.mp4"
                repeated(movie, once, said.frames, said.repeat)
                load = os.getloadavg()
                found = measured(str(movie), total, folder, said.ffmpeg, said.turns)
                results[f"hevc {text}"] = {**run, "frames": total, "load_before": load, **found}
                print(text, "hevc", json.dumps(results[f"hevc {text}"], indent=1), flush=True)
            if "exr" not in said.formats:
                continue
            count = max(4, said.frames // 3)
            if not (folder / text).exists():
                write_exr(folder / text, (width, height), count)
            pattern = str(folder / text / "x.####.exr")
            load = os.getloadavg()
            found = measured(pattern, count, folder, said.ffmpeg, said.turns)
            results[f"exr {text}"] = {**run, "frames": count, "load_before": load, **found}
            print(text, "exr", json.dumps(results[f"exr {text}"], indent=1), flush=True)
        if said.long:
            results["memory"] = {**run, **memory(folder, said.long)}
            print(json.dumps(results["memory"]), flush=True)
    said.out.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
