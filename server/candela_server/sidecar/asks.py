"""What clients ask for: the use cases' own requests, and where pictures come from and go to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal, TypeAlias

from candela_engines.colour.names import parse_colour
from candela_engines.colour.state import ColourState, Range
from candela_engines.errors import ColourStateError
from candela_server.frames.samples import MemoryFrame
from candela_server.jobs.job import Lane
from candela_server.service import (
    CompareRequest,
    DistilRequest,
    EmbedRequest,
    EmbedShotsRequest,
    InspectShotsRequest,
    LookRequest,
    MetricsRequest,
    QcRequest,
    ReconstructClipRequest,
    ReconstructRequest,
    ScoreRequest,
    ShotsRequest,
    StripShotsRequest,
    UpconvertClipRequest,
    VerifyRequest,
    VerifyShotsRequest,
)

__all__ = [
    "Ask",
    "ClipAsk",
    "ClipCall",
    "Colour",
    "EmbedAsk",
    "File",
    "FrameAsk",
    "FramesAsk",
    "InspectAsk",
    "JudgeAsk",
    "JudgeCall",
    "QcAsk",
    "QcChunk",
    "ReconstructAsk",
    "Sent",
    "Source",
    "StripAsk",
    "Target",
    "UpconvertAsk",
    "VerifyAsk",
]


@dataclass(frozen=True)
class File:
    """A path, as the client says it."""

    path: str


@dataclass(frozen=True)
class Sent:
    """As a source an upload by its id; as a target a suffix, and the file goes back."""

    name: str


Source: TypeAlias = File | Sent | MemoryFrame
Target: TypeAlias = File | Sent | MemoryFrame


@dataclass(frozen=True)
class Colour:
    """What was said of a picture's numbers. name, range: None is as the file records it."""

    name: str | None
    range: Range | None

    def state(self, ocio: str | None) -> ColourState:
        """Of frames in memory, which record nothing. Raises ColourStateError where something is left open."""
        if self.name is None or self.range is None:
            raise ColourStateError(
                "a frame in shared memory has no tags: its colour state needs a name, and a range that "
                "is full or "
                "narrow"
            )
        state = parse_colour(self.name, config=ocio)
        return replace(state, range=self.range)


@dataclass(frozen=True)
class EmbedAsk:
    """request: everything but its paths. sdr_colour, hdr_colour: as in it, for frames in memory."""

    call: ClassVar = "Embed"
    lane: ClassVar[Lane] = "fit"
    sdr: Source
    hdr: Source | None
    out: Target | None
    request: EmbedRequest
    sdr_colour: Colour
    hdr_colour: Colour | None


@dataclass(frozen=True)
class ReconstructAsk:
    """payload: of frames in memory. colour: has to be that of the payload, where it is said. shot_frame:
    which frame of a shot it is."""

    call: ClassVar = "Reconstruct"
    lane: ClassVar[Lane] = "work"
    sdr: Source
    out: Target
    request: ReconstructRequest
    colour: Colour
    payload: bytes
    shot_frame: int | None = None


@dataclass(frozen=True)
class FramesAsk:
    """What frames in memory have in common. As in ReconstructAsk."""

    colour: Colour
    encoding: str | None
    payload: bytes
    ocio: str | None
    force: bool


@dataclass(frozen=True)
class FrameAsk:
    """One of them. seconds: that it may take, None for what the call may. shot_frame: as in
    ReconstructAsk."""

    call: ClassVar = "ReconstructFrames"
    lane: ClassVar[Lane] = "work"
    number: int
    setup: FramesAsk
    sdr: MemoryFrame
    out: MemoryFrame
    seconds: float | None
    shot_frame: int | None = None


@dataclass(frozen=True)
class VerifyAsk:
    """As the others."""

    call: ClassVar = "Verify"
    lane: ClassVar[Lane] = "work"
    sdr: Source
    hdr: Source | None
    request: VerifyRequest
    colour: Colour


@dataclass(frozen=True)
class StripAsk:
    """As the others."""

    call: ClassVar = "Strip"
    lane: ClassVar[Lane] = "work"
    source: Source
    out: Target


@dataclass(frozen=True)
class InspectAsk:
    """As the others."""

    call: ClassVar = "Inspect"
    lane: ClassVar[Lane] = "work"
    source: Source


ClipCall = Literal["EmbedShots", "ReconstructClip", "VerifyShots", "StripShots", "InspectShots", "ListShots"]


@dataclass(frozen=True)
class ClipAsk:
    """Of movies, sequences and timelines. request: with the paths as the client says them."""

    call: ClipCall
    request: (
        EmbedShotsRequest | ReconstructClipRequest | VerifyShotsRequest | StripShotsRequest
        | InspectShotsRequest | ShotsRequest
    )  # fmt: skip

    @property
    def lane(self) -> Lane:
        """Fits take every core by themselves."""
        return "fit" if self.call == "EmbedShots" else "work"


@dataclass(frozen=True)
class QcChunk:
    """One of the jobs that a pass is divided into. numbers: first and last of those to be measured, from 1;
    without any they are listed, and no more."""

    unit: Literal["shot", "part"]
    numbers: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class QcAsk:
    """request: with the paths as the client says them. called: words for paths of it."""

    call: ClassVar = "Qc"
    lane: ClassVar[Lane] = "work"
    request: QcRequest
    chunk: QcChunk | None = None
    called: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class UpconvertAsk:
    """request: with the paths as the client says them. A still, a clip or a LUT is told by them."""

    call: ClassVar = "Upconvert"
    request: UpconvertClipRequest | DistilRequest

    @property
    def lane(self) -> Lane:
        """Fits take every core by themselves."""
        return "fit" if isinstance(self.request, DistilRequest) else "work"


JudgeCall = Literal["Score", "Compare", "Measure", "Look"]


@dataclass(frozen=True)
class JudgeAsk:
    """Of pictures and clips beside one another. sides: by the field of the request that is each one's, where
    it lies and its colours. The request has no paths of them."""

    lane: ClassVar[Lane] = "work"
    call: JudgeCall
    request: ScoreRequest | CompareRequest | MetricsRequest | LookRequest
    sides: tuple[tuple[str, Source, Colour], ...]


Ask: TypeAlias = (
    EmbedAsk | ReconstructAsk | VerifyAsk | StripAsk | InspectAsk | ClipAsk | JudgeAsk | QcAsk | UpconvertAsk
)
