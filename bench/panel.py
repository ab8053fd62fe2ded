"""How the panel keeps up: a list of 500 shots opened and scrolled, a click on a kept score, frames played.

    QT_QPA_PLATFORM=offscreen python -m bench.panel [--scores 24]

Writes bench/results/panel.json.

The panel's main thread is watched throughout: how long it was at one thing, by the wall clock, which counts
what other programs took, and by its own processor time, which is what the panel is to be blamed for. The
rival of the list is Qt's own of the same length, text alone, without a bridge; that of playing is decoding
alone (PyAV, all threads) of the same movie, 1920x1080 HEVC of ten bits that is made for the run.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
import numpy as np
from tests.server.test_score import exr, sdr, texture

from bench.bridging import bridged
from bench.environment import environment
from bench.panel_playing import movie, play
from bench.panel_watch import Watchdog, spread, until
from candela_bridge.client import Bridge
from candela_bridge.panel.choices import Choices
from candela_bridge.panel.widgets.opening import keep_what_is_loaded
from candela_bridge.panel.widgets.panel import Panel
from candela_bridge.panel.widgets.qt import QtCore, QtWidgets
from candela_bridge.shot import Shot

RESULTS = Path(__file__).parent / "results" / "panel.json"
SHOTS = 500


def scroll(app: Any, view: Any, watch: Watchdog, steps: int = 120, by: int | None = None) -> list[float]:
    """Milliseconds a step, each painted. by: pixels, None for all of the list in so many steps."""
    bar, took = view.verticalScrollBar(), []
    for step in range(steps):
        begin = time.perf_counter()
        bar.setValue(int(bar.maximum() * step / (steps - 1)) if by is None else bar.value() + by)
        watch.turn(app)
        took.append(1000 * (time.perf_counter() - begin))
        time.sleep(0.001)
    return took


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
    parser.add_argument("--scores", type=int, default=24, help="shots that are judged, and then clicked on")
    parser.add_argument("--out", type=Path, default=RESULTS)
    said = parser.parse_args()
    app: Any = QtWidgets.QApplication(["bench"])
    with tempfile.TemporaryDirectory(prefix="cb") as name:
        found = measure(app, Path(name), said.scores)
    gc.unfreeze()
    text = json.dumps(found, indent=2)
    print(text)
    said.out.write_text(text + "\n")


def measure(app: Any, home: Path, calls: int) -> dict[str, Any]:
    media = home / "media"
    media.mkdir()
    nits = np.minimum(texture(), 990)
    exr(home / "one.exr", nits)
    for n in range(SHOTS):  # each in a folder of its own, as sequences are; their pictures are alike
        path = place(media, n)
        path.parent.mkdir()
        path.symlink_to(home / "one.exr")
    sdr(media / "sdr.png", nits)
    with bridged(home) as bridge:
        bridge.call("status", seconds=600.0).result(600)
        return over(bridge, app, home, media, calls)


def over(bridge: Bridge, app: Any, home: Path, media: Path, calls: int) -> dict[str, Any]:
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
    keep_what_is_loaded()
    panel.show_shots(shots)
    watch.turn(app)
    opened = time.perf_counter() - begin
    opening = Watchdog()
    begin = time.perf_counter()
    before = panel.list.rows
    panel.open([str(timeline)])
    listed = until(app, lambda: panel.list.rows is not before and len(panel.list.rows) == SHOTS, opening)
    found = listed + until(app, lambda: panel.host.name, opening)
    visible = until(app, lambda: len(panel.thumbs.looks._pictures) >= 8, opening)
    answered = until(app, lambda: not panel.scoring._recalls and not panel.scoring._to_recall, opening)
    wheeling, scrolling = Watchdog(), Watchdog()
    wheel = scroll(app, panel.list.view, wheeling, by=66)  # three lines of a mouse's wheel
    steps = scroll(app, panel.list.view, scrolling)
    until(app, lambda: not panel.thumbs.looks.busy, Watchdog())
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
        until(app, lambda: not panel.viewing.looks.busy, Watchdog())  # somebody looks before clicking again
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
        "media_found_s": round(found, 3),
        "thumbnails_on_screen_s": round(found + visible, 3),
        "all_looked_up_s": round(found + visible + answered, 3),
        "wheel_ms": spread(wheel),
        "wheel_own_ms": spread(wheeling.own),
        "scroll_ms": spread(steps),
        "scroll_own_ms": spread(scrolling.own),
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
    result["playing"] = play(app, panel, movie(home / "movie.mp4"), result["main_thread"])
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


if __name__ == "__main__":
    main()
