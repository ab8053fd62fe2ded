"""The measures of a frame: `columns.COLUMNS`, a histogram, a proxy for finding cuts, and a print of the
picture.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour.convert import to_nits_rec2020
from candela_engines.colour.gamuts import rgb_to_xyz
from candela_engines.colour.state import ColourState
from candela_engines.media.cuts_proxy import HEIGHT, WIDTH
from candela_engines.media.movie_rgb import VideoModel, planes_to_rgb
from candela_engines.metrics import Rectangle
from candela_engines.native import native
from candela_engines.qc.bars import active_of
from candela_engines.qc.columns import COLUMNS, HISTOGRAM, LEVELS
from candela_engines.qc.count import TILES, Counts, LevelLimits, count_picture, count_video
from candela_engines.qc.frame_numbers import STEP, histogram_numbers, luminance_histogram
from candela_engines.qc.light import CODES, light_of
from candela_engines.qc.reading import Picture
from candela_engines.qc.sampled import sampled_numbers

__all__ = ["INDEX", "FrameMeasure", "FrameMeasurer"]

INDEX = {column.name: place for place, column in enumerate(COLUMNS)}
"""The place of a column by its name."""

Codes = NDArray[np.uint16]
F32 = NDArray[np.float32]
_CELL = (4, 8)
_GRID = (HEIGHT * _CELL[0], WIDTH * _CELL[1])  # every cell of the proxy has 32 of its pixels
_EDGES = np.searchsorted(np.arange(CODES) * (LEVELS - 1) / (CODES - 1), np.arange(LEVELS) - 0.5)


@dataclass(frozen=True, slots=True, eq=False)
class FrameMeasure:
    """values: (columns,) float64, NaN where there is nothing. levels: (1024,) pixels by the 10-bit PQ code of
    max(R, G, B). luminance: (128,) pixels of a grid by luminance, all 0 of a frame that is not sampled.
    proxy: (36, 64, 3) float16. boxes: (2, 4) left, top, right, bottom around what is outside
    P3, and beyond the preferred R'G'B'; -1 for none. isolated: (n, 3) x, y, and how far above (below) its
    neighbours a pixel is, 14-bit PQ codes. mark: 16 bytes of the decoded picture.
    """

    values: NDArray[np.float64]
    levels: NDArray[np.uint32]
    luminance: NDArray[np.uint32]
    proxy: NDArray[np.float16]
    boxes: NDArray[np.int32]
    isolated: NDArray[np.int32]
    mark: bytes


class FrameMeasurer:
    """Measures frames of one clip. model: of a movie's planes, None for stored R'G'B'. Not for several
    threads.

    state: of the samples (full range for movies, which are brought there). bits: of integer samples.
    """

    def __init__(self, state: ColourState, model: VideoModel | None, bits: int, floats: bool) -> None:
        video = model is not None
        self._floats = floats and not video
        self.state, self._model, self._bits = state, model, 10 if self._floats else bits
        self._light = light_of(state, video=video, kind="f" if self._floats else "u", bits=bits)
        narrow = model.scale < (1 << bits) - 1 if model is not None else state.range == "narrow"
        self._limits = LevelLimits.narrow(bits) if narrow and not self._floats else LevelLimits()
        self._narrow = narrow
        self._grey = self._greys()
        self._luma = rgb_to_xyz(state.primaries if self._light.direct else "bt2020")[1]
        self._before: tuple[Codes, Rectangle] | None = None
        self._spare: Codes | None = None

    def forget(self) -> None:
        """The next frame has none before it."""
        self._before = None

    def proxy(self, picture: Picture) -> NDArray[np.float16]:
        """The proxy of a frame alone, as `measure` makes it."""
        library = native()
        if picture.planes is not None and self._is_encoded and hasattr(library, "video_proxy"):
            model = self._model
            assert model is not None and library is not None
            rows, columns = _grid(picture.luma.shape)
            means = library.video_proxy(
                list(picture.planes), model.ycc, model.offset, model.scale, model.middle, list(model.matrix),
                model.across, model.down, rows.tolist(), columns.tolist(), *_CELL,
            )  # fmt: skip
            return np.asarray(means, np.float32).astype(np.float16)
        return _proxy(self._encoded(self._small(picture)))

    def measure(self, picture: Picture, *, sampled: bool, threads: int | None = None) -> FrameMeasure:
        """One frame; the one before it was the last that was measured, unless it was forgotten."""
        active = active_of(picture.luma, self._grey)
        shape = picture.luma.shape
        codes = self._spare
        if codes is None or codes.shape != shape:
            codes = np.zeros(shape, np.uint16)
        before = self._before
        alike = before is not None and before[1] == active.area and before[0].shape == shape
        counts = self._count(picture, active.area, codes, before[0] if alike and before else None, threads)
        small = self._small(picture) if sampled else None
        proxy = self.proxy(picture) if small is None else _proxy(self._encoded(small))
        values = np.full(len(COLUMNS), np.nan)
        area = active.area
        numbers = histogram_numbers(counts, self._most(counts), self._luma)
        numbers |= self._level_numbers(counts, shape)
        if alike:
            numbers["change_codes"] = counts.difference / counts.pixels / STEP
            numbers["changed_percent"] = 100 * counts.changed / counts.pixels
        numbers |= {
            "active_left_px": area.left, "active_top_px": area.top, "active_width_px": area.width,
            "active_height_px": area.height, "active_decided": float(active.decided),
            "bar_nits": active.bar_nits,
        }  # fmt: skip
        isolated, luminance = np.zeros((0, 3), np.int32), np.zeros(HISTOGRAM, np.uint32)
        if small is not None:
            inner = self._inside(small, shape, area)
            nits = np.asarray(self._nits(inner), np.float32)
            found, isolated = sampled_numbers(codes, area, nits)
            numbers |= found
            luminance = luminance_histogram(nits)
        for name, value in numbers.items():
            values[INDEX[name]] = value
        boxes = np.stack([_box(counts.outside_tiles, area), _box(counts.rgb_tiles, area)])
        self._spare, self._before = None if before is None else before[0], (codes, area)
        levels = np.add.reduceat(counts.top, _EDGES).astype(np.uint32)
        return FrameMeasure(values, levels, luminance, proxy, boxes, isolated, _mark(counts, proxy))

    def _count(
        self, picture: Picture, area: Rectangle, codes: Codes, before: Codes | None, threads: int | None
    ) -> Counts:
        if picture.planes is not None:
            assert self._model is not None
            return count_video(
                picture.planes, self._model, self._light, self._limits, area, codes, before, threads=threads
            )
        samples: NDArray[Any] = picture.codes  # type: ignore[assignment]
        if not self._light.direct:
            samples = np.asarray(self._nits(self._signal(samples)), np.float32)
        return count_picture(samples, self._light, self._limits, area, codes, before, threads=threads)

    def _most(self, counts: Counts) -> float:
        """Light of the brightest sample, exactly."""
        most = counts.most
        if self._model is None and self._light.direct and self._light.per_channel:
            most = float(self._signal(np.array([most]))[0])
        return self._light.nits(most)

    def _signal(self, samples: NDArray[Any]) -> F32:
        """Full-range signals of integer samples; floats as they are."""
        if self._floats or self._model is not None:
            return np.asarray(samples, np.float32)
        if self._narrow:
            step = 1 << (self._bits - 8)
            return np.asarray((samples.astype(np.float32) - 16 * step) / np.float32(219 * step))
        return np.asarray(samples.astype(np.float32) / np.float32((1 << self._bits) - 1))

    def _nits(self, signal: F32) -> F32:
        """Light, linear BT.2020, of full-range signals; NaN and infinities count as black."""
        state = replace(self.state, range="full")
        with np.errstate(all="ignore"):
            return np.nan_to_num(to_nits_rec2020(signal, state), nan=0.0, posinf=1e4, neginf=0.0)

    def _greys(self) -> Callable[[NDArray[Any]], F32]:
        """Light of luma samples as grey."""
        if self._floats:
            return lambda luma: self._nits(np.repeat(np.asarray(luma, np.float32)[..., None], 3, axis=-1))[
                ..., 1
            ]
        codes = np.arange(1 << max(self._bits, 8), dtype=np.float32)
        if self._model is not None:
            signal = (codes - np.float32(self._model.offset)) / np.float32(self._model.scale)
        else:
            signal = self._signal(codes)
        grey = np.repeat(np.clip(signal, 0, 1)[:, None], 3, axis=1)
        table = np.ascontiguousarray(self._nits(np.asarray(grey, np.float32))[:, 1])
        return lambda luma: table[luma]

    def _small(self, picture: Picture) -> F32:
        """Signals (or light) of a grid of (144, 512) single pixels, evenly spread."""
        rows, columns = _grid(picture.luma.shape)
        if picture.planes is None:
            assert picture.codes is not None
            return self._signal(picture.codes[rows][:, columns])
        model = self._model
        assert model is not None
        parts: list[Any] = [np.ascontiguousarray(picture.planes[0][rows][:, columns])]
        down, across = (rows // model.down, columns // model.across) if model.ycc else (rows, columns)
        parts += [np.ascontiguousarray(plane[down][:, across]) for plane in picture.planes[1:]]
        return planes_to_rgb(parts, replace(model, across=1, down=1, siting=(0.0, 0.0)), threads=1)

    def _encoded(self, small: F32) -> F32:
        """As codes: light has to be encoded before cuts can be told in it."""
        if self._is_encoded:
            return small
        light = np.clip(self._nits(small) / np.float32(1000), 0, 1)
        return np.asarray(np.power(light, np.float32(1 / 2.4)), np.float32)

    @property
    def _is_encoded(self) -> bool:
        return self.state.transfer != "linear" and self.state.ocio_space is None

    @staticmethod
    def _inside(small: F32, shape: tuple[int, ...], area: Rectangle) -> F32:
        """The part of the grid in the active picture, every other row and column."""
        top, bottom = (round(y * _GRID[0] / shape[0]) for y in (area.top, area.top + area.height))
        left, right = (round(x * _GRID[1] / shape[1]) for x in (area.left, area.left + area.width))
        return small[top : max(bottom, top + 1) : 2, left : max(right, left + 2) : 2]

    def _level_numbers(self, c: Counts, shape: tuple[int, ...]) -> dict[str, float]:
        if not self._narrow:
            return {"nonfinite_samples": float(c.nonfinite)}
        samples = c.pixels * (1 if self._model is not None else 3)
        chroma = 2 * shape[0] * shape[1]
        if self._model is not None:
            down, across = self._model.down, self._model.across
            chroma = 2 * -(-shape[0] // down) * -(-shape[1] // across)
        return {
            "rgb_off_percent": 100 * c.rgb_off / c.pixels,
            "luma_off_percent": 100 * c.luma_off / samples,
            "luma_low_percent": 100 * c.luma_low / samples,
            "luma_high_percent": 100 * c.luma_high / samples,
            "chroma_off_percent": 100 * c.chroma_off / chroma,
            "reserved_samples": float(c.luma_reserved + c.chroma_reserved),
            "nonfinite_samples": float(c.nonfinite),
        }


def _grid(shape: tuple[int, ...]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows and columns of single pixels, evenly spread."""
    rows, columns = (
        ((np.arange(n) + 0.5) * m / n).astype(np.int64) for n, m in zip(_GRID, shape, strict=True)
    )
    return rows, columns


