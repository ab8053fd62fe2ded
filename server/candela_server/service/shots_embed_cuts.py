"""Where the clips of a job are cut: as said, by a timeline, or by detection."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from candela_engines.errors import InputError
from candela_engines.itm.shot_fit import least_budget
from candela_engines.media.timeline import cuts_of, read_timeline
from candela_server.service.clips import open_sdr
from candela_server.service.results import Work, WorkProgress
from candela_server.service.shots_embed_clips import ClipPlan
from candela_server.service.shots_embed_detect import detect
from candela_server.service.shots_embed_plan import planned, raised, ranges_between
from candela_server.service.shots_embed_request import EmbedShotsRequest
from candela_server.service.shots_job import Job

__all__ = ["Cut", "cut_clips"]

_NEAR = 1  # frames that a detected cut may lie beside one of a timeline


@dataclass(frozen=True)
class Cut:
    """The clips with their shots, and what there is to say of the cuts."""

    clips: list[ClipPlan]
    notes: list[str]


def cut_clips(
    request: EmbedShotsRequest, clips: list[ClipPlan], job: Job | None, progress: WorkProgress
) -> Cut:
    """Every clip in shots. A detection is kept in the job folder, so that it is done once."""
    done, notes = [], []
    for clip in clips:
        if clip.shots:
            _check_budgets(request, clip)
            done.append(clip)
            continue
        starts, said = _starts(request, clip, job, progress)
        flag = "--cuts" if request.cuts is not None else str(request.timeline or clip.sdr)
        ranges = ranges_between(clip.first, clip.last, starts, flag)
        shots, more = planned(request, ranges, clip.rate, clip.offset)
        shots = [replace(shot, hdr=clip.hdr) for shot in shots]
        notes += said + more + raised(request, shots, clip.rate)
        done.append(replace(clip, shots=tuple(shots)))
        _check_budgets(request, done[-1])
    return Cut(done, notes)


def _check_budgets(request: EmbedShotsRequest, clip: ClipPlan) -> None:
    """Raise InputError naming the bytes that every shot can do with, before the first one is fitted."""
    states, reading = (clip.sdr_state, clip.hdr_state), request.reading_of(clip.info)
    made = request.provenance
    needed = {s: least_budget(*states, s.first, s.last, reading, made) for s in clip.shots}
    short = [shot for shot, least in needed.items() if shot.budget < least]
    if short:
        shot = max(short, key=lambda shot: needed[shot])
        raise InputError(
            f"{clip.info.name}: {shot.budget} bytes are too few for the shot of frames {shot.first} to "
            f"{shot.last}: a network, two bytes a frame and what is said of the shot take {needed[shot]} at "
            f"least; allow {needed[shot]} with --bytes"
        )


def _starts(
    request: EmbedShotsRequest, clip: ClipPlan, job: Job | None, progress: WorkProgress
) -> tuple[list[int], list[str]]:
    """First frames of shots, but for the first shot's; and notes."""
    if request.no_cuts or clip.first == clip.last:
        return [], []
    if request.cuts is not None:
        return sorted(set(request.cuts)), []
    found = _detected(request, clip, job, progress)
    if request.timeline is None:
        many = "1 shot" if not found else f"{len(found) + 1} shots"
        return [start for start, _ in found], [f"cuts were detected: {many}", *_dissolves(found)]
    return _by_timeline(request.timeline, clip, found)


def _dissolves(found: list[tuple[int, int]]) -> list[str]:
    return [
        f"a dissolve of {length} frames about frame {start} is cut in its middle; the figures of both shots "
        "include it"
        for start, length in found
        if length > 1
    ]


def _detected(
    request: EmbedShotsRequest, clip: ClipPlan, job: Job | None, progress: WorkProgress
) -> list[tuple[int, int]]:
    """First frames of shots, each with the frames that its transition takes, 0 for a hard cut."""
    name = f"cuts of {clip.info.name}"
    kept: Any = None if job is None else job.recall(name)
    if isinstance(kept, dict) and kept.get("frames") == [clip.first, clip.last]:
        return [(int(start), int(length)) for start, length in kept["cuts"]]
    total = clip.last - clip.first + 1
    with open_sdr(clip.sdr, request.said_sdr) as side:
        found = detect(
            side, clip.first, clip.last, lambda fraction: progress(Work("cut", fraction * total, total))
        )
    if job is not None:
        job.remember(name, {"frames": [clip.first, clip.last], "cuts": [list(cut) for cut in found]})
    return found


def _by_timeline(timeline: Path, clip: ClipPlan, found: list[tuple[int, int]]) -> tuple[list[int], list[str]]:
    """The timeline's cuts, and where the detected ones are others."""
    info, notes = clip.info, []
    read = read_timeline(timeline, rate=clip.rate)
    span = info.last - info.first + 1
    try:
        starts = cuts_of(read, start_timecode=info.timecode, count=span)
    except InputError:
        # Movies are often rendered from 00:00:00:00; where both are of one length that is what happened.
        if read.count != span:
            raise
        starts = cuts_of(read, count=span)
        notes.append(
            f"{info.name} begins at {info.timecode}, the timeline at {read.start_timecode}; both are "
            f"{span} frames, and taken from their beginnings"
        )
    said = [info.first + start for start in starts if clip.first < info.first + start <= clip.last]
    return said, [*read.notes, *notes, *_differences(said, found)]


def _differences(said: list[int], found: list[tuple[int, int]]) -> list[str]:
    """Cuts of a timeline that were not detected, and detected ones that it does not have."""
    seen = [(start, max(_NEAR, length // 2 + 1)) for start, length in found]
    unseen = [cut for cut in said if not any(abs(cut - start) <= near for start, near in seen)]
    unsaid = [start for start, near in seen if not any(abs(cut - start) <= near for cut in said)]
    notes = []
    if unseen:
        notes.append(f"no change of picture was found at cuts of the timeline: {_listed(unseen)}")
    if unsaid:
        notes.append(f"the picture changes where the timeline has no cut: {_listed(unsaid)}")
    return notes


def _listed(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers[:8])) + (", …" if len(numbers) > 8 else "")
