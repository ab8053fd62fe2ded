"""The calls on frames in shared memory: what can be refused is refused at once, the rest is work for a
thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from candela_engines.colour.names import NAMED, parse_colour
from candela_engines.colour.state import ColourState
from candela_engines.errors import ColourStateError, InputError
from candela_engines.itm.fitted import Fitted
from candela_server.frames.samples import MemoryFrame, read_samples, sample_room
from candela_server.jobs.errors import NotSupportedError
from candela_server.jobs.estimate import memory_for
from candela_server.jobs.job import Job
from candela_server.sidecar.asks import Colour, EmbedAsk, ReconstructAsk
from candela_server.sidecar.desk import Desk
from candela_server.sidecar.on_frames import Frame, fit_frames, render_frame

__all__ = ["Fit", "Rendered", "embed", "reconstruct"]

_DEFAULT_BYTES = 8192
_WORDS = {"linear": "linear-rec2020", "pq": "rec2100-pq", "hlg": "rec2100-hlg"}


@dataclass(frozen=True, eq=False)
class Fit:
    """A payload for frames that have no file. seconds: of the fit."""

    fitted: Fitted
    sdr: Frame
    hdr: Frame
    model: str
    picture_hash: bytes
    seconds: float


@dataclass(frozen=True)
class Rendered:
    """What lies in the target now."""

    payload: bytes
    encoding: ColourState
    forced: bool
    bits: int
    bytes: int
    clipped: int


def embed(desk: Desk, ask: EmbedAsk, job: Job) -> Callable[[], Fit]:
    """What fits a payload to two frames. `out` has to be left out: the payload comes back in the result."""
    if not isinstance(ask.sdr, MemoryFrame) or not isinstance(ask.hdr, MemoryFrame) or ask.hdr_colour is None:
        raise NotSupportedError("an SDR frame in shared memory needs a master in shared memory beside it")
    if ask.out is not None:
        raise NotSupportedError(
            "frames have no file to write: leave `out` away and take the payload of the result"
        )
    sdr, hdr, request = ask.sdr, ask.hdr, ask.request
    ocio = desk.ocio(request.ocio)
    states = ask.sdr_colour.state(ocio), ask.hdr_colour.state(ocio)
    job.memory = memory_for(job.call, pixels=max(sdr.pixels, hdr.pixels), most=desk.most_pixels)

    def work() -> Fit:
        frames = [
            Frame(read_samples(desk.regions, where), where.bits, state)
            for where, state in zip((sdr, hdr), states, strict=True)
        ]
        fitted, digest, seconds = fit_frames(
            *frames,
            budget=request.bytes or _DEFAULT_BYTES,
            effort=request.effort,
            seconds=request.seconds,
            target_psnr=request.target_psnr,
            seed=request.seed,
            model=request.model,
            progress=job.progress,
        )
        return Fit(fitted, frames[0], frames[1], request.model, digest, seconds)

    return work


def reconstruct(desk: Desk, ask: ReconstructAsk, job: Job) -> Callable[[], Rendered]:
    """What renders a frame into the target's memory."""
    sdr, out, request = ask.sdr, ask.out, ask.request
    if not isinstance(sdr, MemoryFrame) or not isinstance(out, MemoryFrame):
        raise NotSupportedError("a frame in shared memory needs a target in shared memory beside it")
    if request.peak is not None or request.confidence or request.view != "hdr" or request.quality is not None:
        raise NotSupportedError("peak, confidence, view and quality are for files")
    decoded = desk.kept.decode(ask.payload)
    if decoded.payload.frames is not None:
        raise InputError("the payload is that of a shot, and this renders stills")
    state = _sdr_state(ask.colour, decoded.payload.sdr, desk.ocio(request.ocio))
    encoding = _encoding(request.encoding, out)
    job.memory = memory_for(job.call, pixels=max(sdr.pixels, out.pixels), most=desk.most_pixels)

    def work() -> Rendered:
        frame = Frame(read_samples(desk.regions, sdr), sdr.bits, state)
        room, flush = sample_room(desk.regions, out)
        written = render_frame(
            decoded, frame, room, out.bits, encoding, force=request.force, progress=job.progress
        )
        flush()
        job.check()
        return Rendered(ask.payload, encoding, written.forced, out.bits, room.nbytes, written.clipped)

    return work


def _sdr_state(colour: Colour, known: ColourState, ocio: str | None) -> ColourState:
    if colour.name is None and colour.range is None:
        return known
    said = colour.state(ocio)
    if said != known:
        raise ColourStateError(
            "the frame was said to be in another colour state than its payload was made for; leave it "
            "to the payload, "
            "or find out which is right"
        )
    return known


def _encoding(name: str | None, out: MemoryFrame) -> ColourState:
    if name is None:
        return NAMED["linear-rec2020"] if out.type.startswith("float") else NAMED["rec2100-pq"]
    state = parse_colour(_WORDS.get(name.lower(), name))
    if state.transfer == "linear" and not out.type.startswith("float"):
        raise InputError("linear light needs floats; integers take pq, hlg or another encoding")
    return state
