"""What workers are given: use cases on files, and frames in shared memory. Plain values, as they are sent."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from candela_engines.colour.state import ColourState
from candela_engines.errors import CandelaError, ColourStateError, InputError
from candela_engines.itm.fitted import Fitted
from candela_engines.media import state_label
from candela_engines.media.movie_file import open_movie_file
from candela_server import service
from candela_server.frames.samples import MemoryFrame, read_samples, sample_room
from candela_server.service.binding import load_payload
from candela_server.service.engines import EngineFacts, engines
from candela_server.service.rendering import rendering_notes
from candela_server.service.results import Progress
from candela_server.sidecar.asks import Colour
from candela_server.sidecar.environment import environment
from candela_server.sidecar.frame_sides import FrameSide, opener
from candela_server.sidecar.kept_sides import KeptSides, kept_sides
from candela_server.sidecar.on_frames import Frame, Kept, fit_frames, frame_encoding, render_frame
from candela_server.sidecar.on_shots import KeptShots, render_shot_frame
from candela_server.workers.task import Bench

__all__ = [
    "Engines", "Fit", "FitFrames", "RenderFrame", "Rendered", "SizesOf", "UseCase", "UseCaseName",
    "pixels_of_movie",
]  # fmt: skip

UseCaseName = Literal[
    "embed", "reconstruct", "verify", "strip", "inspect",
    "embed_shots", "reconstruct_clip", "verify_shots", "strip_shots", "inspect_shots", "shots",
    "score", "compare", "metrics", "look", "upconvert", "upconvert_clip", "upconvert_cube",
    "upconvert_timeline", "distil", "distil_shots", "distil_timeline",
]  # fmt: skip
_TELLS = ("embed", "embed_shots")
_BY_FRACTION = ("embed", "reconstruct", "verify", "strip", "inspect", "inspect_shots", "upconvert", "distil")
_SOON_SECONDS = 0.3
_GO_ON = ("embed_shots", "reconstruct_clip", "upconvert_clip", "distil_shots")  # and those of timelines
_HASTY = ("score", "compare", "metrics")


@dataclass(frozen=True)
class UseCase:
    """One of `candela_server.service`. agree: what was said of a picture whose payload knows its colours.

    ocio: the client's $OCIO, empty for none; None is the sidecar's own. frames: its sides that lie in memory.
    """

    name: UseCaseName
    request: Any
    outputs: tuple[Path, ...] = ()
    agree: Colour | None = None
    ocio: str | None = None
    frames: tuple[FrameSide, ...] = ()

    @property
    def regions(self) -> tuple[str, ...]:
        """Where the frames lie."""
        return tuple(dict.fromkeys(frame.place.region for frame in self.frames))

    @property
    def resumes(self) -> bool:
        """Whether the same call goes on where this one was stopped."""
        return self.name in _GO_ON or self.name.endswith("_timeline")

    @property
    def hasty(self) -> bool:
        """Whether nothing is kept of it, and nothing written but pictures that are whole or not there."""
        return self.name in _HASTY

    def __call__(self, bench: Bench) -> Any:
        """The use case's result."""
        with environment(self.ocio):
            return self._call(bench)

    def _call(self, bench: Bench) -> Any:
        if self.agree is not None:
            _agree(self.agree, self.request.file, self.request.ocio)
        call: Callable[..., Any] = getattr(service, self.name)
        progress = bench.progress if self.name in _BY_FRACTION else bench.work
        if self.name in _TELLS:
            return call(self.request, progress, bench.tell)
        if self.frames:
            return call(self.request, progress, opener(bench.regions, self.frames))
        if self.name == "look":
            return _looked(call, self.request, progress, kept_sides(bench.shelf))
        return call(self.request, progress)


def _looked(call: Callable[..., Any], request: Any, progress: Any, sides: KeptSides) -> Any:
    try:
        return call(request, progress, sides)
    except BaseException:
        sides.broken()
        raise


@dataclass(frozen=True, eq=False)
class Fit:
    """A payload for frames that have no file. bits: of the SDR signal. seconds: of the fit."""

    fitted: Fitted
    width: int
    height: int
    bits: int
    sdr_state: ColourState
    hdr_state: ColourState
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
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class FitFrames:
    """A payload for two frames. request: everything but paths and colours. budget: bytes of the payload."""

    sdr: MemoryFrame
    hdr: MemoryFrame
    sdr_state: ColourState
    hdr_state: ColourState
    request: service.EmbedRequest
    budget: int
    outputs: tuple[Path, ...] = ()
    resumes: bool = False
    hasty: bool = False

    @property
    def regions(self) -> tuple[str, ...]:
        """Where the frames lie."""
        return self.sdr.region, self.hdr.region

    def __call__(self, bench: Bench) -> Fit:
        """Fit, and measure."""
        sdr, hdr = (
            Frame(read_samples(bench.regions, where), where.bits, state)
            for where, state in ((self.sdr, self.sdr_state), (self.hdr, self.hdr_state))
        )
        said = self.request
        fitted, digest, seconds = fit_frames(
            sdr,
            hdr,
            budget=self.budget,
            effort=said.effort,
            seconds=said.seconds,
            target_psnr=said.target_psnr,
            seed=said.seed,
            model=said.model,
            progress=bench.progress,
        )
        size = self.sdr.width, self.sdr.height
        states = self.sdr_state, self.hdr_state
        return Fit(fitted, *size, sdr.signal_bits, *states, said.model, digest, seconds)


