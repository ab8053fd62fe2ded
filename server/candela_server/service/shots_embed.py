"""Embed shots: cut, fit, measure and write, one network a shot, in work that can be interrupted."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

from candela_engines.errors import CandelaError
from candela_engines.itm.place import placed
from candela_server.service.clip_kind import kind_of_name
from candela_server.service.leftovers import folder_for_work
from candela_server.service.results import Work, WorkProgress, no_work
from candela_server.service.shots_embed_clips import ClipPlan, plan_clips
from candela_server.service.shots_embed_cuts import cut_clips
from candela_server.service.shots_embed_facts import option_facts
from candela_server.service.shots_embed_fit import FinishedShot, fit_clip
from candela_server.service.shots_embed_out import check_room
from candela_server.service.shots_embed_pairs import LightNotes
from candela_server.service.shots_embed_plan import PlannedShot
from candela_server.service.shots_embed_progress import Fitting
from candela_server.service.shots_embed_request import EmbedShotsRequest, check_request
from candela_server.service.shots_embed_result import ClipFigures, EmbedShotsResult, ShotFigures
from candela_server.service.shots_embed_timeline import plan_timeline
from candela_server.service.shots_embed_write import write_clip
from candela_server.service.shots_job import Job, job_folder
from candela_server.service.timecodes import timecode_at

__all__ = ["Cancelled", "embed_shots"]

Measured = Callable[[EmbedShotsResult], None]


class Cancelled(CandelaError):
    """Ctrl-C or SIGTERM came; what was finished is kept, and the message says where."""

    exit_code = 130


def embed_shots(
    request: EmbedShotsRequest,
    progress: WorkProgress = no_work,
    measured: Measured = lambda result: None,
) -> EmbedShotsResult:
    """Fit and measure every shot, then write. measured: told the result before anything is written.

    Raises InputError for clips or values that do not go together, ColourStateError for a colour state neither
    tagged nor given, MediaError for a frame that cannot be had, InfrastructureError for a disk that refuses,
    Cancelled on an interrupt. Finished shots are then in the job folder, and OUT is as it was, but for frames
    of a sequence that are written already.
    """
    began = time.monotonic()
    check_request(request)
    progress(Work("check", 0, 1, "clips"))
    plan = plan_timeline if kind_of_name(request.sdr) == "timeline" else plan_clips
    clips, notes = plan(request, progress)
    if not request.dry_run:
        check_room([(clip.info, clip.out) for clip in clips])
    job, fitting = None, Fitting(progress, 0, 0)
    try:
        with ExitStack() as stack:
            if request.out is not None and not request.dry_run:
                # What is finished is kept in there.
                stack.enter_context(folder_for_work(job_folder(request.out).parent))
                job = stack.enter_context(_job(request, clips))
            return _work(request, clips, notes, job, fitting, measured, began)
    except KeyboardInterrupt as interrupt:
        raise Cancelled(_cancelled(job, fitting)) from interrupt
    except CandelaError as error:
        if job is None or not job.kept or not fitting.shots:
            raise
        raise type(error)(f"{error} ({_finished(fitting, job)})") from error


def _job(request: EmbedShotsRequest, clips: list[ClipPlan]) -> Job:
    assert request.out is not None
    facts = dict(option_facts(request))
    loose = set()
    for number, clip in enumerate(clips):
        names = "SDR clip", "HDR master"
        for name, fact in zip(names, (clip.sdr_facts, clip.hdr_facts), strict=True):
            facts[f"{name} {number + 1}" if len(clips) > 1 else name] = fact
        if clip.out.in_place:
            loose.add(f"SDR clip {number + 1}" if len(clips) > 1 else "SDR clip")
        facts[f"samples of {clip.info.name}"] = clip.samples
    return Job(job_folder(request.out), facts, resume=request.resume, loose=frozenset(loose))


def _work(
    request: EmbedShotsRequest,
    clips: list[ClipPlan],
    notes: list[str],
    job: Job | None,
    fitting: Fitting,
    measured: Measured,
    began: float,
) -> EmbedShotsResult:
    cut = cut_clips(request, clips, job, fitting.progress)
    fitting.total = sum(shot.count for clip in cut.clips for shot in clip.shots)
    fitting.of = sum(len(clip.shots) for clip in cut.clips)
    light = LightNotes()
    finished = [fit_clip(request, clip, _namer(n), job, fitting, light) for n, clip in enumerate(cut.clips)]
    done = [[shot for shots in clip for shot in shots] for clip in finished]
    figures = tuple(_figures(clip, shots) for clip, shots in zip(cut.clips, done, strict=True))
    assert request.hdr is not None
    result = EmbedShotsResult(
        request.sdr,
        request.hdr,
        request.out,
        None,
        figures,
        fitting.resumed,
        time.monotonic() - began,
        tuple(_notes(notes, cut.notes, light, figures, job, fitting)),
    )
    measured(result)
    if request.dry_run or request.out is None:
        return result
    if job is not None:
        job.begin_writing()
    written = []
    for clip, shots, figure in zip(cut.clips, done, figures, strict=True):
        where, growth = write_clip(clip.info, clip.out, shots, fitting.progress)
        written.append(replace(figure, written=where, growth_bytes=growth, media=clip.out.name))
    if job is not None:
        job.remove()
    into = written[0].written if len(written) == 1 else request.out
    return replace(result, written=into, clips=tuple(written), seconds=time.monotonic() - began)


def _namer(number: int) -> Callable[[PlannedShot], str]:
    """The name of a shot in the job folder: everything that the fit is told of it, but for what all share."""
    return lambda shot: f"{number:03d}-{shot.first}-{shot.last}-{shot.offset}-{shot.budget}"


def _figures(clip: ClipPlan, shots: list[FinishedShot]) -> ClipFigures:
    info = clip.info
    rows = []
    for shot in shots:
        count, size = len(shot.digests), _travelling(clip, shot)
        planned = next(p for p in clip.shots if (p.first, p.last) == shot.planned)
        rows.append(
            ShotFigures(
                first=shot.first,
                last=shot.last,
                count=count,
                timecode=timecode_at(info.timecode, clip.rate, shot.first - info.first),
                bytes=size,
                bytes_per_second=size * float(clip.rate) / max(count, 1),
                fidelity=shot.fidelity,
                worst_frame=shot.worst_frame,
                worst_db=shot.worst_db,
                flicker=shot.flicker,
                split_from=shot.planned if shot.split else None,
                name=planned.name,
            )
        )
    return ClipFigures(
        sdr=info.name,
        hdr=clip.hdr_name,
        format=info.format,
        width=info.width,
        height=info.height,
        bits=info.bits,
        first=info.first,
        last=info.last,
        frames=info.count,
        rate=clip.rate,
        sdr_state=clip.sdr_state,
        hdr_state=clip.hdr_state,
        carrier=clip.out.carrier,
        shots=tuple(rows),
    )


def _travelling(clip: ClipPlan, shot: FinishedShot) -> int:
    """Bytes of a shot's payload as it travels: of numbered files the copy that its first one has."""
    if clip.info.kind == "movie" or clip.out.sidecar:
        return len(shot.payload)
    first = min(shot.digests)
    return len(placed(shot.payload, first, shot.digests[first]))


