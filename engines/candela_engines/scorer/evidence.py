"""What reasons are proved by: a described picture or pair, and where on it a fault lies.

Masks have the size of the points (`sampling`), each of which stands for a square of the full picture;
boxes are in pixels of the full picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from candela_engines.metrics import Rectangle
from candela_engines.scorer.descriptors.limits import floor_nits, peak_nits
from candela_engines.scorer.descriptors.vector import Description, describe_frames
from candela_engines.scorer.frames import GradeFrame, PairedFrame, grade_frame, paired_frame
from candela_engines.scorer.planes import Plane
from candela_engines.scorer.reasons_decide import CEILING_NITS
from candela_engines.scorer.relation import Relation
from candela_engines.scorer.windows import plane_block_means, window_means

__all__ = ["Evidence", "Mask", "evidence_of", "evidence_of_pair", "place_of", "smoothed"]

Image = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Mask:
    """Where a fault lies. flags: (h, w) bool over the active picture, a flag for `factor`² pixels of it."""

    flags: NDArray[np.bool_]
    factor: int
    area: Rectangle

    @property
    def share(self) -> float:
        """Of the active picture, 0..1."""
        return float(self.flags.mean()) if self.flags.size else 0.0

    def box(self) -> Rectangle | None:
        """Rectangle, in pixels of the full picture, that holds it but for 1 % at each edge; None if empty."""
        if not self.flags.any():
            return None
        spans = []
        for axis in (1, 0):
            mass = np.cumsum(self.flags.sum(axis=1 - axis, dtype=np.float64))
            first = int(np.searchsorted(mass, 0.01 * mass[-1], side="right"))
            last = int(np.searchsorted(mass, 0.99 * mass[-1], side="left"))
            spans.append((first * self.factor, (max(first, last) + 1) * self.factor))
        (left, right), (top, bottom) = spans
        width, height = min(right, self.area.width) - left, min(bottom, self.area.height) - top
        return Rectangle(self.area.left + left, self.area.top + top, width, height)

    def full(self, height: int, width: int) -> NDArray[np.bool_]:
        """(height, width) bool: over the full picture, False outside the active one."""
        out = np.zeros((height, width), np.bool_)
        area = self.area
        rows = np.minimum(np.arange(area.height) // self.factor, self.flags.shape[0] - 1)
        columns = np.minimum(np.arange(area.width) // self.factor, self.flags.shape[1] - 1)
        part = self.flags[rows[:, None], columns[None]]
        out[area.top : area.top + area.height, area.left : area.left + area.width] = part
        return out

    def words(self) -> str:
        """Where it lies, in words of place alone: `mostly at upper left`, `all over the picture`."""
        return place_of(self.flags)


_ROWS, _COLUMNS = ("upper", "middle", "lower"), ("left", "centre", "right")
_MOST = 0.55


def place_of(flags: NDArray[np.bool_]) -> str:
    """Words for where flags (h, w) are: a ninth of the picture that holds most of them, or a band of it."""
    if not flags.any():
        return "nowhere"
    rows, columns = np.nonzero(flags)
    r = np.minimum(rows * 3 // flags.shape[0], 2)
    c = np.minimum(columns * 3 // flags.shape[1], 2)
    cells = np.bincount(r * 3 + c, minlength=9).reshape(3, 3) / rows.size
    row, column = divmod(int(cells.argmax()), 3)
    if cells[row, column] >= _MOST:
        if (row, column) == (1, 1):
            return "mostly at the centre"
        return f"mostly at {_ROWS[row]} {_COLUMNS[column]}"
    down, across = cells.sum(axis=1), cells.sum(axis=0)
    if down.max() >= 0.75 and down.max() >= across.max():
        return f"mostly in the {_ROWS[int(down.argmax())]} third"
    if across.max() >= 0.75:
        return f"mostly in the {('left', 'middle', 'right')[int(across.argmax())]} third"
    height, width = flags.shape
    if max(float(rows.std()) / height, float(columns.std()) / width) < 0.16:
        # In one piece across the lines between the ninths.
        row, column = (int(x) for x in (rows.mean() * 3 / height, columns.mean() * 3 / width))
        return "around the centre" if (row, column) == (1, 1) else f"around {_ROWS[row]} {_COLUMNS[column]}"
    return "spread over the picture"


class Evidence:
    """A picture, or a pair, described; its planes are asked for by the finders of reasons.

    nits: (H, W, 3) float32, linear BT.2020. description: as `describe` gives it. relation: of a pair, else
    None. ceiling_nits: where the light of the form ends, or of the display that the grade names, if lower.
    """

    def __init__(
        self,
        nits: Image,
        grade: GradeFrame,
        relation: Relation | None,
        description: Description,
        *,
        threads: int = 1,
    ) -> None:
        """Made by `evidence_of`. threads: that finders may use; nothing found depends on it."""
        self.threads = threads
        self.nits = nits
        self.grade, self.relation, self.description = grade, relation, description
        self.own_peak_nits: float | None = None
        self.ceiling_nits = CEILING_NITS

    @property
    def area(self) -> Rectangle:
        """The active picture."""
        return self.description.area

    @cached_property
    def peak(self) -> float:
        """99.99th percentile of max(R, G, B), nits."""
        return peak_nits(self.grade)

    @property
    def told_peak(self) -> float:
        """The peak that sentences name: that of the grade before it was brought to 1000 nit, where it was."""
        return self.peak if self.own_peak_nits is None else self.own_peak_nits

    @cached_property
    def floor(self) -> float:
        """0.1th percentile of Y, nits."""
        return floor_nits(self.grade)

    @property
    def is_constant(self) -> bool:
        """Whether the picture is of one level, black among them: no statistic of it means anything."""
        v = self.grade.v
        return bool(float(v.max()) - float(v.min()) < 1.0)

    def __getitem__(self, name: str) -> float:
        """A descriptor; NaN without evidence."""
        return self.description[name]

    @property
    def factor(self) -> int:
        """Pixels a side of what a point stands for."""
        return self.grade.grid.stride

    def crop(self, plane: Plane) -> Plane:
        """The active part of a plane (H, W), or of light (H, W, 3), of the full picture."""
        area = self.area
        return plane[area.top : area.top + area.height, area.left : area.left + area.width]

    def reduced(self, plane: Plane) -> Plane:
        """Means of a plane (H, W) of the full picture over the squares that points stand for, (h, w)."""
        return plane_block_means(self.crop(plane), self.factor)

    def mask(self, flags: NDArray[np.bool_]) -> Mask:
        """Flags (h, w) of the points as a mask."""
        return Mask(flags, self.factor, self.area)


def evidence_of(
    nits: Image, sdr_nits_709: Image | None = None, *, sdr_white_nits: float = 100.0, threads: int = 2
) -> Evidence:
    """Describe a grade, alone or with its SDR reference. Arguments and errors as of `describe`."""
    if sdr_nits_709 is None:
        frame = grade_frame(nits)
        return Evidence(nits, frame, None, describe_frames(frame, threads=threads), threads=threads)
    pair = paired_frame(nits, sdr_nits_709, sdr_white_nits=sdr_white_nits, threads=threads)
    return evidence_of_pair(pair, nits, threads=threads)


def evidence_of_pair(pair: PairedFrame, nits: Image, *, threads: int = 2) -> Evidence:
    """As `evidence_of`, of frames that are made already."""
    with np.errstate(all="ignore"):
        relation = Relation(pair)
    description = describe_frames(pair, relation=relation, threads=threads)
    return Evidence(nits, pair.grade, relation, description, threads=threads)


def smoothed(plane: Plane, radius: int) -> Plane:
    """Means over (2·radius + 1)² pixels, those at the edge repeated."""
    return window_means(plane, radius)
