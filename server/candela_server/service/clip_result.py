"""What a reconstruction of a clip has written."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from candela_engines.colour.state import ColourState
from candela_engines.itm.payload import Payload
from candela_server.service.clip_levels import ClipLevels
from candela_server.service.pipeline import StageSeconds
from candela_server.service.results import Json, fidelity_json, state_json
from candela_server.service.shot_carried import Misplaced

__all__ = ["ClipResult", "ClipTally"]


@dataclass
class ClipTally:
    """Counted while frames are written. resumed: frames that an earlier run has written.

    forced: frames that were not the payload's. placed: frames that have SDR in place of HDR. clipped_low,
    clipped_high: samples that the encoding could not hold, clipped_frames: in so many frames, of which
    clipped_first is the first, and clipped_worst the one with the most of them, clipped_most.
    """

    written: int = 0
    resumed: int = 0
    bytes: int = 0
    forced: int = 0
    placed: int = 0
    clipped_low: int = 0
    clipped_high: int = 0
    clipped_frames: int = 0
    clipped_first: int | None = None
    clipped_worst: int | None = None
    clipped_most: int = 0

    def clip(self, number: int, low: int, high: int) -> None:
        """One frame's samples that were clipped; none are none."""
        if low or high:
            one = {"clipped_frames": 1, "clipped_first": number, "clipped_worst": number}
            self.join(ClipTally(clipped_low=low, clipped_high=high, clipped_most=low + high, **one))

    def join(self, other: ClipTally) -> None:
        """Count what another part of the clip has counted."""
        firsts = [n for n in (self.clipped_first, other.clipped_first) if n is not None]
        worst = min(self, other, key=lambda one: (-one.clipped_most, one.clipped_worst or 0))
        for name, value in asdict(other).items():
            if name not in _OF_ONE_FRAME:
                setattr(self, name, getattr(self, name) + value)
        self.clipped_first = min(firsts, default=None)
        self.clipped_worst, self.clipped_most = worst.clipped_worst, worst.clipped_most


_OF_ONE_FRAME = ("clipped_first", "clipped_worst", "clipped_most")


@dataclass(frozen=True)
class ClipResult:
    """out: pattern or movie. first, last: of the frames in the clip's own count; first_file: number of the
    first file. format: `exr`, `hevc in mp4`. peak, rolled_off_from: nits. stages: busy seconds of each.
    missing: numbers that have no file. misplaced: files that lie under another number than their frame's.
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
    missing: tuple[int, ...]
    misplaced: tuple[Misplaced, ...]
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
            "missing_frames": list(self.missing),
            "misplaced_frames": [one.to_json() for one in self.misplaced],
            "forced_frames": self.tally.forced,
            "sdr_frames": self.tally.placed,
            "out_bytes": self.tally.bytes,
            "shots": len(self.shots),
            "distilled_shots": sum(p.provenance == "distilled" for p in self.shots),
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
            "clipped_frames": self.tally.clipped_frames,
            "first_clipped_frame": self.tally.clipped_first,
            "worst_clipped_frame": self.tally.clipped_worst,
            "worst_clipped_frame_samples": self.tally.clipped_most,
            "audio": self.audio,
            "timecode": self.timecode,
            "stages": self.stages.to_json(),
            "notes": list(self.notes),
        }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
