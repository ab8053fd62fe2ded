"""What a reconstruction of a clip has written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from candela_engines.colour.state import ColourState
from candela_engines.itm.payload import Payload
from candela_server.service.clip_levels import ClipLevels
from candela_server.service.pipeline import StageSeconds
from candela_server.service.results import Json, fidelity_json, state_json

__all__ = ["ClipResult", "ClipTally"]


@dataclass
class ClipTally:
    """Counted while frames are written. resumed: frames that an earlier run has written.

    forced: frames that were not the payload's. placed: frames that have SDR in place of HDR.
    """

    written: int = 0
    resumed: int = 0
    bytes: int = 0
    forced: int = 0
    placed: int = 0
    clipped_low: int = 0
    clipped_high: int = 0


@dataclass(frozen=True)
class ClipResult:
    """out: pattern or movie. first, last: of the frames in the clip's own count; first_file: number of the
    first file. format: `exr`, `hevc in mp4`. peak, rolled_off_from: nits. stages: busy seconds of each.
    """

    file: Path
    out: Path
    format: str
    bits: int
    width: int
    height: int
    first: int
    last: int
    first_file: int | None
    encoding: ColourState
    peak: float | None
    rolled_off_from: float | None
    mastering: float | None
    shots: tuple[Payload, ...]
    tally: ClipTally
    levels: ClipLevels
    stages: StageSeconds
    view: str
    audio: bool
    timecode: str | None
    notes: tuple[str, ...]

    @property
    def frames(self) -> int:
        """In the output, by this run and by earlier ones."""
        return self.tally.written + self.tally.resumed

    def to_json(self) -> Json:
        """Bare numbers, units in the keys."""
        # A picture of the confidence has light that says nothing about a display.
        light = self.levels if self.view == "hdr" else None
        worst = min((p.fidelity for p in self.shots), key=lambda f: f.pu_psnr, default=None)
        return {
            "command": "reconstruct",
            "file": str(self.file),
            "out": str(self.out),
            "format": self.format,
            "bits": self.bits,
            "width_px": self.width,
            "height_px": self.height,
            "view": self.view,
            "encoding": state_json(self.encoding),
            "first_frame": self.first,
            "last_frame": self.last,
            "first_file_number": self.first_file,
            "frames": self.frames,
            "frames_of_earlier_runs": self.tally.resumed,
            "forced_frames": self.tally.forced,
            "sdr_frames": self.tally.placed,
            "out_bytes": self.tally.bytes,
            "shots": len(self.shots),
            "promised_by_the_worst_shot": None if worst is None else fidelity_json(worst),
            "peak_nits": self.peak,
            "rolled_off_from_nits": _rounded(self.rolled_off_from),
            "mastering_peak_nits": self.mastering,
            "max_cll_nits": None if light is None else _rounded(light.max_cll),
            "max_cll_frame": None if light is None else light.max_cll_frame,
            "max_fall_nits": None if light is None else _rounded(light.max_fall),
            "max_fall_frame": None if light is None else light.max_fall_frame,
            "clipped_low_samples": self.tally.clipped_low,
            "clipped_high_samples": self.tally.clipped_high,
            "audio": self.audio,
            "timecode": self.timecode,
            "stages": self.stages.to_json(),
            "notes": list(self.notes),
        }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
