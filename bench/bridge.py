"""What the bridge costs a host: how long its main thread stands still, and how fast a click on a shot is
answered.

    python -m bench.bridge [--rounds 20]

Writes bench/results/bridge.json. The rival of a click is the command line, in the same run and in turns: the
same score in a new process. `still` is the longest time that the bridge's thread keeps Python's lock, in its
own CPU time, so that others' work on the machine does not count.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bench.environment import environment
from candela_bridge.client import Bridge, Launch, Place
from candela_bridge.wire import MOST_BYTES, Decoder, WireError, encode
from candela_engines.colour.names import NAMED
from candela_engines.media import write_hdr, write_sdr_png

RESULTS = Path(__file__).parent / "results" / "bridge.json"


def timed(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """Milliseconds."""
    begin = clock()
    work()
    return (clock() - begin) * 1000


def spread(values: list[float]) -> dict[str, float]:
    """Least, median and most, in milliseconds."""
    return {"least_ms": min(values), "median_ms": statistics.median(values), "most_ms": max(values)}


def largest() -> bytes:
    """A frame as long as one may be, of what results are made of."""
    reason = {
        "kind": "highlights_clipped", "class": "violation", "severity": 0.5, "text": "x" * 150,
        "frames": [1, 2, 3],
        "box_px": {"left": 1, "top": 2, "width": 3, "height": 4},
        "evidence": [{"name": "peak", "value": 150.0, "unit": "nit"}] * 3,
    }  # fmt: skip
    frame, count = b"", 10
    while True:
        try:
            frame = encode({"id": 1, "result": {"reasons": [reason] * count}})
        except WireError:
            return frame
        count += 10


def still(rounds: int) -> dict[str, Any]:
    """What the bridge does in one piece with Python's lock held."""
    frame = largest()
    message = Decoder().feed(frame)[0]
    return {
        "frame_bytes": len(frame),
        "most_bytes": MOST_BYTES,
        "read": spread([timed(lambda: Decoder().feed(frame), time.thread_time) for _ in range(rounds)]),
        "write": spread([timed(lambda: encode(message), time.thread_time) for _ in range(rounds)]),
    }


def pictures(folder: Path) -> tuple[Path, Path]:
    """A grade of 1920x1080 and its SDR."""
    y, x = np.mgrid[0:1080, 0:1920] / 1920
    nits = 1 + 600 * np.exp(-8 * ((x - 0.6) ** 2 + (y - 0.3) ** 2)) + 3 * np.sin(90 * x) * np.sin(70 * y)
    rgb = np.maximum(nits[..., None] * [1, 0.9, 0.8], 0.01).astype(np.float32)
    write_hdr(folder / "grade.exr", rgb, encoding=NAMED["linear-rec2020"])
    codes = np.clip((rgb / 600) ** (1 / 2.4) * 255, 0, 255).astype(np.uint8)
    write_sdr_png(folder / "sdr.png", codes, state=NAMED["rec709"])
    return folder / "grade.exr", folder / "sdr.png"


def clicks(folder: Path, rounds: int) -> dict[str, Any]:
    """From the call to the result of a shot that was judged before, and of one that was not."""
    grade, sdr = pictures(folder)
    command = [sys.executable, "-m", "candela_server.cli"]
    launch = Launch(
        (*command, "--sidecar", f"unix:{folder}/s.sock", "bridge"),
        {**os.environ},
        ("--root", str(folder), "--cache", str(folder / "cache")),
    )
    given = {"grade": {"path": str(grade)}, "reference": {"path": str(sdr)}}
    line = [*command, "--json", "score", str(grade), "--reference", str(sdr)]
    with Bridge("bench", launch=launch, place=Place(folder, True)) as bridge:
        start = timed(lambda: bridge.ping().result())
        bridge.call("score", given).result()
        asked, kept, fresh, rival = [], [], [], []
        for _ in range(rounds):
            asked.append(timed(lambda: bridge.call("recall", given)))
            kept.append(timed(lambda: bridge.call("recall", given).result()))
        for _ in range(max(3, rounds // 5)):
            fresh.append(timed(lambda: bridge.call("score", {**given, "fresh": True}).result()))
            rival.append(timed(lambda: subprocess.run(line, check=True, capture_output=True)))
        if bridge.helper is not None:
            os.kill(bridge.helper["process"], signal.SIGTERM)
            time.sleep(1)
    return {
        "helper_started_ms": start,
        "call": spread(asked),
        "kept": spread(kept),
        "fresh": spread(fresh),
        "command_line": spread(rival),
        "kept_of_command_line": statistics.median(kept) / statistics.median(rival),
        "fresh_of_command_line": statistics.median(fresh) / statistics.median(rival),
    }


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    folder = Path(tempfile.mkdtemp(prefix="cb"))
    try:
        before = os.getloadavg()[0]
        figures = {"still": still(rounds), "clicks": clicks(folder, rounds)}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    load = {"before": before, "after": os.getloadavg()[0]}
    document = {"environment": environment(), "load": load, "rounds": rounds, **figures}
    RESULTS.write_text(json.dumps(document, indent=2) + "\n")
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
