"""Gain maps by ISO 21496-1: making one of an SDR/HDR pair, as well as we know how, and applying it.

HDR = (SDR + k) · 2^G − k in linear light, 1.0 = SDR white = 203 nit, with G between a minimum and a maximum
and stored in full codes. SDR light is by the true transfer of the picture, the gain acts in BT.2020 or in the
gamut of the SDR. What the standard leaves to an encoder is done in favour of the map: its samples are the
weighted least squares under the reader's interpolation, one channel is the best common gain of the three,
and where the eye (PU21) does not see the gain it follows its surroundings, which costs fewer bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bench.pairs import Pair
from candela_engines.colour import pu21
from candela_engines.colour.convert import to_nits_rec2020
from candela_engines.colour.gamuts import rgb_to_rgb

__all__ = ["Gains", "Picture", "Sampler", "Sampling", "calm", "gains_of", "range_of"]

F32 = NDArray[np.float32]
Sampling = Literal["centred", "libultrahdr"]
Space = Literal["bt2020", "base"]
WHITE_NITS = np.float32(203.0)

_LN2 = np.float32(np.log(2.0))
_SHIFT = 13  # float32 bits that a table leaves out: 1024 entries an octave


@lru_cache(maxsize=1)
def _tables() -> tuple[F32, F32]:
    """PU21 and its slope for every float32 from 0 up, by the leading bits of the number."""
    bits = (np.arange(1 << (31 - _SHIFT), dtype=np.uint32) << _SHIFT) + (1 << (_SHIFT - 1))
    nits = np.nan_to_num(bits.view(np.float32), nan=1e5, posinf=1e5).astype(np.float64).clip(0, 1e5)
    step = np.maximum(nits, 1e-6) * 0.01
    slope = (pu21.encode(nits + step) - pu21.encode(np.maximum(nits - step, 0))) / (2 * step)
    return pu21.encode(nits).astype(np.float32), slope.astype(np.float32)


def _look_up(table: F32, nits: F32) -> F32:
    index = np.ascontiguousarray(np.maximum(nits, np.float32(0))).view(np.uint32) >> _SHIFT
    return np.asarray(table[index])


@dataclass(frozen=True)
class Gains:
    """Log2 gains (H, W, C) for an offset, C 1 or 3, and how much their error counts in squared PU21."""

    space: Space
    offset: float
    log2: F32
    weight: F32


class Picture:
    """A pair in the light that gain maps work in, ready to be scored quickly."""

    def __init__(self, pair: Pair) -> None:
        state = pair.sdr_state
        code = pair.sdr_codes.astype(np.float32) / np.float32(255)
        sdr = np.maximum(to_nits_rec2020(code, state) / np.float32(state.peak_nits), 0).astype(np.float32)
        nits = pair.hdr_nits
        to_base = rgb_to_rgb("bt2020", state.primaries).astype(np.float32)
        self.shape = sdr.shape[:2]
        self._from_base = rgb_to_rgb(state.primaries, "bt2020").astype(np.float32)
        self._light: dict[Space, tuple[F32, F32]] = {"bt2020": (sdr, nits / WHITE_NITS)}
        self._light["base"] = (np.maximum(sdr @ to_base.T, 0), np.maximum(nits @ to_base.T, 0) / WHITE_NITS)
        self._target = _look_up(_tables()[0], nits)
        self._peak = nits.max()

    def light(self, space: Space) -> tuple[F32, F32]:
        """SDR and HDR (H, W, 3) with 1.0 = 203 nit, in the gamut that the gain acts in."""
        return self._light[space]

    def apply(self, log2: F32, offset: float, space: Space) -> F32:
        """HDR nits of gains (H, W, 1 or 3): what a reader of the map shows, never above the master's peak."""
        sdr = self._light[space][0]
        k = np.float32(offset)
        hdr = np.maximum((sdr + k) * np.exp2(log2) - k, 0)
        if space == "base":
            hdr = hdr @ self._from_base.T
        return np.clip(hdr * WHITE_NITS, 0, self._peak)

    def pu_psnr(self, nits: F32) -> float:
        """PU-PSNR by table: within 0.05 dB of the metric up to 60 dB, in a hundredth of the time."""
        error = _look_up(_tables()[0], nits) - self._target
        return float(10 * np.log10(256**2 / max(np.mean(np.square(error), dtype=np.float64), 1e-9)))


