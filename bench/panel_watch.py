"""The panel's main thread, watched: how long it is at one thing."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from candela_bridge.panel.widgets.qt import QtCore

__all__ = ["Watchdog", "spread", "until"]


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


def spread(values: list[float]) -> dict[str, float]:
    """Median, 95th percentile and the most."""
    ordered = sorted(values)
    return {
        "median": round(statistics.median(ordered), 3),
        "p95": round(ordered[int(0.95 * (len(ordered) - 1))], 3),
        "most": round(ordered[-1], 3),
    }
