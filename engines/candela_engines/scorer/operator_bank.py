"""SDR operators that are known, as tables of light to code: what each makes of a grade, beside its reference.

An SDR reference is mostly made of the master by an operator that somebody published. What such an operator
makes of a grade is held against the reference: where they agree the reference tells what the master was, to
a hundredth of a stop, and where no known operator does, that is told too. `weights/scorer/operators.npz` has
the tables (`training.operator_tables` makes them): a lattice over PQ R'G'B' of BT.2020 up to 1000 nit, and
at every point the BT.709 code of gamma 2.4 that each operator gives. Between the points it is interpolated.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from candela_engines.scorer.frames import REFERENCE_WHITE_NITS, GradeFrame
from candela_engines.scorer.planes import BT709_TO_2020, itp_of, mix, pq_of
from candela_engines.weights import load_weights

__all__ = [
    "FILE",
    "MEASURES",
    "OperatorBank",
    "against_reference",
    "installed_bank",
    "made_of",
    "measures",
    "reference_code",
]

FILE = "scorer/operators.npz"

MEASURES = (
    "residual",
    "residual_90",
    "stops_low",
    "stops_mid",
    "stops_high",
    "stops_spread",
    "contrast",
    "red",
    "blue",
    "chroma",
    "hue",
    "delta_e",
    "delta_e_95",
)
"""Of an operator's picture of the grade against the reference, a column each of `against_reference`.

residual, residual_90: median and 90th percentile of the mean absolute difference of R'G'B', 8-bit codes.
stops_*: how much brighter the grade is than what would have given the reference, log2, medians over the dark,
middle and bright third of the reference; stops_spread: median absolute deviation from their median.
contrast: slope of those stops on the log2 of the expected light. red, blue: log2 of red over green and blue
over green, the operator's less the reference's. chroma: ln of the mean distance from grey. hue: degrees.
delta_e, delta_e_95: ΔE_ITP, mean and 95th percentile, between the operator's picture and the reference, both
brought back to the light of the grade by the operator's curve of grey: about what is between the grade and
the master, as far as the reference holds it.
"""

_POINTS = 3000
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
_TO_709 = np.linalg.inv(BT709_TO_2020)
_LOW, _HIGH = np.float32(0.03), np.float32(0.97)  # codes: below is black, above is white, whatever made them
_ENDS = np.float32(0.012), np.float32(0.985)
_LEAST = 64

_CODES = 4096

Floats = NDArray[np.float32]
Triple = tuple[Floats, Floats, Floats]


@dataclass(frozen=True, eq=False)
class OperatorBank:
    """names: M operators. table: (S, S, S, M, 3) float32, codes 0..1, over PQ R', G', B' from 0 to `top`."""

    names: tuple[str, ...]
    table: Floats
    top: float

    def apply(self, pq_codes: Floats) -> Triple:
        """(n, 3) float32 PQ R'G'B' of BT.2020 → R', G', B' (M, n), trilinear; above the lattice is held."""
        side = self.table.shape[0]
        flat = self.table.reshape(side**3, -1)
        place = np.clip(pq_codes * np.float32((side - 1) / self.top), 0, side - 1)
        base = np.minimum(place.astype(np.int64), side - 2)
        part = (place - base).astype(np.float32)
        first = (base[:, 0] * side + base[:, 1]) * side + base[:, 2]
        out = np.zeros((len(first), flat.shape[1]), np.float32)
        for corner in range(8):
            bits = (corner >> 2 & 1, corner >> 1 & 1, corner & 1)
            weight = np.ones(len(first), np.float32)
            for axis, bit in enumerate(bits):
                weight *= part[:, axis] if bit else 1 - part[:, axis]
            out += flat[first + (bits[0] * side + bits[1]) * side + bits[2]] * weight[:, None]
        planes = out.reshape(len(first), len(self.names), 3).transpose(2, 1, 0)
        red, green, blue = (np.ascontiguousarray(plane) for plane in planes)
        return red, green, blue

    @property
    def inverse(self) -> Floats:
        """(M, 4096): log2 of the nits of grey that each operator gives the code of that place, 0 to 1."""
        return _inverse(self)


