"""Shots of a measured clip: where they lie, and what their frames say together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from candela_engines.errors import InputError
from candela_engines.media.atomic import write_atomic
from candela_engines.media.cuts import CutFinder
from candela_engines.qc.columns import COLUMNS, HISTOGRAM, LEVELS
from candela_engines.qc.findings import Box
from candela_engines.qc.folder import make_folder
from candela_engines.qc.isolated import Stuck, stuck_pixels
from candela_engines.qc.measure import INDEX
from candela_engines.qc.measuring import MeasuredClip
from candela_engines.qc.records import from_plain, to_plain
from candela_engines.qc.result import Record

__all__ = ["ShotData", "Span", "find_spans", "gather", "keep_spans", "kept_spans"]

F64 = NDArray[np.float64]
_FEW = 8
_SUPPORT = 0.1
_AREA_COLUMNS = (
    "fall_nits", "luminance_nits", "outside_p3_percent", "rgb_off_percent", "luma_off_percent",
    "luma_high_percent", "luma_low_percent",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Span:
    """A shot by its first and last frame, both in it. opening: start, cut, dissolve, fade, edit."""

    name: str
    first: int
    last: int
    opening: str
    record: Record | None = None


@dataclass(frozen=True, eq=False)
class ShotData:
    """What was measured of a shot's frames. numbers: of those with a picture. values: (n, columns), light and
    percentages over the shot's active picture. levels: pixels of all frames by 10-bit PQ code of max(R, G,
    B). luminance: (128,) pixels of the grids of the sampled frames. over: for each of the asked limits in
    nits, per cent of every frame's pixels above it by more than half a code. boxes: (n, 2, 4) as in
    `FrameMeasure`. stuck: pixels that stand still. content: SHA-256 of the decoded pictures.
    """

    span: Span
    numbers: NDArray[np.int64]
    values: F64
    levels: NDArray[np.int64]
    luminance: NDArray[np.int64]
    over: dict[float, F64]
    boxes: NDArray[np.int32]
    stuck: tuple[Stuck, ...]
    active: Box
    letterboxed: bool
    content: str
    unread: dict[int, str] = field(default_factory=dict)

    def column(self, name: str) -> F64:
        """One column of all frames, (n,)."""
        return np.asarray(self.values[:, INDEX[name]])

    def most(self, name: str) -> float | None:
        """Its largest value; None where there is none."""
        column = self.column(name)
        return None if not np.isfinite(column).any() else float(np.nanmax(column))

    def middle(self, name: str) -> float | None:
        """The median over the frames that have it."""
        column = self.column(name)
        return None if not np.isfinite(column).any() else float(np.nanmedian(column))


def find_spans(frames: Iterable[tuple[int, NDArray[np.float16]]], first: int, last: int) -> list[Span]:
    """Shots by their cuts (`media.cuts`); of few frames one. first, last: of the clip, which they cover.
    frames: numbers and proxies, in order."""
    finder, count = CutFinder(), 0
    for number, proxy in frames:
        finder.add(number, np.asarray(proxy, np.float32))
        count += 1
    shots = finder.finish() if count >= _FEW else []
    if not shots:
        return [Span("shot001", first, last, "start")]
    spans = [Span(f"shot{n:03d}", s.first, s.last, s.opening) for n, s in enumerate(shots, 1)]
    # Frames without a picture belong to the shot before them.
    ends = [span.first - 1 for span in spans[1:]] + [last]
    begins = [first] + [span.first for span in spans[1:]]
    return [
        Span(span.name, begin, end, span.opening)
        for span, begin, end in zip(spans, begins, ends, strict=True)
    ]


def kept_spans(path: Path) -> list[Span] | None:
    """Shots that were found earlier; None where there are none, or damaged."""
    try:
        return list(from_plain(_Spans, json.loads(path.read_text()), str(path)).spans)
    except (OSError, ValueError, InputError):
        return None


def keep_spans(path: Path, spans: Sequence[Span]) -> None:
    """Write shots down. Raises InfrastructureError for what the disk refuses."""
    make_folder(path.parent)
    write_atomic(path, json.dumps(to_plain(_Spans(tuple(spans)))).encode())


@dataclass(frozen=True, slots=True)
class _Spans:
    spans: tuple[Span, ...]


def gather(clip: MeasuredClip, span: Span, limits: Sequence[float], codes_of: Sequence[int]) -> ShotData:
    """The measures of a shot, read frame by frame. limits: nits that pixels above are counted of; codes_of:
    the 10-bit PQ codes that these are.
    """
    numbers, values, boxes, marks, isolated = [], [], [], [], []
    levels, luminance = np.zeros(LEVELS, np.int64), np.zeros(HISTOGRAM, np.int64)
    over: dict[float, list[float]] = {limit: [] for limit in limits}
    for number, found in clip.frames(span.first, span.last):
        numbers.append(number)
        values.append(found.values)
        boxes.append(found.boxes)
        marks.append(found.mark)
        levels += found.levels
        luminance += found.luminance
        pixels = max(int(found.levels.sum()), 1)
        above = np.cumsum(found.levels[::-1])[::-1]
        for limit, code in zip(limits, codes_of, strict=True):
            beyond = int(above[code + 1]) if code + 1 < LEVELS else 0
            over[limit].append(100 * beyond / pixels)
        if np.isfinite(found.values[INDEX["isolated_count"]]):
            isolated.append(found.isolated)
    table = np.array(values, np.float64).reshape(len(numbers), len(COLUMNS))
    info = clip.clip.info
    active = _active(table, info.width, info.height)
    whole = (active.right_px - active.left_px, active.bottom_px - active.top_px) == (info.width, info.height)
    if len(numbers):
        table[0, INDEX["change_codes"]] = table[0, INDEX["changed_percent"]] = np.nan
        _bring_to(table, active)
    content = hashlib.sha256(b"".join(marks)).hexdigest()
    unread = {n: why for n, why in clip.unread.items() if span.first <= n <= span.last}
    return ShotData(
        span, np.array(numbers, np.int64), table, levels, luminance,
        {k: np.array(v) for k, v in over.items()},
        np.array(boxes, np.int32).reshape(len(numbers), 2, 4), stuck_pixels(isolated), active, not whole,
        content, unread,
    )  # fmt: skip


def _active(table: F64, width: int, height: int) -> Box:
    """Around the pictures that at least a tenth of the frames have which tell: one title in the bars, or one
    dark frame, does not move it.
    """
    names = ("active_left_px", "active_top_px", "active_width_px", "active_height_px")
    telling = table[table[:, INDEX["active_decided"]] == 1]
    if not len(telling):
        return Box(0, 0, width, height)
    areas = telling[:, [INDEX[name] for name in names]].astype(np.int64)
    kinds, counts = np.unique(areas, axis=0, return_counts=True)
    kept = kinds[(counts >= _SUPPORT * len(areas)) | (counts == counts.max())]
    left, top = kept[:, 0].min(), kept[:, 1].min()
    right, bottom = (kept[:, 0] + kept[:, 2]).max(), (kept[:, 1] + kept[:, 3]).max()
    return Box(int(left), int(top), int(right), int(bottom))


def _bring_to(table: F64, active: Box) -> None:
    """Means and shares of a frame's own picture to the shot's: what one has more or less is bar."""
    size = table[:, INDEX["active_width_px"]] * table[:, INDEX["active_height_px"]]
    area = (active.right_px - active.left_px) * (active.bottom_px - active.top_px)
    share = size / area
    bars = table[:, INDEX["bar_nits"]]
    for name in _AREA_COLUMNS:
        light = bars if name.endswith("_nits") else 0.0
        column = table[:, INDEX[name]]
        table[:, INDEX[name]] = np.where(size == area, column, column * share + light * (1 - share))
