"""What is known of the shots of a clip."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

from candela_engines.itm.payload import Fidelity
from candela_server.service.results import Json, decibels, fidelity_json, flicker_json
from candela_server.service.shot_carried import Misplaced

__all__ = ["Picture", "PictureKind", "ShotRow", "ShotsResult", "Source"]

PictureKind = Literal["sdr", "hdr", "confidence"]
Source = Literal["carried", "detected", "timeline"]


@dataclass(frozen=True, eq=False)
class Picture:
    """A thumbnail. jpeg: sRGB, of width x height pixels."""

    kind: PictureKind
    frame: int
    timecode: str | None
    width: int
    height: int
    jpeg: bytes


@dataclass(frozen=True, eq=False)
class ShotRow:
    """One shot; what is not known is None or empty.

    first, last: frame numbers, both included. count: of frames that are there. timecode_out: of the last
    frame. cut: how it begins, in words. bytes: of its payload; worst: frame and its PU-PSNR, and flicker:
    ΔE_ITP from frame to frame, median and 95th percentile, as measured at embedding.
    name, media: of the timeline. there: whether its media was found. media_frames: first and last of the
    media's frames that it shows. trouble: what is wrong with its media, in words.
    """

    first: int
    last: int
    count: int
    timecode_in: str | None = None
    timecode_out: str | None = None
    cut: str = ""
    bytes: int | None = None
    bytes_per_second: float | None = None
    fidelity: Fidelity | None = None
    worst: tuple[int, float] | None = None
    flicker: tuple[float, float] | None = None
    name: str = ""
    media: str = ""
    there: bool | None = None
    media_frames: tuple[int, int] | None = None
    trouble: str = ""
    pictures: tuple[Picture, ...] = ()

    def to_json(self) -> Json:
        """Bare numbers, units in the keys."""
        return {
            "first_frame": self.first,
            "last_frame": self.last,
            "frames": self.count,
            "timecode_in": self.timecode_in,
            "timecode_out": self.timecode_out,
            "cut": self.cut or None,
            "payload_bytes": self.bytes,
            "bytes_per_second": _rounded(self.bytes_per_second),
            "fidelity": None if self.fidelity is None else fidelity_json(self.fidelity),
            "worst_frame": None if self.worst is None else self.worst[0],
            "worst_frame_pu_psnr_db": None if self.worst is None else decibels(self.worst[1]),
            **flicker_json(self.flicker),
            "name": self.name or None,
            "media": self.media or None,
            "media_found": self.there,
            "media_first_frame": None if self.media_frames is None else self.media_frames[0],
            "media_last_frame": None if self.media_frames is None else self.media_frames[1],
            "trouble": self.trouble or None,
        }


@dataclass(frozen=True, eq=False)
class ShotsResult:
    """The shots of a clip. gaps: frame ranges within it that belong to none. html: the page, if one was made.

    width, height: None for a timeline, whose media may differ. payload_bytes: of all shots, each once.
    growth_bytes: as `InspectShotsResult` has it. rate: frames a second. missing: numbers that have no file.
    misplaced: files that lie under another number than that of their frame.
    """

    file: Path
    source: Source
    format: str
    width: int | None
    height: int | None
    first: int
    last: int
    frames: int
    rate: Fraction | None
    timecode: str | None
    shots: tuple[ShotRow, ...]
    gaps: tuple[tuple[int, int], ...] = ()
    payload_bytes: int | None = None
    growth_bytes: int | None = None
    html: Path | None = None
    missing: tuple[int, ...] = ()
    misplaced: tuple[Misplaced, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def bytes_per_second(self) -> float | None:
        """Over all shots; None where the rate is not known."""
        frames = sum(shot.count for shot in self.shots)
        if self.payload_bytes is None or self.rate is None or not frames:
            return None
        return self.payload_bytes * float(self.rate) / frames

    def to_json(self) -> Json:
        """Bare numbers, units in the keys."""
        return {
            "command": "shots",
            "file": str(self.file),
            "source": self.source,
            "format": self.format,
            "width_px": self.width,
            "height_px": self.height,
            "first_frame": self.first,
            "last_frame": self.last,
            "frames": self.frames,
            "frames_per_second": None if self.rate is None else round(float(self.rate), 6),
            "timecode": self.timecode,
            "payload_bytes": self.payload_bytes,
            "growth_bytes": self.growth_bytes,
            "bytes_per_second": _rounded(self.bytes_per_second),
            "shots": [shot.to_json() for shot in self.shots],
            "gaps": [list(gap) for gap in self.gaps],
            "missing_frames": list(self.missing),
            "misplaced_frames": [one.to_json() for one in self.misplaced],
            "html": None if self.html is None else str(self.html),
            "notes": list(self.notes),
        }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