@lru_cache(maxsize=4)
def _inverse(bank: OperatorBank) -> Floats:
    nits = np.geomspace(0.02, 1000, 1025).astype(np.float32)
    rising = np.maximum.accumulate(_code_luminance(bank.apply(np.repeat(pq_of(nits)[:, None], 3, axis=1))), 1)
    rising += np.arange(len(nits), dtype=np.float32) * np.float32(1e-7)
    codes = np.linspace(0, 1, _CODES)
    return np.stack([np.interp(codes, curve, np.log2(nits)) for curve in rising]).astype(np.float32)


@lru_cache(maxsize=1)
def installed_bank() -> OperatorBank:
    """The operators that ship. Raises InfrastructureError where they are missing or not the manifest's."""
    arrays = load_weights(FILE)
    table = (arrays["table"].astype(np.float32) / np.float32(65535)).astype(np.float32)
    return OperatorBank(tuple(str(n) for n in arrays["names"]), table, float(arrays["top"]))


def _code_luminance(code: Triple) -> Floats:
    """Code of gamma 2.4 of the luminance of R', G' and B', of any one shape."""
    light = np.zeros_like(code[0])
    for plane, weight in zip(code, _LUMA, strict=True):
        light += np.power(np.maximum(plane, 0), np.float32(2.4)) * weight
    return np.asarray(np.power(light, np.float32(1 / 2.4)), np.float32)


