"""Shots: which ones a clip has, by the reel that it carries, by detection, or by a timeline."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from candela_engines.errors import InputError, NoPayloadError
from candela_engines.media.atomic import write_atomic
from candela_engines.media.clip import Clip, ClipInfo
from candela_engines.media.open_clip import open_clip
from candela_engines.media.source import open_source
from candela_server.service.clip_kind import kind_of_name
from candela_server.service.clips import numbers_text, own_notes
from candela_server.service.outputs import check_writable
from candela_server.service.results import Work, WorkProgress, no_work
from candela_server.service.shot_binding import carried_by
from candela_server.service.shot_carried import BoundShot, Carried
from candela_server.service.shot_pictures import shot_pictures, state_notes
from candela_server.service.shot_reading import open_as_embedded
from candela_server.service.shots_found import detected_rows
from candela_server.service.shots_page import shots_page
from candela_server.service.shots_result import ShotRow, ShotsResult
from candela_server.service.shots_timeline import timeline_result, timeline_said
from candela_server.service.timecodes import timecode_at

__all__ = ["ShotsRequest", "shots"]


@dataclass(frozen=True)
class ShotsRequest:
    """file: a clip or a timeline. detect: look for cuts, whatever the clip carries. html: a page to write.

    confidence: false colour of the confidence on it as well. rate: of an EDL, frames a second. media: folders
    in which the media of a timeline lie; none is beside it. within: folders that they have to lie in.
    unopened: of a timeline what it says itself, at once: its media are neither looked for nor opened, and
    whether they are there, and which of their frames are shown, is not known.
    """

    file: Path
    detect: bool = False
    html: Path | None = None
    confidence: bool = False
    rate: Fraction | None = None
    media: tuple[Path, ...] = ()
    within: tuple[Path, ...] | None = None
    unopened: bool = False


def shots(request: ShotsRequest, progress: WorkProgress = no_work) -> ShotsResult:
    """The list, and the page if one was asked for.

    Raises NoPayloadError for a clip that carries none, where `detect` was not said; MediaError, PayloadError,
    InputError for what is damaged or contradicts itself.
    """
    if request.html is not None:
        check_writable(request.html, inputs=(request.file,))
    if request.confidence and request.detect:
        raise InputError("--confidence: is of HDR that a clip carries, and --detect looks at none")
    if request.confidence and request.html is None:
        raise InputError("--confidence: is a picture on the page; say --html OUT.html as well")
    is_timeline = kind_of_name(request.file) == "timeline"
    if request.unopened:
        if request.html is not None or request.detect or not is_timeline:
            raise InputError(f"{request.file}: only a timeline is listed unopened, and without a page")
        return timeline_said(request.file, request.rate)
    if is_timeline:
        if request.detect:
            raise InputError(f"{request.file}: --detect looks at pictures; give it a clip, not a timeline")
        result = timeline_result(
            *(request.file, request.rate, request.media, progress),
            within=request.within,
            with_pictures=request.html is not None,
            with_confidence=request.confidence,
        )
        result = replace(result, html=request.html)
    else:
        for flag, said in (("--rate", request.rate), ("--media", request.media)):
            if said:
                raise InputError(f"{request.file}: {flag} is for timelines; leave it out")
        result = _of_clip(request, progress)
    if request.html is not None:
        progress(Work("write", 0, 1, "pages"))
        write_atomic(request.html, shots_page(result).encode())
    return result


def _of_clip(request: ShotsRequest, progress: WorkProgress) -> ShotsResult:
    if kind_of_name(request.file) == "still":
        with open_source(request.file):
            pass  # what is wrong with a name that leads nowhere is said there
        raise InputError(
            f"{request.file}: is a still picture; give a movie, a pattern such as shot.####.exr, a folder or "
            "a timeline. candela inspect looks into stills"
        )
    with open_clip(str(request.file)) as clip:
        info = clip.info
        carried = None if request.detect else carried_by(info)
        if carried is None and not request.detect:
            raise NoPayloadError(
                f"{info.name}: carries no HDR and so no list of shots; --detect looks for its cuts"
            )
        if carried is None:
            notes = list(own_notes(info))
            rows = detected_rows(clip, progress)
        else:
            notes = carried.notes(info)
            rows = tuple(_row(info, shot) for shot in carried.shots)
            if carried.bare:
                notes.append(f"{numbers_text(carried.bare)} to no shot")
        if request.html is not None:
            notes += state_notes(info, carried)
            rows = _with_pictures(request, clip, rows, carried, progress)
        return ShotsResult(
            file=request.file,
            source="detected" if carried is None else "carried",
            format=info.format,
            width=info.width,
            height=info.height,
            first=info.first,
            last=info.last,
            frames=info.count,
            rate=info.rate,
            timecode=info.timecode,
            shots=rows,
            gaps=_gaps(info, carried),
            payload_bytes=None if carried is None else carried.bytes,
            growth_bytes=None if carried is None else carried.growth,
            html=request.html,
            missing=info.missing,
            misplaced=() if carried is None else carried.misplaced,
            notes=tuple(notes),
        )


def _with_pictures(
    request: ShotsRequest,
    clip: Clip,
    rows: tuple[ShotRow, ...],
    carried: Carried | None,
    progress: WorkProgress,
) -> tuple[ShotRow, ...]:
    def pictured(of: Clip) -> tuple[ShotRow, ...]:
        return shot_pictures(of, rows, carried, with_confidence=request.confidence, progress=progress)

    if carried is None:
        return pictured(clip)
    with open_as_embedded(request.file, carried) as side:
        return pictured(side.clip)


def _row(info: ClipInfo, shot: BoundShot) -> ShotRow:
    """What a payload says of its shot."""
    first, last = max(shot.first, info.first), min(shot.last, info.last)
    count = last - first + 1 - sum(1 for number in info.missing if first <= number <= last)
    size = len(shot.data)
    return ShotRow(
        first,
        last,
        count,
        timecode_at(info.timecode, info.rate, first - info.first),
        timecode_at(info.timecode, info.rate, last - info.first),
        bytes=size,
        bytes_per_second=None if info.rate is None else size * float(info.rate) / max(count, 1),
        fidelity=shot.payload.fidelity,
        worst=shot.worst,
        flicker=shot.payload.flicker,
    )


def _gaps(info: ClipInfo, carried: Carried | None) -> tuple[tuple[int, int], ...]:
    if carried is None:
        return ()
    gaps: list[tuple[int, int]] = []
    for number in carried.bare:
        if gaps and gaps[-1][1] == number - 1:
            gaps[-1] = gaps[-1][0], number
        else:
            gaps.append((number, number))
    return tuple(gaps)
