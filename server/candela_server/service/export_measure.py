"""How far an export is from what `reconstruct` makes of the same frames."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from candela_engines.itm.payload import Fidelity
from candela_engines.itm.quality import measure
from candela_engines.itm.shot_model import ShotRenderer
from candela_server.service.export_subjects import ExportSubject, Frame
from candela_server.service.results import Json, decibels

__all__ = ["Against", "compared", "full_frames"]

F32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Against:
    """PU-PSNR in dB over all frames that were compared, ΔE_ITP, and the frame that came out worst."""

    pu_psnr: float
    delta_e_mean: float
    delta_e_p99: float
    worst_pu_psnr: float
    worst_frame: int
    frames: int

    def to_json(self) -> Json:
        """Bare numbers."""
        return {
            "pu_psnr_db": decibels(self.pu_psnr),
            "delta_e_itp_mean": round(self.delta_e_mean, 4),
            "delta_e_itp_p99": round(self.delta_e_p99, 4),
            "worst_frame_pu_psnr_db": decibels(self.worst_pu_psnr),
            "worst_frame": self.worst_frame,
            "frames": self.frames,
        }

    @property
    def text(self) -> str:
        """In words, ASCII."""
        level = "no difference" if math.isinf(self.pu_psnr) else f"PU-PSNR {self.pu_psnr:.2f} dB"
        tail = f"dE_ITP {self.delta_e_mean:.2f} mean, {self.delta_e_p99:.2f} at p99"
        return f"{level}, {tail}"


def full_frames(subject: ExportSubject) -> Iterator[tuple[Frame, F32]]:
    """Every frame that was read, with its reconstruction in nits (H, W, 3)."""
    payload = subject.payload
    renderer = ShotRenderer(subject.model, payload.height, payload.width)
    for frame in subject.frames:
        nits = np.empty((payload.height, payload.width, 3), np.float32)
        renderer.render(frame.place, frame.codes, frame.bits, nits)
        yield frame, nits


def compared(
    pairs: Iterable[tuple[Frame, F32]], made: Callable[[Frame, F32], Iterable[tuple[int, F32]]]
) -> Against:
    """What `made` gives of each frame in strips, held against its reconstruction."""
    found: list[tuple[int, Fidelity]] = []
    for frame, nits in pairs:
        found.append((frame.number, measure(made(frame, nits), nits)))
    return _together(found)


def _together(found: Sequence[tuple[int, Fidelity]]) -> Against:
    errors = [10 ** (-f.pu_psnr / 10) for _, f in found]
    mean = sum(errors) / len(errors)
    worst = min(found, key=lambda one: one[1].pu_psnr)
    return Against(
        -10 * math.log10(mean) if mean > 0 else math.inf,
        sum(f.delta_e_mean for _, f in found) / len(found),
        max(f.delta_e_p99 for _, f in found),
        worst[1].pu_psnr,
        worst[0],
        len(found),
    )
