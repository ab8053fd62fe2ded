"""Progress on stderr: a bar on a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

__all__ = ["ProgressBar"]

_STAGES = {
    "read": "Reading",
    "choose": "Choosing",
    "fit": "Fitting",
    "measure": "Measuring",
    "render": "Rendering",
    "write": "Writing",
}
_LOG_SECONDS = 10.0


class ProgressBar:
    """Called as `bar(stage, fraction)`; leaving the `with` block takes the bar away."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._stage = ""
        self._subject = ""
        self._logged = time.monotonic()

    def __enter__(self) -> ProgressBar:
        if not self._quiet and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

            columns = (
                TextColumn("{task.description:<18}"),
                BarColumn(),
                TaskProgressColumn(),
                TimeElapsedColumn(),
            )
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.pause()

    def pause(self) -> None:
        """Take the bar away, so that text can be printed; the next call brings it back."""
        if self._bar is not None:
            self._bar.stop()

    def subject(self, name: str) -> None:
        """Which of several pictures is being worked on."""
        self._subject, self._stage = f"{name}: ", ""

    def __call__(self, stage: str, fraction: float) -> None:
        """Show how far a stage has come, 0 to 1."""
        fresh, self._stage = stage != self._stage, stage
        if self._bar is not None:
            if fresh and self._task is not None:
                self._bar.remove_task(self._task)
            if fresh or self._task is None:
                self._bar.start()
                self._task = self._bar.add_task(self._subject + _STAGES.get(stage, stage), total=1.0)
            self._bar.update(self._task, completed=fraction)
        elif not self._quiet and time.monotonic() - self._logged > _LOG_SECONDS:
            self._logged = time.monotonic()
            text = f"candela: {self._subject}{_STAGES.get(stage, stage).lower()}, {fraction:.0%}"
            print(text, file=sys.stderr, flush=True)
