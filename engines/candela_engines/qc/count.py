"""One pass over the codes of a frame: what every rule is told by is counted here, and nothing is read twice.

The numbers are those of `count_numpy`; where the native library is there it counts them, to the same.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from candela_engines.media.movie_rgb import Plane, VideoModel
from candela_engines.metrics import Rectangle
from candela_engines.native import native
from candela_engines.qc.light import Light

__all__ = ["TILES", "Counts", "LevelLimits", "count_picture", "count_video"]

TILES = (9, 16)
"""Tiles down and across the counted area, to say where something is."""


@dataclass(frozen=True, slots=True)
class LevelLimits:
    """Codes of the stored samples. low..high: the nominal range; least..most: the preferred one (EBU R103);
    reserved_low and under, reserved_high and over: codes of synchronisation. below, above: of R'G'B' signals.
    """

    low: int = 0
    high: int = 65535
    least: int = 0
    most: int = 65535
    reserved_low: int = -1
    reserved_high: int = 65536
    chroma_low: int = 0
    chroma_high: int = 65535
    below: float = -1e30
    above: float = 1e30

    @classmethod
    def narrow(cls, bits: int) -> LevelLimits:
        """Of narrow range: BT.2100 table 9 (16..235, C 16..240), EBU R103 (5..246), times 2^(bits − 8)."""
        s = 1 << (bits - 8)
        # R103 gives 5 and 246 in 8 bits, 20 and 984 in 10; for R'G'B' the same places of the luma scale.
        below, above = (5 * s - 16 * s) / (219 * s), (246 * s - 16 * s) / (219 * s)
        return cls(
            16 * s, 235 * s, 5 * s, 246 * s, s - 1, 255 * s, 16 * s, 240 * s, float(below), float(above)
        )


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """top: (16384,) pixels by the PQ code of max(R, G, B); channels: (3, 4096) of R, G and B by 12 bits of
    theirs.

    Pixels: `outside` P3 (`p3` in the rules), `rgb_off` beyond the preferred R'G'B'. Samples: the others.
    difference: Σ |code − code before|; changed: pixels whose code is another. most: signal of a video,
    sample of others, nits of HLG, at (most_x, most_y); worst: least P3 component over the light of a pixel
    of 1 nit or more, below zero. codes: (H, W) of max(R, G, B), within the area.
    """

    top: NDArray[np.uint32]
    channels: NDArray[np.uint32]
    outside_tiles: NDArray[np.int32]
    rgb_tiles: NDArray[np.int32]
    pixels: int
    outside: int
    rgb_off: int
    luma_low: int
    luma_high: int
    luma_off: int
    luma_reserved: int
    chroma_off: int
    chroma_reserved: int
    nonfinite: int
    difference: int
    changed: int
    most: float
    most_x: int
    most_y: int
    worst: float
    worst_x: int
    worst_y: int


Codes = NDArray[np.uint16]


def count_video(
    planes: Sequence[Plane], model: VideoModel, light: Light, limits: LevelLimits, area: Rectangle,
    codes: Codes, before: Codes | None, *, threads: int | None = None,
) -> Counts:  # fmt: skip
    """Count planes as `movie_pixels` gives them, in the order of the model. codes: (H, W), written in the
    area.
    """
    library = native()
    if library is None or not hasattr(library, "count_video"):
        from candela_engines.qc.count_numpy import video_numbers

        return Counts(**video_numbers(planes, model, light.tables, limits, area, codes, before))
    numbers = library.count_video(
        list(planes), model.ycc, model.offset, model.scale, model.middle, list(model.matrix), model.across,
        model.down, *model.siting, light.tables, _plain(limits), _box(area), codes, before,
        threads or os.cpu_count() or 1,
    )  # fmt: skip
    return Counts(**numbers)


def count_picture(
    picture: NDArray[Any], light: Light, limits: LevelLimits, area: Rectangle, codes: Codes,
    before: Codes | None, *, threads: int | None = None,
) -> Counts:  # fmt: skip
    """Count (H, W, 3) samples: integers, halves or float32."""
    library = native()
    if library is None or not hasattr(library, "count_picture"):
        from candela_engines.qc.count_numpy import picture_numbers

        return Counts(**picture_numbers(picture, light.tables, limits, area, codes, before))
    numbers = library.count_picture(
        picture, light.tables, _plain(limits), _box(area), codes, before, threads or os.cpu_count() or 1
    )
    return Counts(**numbers)


def _box(area: Rectangle) -> tuple[int, int, int, int]:
    return area.left, area.top, area.left + area.width, area.top + area.height


def _plain(limits: LevelLimits) -> dict[str, Any]:
    return {name: getattr(limits, name) for name in LevelLimits.__slots__}
