"""What was embedded into clips: figures by shot and over all of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from candela_engines.colour.state import ColourState
from candela_engines.itm.payload import Fidelity
from candela_server.service.results import Json, decibels, fidelity_json, flicker_json, state_json

__all__ = ["ClipFigures", "EmbedShotsResult", "ShotFigures", "pooled"]


@dataclass(frozen=True)
class ShotFigures:
    """One shot as it is embedded. fidelity: over all its frames. worst_frame: that of the lowest PU-PSNR.

    flicker: ΔE_ITP of the change of error from frame to frame, at the median and at the 95th percentile; None
    where it was not measured. split_from: the frames of the shot that was cut further. name: in a timeline.
    """

    first: int
    last: int
    count: int
    timecode: str | None
    bytes: int
    bytes_per_second: float
    fidelity: Fidelity
    worst_frame: int
    worst_db: float
    flicker: tuple[float, float] | None
    split_from: tuple[int, int] | None
    name: str = ""

    def to_json(self) -> Json:
        """Bare numbers, units in the keys."""
        return {
            "first_frame": self.first,
            "last_frame": self.last,
            "frames": self.count,
            "timecode_in": self.timecode,
            "payload_bytes": self.bytes,
            "bytes_per_second": round(self.bytes_per_second, 2),
            "fidelity": fidelity_json(self.fidelity),
            "worst_frame": self.worst_frame,
            "worst_frame_pu_psnr_db": decibels(self.worst_db),
            **flicker_json(self.flicker),
            "split_from": None if self.split_from is None else list(self.split_from),
            "name": self.name or None,
        }


@dataclass(frozen=True)
class ClipFigures:
    """One movie or sequence, and its shots. written: what has the payloads, a pattern or a folder for a
    sequence; None in a dry run. media: the SDR clip that they belong to, the same unless they lie beside it.

    growth_bytes: what its file, or all its files together, grew by.
    """

    sdr: str
    hdr: str
    format: str
    width: int
    height: int
    bits: int
    first: int
    last: int
    frames: int
    rate: Fraction
    sdr_state: ColourState
    hdr_state: ColourState
    carrier: str
    shots: tuple[ShotFigures, ...]
    written: Path | None = None
    growth_bytes: int | None = None
    media: Path | None = None

    def to_json(self) -> Json:
        """Bare numbers, units in the keys."""
        return {
            "sdr": self.sdr,
            "hdr": self.hdr,
            "format": self.format,
            "width_px": self.width,
            "height_px": self.height,
            "sdr_bits": self.bits,
            "first_frame": self.first,
            "last_frame": self.last,
            "frames": self.frames,
            "frames_per_second": round(float(self.rate), 6),
            "sdr_colour": state_json(self.sdr_state),
            "hdr_colour": state_json(self.hdr_state),
            "carrier": self.carrier,
            "shots": [shot.to_json() for shot in self.shots],
            "written": None if self.written is None else str(self.written),
            "media": None if self.media is None else str(self.media),
            "growth_bytes": self.growth_bytes,
        }


@dataclass(frozen=True)
class EmbedShotsResult:
    """All clips of the job. resumed: shots that an earlier run had finished. seconds: of this run, in all."""

    sdr: Path
    hdr: Path
    out: Path | None
    written: Path | None
    clips: tuple[ClipFigures, ...]
    resumed: int
    seconds: float
    notes: tuple[str, ...]

    @property
    def shots(self) -> tuple[ShotFigures, ...]:
        """Of all clips."""
        return tuple(shot for clip in self.clips for shot in clip.shots)

    @property
    def frames(self) -> int:
        """Of all shots."""
        return sum(shot.count for shot in self.shots)

    @property
    def payload_bytes(self) -> int:
        """Of all shots, each counted once."""
        return sum(shot.bytes for shot in self.shots)

    @property
    def bytes_per_second(self) -> float:
        """Over all shots."""
        seconds = sum(shot.count / clip.rate for clip in self.clips for shot in clip.shots)
        return self.payload_bytes / float(seconds) if seconds else 0.0

    @property
    def worst(self) -> ShotFigures:
        """The shot with the frame that comes out worst."""
        return min(self.shots, key=lambda shot: shot.worst_db)

    def to_json(self) -> Json:
        """Bare numbers, units in the keys."""
        psnr, delta_e = pooled(self.shots)
        return {
            "command": "embed",
            "sdr": str(self.sdr),
            "hdr": str(self.hdr),
            "out": None if self.out is None else str(self.out),
            "written": None if self.written is None else str(self.written),
            "frames": self.frames,
            "payload_bytes": self.payload_bytes,
            "bytes_per_second": round(self.bytes_per_second, 2),
            "pu_psnr_db": decibels(psnr),
            "delta_e_itp_mean": round(delta_e, 4),
            "worst_frame": self.worst.worst_frame,
            "worst_frame_pu_psnr_db": decibels(self.worst.worst_db),
            "resumed_shots": self.resumed,
            "seconds": round(self.seconds, 3),
            "clips": [clip.to_json() for clip in self.clips],
            "notes": list(self.notes),
        }


def pooled(shots: Sequence[ShotFigures]) -> tuple[float, float]:
    """PU-PSNR in dB and mean ΔE_ITP over all frames of all shots."""
    frames = sum(shot.count for shot in shots)
    square = sum(
        shot.count * 10 ** (-shot.fidelity.pu_psnr / 10)
        for shot in shots
        if math.isfinite(shot.fidelity.pu_psnr)
    )
    psnr = math.inf if square == 0 else -10 * math.log10(square / frames)
    return psnr, sum(shot.count * shot.fidelity.delta_e_mean for shot in shots) / frames
