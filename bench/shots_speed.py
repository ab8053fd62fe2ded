"""Frames a second of `candela reconstruct` on a 1080p movie, end to end, and what each stage takes.

    python -m bench.shots_speed DATA

DATA: a folder with an HDR10 or HLG movie of 1920x1080, as hdr10-video-with-sdr-container.mp4. Its SDR is made
by BT.2446 method A, encoded as 8-bit H.264, fitted and embedded; what is measured is the command itself, in
a process of its own: wall and processor time, busy time of its stages, and peak memory at two lengths.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from bench.environment import environment
from candela_engines.colour import bt2446
from candela_engines.colour.convert import to_nits_rec2020
from candela_engines.colour.names import NAMED
from candela_engines.itm.carriers import embed_payload
from candela_engines.itm.payload import decode
from candela_engines.itm.reel import encode_reel
from candela_engines.itm.shot_fit import fit_part
from candela_engines.itm.shot_pairs import PairFrame
from candela_engines.media.open_clip import open_clip

RESULTS = Path(__file__).parent / "results" / "shots_speed.json"
CLIP = "hdr10-video-with-sdr-container.mp4"
PEAK_NITS = 1000.0
BUDGET = 8192
RATE = 24
F32 = NDArray[np.float32]

# Peak memory by the process's own account: that of `wait4` counts what its parent had when it was forked.
_CHILD = """
import sys
from candela_server.cli.run import run
code = run(sys.argv[1:])
peak = [line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")][0]
print("VmHWM", peak)
sys.exit(code)
"""

OUTPUTS: dict[str, tuple[str, ...]] = {
    "exr, none": ("x.####.exr",),
    "exr, zips": ("x.####.exr", "--compression", "zips"),
    "exr, zip": ("x.####.exr", "--compression", "zip"),
    "exr, dwaa": ("x.####.exr", "--compression", "dwaa"),
    "dpx, pq, 10 bit": ("x.####.dpx",),
    "hevc, pq": ("x.mp4",),
    "hevc, hlg": ("x.mp4", "--encoding", "hlg"),
    "av1, pq": ("x.mp4", "--codec", "av1"),
    "prores 4444, pq": ("x.mov",),
}


def master_frames(path: Path, most: int) -> list[F32]:
    """Light of the clip's first frames, clipped at 1000 nit."""
    with open_clip(str(path)) as clip:
        state, found = clip.info.state, []
        assert state is not None
        for frame in clip.frames(0, min(most, clip.info.count) - 1):
            nits = np.asarray(to_nits_rec2020(frame.codes.astype(np.float32), state), np.float32)
            found.append(np.clip(nits, 0, PEAK_NITS))
    return found


def write_sdr(path: Path, masters: list[F32], count: int) -> None:
    """The masters' SDR there and back again, `count` frames of 8-bit H.264."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=Fraction(RATE), options={"crf": "16", "preset": "fast"})
        height, width, _ = masters[0].shape
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        context = stream.codec_context
        context.color_primaries, context.color_trc, context.colorspace = 1, 1, 1
        context.color_range = 1
        pictures = [_sdr_frame(nits) for nits in masters]
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(pictures[at(number, len(masters))], format="rgb24")
            frame = frame.reformat(format="yuv420p", src_colorspace=1, dst_colorspace=1, dst_color_range=1)
            frame.pts = number
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def _sdr_frame(nits: F32) -> NDArray[np.uint8]:
    return np.rint(np.asarray(bt2446.rec709_code(nits, method="a")) * 255).astype(np.uint8)


def at(number: int, count: int) -> int:
    """There and back again through `count` frames."""
    place = number % (2 * count - 2) if count > 1 else 0
    return place if place < count else 2 * count - 2 - place


def embed(movie: Path, masters: list[F32], out: Path, effort: str) -> dict[str, Any]:
    """Fit one network to the movie and put it into a copy."""
    with open_clip(str(movie)) as clip:
        info = clip.info

        def pairs(first: int, last: int, wanted: Collection[int] | None = None) -> Iterator[PairFrame]:
            for frame in clip.frames(first, last):
                if wanted is None or frame.number in wanted:
                    nits = masters[at(frame.number, len(masters))]
                    yield PairFrame(frame.number, frame.codes, frame.bits, nits, frame.digest())

        assert info.state is not None
        part = fit_part(
            pairs, 0, info.count - 1, sdr_state=info.state, hdr_state=NAMED["rec2100-pq"], budget=BUDGET,
            effort=effort,  # type: ignore[arg-type]
        )  # fmt: skip
    embed_payload(movie, out, encode_reel([part.payload]))
    numbers = decode(part.payload).numbers
    return {
        "payload_bytes": len(part.payload),
        "pu_psnr_db": round(part.report.fidelity.pu_psnr, 2),
        "network": f"{numbers[1]} wide, {numbers[2]} deep, plane {numbers[4]}, keys {numbers[11:]}",
    }


def measure(movie: Path, folder: Path, words: tuple[str, ...], frames: int) -> dict[str, Any]:
    """Run the command once; what it says of itself, and what the system says of its process."""
    command = [
        sys.executable, "-c", _CHILD, "reconstruct", str(movie), "-o", str(folder / words[0]),
        *words[1:], "--frames", f"0-{frames - 1}", "--no-resume", "--quiet", "--json",
    ]  # fmt: skip
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - began
    if process.returncode:
        return {"error": said[-300:]}
    said, _, peak = said.rpartition("VmHWM")
    document = json.loads(said)
    size = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    for path in folder.iterdir():
        path.unlink()
    stages = document["stages"]
    busy = stages["decode_seconds"] + stages["network_seconds"] + stages["encode_seconds"]
    return {
        "frames": frames,
        "fps": stages["frames_per_second"],
        "fps_with_start": round(frames / wall, 2),
        "cpu_ms_per_frame": round(1e3 * (usage.ru_utime + usage.ru_stime) / frames, 1),
        "share": {
            name: round(stages[f"{name}_seconds"] / busy, 3) for name in ("decode", "network", "encode")
        },
        "peak_rss_mib": int(peak) >> 10,
        "out_bytes_per_frame": size // frames,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--clip", default=CLIP)
    parser.add_argument("--frames", type=int, default=144)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--effort", default="normal")
    parser.add_argument("--only", default="", help="outputs whose name contains this")
    parser.add_argument("--work", type=Path, help="a folder to keep the embedded movie in")
    parser.add_argument("--results", type=Path, default=RESULTS)
    given = parser.parse_args()
    busy_before = round(os.getloadavg()[0], 2)
    with tempfile.TemporaryDirectory(prefix="candela-") as temporary:
        work = given.work or Path(temporary)
        work.mkdir(parents=True, exist_ok=True)
        movie, kept = work / f"embedded-{given.frames}.mov", work / f"embedded-{given.frames}.json"
        if not movie.exists():
            masters = master_frames(given.data / given.clip, 28)
            write_sdr(work / "sdr.mov", masters, given.frames)
            kept.write_text(json.dumps(embed(work / "sdr.mov", masters, movie, given.effort)))
        rows = []
        for name, words in OUTPUTS.items():
            if given.only not in name:
                continue
            folder = work / "out"
            folder.mkdir(exist_ok=True)
            runs = [measure(movie, folder, words, given.frames) for _ in range(given.rounds)]
            best = max(runs, key=lambda run: run.get("fps", 0))
            short = measure(movie, folder, words, given.frames // 4)
            best["peak_rss_mib_of_a_quarter"] = short.get("peak_rss_mib")
            rows.append({"output": name, **best})
            print(json.dumps(rows[-1]), flush=True)
    document = environment() | {
        "clip": given.clip,
        "size": "1920x1080, H.264, 8 bit, 4:2:0",
        "embedded": json.loads(kept.read_text()) if kept.exists() else None,
        "rounds": given.rounds,
        "load_of_others_before": busy_before,
        "rows": rows,
    }
    given.results.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
