"""What a viewer of a whole shot will get: every frame measured, and the shot's figures from all of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from candela_engines.itm.field import is_plain, over_full_scale
from candela_engines.itm.payload import Fidelity
from candela_engines.itm.quality import measure_frame_parts, measure_parts
from candela_engines.itm.shot_model import ShotModel, ShotRenderer
from candela_engines.itm.shot_pairs import PairSource, spread_out
from candela_engines.metrics import DeltaEItp, Flicker, FlickerResult
from candela_engines.metrics.pu_psnr import PEAK

__all__ = ["ShotReport", "measure_shot"]

RUNS, RUN = 4, 4  # runs of frames, and frames of a run, in which flicker is measured

F32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class ShotReport:
    """Figures of a shot. fidelity: over all its pixels; its worst tile is that of the worst frame's.

    numbers, frames: every frame measured and its PU-PSNR in dB. worst_frame: the number of the lowest.
    digests: of every frame, by number. flicker: of the frames of a few runs; None where no two follow
    one another.
    """

    fidelity: Fidelity
    numbers: tuple[int, ...]
    frames: tuple[float, ...]
    digests: dict[int, bytes]
    flicker: FlickerResult | None = None

    @property
    def worst_frame(self) -> int:
        """The number of the frame that comes out worst."""
        return self.numbers[int(np.argmin(self.frames))]

    @property
    def worst(self) -> float:
        """Its PU-PSNR in dB."""
        return min(self.frames)

    @property
    def flicker_levels(self) -> tuple[float, float] | None:
        """ΔE_ITP at the median and at the 95th percentile; None where there was nothing to measure."""
        if self.flicker is None:
            return None
        both = float(self.flicker.all.median), float(self.flicker.all.p95)
        return both if all(map(math.isfinite, both)) else None

    @property
    def median(self) -> float:
        """The PU-PSNR in dB that half the frames reach."""
        return float(np.median(self.frames))


def measure_shot(
    model: ShotModel,
    pairs: PairSource,
    first: int,
    last: int,
    tick: Callable[[float], None] | None = None,
) -> ShotReport:
    """Render and measure all frames first..last; each is decoded once and let go."""
    numbers: list[int] = []
    frames: list[float] = []
    digests: dict[int, bytes] = {}
    delta = DeltaEItp()
    square = 0.0
    worst: Fidelity | None = None
    p = model.payload
    looked_at = _runs(first, last)
    flicker, previous = Flicker(), first - 2
    renderer = ShotRenderer(model, p.height, p.width)
    for frame in pairs(first, last):
        codes = frame.codes if is_plain(frame.codes, frame.bits) else over_full_scale(frame.codes, frame.bits)
        one, whole = renderer.at(frame.number)
        if whole is not None:
            found, part = measure_frame_parts(whole, codes, frame.bits, frame.nits)
        else:
            strips = one.strips(over_full_scale(codes, frame.bits), p.sdr)
            found, part = measure_parts(strips, np.clip(frame.nits, 0, 10000))
        delta.join(part)
        square += PEAK**2 * 10 ** (-found.pu_psnr / 10) if math.isfinite(found.pu_psnr) else 0.0
        if worst is None or found.worst_pu_psnr < worst.worst_pu_psnr:
            worst = found
        numbers.append(frame.number)
        frames.append(found.pu_psnr)
        digests[frame.number] = frame.digest
        if tick is not None:
            tick((frame.number - first + 1) / (last - first + 1))
        if frame.number in looked_at:
            if previous != frame.number - 1:
                flicker.cut()
            light = renderer.render(frame.number, codes, frame.bits)
            flicker.add(np.asarray(light, np.float32), np.clip(frame.nits, 0, 10000))
            previous = frame.number
    assert worst is not None, "a shot without frames"
    result = delta.result()
    mean = square / len(frames)
    pooled = math.inf if mean == 0 else 10 * math.log10(PEAK**2 / mean)
    fidelity = Fidelity(
        pooled, result.mean, result.p99, worst.worst_pu_psnr, worst.worst_left, worst.worst_top
    )
    seen = flicker.result()
    return ShotReport(
        fidelity, tuple(numbers), tuple(frames), digests, seen if math.isfinite(seen.left_out) else None
    )


def _runs(first: int, last: int) -> frozenset[int]:
    """Numbers of a few runs of frames, evenly along the shot: all of a short one."""
    if last - first + 1 <= RUNS * RUN:
        return frozenset(range(first, last + 1))
    starts = spread_out(first, last - RUN + 1, RUNS)
    return frozenset(n + i for n in starts for i in range(RUN))
