"""How the panel keeps up: a list of 500 shots opened and scrolled, a click on a kept score, frames played.

    QT_QPA_PLATFORM=offscreen python -m bench.panel [--clips FOLDER]

Writes bench/results/panel.json.

The panel's main thread is watched throughout: how long it was at one thing, by the wall clock, which counts
what other programs took, and by its own processor time, which is what the panel is to be blamed for. The
rival in the same run is Qt's own list of the same length, text alone, without a bridge.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
import numpy as np
from tests.server.test_score import exr, sdr, texture

from bench.environment import environment
from candela_bridge.client import Bridge, Launch
from candela_bridge.panel.choices import Choices
from candela_bridge.panel.widgets.panel import Panel
from candela_bridge.panel.widgets.qt import QtCore, QtWidgets
from candela_bridge.place import Place
from candela_bridge.shot import Shot

RESULTS = Path(__file__).parent / "results" / "panel.json"
SHOTS = 500


class Watchdog(QtCore.QObject):
    """Every turn of the event loop, by the wall clock and by the thread's own time."""

    def __init__(self) -> None:
        super().__init__()
        self.wall: list[float] = []
        self.own: list[float] = []

    def turn(self, app: Any) -> None:
        """One turn, timed where there was something to do."""
        wall, own = time.perf_counter(), time.thread_time()
        app.processEvents(QtCore.QEventLoop.ProcessEventsFlag.AllEvents)
        self.wall.append(1000 * (time.perf_counter() - wall))
        self.own.append(1000 * (time.thread_time() - own))

    def told(self) -> dict[str, float]:
        """The longest, and how many were over a frame's time. A turn may hold several events."""
        return {
            "turns": len(self.wall),
            "longest_wall_ms": round(max(self.wall), 2),
            "longest_own_ms": round(max(self.own), 2),
            "over_16_ms_wall": sum(one > 16 for one in self.wall),
            "over_16_ms_own": sum(one > 16 for one in self.own),
            "p999_own_ms": round(sorted(self.own)[int(0.999 * (len(self.own) - 1))], 2),
        }


def until(app: Any, true: Callable[[], object], watch: Watchdog, seconds: float = 420.0) -> float:
    """Seconds until something is so."""
    begin = time.perf_counter()
    while not true():
        if time.perf_counter() - begin > seconds:
            raise TimeoutError("it never came")
        watch.turn(app)
        time.sleep(0.0005)
    return time.perf_counter() - begin


def scroll(app: Any, view: Any, watch: Watchdog, steps: int = 120) -> list[float]:
    """Milliseconds a step, each painted."""
    bar, took = view.verticalScrollBar(), []
    for step in range(steps):
        begin = time.perf_counter()
        bar.setValue(int(bar.maximum() * step / (steps - 1)))
        watch.turn(app)
        took.append(1000 * (time.perf_counter() - begin))
    return took


def spread(values: list[float]) -> dict[str, float]:
    """Median, 95th percentile and the most."""
    ordered = sorted(values)
    return {
        "median": round(statistics.median(ordered), 3),
        "p95": round(ordered[int(0.95 * (len(ordered) - 1))], 3),
        "most": round(ordered[-1], 3),
    }


def rival(app: Any) -> dict[str, Any]:
    """Qt's own list of as many lines."""
    watch = Watchdog()
    begin = time.perf_counter()
    view = QtWidgets.QListView()
    model = QtCore.QStringListModel([f"shot{n:03}" for n in range(SHOTS)])
    view.setModel(model)
    view.setUniformItemSizes(True)
    view.resize(480, 760)
    view.show()
    watch.turn(app)
    opened = time.perf_counter() - begin
    found = {"open_s": round(opened, 4), "scroll_ms": spread(scroll(app, view, watch))}
    view.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--clips", type=Path, help="movies to play; without it nothing is played")
    parser.add_argument("--scores", type=int, default=24, help="shots that are judged, and then clicked on")
    parser.add_argument("--out", type=Path, default=RESULTS)
    said = parser.parse_args()
    app: Any = QtWidgets.QApplication(["bench"])
    with tempfile.TemporaryDirectory(prefix="cb") as name:
        found = measure(app, Path(name), said.clips, said.scores)
    text = json.dumps(found, indent=2)
    print(text)
    said.out.write_text(text + "\n")


def measure(app: Any, home: Path, clips: Path | None, calls: int) -> dict[str, Any]:
    media = home / "media"
    media.mkdir()
    nits = np.minimum(texture(), 990)
    exr(home / "one.exr", nits)
    for n in range(SHOTS):  # each in a folder of its own, as sequences are; their pictures are alike
        path = place(media, n)
        path.parent.mkdir()
        path.symlink_to(home / "one.exr")
    sdr(media / "sdr.png", nits)
    roots = ["--root", str(home)] + ([] if clips is None else ["--root", str(clips.resolve())])
    found = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    launch = Launch(
        (sys.executable, "-m", "candela_server.cli", "--sidecar", f"unix:{home}/s.sock", "bridge"),
        found, (*roots, "--cache", str(home / "cache")),
    )  # fmt: skip
    bridge = Bridge("bench", launch=launch, place=Place(home, True))
    try:
        bridge.call("status").result(300)
        return over(bridge, app, home, media, clips, calls)
    finally:
        end(bridge)


