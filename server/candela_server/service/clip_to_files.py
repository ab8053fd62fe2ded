"""A clip to numbered files, side by side on two cores, and on from where an earlier run was interrupted."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from candela_engines.errors import InputError
from candela_server.service.clip_errors import at_frame
from candela_server.service.clip_files import FileOutput, Written
from candela_server.service.clip_frames import bound_frames
from candela_server.service.clip_levels import ClipLevels
from candela_server.service.clip_notes import closing_notes
from candela_server.service.clip_plan import ClipPlan
from candela_server.service.clip_render import ClipRenderer, Rendered
from candela_server.service.clip_result import ClipResult, ClipTally
from candela_server.service.frame_log import FrameLog, LoggedFrame
from candela_server.service.leftovers import folder_for_work, remove_leftovers
from candela_server.service.levels import Levels
from candela_server.service.outputs import same_file
from candela_server.service.pipeline import StageSeconds, run_stages
from candela_server.service.results import Work, WorkProgress
from candela_server.service.shots_job import Job, job_folder
from candela_server.service.timecodes import timecode_at

__all__ = ["write_files"]

ENCODERS = 2


def write_files(plan: ClipPlan, progress: WorkProgress) -> ClipResult:
    """Write the frames of a plan. Errors as `reconstruct_clip`."""
    info, target = plan.side.info, plan.target
    renumber = 0 if target.start is None else target.start - plan.first
    output = FileOutput(
        target, info, form=plan.form, renumber=renumber, planes=plan.planes, bare_text=plan.bare_text
    )
    _check_out(plan, output)
    place, folder = output.path(plan.first).parent, job_folder(plan.request.out)
    with folder_for_work(place), Job(folder, plan.facts(), resume=plan.request.resume) as job:
        stems = {output.path(number).stem for number in range(plan.first, plan.last + 1)}
        remove_leftovers(place, stems)
        log = FrameLog(job)
        skip = {
            n: f for n, f in log.frames.items() if plan.first <= n <= plan.last and f.is_at(output.path(n))
        }
        writing = _Writing(plan, output, log, progress)
        for number, frame in sorted(skip.items()):
            writing.count_resumed(number, frame)
        renderer = ClipRenderer(
            info, plan.form, output, turns=ENCODERS + 1, pq_bits=target.pq_bits, place=plan.place
        )
        frames = bound_frames(
            plan.side.clip, plan.carried, plan.first, plan.last,
            force=plan.request.force, skip=frozenset(skip),
        )  # fmt: skip
        try:
            stages = run_stages(
                frames, writing.rendered(renderer), writing.encode, writing.done, encoders=ENCODERS
            )
        finally:
            log.close()
            plan.kept = writing.kept(folder)
        job.remove()
        return writing.result(stages, tuple(job.notes))


def _check_out(plan: ClipPlan, output: FileOutput) -> None:
    folder = output.path(plan.first).parent
    folder_of = folder if folder.is_dir() else folder.parent
    if not folder_of.is_dir():
        raise InputError(f"{plan.request.out}: the folder {folder_of} does not exist; create it first")
    for path in plan.side.info.files:
        for number in (plan.first, plan.last):
            if same_file(path, output.path(number)):
                raise InputError(f"{output.path(number)}: is an input; give -o another name")


@dataclass
class _Writing:
    """The frames of one run, as they come out."""

    plan: ClipPlan
    output: FileOutput
    log: FrameLog
    progress: WorkProgress
    tally: ClipTally = field(default_factory=ClipTally)
    levels: ClipLevels = field(default_factory=ClipLevels)
    written: dict[int, Written] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.path = self.plan.path()

    def count_resumed(self, number: int, frame: LoggedFrame) -> None:
        """A frame that an earlier run has written."""
        self.tally.resumed += 1
        self.tally.bytes += frame.bytes
        self.tally.forced += frame.forced
        self.tally.placed += frame.placed
        self.tally.clip(number, frame.clipped_low, frame.clipped_high)
        self.levels.add(number, Levels(frame.max_cll, frame.max_fall))

    def rendered(self, renderer: ClipRenderer) -> Any:
        """The network stage, whose errors name their frame."""

        def network(bound: Any) -> Rendered:
            try:
                return renderer(bound)
            except Exception as error:
                raise at_frame(self.plan, bound.number, error) from error

        return network

    def encode(self, rendered: Rendered) -> None:
        """The encode stage, in a thread of the pool."""
        try:
            alpha, confidence = self.plan.measured(rendered, self.path)
            self.written[rendered.number] = self.output.write(rendered, alpha, confidence)
        except Exception as error:
            raise at_frame(self.plan, rendered.number, error) from error

    def done(self, rendered: Rendered) -> None:
        """A frame is on the disk."""
        made = self.written.pop(rendered.number)
        assert rendered.levels is not None
        self.tally.written += 1
        self.tally.bytes += made.bytes
        self.tally.forced += rendered.source.altered
        self.tally.placed += rendered.payload is None
        self.tally.clip(rendered.number, made.clipped_low, made.clipped_high)
        self.levels.add(rendered.number, rendered.levels)
        self.log.add(
            rendered.number,
            LoggedFrame.of(
                made.path,
                rendered.levels,
                forced=rendered.source.altered,
                placed=rendered.payload is None,
                clipped=(made.clipped_low, made.clipped_high),
            ),
        )
        self.progress(Work("render", self.tally.written + self.tally.resumed, self.plan.count))

    def kept(self, folder: Path) -> str:
        """What an interrupted run leaves."""
        done = self.tally.written + self.tally.resumed
        if not done:
            return ""
        return (
            f"{done:,} of {self.plan.count:,} frames are written and whole. The same command goes on from "
            f"there (by {folder}); --no-resume begins anew"
        )

    def result(self, stages: StageSeconds, more: tuple[str, ...]) -> ClipResult:
        """The frames written."""
        plan, info = self.plan, self.plan.side.info
        return ClipResult(
            file=plan.request.file,
            out=plan.target.out,
            format=plan.target.suffix[1:],
            bits=plan.target.bits,
            width=info.width,
            height=info.height,
            first=plan.first,
            last=plan.last,
            first_file=plan.first if plan.target.start is None else plan.target.start,
            encoding=plan.target.encoding,
            peak=plan.target.target.peak,
            rolled_off_from=plan.source,
            mastering=plan.target.target.mastering,
            shots=tuple(shot.payload for shot in plan.carried.shots),
            missing=plan.missing,
            misplaced=plan.carried.misplaced,
            tally=self.tally,
            levels=self.levels,
            stages=stages,
            view=plan.request.view,
            audio=False,
            timecode=timecode_at(info.timecode, info.rate, plan.first - info.first),
            notes=(*closing_notes(plan, self.tally, self.levels), *more),
        )
