"""Reconstruct a shot: the HDR of every frame of a clip, as numbered files or as a movie."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Literal

from candela_engines.errors import CandelaError, InputError
from candela_engines.itm.reading import Reading
from candela_engines.media.clip import ClipInfo
from candela_engines.media.open_clip import open_clip
from candela_server.service.clip_frames import Missing, check_covered
from candela_server.service.clip_plan import ClipPlan
from candela_server.service.clip_result import ClipResult
from candela_server.service.clip_target import ClipTarget, clip_target_of, roll_off_from
from candela_server.service.clip_to_files import write_files
from candela_server.service.clip_to_movie import write_movie
from candela_server.service.clips import Side, check_not_cut, numbers_text
from candela_server.service.confidence_view import View, check_view, view_encoding
from candela_server.service.results import WorkProgress, no_work
from candela_server.service.shot_binding import check_clip_size, load_shots
from candela_server.service.shot_carried import Carried
from candela_server.service.shot_reading import open_as_embedded
from candela_server.service.shots_embed import Cancelled
from candela_server.service.target import mastered_as

__all__ = ["ReconstructClipRequest", "frames_asked", "reconstruct_clip", "target_asked", "write_plan"]


@dataclass(frozen=True)
class ReconstructClipRequest:
    """What to write. file: a movie, a pattern, a folder. out: a pattern, a folder or a movie.

    frames: first and last, both included; None is all. start: the number that the first file gets, None keeps
    the clip's. encoding, peak, bits, quality, force, ocio: as for stills. codec, compression: of movies and
    of .exr. missing: what to do about frames that no shot covers. confidence: the plane as a channel of .exr.
    view: `confidence` writes a picture of it in place of the HDR. resume: go on with what an interrupted run
    of the same work has finished. rate: of a movie, frames a second, where the clip does not say. range,
    matrix: of the movie's codes, as they were said at embedding.
    """

    file: Path
    out: Path
    frames: tuple[int, int] | None = None
    start: int | None = None
    encoding: str | None = None
    peak: float | None = None
    bits: int | None = None
    quality: int | None = None
    codec: str | None = None
    compression: str | None = None
    missing: Missing = "fail"
    force: bool = False
    confidence: bool = False
    view: View = "hdr"
    resume: bool = True
    rate: Fraction | None = None
    range: Literal["full", "narrow"] | None = None
    matrix: str | None = None
    ocio: str | None = None


def reconstruct_clip(request: ReconstructClipRequest, progress: WorkProgress = no_work) -> ClipResult:
    """Render and write every frame.

    Raises NoPayloadError, PayloadError, PictureMismatchError naming file and frame, InputError for frames
    that are not there or an output that cannot be, MediaError for a frame that cannot be decoded,
    InfrastructureError for a disk that refuses, Cancelled on an interrupt. Files that were written are whole
    and stay; the same request goes on from there.
    """
    target = target_asked(request)
    with ExitStack() as stack:
        side, whole = _open(request, stack)
        first, last = frames_asked(side.info, request.frames)
        carried = whole.within(first, last)
        check_covered(side.info, carried, request.missing)
        for shot in carried.shots:
            check_clip_size(side.info, shot)
        target, source, notes = _light(target, whole, request)
        plan = ClipPlan(request, side, carried, first, last, target, source, tuple(notes))
        return write_plan(plan, progress)


def target_asked(request: ReconstructClipRequest) -> ClipTarget:
    """What a request says that is to be written. Raises InputError for what cannot be."""
    target = clip_target_of(
        request.out,
        stem=_stem_of(request.file),
        encoding=view_encoding(request.out, request.view, request.encoding),
        peak=request.peak,
        bits=request.bits,
        quality=request.quality,
        codec=request.codec,
        compression=request.compression,
        start=request.start,
        ocio=request.ocio,
    )
    check_view(target.suffix, request.view, plane=request.confidence)
    return target


def write_plan(plan: ClipPlan, progress: WorkProgress) -> ClipResult:
    """Write what was planned. Errors as `reconstruct_clip`."""
    info, movie = plan.side.info, plan.target.kind == "movie"
    if movie and plan.missing:
        raise InputError(
            f"{info.name}: {numbers_text(plan.missing, 'have', 'has')} no file, and a movie would be shorter"
            "; write numbered files, or give --frames"
        )
    try:
        return write_movie(plan, progress) if movie else write_files(plan, progress)
    except KeyboardInterrupt as interrupt:
        raise Cancelled(plan.cancelled_text()) from interrupt
    except CandelaError as error:
        if not plan.kept:
            raise
        raise type(error)(f"{error} ({plan.kept})") from error


def _stem_of(file: Path) -> str:
    """What files are called that go to a folder."""
    return (
        file.name.partition("#")[0].partition("%")[0].rstrip("._-") or "frame" if file.suffix else file.name
    )


def _open(request: ReconstructClipRequest, stack: ExitStack) -> tuple[Side, Carried]:
    """The clip as it was read at embedding, and all its shots."""
    with open_clip(str(request.file)) as clip:
        whole = load_shots(clip.info)
    said = Reading(request.range, request.matrix)
    return stack.enter_context(open_as_embedded(request.file, whole, said, ocio=request.ocio)), whole


def frames_asked(info: ClipInfo, asked: tuple[int, int] | None) -> tuple[int, int]:
    """First and last frame to write. Raises InputError and MediaError for frames that are not there."""
    first, last = asked or (info.first, info.last)
    if first > last:
        raise InputError(f"--frames {first}-{last}: runs backwards")
    if first < info.first or last > info.last:
        raise InputError(f"--frames {first}-{last}: {info.name} has the frames {info.first} to {info.last}")
    check_not_cut(info, first, last)
    if all(number in set(info.missing) for number in range(first, last + 1)):
        raise InputError(f"--frames {first}-{last}: {info.name} has no file for any of them")
    return first, last


def _light(
    target: ClipTarget, whole: Carried, request: ReconstructClipRequest
) -> tuple[ClipTarget, float | None, list[str]]:
    """The target with the master's peak, the nits that a roll-off begins from, and notes."""
    if request.view == "confidence":
        return target.with_target(replace(target.target, mastering=None)), None, []
    masters = [shot.payload.hdr for shot in whole.shots]
    brightest = max(masters, key=lambda state: state.peak_nits)
    target = target.with_target(mastered_as(target.target, brightest))
    peak = target.target.peak
    if peak is None:
        return target, None, []
    ceilings = [s.payload.numbers[10] if s.payload.model == "default" else 4096 for s in whole.shots]
    source = roll_off_from(ceilings, peak)
    if source is None:
        return target, None, [f"nothing was rolled off: all light is within {peak:g} nit"]
    how = (
        f"rolled off from {source:.4g} to {peak:g} nit (BT.2390 EETF on max R, G, B), by one curve for all "
        "frames"
    )
    by = target.target.peak_by
    return target, source, [how if by == "--peak" else f"{how}; {by} names that peak"]
