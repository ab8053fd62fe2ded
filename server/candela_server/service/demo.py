"""The demo: the whole job on the pictures that come with Candela."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from candela_engines.errors import InfrastructureError
from candela_engines.itm.fitted import Effort
from candela_engines.itm.payload import Fidelity
from candela_engines.samples import SamplePair, sample_paths
from candela_server.service.embed import EmbedRequest, embed
from candela_server.service.inspect import InspectRequest, inspect
from candela_server.service.reconstruct import ReconstructRequest, reconstruct
from candela_server.service.results import Json, Progress, fidelity_json, no_progress
from candela_server.service.strip import StripRequest, strip
from candela_server.service.verify import VerifyRequest, verify

__all__ = ["DemoRequest", "DemoResult", "DemoRow", "demo"]

Told = Callable[[str], None]


@dataclass(frozen=True)
class DemoRequest:
    """out: the folder to write to. The rest as for `embed`. samples: None for the bundled ones."""

    out: Path
    effort: Effort = "fast"
    bytes: int = 8192
    seconds: float | None = None
    samples: Mapping[str, SamplePair] | None = None


@dataclass(frozen=True)
class DemoRow:
    """One sample. same_picture: the payload knows its picture; verified: measured anew, the figures hold;
    strip_exact: the stripped file is the SDR file again, byte for byte.
    """

    sample: str
    width: int
    height: int
    sdr_bytes: int
    hdr_bytes: int
    payload_bytes: int
    growth_bytes: int
    fidelity: Fidelity
    max_cll: float
    embed_seconds: float
    reconstruct_seconds: float
    same_picture: bool
    verified: bool
    strip_exact: bool

    def to_json(self) -> Json:
        """Bare numbers, units in the keys."""
        return {
            "sample": self.sample,
            "width_px": self.width,
            "height_px": self.height,
            "sdr_bytes": self.sdr_bytes,
            "hdr_bytes": self.hdr_bytes,
            "payload_bytes": self.payload_bytes,
            "growth_bytes": self.growth_bytes,
            "fidelity": fidelity_json(self.fidelity),
            "max_cll_nits": round(self.max_cll, 4),
            "embed_seconds": round(self.embed_seconds, 3),
            "reconstruct_seconds": round(self.reconstruct_seconds, 3),
            "same_picture": self.same_picture,
            "verified": self.verified,
            "strip_exact": self.strip_exact,
        }


@dataclass(frozen=True)
class DemoResult:
    """All samples, and the folder that holds their files."""

    out: Path
    effort: Effort
    rows: tuple[DemoRow, ...]

    @property
    def passed(self) -> bool:
        """Whether every promise held."""
        return all(row.same_picture and row.verified and row.strip_exact for row in self.rows)

    def to_json(self) -> Json:
        """Bare numbers, units in the keys."""
        return {
            "command": "demo",
            "out": str(self.out),
            "effort": self.effort,
            "passed": self.passed,
            "rows": [row.to_json() for row in self.rows],
        }


def demo(
    request: DemoRequest, progress: Progress = no_progress, told: Told = lambda sample: None
) -> DemoResult:
    """Embed, inspect, reconstruct, verify and strip every sample. told: the name of each as it begins."""
    samples = sample_paths() if request.samples is None else request.samples
    try:
        request.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InfrastructureError(f"{request.out}: cannot be made: {error.strerror or error}") from error
    rows = []
    for name, pair in samples.items():
        told(name)
        rows.append(_row(request, name, pair, progress))
    return DemoResult(request.out, request.effort, tuple(rows))


def _row(request: DemoRequest, name: str, pair: SamplePair, progress: Progress) -> DemoRow:
    file = request.out / f"{name}{pair.sdr.suffix}"
    hdr = request.out / f"{name}.hdr.exr"
    began = time.monotonic()
    made = embed(
        EmbedRequest(
            sdr=pair.sdr,
            out=file,
            hdr=pair.hdr,
            sdr_colour=pair.sdr_colour,
            hdr_colour=pair.hdr_colour,
            bytes=request.bytes,
            effort=request.effort,
            seconds=request.seconds,
        ),
        progress,
    )
    embedded = time.monotonic()
    seen = inspect(InspectRequest(file))
    before = time.monotonic()
    rendered = reconstruct(ReconstructRequest(file, hdr), progress)
    after = time.monotonic()
    reconstruct(ReconstructRequest(file, request.out / f"{name}.hdr.avif"), progress)
    checked = verify(VerifyRequest(file, pair.hdr, hdr_colour=pair.hdr_colour), progress)
    original = request.out / f"{name}.stripped{pair.sdr.suffix}"
    strip(StripRequest(file, original))
    return DemoRow(
        sample=name,
        width=made.width,
        height=made.height,
        sdr_bytes=pair.sdr.stat().st_size,
        hdr_bytes=pair.hdr.stat().st_size,
        payload_bytes=made.payload_bytes,
        growth_bytes=file.stat().st_size - pair.sdr.stat().st_size,
        fidelity=checked.measured,
        max_cll=0.0 if rendered.levels is None else rendered.levels.max_cll,
        embed_seconds=embedded - began,
        reconstruct_seconds=after - before,
        same_picture=seen.picture == "same",
        verified=checked.passed,
        strip_exact=original.read_bytes() == pair.sdr.read_bytes(),
    )
