"""Planes to bytes and back: steps, quantisation with an eye on the rate, and the coded stream."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from candela_engines.errors import PayloadError
from candela_engines.itm.coding.binary import Decoder, Encoder
from candela_engines.itm.coding.plane import CONTEXTS, INPUTS, MIXERS, ROOT, Grid, code_planes
from candela_engines.itm.coding.wavelet import NORMS, Bands, band_shapes, forward, inverse, levels_for

__all__ = [
    "MAX_SAMPLES",
    "UNIT",
    "decode_planes",
    "dequantise",
    "encode_planes",
    "estimate_bits",
    "quantise_planes",
    "split_planes",
]

UNIT = 1 << 16  # planes are integers over this
MAX_SAMPLES = 1 << 22
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Below this share of a step a lone coefficient costs more bits than its error is worth.
DEADZONE = 0.62


def _steps(step: int, levels: int) -> tuple[int, list[tuple[int, int, int]]]:
    """Integer steps of the bands: `step` (UNIT = 1.0) over the length of the band's functions."""

    def over(norm: int) -> int:
        return max(1, (step * 1024 + norm // 2) // norm)

    low = over(NORMS[levels - 1][0]) if levels else step
    return low, [(over(NORMS[i][1]), over(NORMS[i][1]), over(NORMS[i][2])) for i in range(levels - 1, -1, -1)]


def split_planes(planes: Floats) -> list[Bands]:
    """Wavelet bands of planes (H, W, C), in units where 1.0 is UNIT."""
    return [forward(planes[..., c] * UNIT) for c in range(planes.shape[-1])]


def quantise_planes(bands: list[Bands], step: int, *, deadzone: float = DEADZONE) -> list[list[Ints]]:
    """Quantise the bands of each channel with a step over UNIT to integers."""
    low, details = _steps(step, len(bands[0].details))
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
        out.append(q)
    return out


def dequantise(bands: list[list[Ints]], height: int, width: int, step: int) -> Ints:
    """Planes (H, W, C), int64 over UNIT, from quantised bands: integer arithmetic only."""
    low, details = _steps(step, levels_for(height, width))
    planes = []
    for q in bands:
        levels = []
        for i, steps in enumerate(details):
            levels.append(tuple(q[1 + 3 * i + j] * s for j, s in enumerate(steps)))
        planes.append(inverse(Bands(q[0] * low, levels)))  # type: ignore[arg-type]
    return np.stack(planes, -1)


def estimate_bits(bands: list[list[Ints]]) -> float:
    """A rough count of the bits that coding takes: enough to search a step with."""
    total = 0.0
    for q in bands:
        for b in q:
            m = np.abs(b[b != 0])
            total += 5.3 * m.size + 2.0 * float(np.log2(m).sum()) if m.size else 0.0
    return total


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


def encode_planes(bands: list[list[Ints]], height: int, width: int) -> bytes:
    """The coded stream of quantised bands."""
    coder = Encoder(contexts=CONTEXTS, mixers=MIXERS, inputs=INPUTS)
    code_planes(coder, height, width, len(bands), [[_to_grid(b) for b in q] for q in bands])
    return coder.finish()


def decode_planes(data: bytes, height: int, width: int, channels: int) -> list[list[Ints]]:
    """Quantised bands from a coded stream; bounded by the planes' size, whatever the bytes say."""
    samples = height * width * channels
    if min(height, width, channels) < 1 or channels > 4 or samples > MAX_SAMPLES:
        raise PayloadError(f"coded planes of {width}x{height}x{channels} are outside the bounds of a payload")
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
