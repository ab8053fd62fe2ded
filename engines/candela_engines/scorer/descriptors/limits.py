"""Both ends of the signal: clipping at the top, crush, lift and tint at the bottom; of single pixels."""

from __future__ import annotations

import math

import numpy as np

from candela_engines.scorer.descriptors._specs import Measured, Spec
from candela_engines.scorer.frames import GradeFrame
from candela_engines.scorer.planes import Plane, pu_of, smallest
from candela_engines.scorer.statistics import Ranked, mean, share

__all__ = ["GROUP", "SPECS", "floor_nits", "measure", "peak_nits"]

GROUP = "limits"
_AT = 0.985  # of the peak: what compression leaves of a plateau

SPECS = (
    Spec("at_peak", "share", "max(R, G, B) at 98.5 % of its peak or more"),
    Spec("top_pile", "log10", "density in the last PU21 unit over that in the six before: a clip piles up"),
    Spec("channel_pile", "log10", "the same for the fullest single channel"),
    Spec("flat_top", "share", "points at 97 % of the peak with no detail"),
    Spec("floor", "PU21", "0.1th percentile of Y"),
    Spec("channel_floor", "PU21", "0.1th percentile of min(R, G, B): a lift raises every channel"),
    Spec("channel_floor_5", "PU21", "5th percentile of min(R, G, B)"),
    Spec("below_005", "share", "Y under 0.05 nit"),
    Spec("at_zero", "share", "max(R, G, B) under 0.005 nit: black"),
    Spec("at_floor", "share", "Y within 0.5 PU21 units of the floor"),
    Spec("floor_pile", "log10", "density in the first PU21 unit above the floor over that in the six after"),
    Spec("tint_red", "1", "(R − G) / (R + G + B) of the darkest hundredth"),
    Spec("tint_blue", "1", "(B − G) / (R + G + B) of the darkest hundredth"),
)


def peak_nits(frame: GradeFrame) -> float:
    """99.99th percentile of max(R, G, B) of single pixels, in nits."""
    flat = frame.point_max
    place = flat.size - 1 - flat.size // 10000
    return float(np.partition(flat, place)[place])


def floor_nits(frame: GradeFrame) -> float:
    """0.1th percentile of Y of single pixels, in nits."""
    place = frame.point_y.size // 1000
    return float(np.partition(frame.point_y, place)[place])


def _pile(v: Plane, edge: float, direction: int) -> float:
    """log10 of the density of the unit that ends at `edge` over that of the six units before it."""
    distance = (np.float32(edge) - v) * np.float32(direction)
    last = np.count_nonzero(distance <= 1.0)
    before = np.count_nonzero((distance > 1.0) & (distance <= 7.0)) / 6
    least = v.size * 1e-5
    return math.log10((last + least) / (before + least))


def measure(frame: GradeFrame) -> Measured:
    """Values of SPECS."""
    peak, floor = peak_nits(frame), floor_nits(frame)
    y, top = frame.point_y, frame.point_max
    v_max, v = pu_of(top), pu_of(y)
    peak_v, floor_v = (float(pu_of(np.array([x], np.float32))[0]) for x in (peak, floor))
    even = peak_v - floor_v < 8  # a constant picture has no ends
    bottom = Ranked(smallest(frame.points))
    lows = pu_of(np.array([bottom.at(0.1), bottom.at(5)], np.float32))
    out: Measured = {
        "at_peak": math.nan if even else share(top >= np.float32(_AT * peak)),
        "top_pile": math.nan if even else _pile(v_max, peak_v, 1),
        "channel_pile": math.nan if even else _channel_pile(frame),
        "flat_top": math.nan if even else _flat_top(frame, peak),
        "floor": floor_v,
        "channel_floor": float(lows[0]),
        "channel_floor_5": float(lows[1]),
        "below_005": share(y < np.float32(0.05)),
        "at_zero": share(top < np.float32(0.005)),
        "at_floor": math.nan if even else share(v <= np.float32(floor_v + 0.5)),
        "floor_pile": math.nan if even else _pile(v, floor_v, -1),
    }
    out["tint_red"], out["tint_blue"] = _tint(frame)
    return out


def _channel_pile(frame: GradeFrame) -> float:
    found = []
    for channel in frame.points:
        place = channel.size - 1 - channel.size // 10000
        edge = float(np.partition(channel, place)[place])
        if edge > 1.0:
            encoded = pu_of(channel)
            found.append(_pile(encoded, float(pu_of(np.array([edge], np.float32))[0]), 1))
    return max(found, default=math.nan)


def _flat_top(frame: GradeFrame, peak: float) -> float:
    y, v = frame.y, frame.v
    if min(y.shape) < 3:
        return math.nan
    high = y[1:-1, 1:-1] >= np.float32(0.97 * 0.8 * peak)
    middle = v[1:-1, 1:-1]
    flat = np.abs(v[1:-1, 2:] - middle) < np.float32(0.15)
    flat &= np.abs(v[2:, 1:-1] - middle) < np.float32(0.15)
    return share(high & flat)


def _tint(frame: GradeFrame) -> tuple[float, float]:
    place = frame.y.size // 100
    dark = frame.y <= np.partition(frame.y.reshape(-1), place)[place]
    red, green, blue = (mean(channel[dark]) for channel in frame.rgb)
    total = red + green + blue
    if not total > 0.006:  # black has no tint; NaN falls here as well
        return math.nan, math.nan
    return (red - green) / total, (blue - green) / total
