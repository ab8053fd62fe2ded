"""What workers are given to do of quality control: plain values, as they are sent."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from candela_engines.errors import CandelaError
from candela_engines.media.sequence_names import is_pattern
from candela_engines.qc.findings import Finding
from candela_server import service
from candela_server.frames.clip_roots import a_file_of
from candela_server.jobs.estimate import pixels_of
from candela_server.service.in_words import in_words
from candela_server.service.timeline_within import check_clip_within
from candela_server.sidecar.asks import QcChunk
from candela_server.sidecar.environment import environment
from candela_server.sidecar.tasks import pixels_of_movie
from candela_server.workers.task import Bench

if TYPE_CHECKING:
    from candela_server.service.qc_inputs import QcInput

__all__ = ["QcDone", "QcListed", "QcMeasured", "QcPass", "QcSizes"]


@dataclass(frozen=True)
class QcDone:
    """A pass without its pictures, which are in the reports. findings: all of them. document: the result as
    JSON, which may be large. unread: why clips could not be read at all."""

    profile: str
    passed: bool
    findings: tuple[Finding, ...]
    document: str
    reports: tuple[str, ...]
    unread: tuple[str, ...]


@dataclass(frozen=True)
class QcListed:
    """Shots or parts: clip, name, first and last frame."""

    units: tuple[tuple[str, str, int, int], ...]


@dataclass(frozen=True)
class QcMeasured:
    """As `service.ShotsMeasured`."""

    units: int
    measured: tuple[str, ...]
    frames: int


@dataclass(frozen=True)
class QcPass:
    """A pass, or one of the jobs that it is divided into. outputs: the report's folder. ocio: as there."""

    request: service.QcRequest
    chunk: QcChunk | None = None
    outputs: tuple[Path, ...] = ()
    ocio: str | None = None
    regions: tuple[str, ...] = ()
    resumes: bool = True
    hasty: bool = False

    def __call__(self, bench: Bench) -> QcDone | QcListed | QcMeasured:
        """Measure what is not measured yet, and judge."""
        with environment(self.ocio):
            try:
                return self._all(bench) if self.chunk is None else self._part(bench, self.chunk)
            except CandelaError as error:
                error.args = in_words(error.args, self.request.called)
                raise

    def _all(self, bench: Bench) -> QcDone:
        from candela_server.service import qc_calls

        outcome = qc_calls.qc(self.request, bench.work)
        result = outcome.result
        reports = tuple(in_words(str(path), self.request.called) for path in outcome.reports)
        return QcDone(
            result.profile.name, result.passed, result.findings, result.to_text(), reports, outcome.unread
        )

    def _part(self, bench: Bench, chunk: QcChunk) -> QcListed | QcMeasured:
        from candela_server.service import qc_calls

        shots = chunk.unit == "shot"
        if not chunk.numbers:
            units = (qc_calls.find_shots if shots else qc_calls.find_parts)(self.request, bench.work)
            return QcListed(in_words(tuple(units), self.request.called))
        wanted = frozenset(n for first, last in chunk.numbers for n in range(first, last + 1))
        done = (qc_calls.measure_shots if shots else qc_calls.measure_parts)(self.request, wanted, bench.work)
        return QcMeasured(done.shots, done.measured, done.frames)


@dataclass(frozen=True)
class QcSizes:
    """Pixels of the largest frame of all clips; 0 of those that cannot be read, which is told later."""

    request: service.QcRequest
    regions: tuple[str, ...] = ()
    outputs: tuple[Path, ...] = ()
    resumes: bool = False
    hasty: bool = False

    def __call__(self, bench: Bench) -> int:
        """Look. Raises as `inputs_of`."""
        from candela_server.service.qc_inputs import inputs_of

        return max(map(_pixels, inputs_of(self.request)), default=0)


def _pixels(given: QcInput) -> int:
    try:
        clip = check_clip_within(Path(given.name), given.within)
    except CandelaError:
        return 0
    several = is_pattern(clip) or clip.is_dir()
    return pixels_of(a_file_of(clip)) or (0 if several else pixels_of_movie(clip))
