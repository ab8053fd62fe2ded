"""Metrics: how far a picture or a clip is from a reference, by full-reference metrics on light."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour.state import ColourState
from candela_engines.errors import InputError
from candela_engines.metrics import (
    DeltaEItp,
    DeltaEItpResult,
    PuPsnr,
    pu_ms_ssim,
    pu_ssim,
    worst_tile,
)
from candela_engines.scorer.pu_vtamiq.engine import SMALLEST, installed_pu_vtamiq
from candela_server.service.clips import check_not_cut
from candela_server.service.metrics_sides import MetricsSide, OpenSide, SaidSide, likeness, open_side
from candela_server.service.results import Json, Work, WorkProgress, decibels, no_work, state_json

__all__ = ["FIGURES", "FrameFigures", "MetricsRequest", "MetricsResult", "metrics", "pair_numbers"]

FIGURES = {
    "pu_psnr_db": "dB; PSNR of R, G and B encoded by PU21, peak 256; more is closer",
    "pu_psnr_y_db": "dB; the same of luminance",
    "pu_ssim": "1 is identical; structural similarity of PU21 luminance",
    "pu_ms_ssim": "1 is identical; the same over up to five sizes",
    "pu_vtamiq_jod": "10 is identical; what a network says ColorVideoVDP would, 1500 nit; no ratings",
    "delta_e_itp_mean": "ΔE_ITP of BT.2124, mean over pixels; 1 is just visible at best",
    "delta_e_itp_p99": "ΔE_ITP that 99 % of the pixels do not exceed",
    "delta_e_itp_max": "ΔE_ITP of the worst pixel",
    "worst_tile_pu_psnr_db": "dB; PU-PSNR of the worst 64x64 pixels",
}
"""What each figure is, and its unit."""
_LEAST_SSIM = 11
_LIKE = 0.35


@dataclass(frozen=True)
class MetricsRequest:
    """test, reference: stills, movies, patterns or folders. frames: of the test, both included.

    offset: a frame of the test is held against the reference's frame of its number and so many on top; None
    finds it. anyway: measure pictures that look like different ones.
    """

    test: Path
    reference: Path
    test_said: SaidSide
    reference_said: SaidSide
    frames: tuple[int, int] | None = None
    offset: int | None = None
    anyway: bool = False


@dataclass(frozen=True)
class FrameFigures:
    """One frame. Units as FIGURES; SSIM is None for pictures under 11 pixels a side, PU-VTAMIQ-S under 16."""

    number: int
    pu_psnr: float
    pu_psnr_y: float
    pu_ssim: float | None
    pu_ms_ssim: float | None
    pu_vtamiq_jod: float | None
    delta_e: DeltaEItpResult
    worst_pu_psnr: float
    worst_left: int
    worst_top: int

    def to_json(self) -> Json:
        """Bare numbers; a PSNR of null stands for no difference."""
        return {
            "frame": self.number,
            "pu_psnr_db": decibels(self.pu_psnr),
            "pu_psnr_y_db": decibels(self.pu_psnr_y),
            "pu_ssim": _rounded(self.pu_ssim),
            "pu_ms_ssim": _rounded(self.pu_ms_ssim),
            "pu_vtamiq_jod": None if self.pu_vtamiq_jod is None else round(self.pu_vtamiq_jod, 4),
            "delta_e_itp_mean": round(self.delta_e.mean, 4),
            "delta_e_itp_p99": round(self.delta_e.p99, 4),
            "delta_e_itp_max": round(self.delta_e.max, 4),
            "worst_tile_pu_psnr_db": decibels(self.worst_pu_psnr),
            "worst_tile_left_px": self.worst_left,
            "worst_tile_top_px": self.worst_top,
        }


@dataclass(frozen=True)
class MetricsResult:
    """whole: all frames together: the PSNRs and ΔE_ITP of all their pixels, SSIM and PU-VTAMIQ-S the mean of
    the frames', the worst tile of any, in the frame that `whole.number` names.
    """

    request: MetricsRequest
    size: tuple[int, int]
    test_state: ColourState
    reference_state: ColourState
    whole: FrameFigures
    frames: tuple[FrameFigures, ...]
    notes: tuple[str, ...]

    def to_json(self) -> Json:
        """Bare numbers, units in the keys and in `figures`."""
        whole = self.whole.to_json()
        whole["worst_tile_frame"] = whole.pop("frame")
        return {
            "command": "metrics",
            "test": str(self.request.test),
            "test_state": state_json(self.test_state),
            "reference": str(self.request.reference),
            "reference_state": state_json(self.reference_state),
            "width_px": self.size[0],
            "height_px": self.size[1],
            "figures": FIGURES,
            "whole": whole,
            "frames": [frame.to_json() for frame in self.frames],
            "notes": list(self.notes),
        }


def metrics(
    request: MetricsRequest, progress: WorkProgress = no_work, opened: OpenSide = open_side
) -> MetricsResult:
    """Measure frame by frame. opened: what opens the two.

    Raises InputError for pictures of different sizes, clips of which frames belong together in no plain way,
    NaN, and pictures that look like different ones; ColourStateError for a state neither tagged nor said.
    """
    progress(Work("read", 0, 1, "pictures"))
    with ExitStack() as stack:
        test = stack.enter_context(opened(request.test, request.test_said))
        reference = stack.enter_context(opened(request.reference, request.reference_said))
        if test.size != reference.size:
            (w, h), (rw, rh) = test.size, reference.size
            raise InputError(
                f"{request.test} is {w}x{h}, {request.reference} is {rw}x{rh}: pixels are compared with "
                "pixels; bring both to one size and framing"
            )
        numbers, offset, notes = pair_numbers(request, test, reference)
        whole = _Whole()
        frames = []
        for count, number in enumerate(numbers):
            progress(Work("measure", count, len(numbers)))
            a, b = test.light(number), reference.light(number + offset)
            if not request.anyway:
                _demand_likeness(request, a, b, number if len(numbers) > 1 else None)
            frames.append(whole.add(number, a, b))
        progress(Work("measure", len(numbers), len(numbers)))
        if min(test.size) < _LEAST_SSIM:
            notes.append("SSIM needs 11x11 pixels at least; there is none")
        if min(test.size) < SMALLEST:
            notes.append(f"PU-VTAMIQ-S needs {SMALLEST}x{SMALLEST} pixels at least; there is none")
        notes += [*test.notes, *reference.notes]
        return MetricsResult(
            request, test.size, test.state, reference.state, whole.result(frames), tuple(frames), tuple(notes)
        )


class _Whole:
    """Sums over all frames."""

    def __init__(self) -> None:
        self._rgb, self._y, self._delta = PuPsnr(), PuPsnr(on="y"), DeltaEItp()

    def add(self, number: int, a: NDArray[np.float32], b: NDArray[np.float32]) -> FrameFigures:
        rgb, luma, delta = PuPsnr(), PuPsnr(on="y"), DeltaEItp()
        for measured in (rgb, luma, delta):
            measured.add(a, b)
        self._rgb.join(rgb)
        self._y.join(luma)
        self._delta.join(delta)
        ssim = ms_ssim = jod = None
        if min(a.shape[:2]) >= _LEAST_SSIM:
            ssim, ms_ssim = pu_ssim(a, b), pu_ms_ssim(a, b)
        if min(a.shape[:2]) >= SMALLEST:
            jod = installed_pu_vtamiq()(a, b).jod
        worst = worst_tile(a, b)
        return FrameFigures(
            number,
            rgb.result(),
            luma.result(),
            ssim,
            ms_ssim,
            jod,
            delta.result(),
            worst.pu_psnr,
            worst.left,
            worst.top,
        )

    def result(self, frames: list[FrameFigures]) -> FrameFigures:
        worst = min(frames, key=lambda frame: frame.worst_pu_psnr)
        return FrameFigures(
            worst.number,
            self._rgb.result(),
            self._y.result(),
            _mean([frame.pu_ssim for frame in frames]),
            _mean([frame.pu_ms_ssim for frame in frames]),
            _mean([frame.pu_vtamiq_jod for frame in frames]),
            self._delta.result(),
            worst.worst_pu_psnr,
            worst.worst_left,
            worst.worst_top,
        )


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def pair_numbers(
    request: MetricsRequest, test: MetricsSide, reference: MetricsSide
) -> tuple[list[int], int, list[str]]:
    """Frames of the test, what to add for those of the reference, and what is to be said of it."""
    mine, others = test.numbers, reference.numbers
    notes: list[str] = []
    if request.frames is not None:
        first, last = request.frames
        mine = [number for number in mine if first <= number <= last]
        if not mine:
            begin, end = test.numbers[0], test.numbers[-1]
            missing = ", and these are missing" if begin <= first and last <= end else ""
            raise InputError(f"--frames {first}-{last}: {request.test} has frames {begin} to {end}{missing}")
    offset = request.offset
    if offset is None:
        offset = 0
        if not set(mine) <= set(others):
            if len(test.numbers) != len(others):
                raise InputError(
                    f"{request.test} has {_count(test.numbers)}, {request.reference} {_count(others)}: say "
                    "which belong together with --frames (of the test) and --offset (to the reference's)"
                )
            offset = others[0] - test.numbers[0]
            notes.append(f"frames were paired in order: frame {mine[0]} with frame {mine[0] + offset}")
        elif len(others) > len(mine) and request.frames is None:
            notes.append(f"the reference has {len(others) - len(mine)} frames more, which were left out")
    lacking = [number for number in mine if number + offset not in set(others)]
    if lacking:
        raise InputError(
            f"{request.reference} has no frame {lacking[0] + offset}, which frame {lacking[0]} of "
            f"{request.test} is to be held against; it has {_count(others)}"
        )
    for side, lead in ((test, 0), (reference, offset)):
        if side.info is not None:
            check_not_cut(side.info, mine[0] + lead, mine[-1] + lead)
    return mine, offset, notes


def _count(numbers: list[int]) -> str:
    if len(numbers) == 1:
        return f"1 frame ({numbers[0]})"
    return f"{len(numbers)} frames ({numbers[0]} to {numbers[-1]})"


def _demand_likeness(
    request: MetricsRequest, a: NDArray[np.float32], b: NDArray[np.float32], number: int | None
) -> None:
    like = likeness(a, b)
    if like < _LIKE:
        where = "" if number is None else f", frame {number}"
        raise InputError(
            f"{request.test}{where} looks like another picture than {request.reference}: their light goes "
            f"together with a correlation of {like:.2f}, under {_LIKE:g}. Give the reference of this shot, "
            "set --offset, or measure it all the same with --anyway"
        )