def over(bridge: Bridge, app: Any, home: Path, media: Path, clips: Path | None, calls: int) -> dict[str, Any]:
    """All of it, over a helper that is there."""
    shots = [
        Shot(None, str(n), f"shot{n:03}", 1, 24 * n, 24 * n + 23, str(place(media, n)), (0, 0))
        for n in range(SHOTS)
    ]
    timeline = otio(home / "show.otio", media)
    watch = Watchdog()
    begin = time.perf_counter()
    panel = Panel(bridge, choices=Choices(home / "c.csv"))
    panel.resize(1560, 900)
    panel.show()
    panel.show_shots(shots)
    watch.turn(app)
    opened = time.perf_counter() - begin
    opening = Watchdog()
    begin = time.perf_counter()
    panel.open([str(timeline)])
    listed = until(app, lambda: len(panel.list.rows) == SHOTS and panel.host.name, opening)
    visible = until(app, lambda: len(panel.thumbs.looks._pictures) >= 8, opening)
    answered = until(app, lambda: not panel.scoring._recalls and not panel.scoring._to_recall, opening)
    scrolling = Watchdog()
    steps = scroll(app, panel.list.view, scrolling)
    rows = panel.list.rows
    panel.set_side("sdr", str(media / "sdr.png"), rows[:calls])
    panel.scoring.score(rows[:calls])
    working = Watchdog()
    scored = until(app, lambda: not panel.scoring.busy, working)
    failed = [row.error for row in rows[:calls] if row.verdict is None]
    if failed:
        raise RuntimeError(f"not judged: {failed[0]}")
    clicking, clicks = Watchdog(), []
    panel.list.go(rows[-1])
    for row in rows[:calls]:
        row.forget()
        begin = time.perf_counter()
        panel.list.go(row)
        until(
            app,
            lambda row=row: panel.reasons.verdict is not None and panel.reasons.verdict is row.verdict,
            clicking,
        )
        clicks.append(1000 * (time.perf_counter() - begin))
    result: dict[str, Any] = {
        "environment": environment(),
        "qt": QtCore.qVersion(),
        "load_1_min": round(os.getloadavg()[0], 2),  # above the number of cores others were at work as well
        "shots": SHOTS,
        "window_with_list_s": round(opened, 3),
        "open_otio_s": round(listed, 3),
        "thumbnails_on_screen_s": round(listed + visible, 3),
        "all_looked_up_s": round(listed + visible + answered, 3),
        "scroll_ms": spread(steps),
        "qt_list": rival(app),
        "click_to_kept_score_ms": spread(clicks),
        "score_s_a_shot": round(scored / calls, 3),
        "main_thread": {
            "opening": opening.told(), "scrolling": scrolling.told(), "scoring": working.told(),
            "clicking": clicking.told(),
        },
    }  # fmt: skip
    result["window_times_qt_list"] = round(
        result["window_with_list_s"] / max(result["qt_list"]["open_s"], 1e-6), 1
    )
    result["scroll_times_qt_list"] = round(
        result["scroll_ms"]["median"] / max(result["qt_list"]["scroll_ms"]["median"], 1e-6), 1
    )
    if clips is not None:
        result["playing"] = play(app, panel, sorted(clips.glob("*.m*")), result["main_thread"])
    panel.close_bridge()
    return result


def place(media: Path, number: int) -> Path:
    """The file of a shot."""
    return media / f"shot{number:03}" / "still.0001.exr"


def otio(path: Path, media: Path) -> Path:
    """A timeline of all shots, as OpenTimelineIO writes it."""
    import opentimelineio as io

    track = io.schema.Track("V1", kind="Video")
    for n in range(SHOTS):
        zero, one, two = (io.opentime.RationalTime(frames, 24) for frames in range(3))
        span, held = io.opentime.TimeRange(zero, one), io.opentime.TimeRange(zero, two)
        file = io.schema.ExternalReference(place(media, n).as_uri(), held)
        track.append(io.schema.Clip(f"shot{n:03}", file, span))
    stack = io.schema.Timeline("show")
    stack.tracks.append(track)
    io.adapters.write_to_file(stack, str(path))
    return path


def play(app: Any, panel: Panel, movies: list[Path], main_thread: dict[str, Any]) -> list[dict[str, Any]]:
    """Frames a second that are shown, in the view that costs least and in false colour."""
    found = []
    watch = Watchdog()
    panel.open([str(movie) for movie in movies])
    until(app, lambda: len(panel.list.rows) == len(movies), watch)
    for row in list(panel.list.rows):
        if row.shot.media is None or row.shot.media[1] < 20:
            continue
        for view in ("hdr", "nits"):
            panel.list.go(row)
            panel.act(f"view_{view}")
            until(
                app, lambda: panel.player.canvas.main is not None and not panel.player.canvas.loading, watch
            )
            panel.act("first_frame")
            begin = time.perf_counter()
            panel.act("play")
            goal = row.shot.media[0] + 20
            until(app, lambda goal=goal: panel.viewing.player.at >= goal, watch)
            took = time.perf_counter() - begin
            panel.viewing.stop()
            main = panel.player.canvas.main
            found.append({"clip": row.shot.name, "view": view, "frames_per_second": round(20 / took, 1),
                          "of": round(panel.viewing.player.rate, 3), "width_px": main.full[0],
                          "height_px": main.full[1]})  # fmt: skip
    main_thread["playing"] = watch.told()
    return found


def end(bridge: Bridge) -> None:
    """The helper, and with it the sidecar that it started."""
    if bridge.helper is not None:
        os.kill(bridge.helper["process"], signal.SIGTERM)
    bridge.close(5)
    time.sleep(2)


if __name__ == "__main__":
    main()
