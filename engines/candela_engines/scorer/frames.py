"""What the descriptors share of a picture: its points as planes, its tiles and lines.

A frame is made once and asked often. Planes that not every descriptor needs are made when first asked for and
kept; a frame belongs to one thread at a time.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour.gamuts import LUMA_BT2020
from candela_engines.errors import InputError
from candela_engines.metrics import Rectangle
from candela_engines.scorer.active import active_area, common_area
from candela_engines.scorer.planes import (
    BT709_TO_2020,
    Plane,
    Planes,
    itp_of,
    largest,
    luminance,
    mix,
    pq_of,
    pu_of,
)
from candela_engines.scorer.sampling import (
    Grid,
    grid_of,
    take_lines,
    take_points,
    take_tiles,
)
from candela_engines.scorer.statistics import Ranked

__all__ = ["REFERENCE_WHITE_NITS", "GradeFrame", "PairedFrame", "grade_frame", "paired_frame", "sdr_frame"]

REFERENCE_WHITE_NITS = 203.0
"""Where the white of an SDR reference is placed: BT.2408-7 §5.1.3."""
LEAST_SIDE = 8


class GradeFrame:
    """One picture, linear BT.2020 in absolute nits, seen at three sizes (`sampling`).

    Also what an SDR reference becomes, placed at 203 nit: both are described by the same words.
    """

    def __init__(self, picture: NDArray[np.float32], grid: Grid, *, gain: float, from_709: bool) -> None:
        """Made by `grade_frame` and `sdr_frame`. gain: nits a unit; from_709: primaries of the picture."""
        self._picture = picture
        self._gain = np.float32(gain)
        self._from_709 = from_709
        self.grid = grid
        self.height, self.width = picture.shape[:2]
        self.is_sdr = from_709
        self.rgb = self._light(take_points(picture, grid))

    @property
    def area(self) -> Rectangle:
        """The active picture that is described."""
        return self.grid.area

    def _light(self, planes: Planes) -> Planes:
        if self._gain != 1:
            planes = (planes[0] * self._gain, planes[1] * self._gain, planes[2] * self._gain)
        if self._from_709:
            red, green, blue = (mix(planes, row) for row in BT709_TO_2020)
            return red, green, blue
        return planes

    # The points as a picture, (h, w).

    @cached_property
    def y(self) -> Plane:
        """Luminance, nits, 0 and more."""
        return np.maximum(luminance(self.rgb), np.float32(0))

    @cached_property
    def v(self) -> Plane:
        """PU21 of the luminance."""
        return pu_of(self.y)

    @cached_property
    def log_y(self) -> Plane:
        """log10 of the luminance, from 0.005 nit up."""
        return np.log10(np.maximum(self.y, np.float32(0.005)))

    @cached_property
    def itp(self) -> Planes:
        """I, T and P, in units of ΔE_ITP."""
        return itp_of(self.rgb)

    @cached_property
    def chroma(self) -> Plane:
        """√(T² + P²), in units of ΔE_ITP."""
        return np.sqrt(self.itp[1] * self.itp[1] + self.itp[2] * self.itp[2])

    @cached_property
    def ranked_y(self) -> Ranked:
        """Percentiles of the luminance."""
        return Ranked(self.y)

    # The same in a row, (n,).

    @cached_property
    def points(self) -> Planes:
        """Light of single pixels, unclipped."""
        red, green, blue = (plane.reshape(-1) for plane in self.rgb)
        return red, green, blue

    @cached_property
    def point_max(self) -> Plane:
        """max(R, G, B) of the points."""
        return largest(self.points)

    @cached_property
    def point_y(self) -> Plane:
        """Luminance of the points, 0 and more."""
        return np.maximum(luminance(self.points), np.float32(0))

    # Native pixels.

    @cached_property
    def tiles(self) -> Planes:
        """Light of the tiles, (n, size, size)."""
        return self._light(take_tiles(self._picture, self.grid))

    @cached_property
    def tile_v(self) -> Plane:
        """PU21 of the luminance of the tiles."""
        return pu_of(luminance(self.tiles))

    @cached_property
    def tile_itp(self) -> Planes:
        """I, T and P of the tiles, in units of ΔE_ITP."""
        return itp_of(self.tiles)

    @cached_property
    def line_i(self) -> Plane:
        """PQ of the luminance along whole rows, (n, width), in units of ΔE_ITP."""
        lines = take_lines(self._picture, self.grid)
        weights = np.array(LUMA_BT2020)
        if self._from_709:
            weights = weights @ BT709_TO_2020
        return pq_of(mix(lines, list(weights * float(self._gain)))) * np.float32(720)

    def share(self) -> None:
        """Make the planes that the descriptors of a pair need, before threads ask for them side by side."""
        _ = self.ranked_y, self.log_y, self.chroma, self.points, self.point_max, self.point_y
        _ = self.tile_v, self.tile_itp, self.line_i


@dataclass(frozen=True)
class PairedFrame:
    """A grade and its SDR reference, pixel on pixel: the same area, the same grid."""

    grade: GradeFrame
    sdr: GradeFrame


def _checked(picture: NDArray[np.float32], what: str) -> NDArray[np.float32]:
    if not isinstance(picture, np.ndarray) or picture.dtype not in (np.dtype("f4"), np.dtype("f8")):
        kind = getattr(picture, "dtype", type(picture).__name__)
        raise InputError(f"{what}: {kind} where float32 is needed; bring codes to light with `unify`")
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.size == 0:
        raise InputError(f"{what}: an array of shape {picture.shape} where (H, W, 3) is needed")
    picture = np.asarray(picture, np.float32)
    lacking = [max(0, LEAST_SIDE - side) for side in picture.shape[:2]]
    if any(lacking):
        picture = np.pad(picture, ((0, lacking[0]), (0, lacking[1]), (0, 0)), mode="edge")
    return picture


def grade_frame(nits: NDArray[np.float32], *, area: Rectangle | None = None) -> GradeFrame:
    """Frame of an HDR grade.

    nits: (H, W, 3) float32, linear BT.2020, absolute nits; below zero is outside BT.2020. area: the active
    picture, found (`active_area`) if not given. A side under 8 pixels is continued to 8 by its last pixels.
    Raises InputError for another shape or dtype.
    """
    picture = _checked(nits, "grade")
    return GradeFrame(picture, grid_of(area or active_area(picture)), gain=1.0, from_709=False)


def sdr_frame(
    nits_709: NDArray[np.float32], *, white_nits: float = 100.0, area: Rectangle | None = None
) -> GradeFrame:
    """Frame of an SDR reference, its white placed at 203 nit.

    nits_709: (H, W, 3) float32, linear BT.709, with code 1.0 at `white_nits`. Else as `grade_frame`.
    """
    picture = _checked(nits_709, "SDR reference")
    gain = _gain(white_nits)
    return GradeFrame(picture, grid_of(area or active_area(picture)), gain=gain, from_709=True)


def _gain(white_nits: float) -> float:
    if not 0 < white_nits < 1e5:
        raise InputError(f"SDR reference: white of {white_nits} nit; above 0 and below 100000 is needed")
    return REFERENCE_WHITE_NITS / white_nits


def paired_frame(
    grade_nits: NDArray[np.float32],
    sdr_nits_709: NDArray[np.float32],
    *,
    sdr_white_nits: float = 100.0,
    threads: int = 1,
) -> PairedFrame:
    """Both pictures over the area that is active in both. Arguments as of `grade_frame` and `sdr_frame`.

    Raises InputError for pictures of different sizes: nothing can be said of them pixel by pixel.
    """
    grade, sdr = _checked(grade_nits, "grade"), _checked(sdr_nits_709, "SDR reference")
    if grade.shape != sdr.shape:
        raise InputError(
            f"the grade is {grade.shape[1]}x{grade.shape[0]}, its SDR reference "
            f"{sdr.shape[1]}x{sdr.shape[0]}; both are compared pixel by pixel: scale one of them, or give "
            "the reference of this shot"
        )
    grid = grid_of(common_area(active_area(grade), active_area(sdr)))
    gain = _gain(sdr_white_nits)
    if threads < 2:
        return PairedFrame(
            GradeFrame(grade, grid, gain=1.0, from_709=False), GradeFrame(sdr, grid, gain=gain, from_709=True)
        )
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(GradeFrame, sdr, grid, gain=gain, from_709=True)
        return PairedFrame(GradeFrame(grade, grid, gain=1.0, from_709=False), other.result())