def _proxy(small: F32) -> NDArray[np.float16]:
    """Means over the cells of the grid, as `media.cuts_proxy` has them of whole frames."""
    held = np.clip(small, np.float32(-0.5), np.float32(1.5))
    down, across = _CELL
    # Slice by slice: numpy's sums over short axes take several times as long.
    rows = held.reshape(HEIGHT, down, -1)
    total = rows[:, 0].copy()
    for row in range(1, down):
        total += rows[:, row]
    cells = total.reshape(HEIGHT, WIDTH, across, 3)
    means = cells[:, :, 0].copy()
    for column in range(1, across):
        means += cells[:, :, column]
    if np.isnan(means).any():
        return _proxy(np.nan_to_num(small, nan=0.0))
    return (means * np.float32(1 / (down * across))).astype(np.float16)


def _box(tiles: NDArray[np.int32], area: Rectangle) -> NDArray[np.int32]:
    """Around the tiles that hold at least a fiftieth each of what there is."""
    rows, columns = np.nonzero(tiles * 50 >= max(int(tiles.sum()), 1))
    if not rows.size:
        return np.full(4, -1, np.int32)
    down, across = TILES
    left, right = (area.left + int(c) * area.width // across for c in (columns.min(), columns.max() + 1))
    top, bottom = (area.top + int(r) * area.height // down for r in (rows.min(), rows.max() + 1))
    return np.array([left, top, right, bottom], np.int32)


def _mark(c: Counts, proxy: NDArray[np.float16]) -> bytes:
    """Of the decoded picture: its histograms, where its brightest pixel is, and its proxy."""
    digest = hashlib.blake2b(c.top.tobytes(), digest_size=16)
    digest.update(c.channels.tobytes())
    digest.update(np.array([c.most_x, c.most_y, c.outside, c.pixels], np.int64).tobytes())
    digest.update(proxy.tobytes())
    return digest.digest()
