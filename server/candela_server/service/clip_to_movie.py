"""A clip to a movie: a segment a shot, kept when it is finished, and all of them joined at the end.

Light is measured while segments are encoded and written into their headers when they are joined, so that
nothing is rendered twice and nothing has to be encoded again after an interrupt.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from candela_engines.errors import InputError
from candela_engines.itm.payload import Payload
from candela_engines.media.clip import UNEVEN
from candela_engines.media.mastering import ContentLight, MasteringDisplay
from candela_engines.media.write_movie import MovieWriter, open_movie_writer
from candela_engines.media.write_movie_audio import AudioCopy, AudioRange
from candela_engines.media.write_movie_codecs import av_module
from candela_engines.media.write_movie_join import MovieReport, join_segments
from candela_server.service.clip_errors import at_frame
from candela_server.service.clip_frames import bound_frames
from candela_server.service.clip_levels import ClipLevels
from candela_server.service.clip_notes import closing_notes
from candela_server.service.clip_plan import ClipPlan
from candela_server.service.clip_render import ClipRenderer, Rendered, Slot
from candela_server.service.clip_result import ClipResult, ClipTally
from candela_server.service.clip_segments import segment_ranges
from candela_server.service.clip_target import crf_of
from candela_server.service.leftovers import remove_leftovers
from candela_server.service.levels import Levels
from candela_server.service.outputs import check_writable
from candela_server.service.pipeline import StageSeconds, run_stages
from candela_server.service.results import Work, WorkProgress
from candela_server.service.shots_job import Job, job_folder
from candela_server.service.timecodes import timecode_at

__all__ = ["write_movie"]


def write_movie(plan: ClipPlan, progress: WorkProgress) -> ClipResult:
    """Write the frames of a plan. Errors as `reconstruct_clip`."""
    info, out = plan.side.info, plan.target.out
    check_writable(out, inputs=info.files if info.kind == "movie" else info.files[:1])
    rate = _rate(plan)
    audio = _audio(plan, rate)
    folder = job_folder(out)
    with Job(folder, plan.facts() | {"--rate": str(rate)}, resume=plan.request.resume) as job:
        remove_leftovers(out.parent, {out.stem})
        writing = _Writing(plan, rate, job, progress)
        try:
            cuts = {edge for shot in plan.carried.shots for edge in (shot.first, shot.last + 1)}
            parts = segment_ranges(plan.first, plan.last, cuts, pixels=info.width * info.height, rate=rate)
            segments = [writing.segment(*part) for part in parts]
        finally:
            plan.kept = writing.kept(folder)
        light = writing.levels
        report = join_segments(
            segments,
            out,
            timecode=_timecode(plan),
            audio=audio,
            light=ContentLight.of(light.max_cll, light.max_fall) if light.max_fall > 0 else None,
            tick=lambda frames: progress(Work("write", frames, plan.count)),
        )
        job.remove()
        return _result(plan, writing, report, tuple(job.notes))


@dataclass
class _Writing:
    """The segments of one run, and what is counted over all of them."""

    plan: ClipPlan
    rate: Fraction
    job: Job
    progress: WorkProgress
    tally: ClipTally = field(default_factory=ClipTally)
    levels: ClipLevels = field(default_factory=ClipLevels)
    stages: StageSeconds = field(default_factory=StageSeconds)
    finished: int = 0

    def segment(self, first: int, last: int) -> Path:
        """The file of the frames first..last, which an earlier run may have finished."""
        key = f"part-{first}-{last}"
        suffix = ".mov" if self.plan.target.codec == "prores4444" else ".mp4"
        path = self.job.folder / f"{key}{suffix}"
        stored = self.job.load(key)
        if stored is not None and path.is_file() and path.stat().st_size == stored["bytes"]:
            for number, cll, fall in stored["levels"]:
                self.levels.add(number, Levels(cll, fall))
            self.tally.join(ClipTally(**stored["tally"]))
            self.finished += 1
            return path
        frames = _Segment(self, first, last)
        frames.write(path)
        self.job.store(
            key,
            {
                "bytes": path.stat().st_size,
                "levels": frames.measured,
                "tally": asdict(frames.tally) | {"written": 0, "resumed": frames.tally.written},
            },
        )
        self.tally.join(frames.tally)
        self.finished += 1
        return path

    def kept(self, folder: Path) -> str:
        """What an interrupted run leaves."""
        if not self.finished:
            return ""
        done = self.tally.written + self.tally.resumed
        return (
            f"{done:,} of {self.plan.count:,} frames are encoded and kept in {folder}, and no half-written "
            "movie was left. The same command goes on from there; --no-resume begins anew"
        )


class _Segment:
    """One segment on its way; also the place that the network writes to."""

    def __init__(self, writing: _Writing, first: int, last: int) -> None:
        self._writing, self._plan = writing, writing.plan
        self._first, self._last = first, last
        self._path = self._plan.path()
        self.tally = ClipTally()
        self.measured: list[tuple[int, float, float]] = []

    def slot(self, before: Slot | None, payload: Payload | None) -> Slot:
        """One of the pictures that are used in turn."""
        info = self._plan.side.info
        kind = np.uint16 if self._plan.form == "pq" else np.float32
        return before or Slot(np.empty((info.height, info.width, 3), kind))

    def write(self, path: Path) -> None:
        """Encode all frames; the file appears when they are in it."""
        plan, target = self._plan, self._plan.target
        renderer = ClipRenderer(
            plan.side.info, plan.form, self, turns=2, pq_bits=plan.target.pq_bits, place=plan.place
        )
        frames = bound_frames(plan.side.clip, plan.carried, self._first, self._last, force=plan.request.force)
        with open_movie_writer(
            path,
            size=(plan.side.info.width, plan.side.info.height),
            rate=self._writing.rate,
            encoding=target.encoding,
            codec=target.codec or "hevc",
            bits=target.bits,
            quality=crf_of(target.codec, target.quality),
            mastering=_mastering(plan),
        ) as movie:
            took = run_stages(
                frames, self._network(renderer), self._encode(movie), self._done(movie), encoders=1
            )
            highest = max((cll for _, cll, _ in self.measured), default=0.0)
            average = max((fall for _, _, fall in self.measured), default=0.0)
            movie.measured(*((highest, average) if average > 0 else (None, None)))
            began = time.perf_counter()
        # An encoder holds frames back; what it does with them at the end is its time all the same.
        took.add_encode(time.perf_counter() - began)
        took.wall += time.perf_counter() - began
        self._writing.stages.join(took)
        self.tally.bytes = path.stat().st_size

    def _network(self, renderer: ClipRenderer) -> Any:
        def network(bound: Any) -> Rendered:
            try:
                return renderer(bound)
            except Exception as error:
                raise at_frame(self._plan, bound.number, error) from error

        return network

    def _encode(self, movie: MovieWriter) -> Any:
        def encode(rendered: Rendered) -> None:
            try:
                self._plan.measured(rendered, self._path)
                signal = movie.write(rendered.slot.samples)
                rendered.clipped = signal.clipped_low, signal.clipped_high
            except Exception as error:
                raise at_frame(self._plan, rendered.number, error) from error

        return encode

    def _done(self, movie: MovieWriter) -> Any:
        def done(rendered: Rendered) -> None:
            assert rendered.levels is not None
            number, levels = rendered.number, rendered.levels
            self.measured.append((number, levels.max_cll, levels.max_fall))
            self._writing.levels.add(number, levels)
            self.tally.written += 1
            self.tally.forced += rendered.source.altered
            self.tally.placed += rendered.payload is None
            self.tally.clip(number, *rendered.clipped)
            counted = self._writing.tally
            # What the encoder holds back is still to be done.
            made = counted.written + counted.resumed + movie.encoded
            self._writing.progress(Work("render", made, self._plan.count))

        return done


def _rate(plan: ClipPlan) -> Fraction:
    rate = plan.request.rate or plan.side.info.rate
    if rate is None:
        raise InputError(f"{plan.side.info.name}: says no rate, and a movie needs one: say --rate 24")
    return rate


def _timecode(plan: ClipPlan) -> str | None:
    info = plan.side.info
    return timecode_at(info.timecode, plan.request.rate or info.rate, plan.first - info.first)


def _mastering(plan: ClipPlan) -> MasteringDisplay | None:
    """The display of the master, where its peak is known; its primaries and its black never are."""
    peak = plan.target.target.mastering
    return None if peak is None else MasteringDisplay(peak, primaries=plan.target.encoding.primaries)


def _audio(plan: ClipPlan, rate: Fraction) -> AudioRange | None:
    """The audio that comes along; tried before anything is encoded, whether the container can hold it."""
    info = plan.side.info
    if info.kind != "movie" or not info.audio:
        return None
    wanted = AudioRange(info.files[0], (plan.first, plan.last), rate)
    with tempfile.TemporaryDirectory(prefix="candela-") as folder:
        trial = Path(folder) / f"trial{plan.target.out.suffix}"
        with av_module().open(str(trial), "w") as container, AudioCopy(wanted, container, plan.target.out):
            pass
    return wanted


def _result(plan: ClipPlan, writing: _Writing, report: MovieReport, more: tuple[str, ...]) -> ClipResult:
    info, target = plan.side.info, plan.target
    writing.tally.bytes = report.bytes
    notes = closing_notes(plan, writing.tally, writing.levels)
    if any(note.startswith(UNEVEN) for note in info.notes):
        notes.append(f"written with {float(writing.rate):g} frames a second throughout; --rate says another")
    if target.target.mastering is None and target.encoding.transfer == "pq" and not plan.view:
        notes.append("no mastering display is known, so none is tagged; --encoding rec2100-pq@1000 names one")
    return ClipResult(
        file=plan.request.file,
        out=target.out,
        format=f"{target.codec} in {target.suffix[1:]}",
        bits=target.bits,
        width=info.width,
        height=info.height,
        first=plan.first,
        last=plan.last,
        first_file=None,
        encoding=target.encoding,
        peak=target.target.peak,
        rolled_off_from=plan.source,
        mastering=target.target.mastering,
        shots=tuple(shot.payload for shot in plan.carried.shots),
        missing=plan.missing,
        misplaced=plan.carried.misplaced,
        tally=writing.tally,
        levels=writing.levels,
        stages=writing.stages,
        view=plan.request.view,
        audio=report.audio_tracks > 0,
        timecode=_timecode(plan),
        notes=(*notes, *more),
    )
