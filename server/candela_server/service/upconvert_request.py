"""What to up-convert, and what can be said against it before anything is opened."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from candela_engines.colour.state import Range
from candela_engines.upconvert.engine import Engine, open_engine
from candela_engines.upconvert.highlights import Highlights, open_highlights
from candela_server.service.clips import SaidClip
from candela_server.service.confidence_view import View
from candela_server.service.said import SaidColour
from candela_server.service.timeline_within import Within

__all__ = ["UpconvertClipRequest", "UpconvertRequest"]


@dataclass(frozen=True)
class UpconvertRequest:
    """A still. file: graded SDR; sdr_colour, sdr_range: what its numbers mean where tags do not say.

    engine: by name. reference_white: nits of SDR white, None for the engine's own. force: up-convert what
    does not look like a grade. highlights: the second stage after the engine, which makes them up. The rest
    as of `ReconstructRequest`.
    """

    file: Path
    out: Path
    engine: str = "placement"
    reference_white: float | None = None
    sdr_colour: str | None = None
    sdr_range: Range | None = None
    encoding: str | None = None
    peak: float | None = None
    bits: int | None = None
    quality: int | None = None
    force: bool = False
    ocio: str | None = None
    confidence: bool = False
    view: View = "hdr"
    highlights: bool = False

    @property
    def said(self) -> SaidColour:
        """What was said of the picture."""
        return SaidColour("sdr", self.sdr_colour, self.sdr_range, self.ocio)

    def opened_engine(self) -> Engine:
        """The engine. Raises InputError for what it cannot do."""
        return open_engine(self.engine, reference_white=self.reference_white)

    def opened_highlights(self) -> Highlights | None:
        """The second stage, where it is asked for. Raises InputError where there is none."""
        return open_highlights() if self.highlights else None


@dataclass(frozen=True)
class UpconvertClipRequest(UpconvertRequest):
    """A movie, a sequence or a timeline. sdr_matrix: of its Y'CbCr. media: folders in which a timeline's lie;
    within: folders that those have to lie in, None for no limit. The rest as of `ReconstructClipRequest`.
    """

    sdr_matrix: str | None = None
    frames: tuple[int, int] | None = None
    start: int | None = None
    codec: str | None = None
    compression: str | None = None
    resume: bool = True
    rate: Fraction | None = None
    media: tuple[Path, ...] = ()
    within: Within = None

    @property
    def said_clip(self) -> SaidClip:
        """What was said of the clip."""
        return SaidClip("sdr", self.sdr_colour, self.sdr_range, self.sdr_matrix, self.ocio)