def _notes(
    planned: list[str],
    cut: list[str],
    light: LightNotes,
    figures: tuple[ClipFigures, ...],
    job: Job | None,
    fitting: Fitting,
) -> list[str]:
    notes = [*planned, *cut, *(f"HDR: {note}" for note in light.told())]
    for clip in figures:
        for shot in clip.shots:
            if shot.split_from is not None and shot.first == shot.split_from[0]:
                a, b = shot.split_from
                parts = sum(1 for s in clip.shots if s.split_from == shot.split_from)
                notes.append(f"frames {a} to {b}: one network did not hold the quality; they became {parts}")
    if fitting.resumed:
        many = "1 shot was" if fitting.resumed == 1 else f"{fitting.resumed} shots were"
        notes.append(f"{many} finished by an earlier run")
    return notes + ([] if job is None else job.notes)


def _cancelled(job: Job | None, fitting: Fitting) -> str:
    if job is None:
        return "cancelled; nothing was written"
    if job.writing:
        return (
            "cancelled while writing; files that are there are whole, and the same command goes on from there"
        )
    if not job.kept:
        return "cancelled; no shot is finished, and nothing was left"
    if not fitting.shots:
        return f"cancelled; no shot is finished. The cuts that were found are kept in {job.folder}"
    return f"cancelled; {_finished(fitting, job)}, nothing half-written was left"


def _finished(fitting: Fitting, job: Job) -> str:
    shots = f"{fitting.shots} of {fitting.of} shots {'is' if fitting.shots == 1 else 'are'}"
    return (
        f"{shots} finished and kept in {job.folder}: the same command goes on from there, --no-resume "
        "begins anew"
    )
