"""Planes to bytes and back: steps, quantisation with an eye on the rate, and the coded stream."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from candela_engines.errors import PayloadError
from candela_engines.itm.coding.binary import Decoder, Encoder
from candela_engines.itm.coding.plane import CONTEXTS, INPUTS, MAX_MAGNITUDE, MIXERS, ROOT, Grid, code_planes
from candela_engines.itm.coding.wavelet import NORMS, Bands, band_shapes, forward, inverse, levels_for
from candela_engines.native import native

__all__ = [
    "MAX_SAMPLES",
    "UNIT",
    "RateCurve",
    "decode_planes",
    "dequantise",
    "encode_planes",
    "join_planes",
    "quantise_planes",
    "split_planes",
    "steps_of",
]

UNIT = 1 << 16  # planes are integers over this
MAX_SAMPLES = 1 << 22
Floats = npt.NDArray[np.floating]
Ints = npt.NDArray[np.int64]

# Below this share of a step a lone coefficient costs more bits than its error is worth.
DEADZONE = 0.62


def steps_of(step: int, levels: int) -> tuple[int, list[tuple[int, int, int]]]:
    """Integer steps of the approximation and of the details by level: `step` (UNIT = 1.0) over the length of
    the band's functions."""

    def over(norm: int) -> int:
        return max(1, (step * 1024 + norm // 2) // norm)

    low = over(NORMS[levels - 1][0]) if levels else step
    return low, [(over(NORMS[i][1]), over(NORMS[i][1]), over(NORMS[i][2])) for i in range(levels - 1, -1, -1)]


def split_planes(planes: Floats) -> list[Bands]:
    """Wavelet bands of planes (H, W, C), in their dtype and in units where 1.0 is UNIT."""
    return [forward(planes[..., c] * planes.dtype.type(UNIT)) for c in range(planes.shape[-1])]


def quantise_planes(bands: list[Bands], step: int, *, deadzone: float = DEADZONE) -> list[list[Ints]]:
    """Quantise the bands of each channel with a step over UNIT to integers."""
    low, details = steps_of(step, len(bands[0].details))
    out = []
    for channel in bands:
        q = [np.rint(np.asarray(channel.low, np.float64) / low).astype(np.int64)]
        for level, steps in zip(channel.details, details, strict=True):
            for band, s in zip(level, steps, strict=True):
                x = np.asarray(band, np.float64) / s
                a = np.abs(x)
                # From the second level on plain rounding, a shade low: the centroid lies there.
                m = np.floor(a + np.where(a > 1.5, 0.45, 1 - deadzone))
                q.append((np.sign(x) * m).astype(np.int64))
        # What the coder has room for; no plane of a picture comes near.
        out.append([np.clip(band, -MAX_MAGNITUDE, MAX_MAGNITUDE) for band in q])
    return out


def dequantise(bands: list[list[Ints]], height: int, width: int, step: int) -> Ints:
    """Planes (H, W, C), int64 over UNIT, from quantised bands: integer arithmetic only."""
    library = native()
    if library is not None:
        joined: Ints = library.join_bands(_int32(bands), height, width, step)
        return joined
    low, details = steps_of(step, levels_for(height, width))
    scaled = []
    for q in bands:
        levels = []
        for i, steps in enumerate(details):
            levels.append(tuple(q[1 + 3 * i + j] * s for j, s in enumerate(steps)))
        scaled.append(Bands(q[0] * low, levels))  # type: ignore[arg-type]
    return join_planes(scaled)


def join_planes(bands: list[Bands]) -> Ints:
    """Planes (H, W, C), int64 over UNIT, from integer bands of each channel."""
    return np.stack([inverse(channel) for channel in bands], -1)


class RateCurve:
    """A rough count of the bits that coding some bands takes at any step: enough to search one with.

    A coefficient costs what says that it is there, and two bits for every doubling of its magnitude.
    """

    THERE = 5.3

    def __init__(self, bands: list[Bands]) -> None:
        count = np.zeros(_BINS, np.int64)
        for channel in bands:
            low, details = steps_of(UNIT, len(channel.details))
            parts = [(channel.low, low)]
            for level, steps in zip(channel.details, details, strict=True):
                parts += zip(level, steps, strict=True)
            for band, step in parts:
                x = np.abs(np.asarray(band, np.float32)).ravel() * np.float32(UNIT / step)
                bins = (x[x > 1].view(np.int32) - _ONE) >> 13
                count += np.bincount(np.minimum(bins, _BINS - 1), minlength=_BINS)
        places = np.arange(_BINS)
        logs = (places >> 10) + np.log2((places & 1023) / 1024 + 1.0 + 0.5 / 1024)
        self._beyond = _from_each(count.astype(np.float64))
        self._logs = _from_each(count * logs)

    def bits(self, step: float) -> float:
        """The estimate for a step over UNIT, 2 at least."""
        first, part = _bin_of(DEADZONE * step)
        there = self._beyond[first + 1] + (self._beyond[first] - self._beyond[first + 1]) * (1 - part)
        above = _bin_of(step)[0] + 1
        doublings = self._logs[above] - self._beyond[above] * math.log2(step)
        return float(self.THERE * there + 2.0 * doublings)


# Magnitudes above 1 are counted in bins of 1/1024 of a doubling: the leading bits of a float.
_BINS = 31 << 10
_ONE = 0x3F800000


def _bin_of(magnitude: float) -> tuple[int, float]:
    """The bin that a magnitude above 1 lies in, and how far into it."""
    bits = int(np.float32(magnitude).view(np.int32)) - _ONE
    return (bits >> 13, (bits & 0x1FFF) / 8192) if bits >> 13 < _BINS else (_BINS - 1, 1.0)


def _from_each(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Sums from each place to the end, and the 0 past it."""
    return np.append(np.cumsum(values[::-1])[::-1], 0.0)


def _to_grid(band: Ints) -> Grid:
    g = Grid(*band.shape)
    if 0 in band.shape:
        return g
    for y, row in enumerate(band.tolist()):
        g.value[y][: len(row)] = row
    nz = band != 0
    for k in range(1, ROOT + 1):
        h, w = nz.shape
        nz = np.pad(nz, ((0, h & 1), (0, w & 1)))
        nz = nz[0::2, 0::2] | nz[1::2, 0::2] | nz[0::2, 1::2] | nz[1::2, 1::2]
        for y, row in enumerate(nz.astype(np.int64).tolist()):
            g.flag[k][y][: len(row)] = row
    return g


def _int32(bands: list[list[Ints]]) -> list[list[npt.NDArray[np.int32]]]:
    """Bands as the native library takes them; what is coded is within 21 bits."""
    return [[np.ascontiguousarray(band, np.int32) for band in channel] for channel in bands]


def encode_planes(bands: list[list[Ints]], height: int, width: int) -> bytes:
    """The coded stream of quantised bands."""
    library = native()
    if library is not None:
        data: bytes = library.encode_bands(_int32(bands), height, width)
        return data
    coder = Encoder(contexts=CONTEXTS, mixers=MIXERS, inputs=INPUTS)
    code_planes(coder, height, width, len(bands), [[_to_grid(b) for b in q] for q in bands])
    return coder.finish()


def decode_planes(data: bytes, height: int, width: int, channels: int) -> list[list[Ints]]:
    """Quantised bands from a coded stream; bounded by the planes' size, whatever the bytes say."""
    samples = height * width * channels
    if min(height, width, channels) < 1 or channels > 4 or samples > MAX_SAMPLES:
        raise PayloadError(f"coded planes of {width}x{height}x{channels} are outside the bounds of a payload")
    library = native()
    if library is not None:
        try:
            decoded = library.decode_bands(data, height, width, channels)
        except library.Damaged as error:
            raise PayloadError(str(error)) from error
        return [[band.astype(np.int64) for band in channel] for channel in decoded]
    # A sound stream spends its bytes; one that takes far more decisions than it has bits was made to stall.
    limit = min(64 * (samples + 64), (1 << 20) + 320 * len(data))
    coder = Decoder(data, contexts=CONTEXTS, mixers=MIXERS, inputs=INPUTS, limit=limit)
    grids = code_planes(coder, height, width, channels, None)
    low, details = band_shapes(height, width)
    shapes = [low] + [s for level in details for s in level]
    return [
        [
            np.array([r[:w] for r in g.value[:h]], np.int64).reshape(h, w)
            for g, (h, w) in zip(q, shapes, strict=True)
        ]
        for q in grids
    ]