def gains_of(picture: Picture, *, channels: int, offset: float, space: Space) -> Gains:
    """The gains that rebuild a picture: exactly with three channels, as well as can be with one."""
    sdr, hdr = picture.light(space)
    k = np.float32(offset)
    encode, slope = _tables()
    if channels == 3:
        log2 = np.log2((hdr + k) / (sdr + k))
        sensitivity = _look_up(slope, hdr * WHITE_NITS) * (hdr + k) * (WHITE_NITS * _LN2)
        return Gains(space, offset, log2, np.square(sensitivity))
    # One gain for three channels: Gauss-Newton on the PU21 error, from the gain of the channels' sum.
    log2 = np.log2((hdr.sum(-1, keepdims=True) + k) / (sdr.sum(-1, keepdims=True) + k))
    target = _look_up(encode, hdr * WHITE_NITS)
    for _ in range(5):
        made = np.maximum((sdr + k) * np.exp2(log2) - k, 0)
        sensitivity = _look_up(slope, made * WHITE_NITS) * (made + k) * (WHITE_NITS * _LN2)
        weight = np.square(sensitivity).sum(-1, keepdims=True)
        error = (sensitivity * (target - _look_up(encode, made * WHITE_NITS))).sum(-1, keepdims=True)
        log2 = log2 + np.clip(error / (weight + np.float32(1e-3)), -0.7, 0.7)
    return Gains(space, offset, log2.astype(np.float32), weight)


def range_of(gains: Gains, *, share: float = 1e-4) -> tuple[F32, F32]:
    """Minimum and maximum a channel; outliers that carry less than `share` of the weight are left out."""
    ends = np.zeros((2, gains.log2.shape[2]), np.float32)
    for channel in range(gains.log2.shape[2]):
        values = gains.log2[..., channel].reshape(-1)
        order = np.argsort(values)
        carried = np.cumsum(gains.weight[..., channel].reshape(-1)[order], dtype=np.float64)
        carried /= max(carried[-1], 1e-30)
        ends[:, channel] = values[order[np.searchsorted(carried, [share, 1 - share]).clip(0, order.size - 1)]]
    return ends[0], np.maximum(ends[1], ends[0] + np.float32(1e-3))


def calm(gains: Gains, strength: float) -> F32:
    """The gains, drawn towards their surroundings where their weight is small against `strength`.

    A pyramid of weighted means, from the coarsest down: at every level a mean of what the pixels say, by
    their weight, and of what the level above says, by `strength` times the average weight.
    """
    if strength == 0:
        return gains.log2
    pull = np.float32(strength * float(gains.weight.mean(dtype=np.float64)))
    levels = [(gains.log2 * gains.weight, gains.weight)]
    while min(levels[-1][0].shape[:2]) > 2:
        levels.append((_halve(levels[-1][0]), _halve(levels[-1][1])))
    total, weight = levels[-1]
    result = total / (weight + np.float32(1e-12))
    for total, weight in levels[-2::-1]:
        above = _double(result)[: total.shape[0], : total.shape[1]]
        result = (total + pull * above) / (weight + pull + np.float32(1e-12))
    return result


def _halve(a: F32) -> F32:
    a = np.pad(a, ((0, a.shape[0] % 2), (0, a.shape[1] % 2), (0, 0)), mode="edge")
    return np.asarray((a[::2, ::2] + a[1::2, ::2] + a[::2, 1::2] + a[1::2, 1::2]) * np.float32(0.25))


def _double(a: F32) -> F32:
    for axis in (0, 1):
        margin = [(0, 0)] * 3
        margin[axis] = (1, 1)
        padded = np.moveaxis(np.pad(a, margin, mode="edge"), axis, 0)
        near, before, after = padded[1:-1], padded[:-2], padded[2:]
        pairs = np.stack([0.75 * near + 0.25 * before, 0.75 * near + 0.25 * after], axis=1)
        a = np.moveaxis(pairs.reshape(-1, *near.shape[1:]), 0, axis).astype(np.float32)
    return a


