"""Which frames of a job are written: a line each, added when the file is whole and on the disk."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

from candela_engines.errors import InfrastructureError
from candela_server.service.levels import Levels
from candela_server.service.shots_job import Job

__all__ = ["FrameLog", "LoggedFrame"]

NAME = "frames.shot"
"""A job folder takes files with this ending for its own."""


@dataclass(frozen=True)
class LoggedFrame:
    """A file as it was written, by size and time, and what was measured of it. clipped: samples."""

    bytes: int
    changed_ns: int
    max_cll: float
    max_fall: float
    forced: bool
    placed: bool
    clipped_low: int
    clipped_high: int

    @classmethod
    def of(
        cls, path: Path, levels: Levels, *, forced: bool, placed: bool, clipped: tuple[int, int]
    ) -> LoggedFrame:
        """Of a file that was just written."""
        status = path.stat()
        light = levels.max_cll, levels.max_fall
        return cls(status.st_size, status.st_mtime_ns, *light, forced, placed, *clipped)

    def is_at(self, path: Path) -> bool:
        """Whether that file is there still, as it was."""
        try:
            status = path.stat()
        except OSError:
            return False
        return (status.st_size, status.st_mtime_ns) == (self.bytes, self.changed_ns)


class FrameLog:
    """frames: those that an earlier run has logged, by number. A line that was cut off counts as none."""

    def __init__(self, job: Job) -> None:
        self._path = job.folder / NAME
        self.frames = dict(_read(self._path))
        try:
            # Rewritten, so that a line that was cut off does not spoil the next one.
            lines = "".join(_line(number, frame) for number, frame in sorted(self.frames.items()))
            self._path.write_text(lines, encoding="ascii")
            self._stream: TextIO = self._path.open("a", encoding="ascii")
        except OSError as error:
            raise _refused(self._path, error) from error

    def add(self, number: int, frame: LoggedFrame) -> None:
        """InfrastructureError where the disk is full."""
        try:
            self._stream.write(_line(number, frame))
            self._stream.flush()
        except OSError as error:
            raise _refused(self._path, error) from error

    def close(self) -> None:
        """A second time does nothing."""
        self._stream.close()


def _line(number: int, frame: LoggedFrame) -> str:
    return json.dumps({"frame": number, **asdict(frame)}) + "\n"


def _read(path: Path) -> list[tuple[int, LoggedFrame]]:
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):
        return []
    found = []
    for line in lines:
        try:
            read = json.loads(line)
            found.append((int(read.pop("frame")), LoggedFrame(**read)))
        except (ValueError, TypeError, KeyError, AttributeError):
            continue
    return found


def _refused(path: Path, error: OSError) -> InfrastructureError:
    return InfrastructureError(f"{path}: cannot be written: {error.strerror or error}")