def _thin(planes: Triple) -> Floats:
    count = planes[0].size
    step = max(1, count // _POINTS) | 1
    return np.stack([plane.reshape(-1)[::step] for plane in planes], axis=1)


def reference_code(frame: GradeFrame) -> Triple:
    """R', G', B' (n,) of gamma 2.4 of the points of an SDR reference that `made_of` takes of a grade."""
    light = _thin(frame.points) @ _TO_709.T.astype(np.float32) / np.float32(REFERENCE_WHITE_NITS)
    red, green, blue = np.power(np.clip(light, 0, 1), np.float32(1 / 2.4)).T.copy()
    return red, green, blue


def made_of(bank: OperatorBank, grade: GradeFrame) -> Triple:
    """R', G', B' (M, n) that the operators make of points of a grade."""
    return bank.apply(pq_of(np.maximum(_thin(grade.points), 0)))


def against_reference(bank: OperatorBank, grade: GradeFrame, sdr: GradeFrame) -> NDArray[np.float64]:
    """(M, K): MEASURES of every operator; NaN where too few points say anything. Both frames on one grid."""
    return measures(bank, made_of(bank, grade), reference_code(sdr))


def measures(bank: OperatorBank, made: Triple, wanted: Triple) -> NDArray[np.float64]:
    """As `against_reference`, of what `made_of` and `reference_code` give."""
    out = np.full((len(MEASURES), len(bank.names)), np.nan)
    out[-2:] = _distance(bank, made, wanted)
    shown = _code_luminance(wanted)
    seen = (shown > _LOW) & (shown < _HIGH)
    if np.count_nonzero(seen) < _LEAST:
        return out.T
    red, green, blue = (np.ascontiguousarray(plane[:, seen]) for plane in made)
    made, shown = (red, green, blue), shown[seen]
    wanted = (wanted[0][seen], wanted[1][seen], wanted[2][seen])
    error = np.abs(made[0] - wanted[0]) + np.abs(made[1] - wanted[1]) + np.abs(made[2] - wanted[2])
    error *= np.float32(255 / 3)
    column = {name: number for number, name in enumerate(MEASURES)}
    ranked = np.sort(error, axis=1)
    for name, share in (("residual", 0.5), ("residual_90", 0.9)):
        out[column[name]] = ranked[:, int(share * (ranked.shape[1] - 1))]
    brightness = _code_luminance(made)
    inside = (brightness > _ENDS[0]) & (brightness < _ENDS[1])
    expected = np.take(bank.inverse, _place(shown), axis=1)
    lines = np.arange(len(bank.names))[:, None] * _CODES
    stops = np.take(bank.inverse.reshape(-1), _place(brightness) + lines) - expected
    low, high = np.quantile(shown, (1 / 3, 2 / 3))
    thirds = {"low": shown <= low, "mid": (shown > low) & (shown <= high), "high": shown > high}
    for name, part in thirds.items():
        out[column[f"stops_{name}"]] = _median(stops, inside & part)
    middle = _median(stops, inside)
    away = stops - middle.astype(np.float32)[:, None]
    out[column["stops_spread"]] = _median(np.abs(away), inside)
    out[column["contrast"]] = _slope(np.clip(away, -2, 2), expected, inside)
    _colours(out, column, made, wanted, shown, brightness)
    return out.T


def _distance(bank: OperatorBank, made: Triple, wanted: Triple) -> tuple[Floats, Floats]:
    """Mean and 95th percentile (M,) of ΔE_ITP of both pictures brought back, on a third of the points."""
    few = (made[0][:, ::3], made[1][:, ::3], made[2][:, ::3])
    shown = (wanted[0][None, ::3], wanted[1][None, ::3], wanted[2][None, ::3])
    own, other = _brought_back(bank, few), _brought_back(bank, shown)
    squares = sum((a - b) ** 2 for a, b in zip(own, other, strict=True))
    away = np.sort(np.sqrt(np.asarray(squares, np.float32)), axis=1)
    return away.mean(axis=1), away[:, int(0.95 * (away.shape[1] - 1))]


def _brought_back(bank: OperatorBank, code: Triple) -> Triple:
    """I, T and P (M, n) of codes (M, n) or (1, n), made as bright as the grey that has their luminance."""
    luminance = _code_luminance(code)
    lines = np.arange(len(bank.names))[:, None] * _CODES
    nits = np.exp2(np.take(bank.inverse.reshape(-1), _place(luminance) + lines))
    gain = nits / (np.power(luminance, np.float32(2.4)) + np.float32(1e-5))
    light = [np.asarray(np.power(np.maximum(plane, 0), np.float32(2.4)) * gain, np.float32) for plane in code]
    red, green, blue = (mix(light, row) for row in BT709_TO_2020)
    return itp_of((red, green, blue))


def _place(code: Floats) -> NDArray[np.int64]:
    return (np.clip(code, 0, 1) * np.float32(_CODES - 1) + np.float32(0.5)).astype(np.int64)


def _colours(
    out: NDArray[np.float64],
    column: dict[str, int],
    made: Triple,
    wanted: Triple,
    shown: Floats,
    brightness: Floats,
) -> None:
    """Fill the lines of colour."""
    lit = np.ones(brightness.shape, bool)
    for own, other in zip(made, wanted, strict=True):
        lit &= (own > np.float32(0.04)) & (own < _ENDS[1])
        lit &= (other > np.float32(0.04)) & (other < _ENDS[1])
    logs = [np.log2(np.maximum(plane, np.float32(1e-3))) for plane in made]
    other_logs = [np.log2(np.maximum(plane, np.float32(1e-3))) for plane in wanted]
    for name, channel in (("red", 0), ("blue", 2)):
        ratio = (logs[channel] - logs[1]) - (other_logs[channel] - other_logs[1])
        out[column[name]] = 2.4 * _median(ratio, lit)
    a, b = made[0] - brightness, made[2] - brightness
    x, y = wanted[0] - shown, wanted[2] - shown
    sizes = np.hypot(a, b).mean(axis=1), float(np.hypot(x, y).mean())
    out[column["chroma"]] = np.log((sizes[0] + 2e-3) / (sizes[1] + 2e-3))
    out[column["hue"]] = np.degrees(np.arctan2(b @ x - a @ y, a @ x + b @ y + np.float32(1e-3)))


def _median(values: Floats, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Of each line (M, n) over what is chosen of it; NaN where that is less than `_LEAST`."""
    counts = chosen.sum(axis=1)
    ranked = np.sort(np.where(chosen, values, np.float32(np.inf)), axis=1)
    found = np.take_along_axis(ranked, np.maximum(counts // 2 - (counts % 2 == 0), 0)[:, None], axis=1)[:, 0]
    return np.where(counts >= _LEAST, found.astype(np.float64), np.nan)


def _slope(y: Floats, x: Floats, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Least-squares slope of each line over what is chosen of it."""
    count = np.maximum(chosen.sum(axis=1), 1)[:, None]
    dx = np.where(chosen, x - (x * chosen).sum(axis=1, keepdims=True) / count, 0)
    dy = np.where(chosen, y - (y * chosen).sum(axis=1, keepdims=True) / count, 0)
    power = (dx * dx).sum(axis=1)
    enough = (count[:, 0] >= _LEAST) & (power > 0.05 * count[:, 0])
    return np.where(enough, (dx * dy).sum(axis=1) / np.maximum(power, 1e-6), np.nan)
