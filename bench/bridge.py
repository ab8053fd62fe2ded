"""What the bridge costs a host: how long its main thread stands still, how fast a click on a shot is
answered, and how long a timeline of 500 shots takes to open.

    python -m bench.bridge [--rounds 20]

Writes bench/results/bridge.json. The rival of a click is the command line, in the same run and in turns: the
same score in a new process; that of a timeline OpenTimelineIO's own reading of the OTIO in this process,
which looks at no media. `gap` is how long another thread of this process was held up at most while a timeline
came, by the clock, so that others' work on the machine counts; `gap_without_any_work_ms` is the same of none.
`still` is the longest time that the bridge's thread keeps Python's lock, in its own CPU time, so that others'
work on the machine does not count.
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
import threading
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import opentimelineio as otio

from bench.bridging import bridged
from bench.environment import environment
from candela_bridge.client import Bridge
from candela_bridge.timeline import open_timeline
from candela_bridge.wire import MOST_BYTES, Decoder, WireError, encode
from candela_engines.colour.names import NAMED
from candela_engines.media import write_hdr, write_sdr_png
from candela_engines.media.timecode import timecode_of

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
    given = {"grade": {"path": str(grade)}, "reference": {"path": str(sdr)}}
    line = [*command, "--json", "score", str(grade), "--reference", str(sdr)]
    with bridged(folder) as bridge:
        start = timed(lambda: bridge.ping().result())
        bridge.call("score", given).result()
        asked, kept, fresh, rival = [], [], [], []
        for _ in range(rounds):
            asked.append(timed(lambda: bridge.call("recall", given)))
            kept.append(timed(lambda: bridge.call("recall", given).result()))
        for _ in range(max(3, rounds // 5)):
            fresh.append(timed(lambda: bridge.call("score", {**given, "fresh": True}).result()))
            rival.append(timed(lambda: subprocess.run(line, check=True, capture_output=True)))
    return {
        "helper_started_ms": start,
        "call": spread(asked),
        "kept": spread(kept),
        "fresh": spread(fresh),
        "command_line": spread(rival),
        "kept_of_command_line": statistics.median(kept) / statistics.median(rival),
        "fresh_of_command_line": statistics.median(fresh) / statistics.median(rival),
    }


SHOTS, MEDIA = 500, 25


def rushes(folder: Path) -> list[Path]:
    """Folders of 25 sequences of 24 frames, of one picture."""
    picture = folder / "one.exr"
    write_hdr(picture, np.full((108, 192, 3), 0.5, np.float32), encoding=NAMED["linear-rec2020"])
    found = []
    for number in range(MEDIA):
        place = folder / f"A{number:03}"
        place.mkdir()
        for frame in range(24):
            os.link(picture, place / f"a.{1001 + frame}.exr")
        found.append(place)
    return found


def timelines(folder: Path) -> dict[str, Path]:
    """The same 500 shots as OTIO, FCPXML and EDL."""
    places = rushes(folder)
    track = otio.schema.Track("V1", kind="Video")
    spine, events = [], []
    span = otio.opentime.TimeRange
    time_ = otio.opentime.RationalTime
    for number in range(SHOTS):
        place, first = places[number % MEDIA], number % 12
        reference = otio.schema.ImageSequenceReference(
            target_url_base=place.as_uri(), name_prefix="a.", name_suffix=".exr", start_frame=1001, rate=24,
            frame_zero_padding=4, available_range=span(time_(1001, 24), time_(24, 24)),
        )  # fmt: skip
        at = span(time_(1001 + first, 24), time_(12, 24))
        track.append(otio.schema.Clip(f"sh{number:04}", media_reference=reference, source_range=at))
        spine.append(
            f'<asset-clip ref="a{number % MEDIA}" name="sh{number:04}" offset="{number * 12 + 86400}/24s" '
            f'start="{first}/24s" duration="12/24s"/>'
        )
        record = [timecode_of(86400 + 12 * (number + by), Fraction(24)) for by in (0, 1)]
        source = [timecode_of(1001 + first + 12 * by, Fraction(24)) for by in (0, 1)]
        events += [
            f"{number + 1:03}  A{number % MEDIA:03} V C {' '.join([*source, *record])}",
            f"* FROM FILE: {place}/a.####.exr",
        ]
    timeline = otio.schema.Timeline("cut")
    timeline.tracks.append(track)
    assets = "".join(
        f'<asset id="a{n}" start="0s" duration="1s" hasVideo="1" format="r" '
        f'src="{place.as_uri()}/a.1001.exr"/>'
        for n, place in enumerate(places)
    )
    made = {kind: folder / f"cut.{kind}" for kind in ("otio", "fcpxml", "edl")}
    otio.adapters.write_to_file(timeline, str(made["otio"]))
    made["fcpxml"].write_text(
        f'<fcpxml version="1.10"><resources><format id="r" frameDuration="1/24s"/>{assets}</resources>'
        '<library><event><project name="cut"><sequence format="r" tcStart="3600s"><spine>'
        f"{''.join(spine)}</spine></sequence></project></event></library></fcpxml>"
    )
    made["edl"].write_text("TITLE: cut\n" + "\n".join(events) + "\n")
    return made


class Gaps:
    """A thread that wants to run every millisecond, as a window does every 16; the longest that it had to
    wait beyond that."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self.most = 0.0
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Gaps:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.is_set():
            begin = time.perf_counter()
            time.sleep(0.001)
            self.most = max(self.most, (time.perf_counter() - begin) * 1000 - 1)


