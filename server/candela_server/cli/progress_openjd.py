"""Progress in the form of Open Job Description, which render farms read from standard output.

Lines are `openjd_progress: 0-100`, `openjd_status: …` and `openjd_fail: …` (How Jobs Are Run, "Action
messages").
"""

from __future__ import annotations

import os
import time
from typing import TextIO

__all__ = ["OpenJdLines", "fail_line", "status_line", "wants_openjd"]

VARIABLE = "CANDELA_PROGRESS"
_SECONDS = 1.0


def wants_openjd() -> bool:
    """Whether the environment asks for lines of Open Job Description, by CANDELA_PROGRESS=openjd."""
    return os.environ.get(VARIABLE, "").strip().lower() == "openjd"


def fail_line(text: str) -> str:
    """Why a task failed, for the farm's own user interface."""
    return f"openjd_fail: {_one_line(text)}"


def status_line(text: str) -> str:
    """What a task came to, or is about."""
    return f"openjd_status: {_one_line(text)}"


class OpenJdLines:
    """Writes progress that never goes back, at most once a second, and each new status."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._high = -1.0
        self._said = ""
        self._at = 0.0

    def show(self, percent: float, status: str, *, now: float | None = None) -> None:
        """percent: of the whole task, 0..100. status: in words."""
        now = time.monotonic() if now is None else now
        fresh = status.split(",")[0] != self._said.split(",")[0]
        if not fresh and now - self._at < _SECONDS and percent < 100:
            return
        self._at = now
        percent = min(max(percent, 0.0), 100.0)
        if percent > self._high:
            self._high = percent
            self._write(f"openjd_progress: {percent:.1f}")
        if status != self._said:
            self._said = status
            self._write(status_line(status))

    def _write(self, line: str) -> None:
        try:
            print(line, file=self._stream, flush=True)
        except (OSError, ValueError):
            # Nobody reads any more: the work goes on, and its end says what there is to say.
            self._stream = open(os.devnull, "w")  # noqa: SIM115, PTH123


def _one_line(text: str) -> str:
    return " ".join(text.split())[:1000]