class Sampler:
    """Between the size of a picture and a map that is `factor` times smaller in both directions.

    centred: bilinear between sample centres, as graphics hardware does it. libultrahdr: its own weights by
    inverse distance to the four samples around, with the first sample on the first pixel.
    """

    def __init__(self, shape: tuple[int, int], factor: int, sampling: Sampling) -> None:
        self.shape, self.factor = shape, factor
        self.small = (-(-shape[0] // factor), -(-shape[1] // factor))
        self._by_distance = sampling == "libultrahdr"
        if self._by_distance:
            self._phases = _inverse_distance(factor)
        else:
            self._rows = _bilinear(shape[0], self.small[0], factor)
            self._columns = _bilinear(shape[1], self.small[1], factor)

    def up(self, small: F32) -> F32:
        """A map at the picture's size, as readers interpolate it."""
        if self.factor == 1:
            return small
        if self._by_distance:
            padded = np.pad(small, ((0, 1), (0, 1), (0, 0)), mode="edge")
            (h, w), f = self.small, self.factor
            out = np.zeros((h, f, w, f, small.shape[2]), np.float32)
            for (y, x), weights in self._phases:
                out += padded[y : y + h, None, x : x + w, None] * weights[None, :, None, :, None]
            return out.reshape(h * f, w * f, -1)[: self.shape[0], : self.shape[1]]
        wide = np.stack([self._rows @ c @ self._columns.T for c in np.moveaxis(small, 2, 0)], axis=2)
        return np.asarray(wide, np.float32)

    def _adjoint(self, large: F32) -> F32:
        if not self._by_distance:
            back = [self._rows.T @ c @ self._columns for c in np.moveaxis(large, 2, 0)]
            return np.asarray(np.stack(back, axis=2), np.float32)
        (h, w), f, c = self.small, self.factor, large.shape[2]
        full = np.zeros((h * f, w * f, c), np.float32)
        full[: self.shape[0], : self.shape[1]] = large
        cells = full.reshape(h, f, w, f, c).transpose(0, 2, 4, 1, 3).reshape(h, w, c, f * f)
        sums = cells @ np.stack([weights.reshape(-1) for _, weights in self._phases], axis=1)
        out = np.zeros((h + 1, w + 1, c), np.float32)
        for corner, ((y, x), _) in enumerate(self._phases):
            out[y : y + h, x : x + w] += sums[..., corner]
        out[-2] += out[-1]
        out[:, -2] += out[:, -1]
        return out[:-1, :-1]

    def down(self, large: F32, weight: F32, *, rounds: int = 4) -> F32:
        """The map that `up` brings nearest to `large` by weighted squares."""
        if self.factor == 1:
            return large
        total = self._adjoint(weight) + np.float32(1e-9)
        small = self._adjoint(weight * large) / total
        for _ in range(rounds):
            small = small + np.float32(1.5) * self._adjoint(weight * (large - self.up(small))) / total
        return small


def _bilinear(large: int, small: int, factor: int) -> F32:
    at = np.clip((np.arange(large) + 0.5) / factor - 0.5, 0, small - 1)
    first = np.minimum(at.astype(int), max(small - 2, 0))
    share = at - first
    matrix = np.zeros((large, small), np.float32)
    matrix[np.arange(large), first] = 1 - share
    matrix[np.arange(large), np.minimum(first + 1, small - 1)] += share
    return matrix


def _inverse_distance(factor: int) -> list[tuple[tuple[int, int], F32]]:
    at = np.arange(factor) / factor
    corners = [(0, 0), (0, 1), (1, 0), (1, 1)]
    weights = [1 / np.maximum(np.hypot(at[:, None] - y, at[None] - x), 1e-9) for y, x in corners]
    total = np.sum(weights, axis=0)
    return [(c, (w / total).astype(np.float32)) for c, w in zip(corners, weights, strict=True)]