def opened(bridge: Bridge, path: Path) -> int:
    """Wait for a timeline; how many shots of it can be judged."""
    found: list[Any] = []
    over = threading.Event()
    rate = "24" if path.suffix == ".edl" else None
    open_timeline(bridge, str(path), lambda *said: (found.append(said), over.set()), rate=rate)
    over.wait(300)
    timeline, error = found[0]
    if error is not None:
        raise error
    return sum(shot.media is not None for shot in timeline.shots)


def opening(folder: Path, rounds: int) -> dict[str, Any]:
    """From the call to all shots with their media looked at, helper and sidecar running; and each again."""
    made = timelines(folder)
    figures: dict[str, Any] = {"shots": SHOTS, "media": MEDIA}
    with bridged(folder) as bridge:
        bridge.call("status").result()
        idle = Gaps()
        with idle:
            time.sleep(1)
        for kind, path in made.items():
            times, rival, gaps = [], [], []
            for _ in range(rounds):
                with Gaps() as gap:
                    begin = time.perf_counter()
                    judged = opened(bridge, path)
                    times.append((time.perf_counter() - begin) * 1000)
                gaps.append(gap.most)
                rival.append(timed(lambda: otio.adapters.read_from_file(str(made["otio"]))))
            if judged != SHOTS:
                raise RuntimeError(f"{path}: {judged} of {SHOTS} shots have their media")
            figures[kind] = {
                "first_ms": times[0], **spread(times), "gap": spread(gaps), "opentimelineio": spread(rival),
                "of_opentimelineio": statistics.median(times) / statistics.median(rival),
            }  # fmt: skip
        figures["gap_without_any_work_ms"] = idle.most
    return figures


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    folder = Path(tempfile.mkdtemp(prefix="cb"))
    try:
        before = os.getloadavg()[0]
        (folder / "cut").mkdir(mode=0o700)
        figures = {
            "still": still(rounds), "clicks": clicks(folder, rounds),
            "opening": opening(folder / "cut", max(3, rounds // 3)),
        }  # fmt: skip
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    load = {"before": before, "after": os.getloadavg()[0]}
    document = {"environment": environment(), "load": load, "rounds": rounds, **figures}
    RESULTS.write_text(json.dumps(document, indent=2) + "\n")
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
