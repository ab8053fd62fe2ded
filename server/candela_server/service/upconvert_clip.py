"""Up-convert a movie or a sequence that carries no HDR: frames by an engine, written as reconstruct does."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace

from candela_engines.media.clip import ClipInfo
from candela_server.service.clip_plan import ClipPlan
from candela_server.service.clip_result import ClipResult
from candela_server.service.clip_target import ClipTarget
from candela_server.service.reconstruct_clip import (
    ReconstructClipRequest,
    frames_asked,
    target_asked,
    write_plan,
)
from candela_server.service.results import Json, WorkProgress, no_work, state_json
from candela_server.service.shot_carried import Carried
from candela_server.service.target import mastered_as
from candela_server.service.upconversion import NO_MASTER, Upconversion, Upconverted
from candela_server.service.upconvert_input import open_graded_clip
from candela_server.service.upconvert_request import UpconvertClipRequest
from candela_server.service.upconvert_shots import with_shots

__all__ = ["UpconvertClipResult", "upconvert_clip"]

_OF_PAYLOADS = (
    "shots", "distilled_shots", "promised_by_the_worst_shot", "forced_frames", "sdr_frames",
    "misplaced_frames",
)  # fmt: skip


@dataclass(frozen=True)
class UpconvertClipResult:
    """clip: what was written."""

    clip: ClipResult
    upconversion: Upconverted

    def to_json(self) -> Json:
        """Bare numbers, units in the keys."""
        written = {key: value for key, value in self.clip.to_json().items() if key not in _OF_PAYLOADS}
        by = self.upconversion
        return {**written, "command": "upconvert", **by.to_json(), "sdr_colour": state_json(by.state)}


def upconvert_clip(request: UpconvertClipRequest, progress: WorkProgress = no_work) -> UpconvertClipResult:
    """Make and write the HDR of every frame.

    Raises as `upconvert` and, for frames and interrupts, as `reconstruct_clip`: what was written is whole and
    stays, and the same request goes on from there.
    """
    engine, highlights = request.opened_engine(), request.opened_highlights()
    asked = _as_reconstruction(request)
    target = target_asked(asked)
    with ExitStack() as stack:
        side = stack.enter_context(open_graded_clip(request))
        first, last = frames_asked(side.info, request.frames)
        plain = Upconversion(engine, side.state, highlights=highlights)
        by = with_shots(plain, side, first, last, progress)
        target, source, notes = _light(target, by, request)
        plan = ClipPlan(
            asked, side, _nothing_carried(side.info).within(first, last), first, last,
            target, source, (NO_MASTER, *notes), upconversion=by,
        )  # fmt: skip
        return UpconvertClipResult(write_plan(plan, progress), by.said())


def _light(
    target: ClipTarget, by: Upconversion, request: UpconvertClipRequest
) -> tuple[ClipTarget, float | None, list[str]]:
    """The target with the engine's peak, the nits that a roll-off begins from, and notes."""
    if request.view == "confidence":
        return target.with_target(replace(target.target, mastering=None)), None, []
    target = target.with_target(mastered_as(target.target, by.hdr_state))
    peak = target.target.peak
    if peak is None:
        return target, None, []
    # Codes above SDR white go above the engine's peak; the roll-off holds them at its end.
    if by.peak_nits <= peak:
        return target, None, [f"nothing was rolled off: {by.engine.info.name} keeps within {peak:g} nit"]
    how = f"rolled off from {by.peak_nits:.4g} to {peak:g} nit (BT.2390 EETF on max R, G, B)"
    return target, by.peak_nits, [f"{how}, by one curve for all frames"]


def _nothing_carried(info: ClipInfo) -> Carried:
    """All frames, none of them with a network."""
    missing = set(info.missing)
    bare = tuple(number for number in range(info.first, info.last + 1) if number not in missing)
    return Carried("none", info.files[0], 0, (), bare)


def _as_reconstruction(request: UpconvertClipRequest) -> ReconstructClipRequest:
    """What the writers of clips have to know."""
    return ReconstructClipRequest(
        request.file,
        request.out,
        frames=request.frames,
        start=request.start,
        encoding=request.encoding,
        peak=request.peak,
        bits=request.bits,
        quality=request.quality,
        codec=request.codec,
        compression=request.compression,
        missing="sdr",
        force=request.force,
        confidence=request.confidence,
        view=request.view,
        resume=request.resume,
        rate=request.rate,
        range=request.sdr_range,
        matrix=request.sdr_matrix,
        ocio=request.ocio,
    )