@dataclass(frozen=True)
class RenderFrame:
    """The HDR of a frame into another's memory. ocio: the config that colour names are looked up in.
    shot_frame: which frame of a shot it is, in the numbers of its payload."""

    payload: bytes
    sdr: MemoryFrame
    out: MemoryFrame
    colour: Colour
    encoding: str | None
    ocio: str | None
    force: bool
    shot_frame: int | None = None
    outputs: tuple[Path, ...] = ()
    resumes: bool = False
    hasty: bool = False

    @property
    def regions(self) -> tuple[str, ...]:
        """Where the frames lie."""
        return self.sdr.region, self.out.region

    def __call__(self, bench: Bench) -> Rendered:
        """Render."""
        kept: Kept = bench.shelf.setdefault("payloads", Kept())
        shots: KeptShots = bench.shelf.setdefault("shots", KeptShots())
        payload = shots.payload(self.payload)
        if payload.frames is None and self.shot_frame is not None:
            raise InputError("the payload is that of a still, which has no frames: leave shot_frame out")
        state = _sdr_state(self.colour, payload.sdr, self.ocio)
        encoding = frame_encoding(self.encoding, floats=self.out.type.startswith("float"))
        frame = Frame(read_samples(bench.regions, self.sdr), self.sdr.bits, state)
        room, flush = sample_room(bench.regions, self.out)
        if payload.frames is None:
            written = render_frame(
                kept.decode(self.payload), frame, room, self.out.bits, encoding, force=self.force,
                progress=_rarely(bench.progress),
            )  # fmt: skip
        else:
            written = render_shot_frame(
                shots, payload, self.shot_frame, frame, room, self.out.bits, encoding, force=self.force
            )
        flush()
        return Rendered(
            self.payload, encoding, written.forced, self.out.bits, room.nbytes, written.clipped,
            rendering_notes(),
        )  # fmt: skip


def pixels_of_movie(movie: Path) -> int:
    """Of a frame; 0 for a movie that cannot be read, which is told later."""
    try:
        file = open_movie_file(movie, threads=1)
    except CandelaError:
        return 0
    with contextlib.closing(file):
        return int(file.stream.width * file.stream.height)


def _rarely(progress: Progress) -> Progress:
    """Not for a frame that is done soon: whoever passes reports on wants the cores that render."""
    begin = time.monotonic() + _SOON_SECONDS

    def report(stage: str, fraction: float) -> None:
        if time.monotonic() >= begin:
            progress(stage, fraction)

    return report


@dataclass(frozen=True)
class SizesOf:
    """Pixels of a frame of the largest of some movies; 0 for one that cannot be read, which is told later."""

    movies: tuple[Path, ...]
    regions: tuple[str, ...] = ()
    outputs: tuple[Path, ...] = ()
    resumes: bool = False
    hasty: bool = False

    def __call__(self, bench: Bench) -> int:
        """Look."""
        return max(map(pixels_of_movie, self.movies), default=0)


@dataclass(frozen=True)
class Engines:
    """The list of engines, by a process that has them."""

    regions: tuple[str, ...] = ()
    outputs: tuple[Path, ...] = ()
    resumes: bool = False
    hasty: bool = False

    def __call__(self, bench: Bench) -> list[EngineFacts]:
        """List them."""
        return engines()


def _sdr_state(colour: Colour, known: ColourState, ocio: str | None) -> ColourState:
    if colour.name is None and colour.range is None:
        return known
    if colour.state(ocio) != known:
        raise ColourStateError(
            "the frame was said to be in another colour state than its payload was made for; leave it to the "
            "payload, or find out which is right"
        )
    return known


def _agree(colour: Colour, file: Path, ocio: str | None) -> None:
    """Whoever says what a picture is, and is wrong, is told so: its payload knows."""
    if colour.name is None and colour.range is None:
        return
    known = load_payload(file)[1].payload.sdr
    said = known if colour.name is None else colour.state(ocio)
    if colour.range is not None:
        said = replace(said, range=colour.range)
    if said != known:
        raise ColourStateError(
            f"{file}: was said to be {colour.name or colour.range}, and its payload was made for "
            f"{state_label(known)}; leave it to the payload, or find out which is right"
        )
