"""Progress on stderr: a bar on a terminal, a line now and then in a log; rate and time left of long work."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

from candela_server.cli.progress_openjd import OpenJdLines, wants_openjd
from candela_server.cli.stopping import SIGNALS

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from candela_server.service import Work

__all__ = ["ProgressBar", "Rate", "duration"]

_STAGES = {
    "read": "Reading",
    "check": "Checking",
    "cut": "Finding cuts",
    "encode": "Encoding",
    "choose": "Choosing",
    "fit": "Fitting",
    "measure": "Measuring",
    "render": "Rendering",
    "write": "Writing",
}
# Those that take the time: only they move a farm's bar, which knows one way.
_LONG = ("fit", "measure", "render", "encode")
_LOG_SECONDS = 10.0
_RATE_SECONDS = 0.5


class Rate:
    """Units a second since a stage began, and the seconds that the rest will take at that rate.

    What was done before the first report, by an earlier run, does not count as fast.
    """

    def __init__(self, done: float, now: float) -> None:
        self._from, self._since = done, now

    def __call__(self, done: float, total: float, now: float) -> tuple[float, float] | None:
        """Units a second, and seconds left; None while there is nothing to tell it by."""
        passed, made = now - self._since, done - self._from
        if passed < _RATE_SECONDS or made <= 0:
            return None
        return made / passed, max(total - done, 0) * passed / made


def duration(seconds: float) -> str:
    """`45 s`, `3 min 20 s`, `1 h 05 min`."""
    whole = max(round(seconds), 0)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


class ProgressBar:
    """Called as `bar(stage, fraction)`, or as `bar.work(work)` for long work, with rate and time left.

    Raises KeyboardInterrupt where a signal asked to stop, whatever became of what its handler raised.
    With CANDELA_PROGRESS=openjd in the environment, lines for a render farm on stdout are in its place.
    Leaving the `with` block takes the bar away.
    """

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._stage = ""
        self._subject = ""
        self._rate: Rate | None = None
        self._logged = time.monotonic()
        self._farm = OpenJdLines(sys.stdout) if wants_openjd() else None

    def __enter__(self) -> ProgressBar:
        if self._farm is None and not self._quiet and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

            columns = (
                TextColumn("{task.description:<18}"),
                BarColumn(),
                TaskProgressColumn(),
                TimeElapsedColumn(),
                TextColumn("{task.fields[rate]}"),
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
        self._show(stage, self._subject + _STAGES.get(stage, stage), fraction, "")

    def work(self, work: Work) -> None:
        """Show how far long work has come, how fast it goes and how long it will take."""
        now = time.monotonic()
        if work.stage != self._stage or self._rate is None:
            self._rate = Rate(work.done, now)
        found = self._rate(work.done, work.total, now)
        told = "" if found is None else f"{found[0]:.3g} {work.unit}/s, {duration(found[1])} left"
        name = _STAGES.get(work.stage, work.stage)
        subject = f"{work.subject}: " if work.subject else self._subject
        description = subject + (name.lower() if subject else name)
        self._show(work.stage, description, work.done / (work.total or 1), told)

    def _show(self, stage: str, description: str, fraction: float, told: str) -> None:
        if SIGNALS:
            raise KeyboardInterrupt
        fresh, self._stage = stage != self._stage, stage
        if self._farm is not None:
            tail = f", {told}" if told else ""
            self._farm.show(100 * fraction if stage in _LONG else 0, f"{description}{tail}")
            return
        if self._bar is not None:
            if fresh and self._task is not None:
                self._bar.remove_task(self._task)
            if fresh or self._task is None:
                self._bar.start()
                self._task = self._bar.add_task(description, total=1.0, rate="")
            self._bar.update(self._task, description=description, completed=fraction, rate=told)
        elif not self._quiet and time.monotonic() - self._logged > _LOG_SECONDS:
            self._logged = time.monotonic()
            tail = f", {told}" if told else ""
            print(f"candela: {_lower(description)}, {fraction:.0%}{tail}", file=sys.stderr, flush=True)


def _lower(description: str) -> str:
    """As inside a line: a stage begins small, the name of a picture stays as it is."""
    subject, colon, stage = description.rpartition(": ")
    return f"{subject}{colon}{stage[:1].lower()}{stage[1:]}"
