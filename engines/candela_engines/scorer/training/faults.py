"""What goes wrong with a grade, as pure functions of light, and the ladders made of them.

Every function takes and gives (H, W, 3) float32 linear BT.2020 light in nits of a 1000-nit master. A ladder
is one fault in steps of growing strength; each rung is made of the master, never of the rung before, and is
worse than it by construction: nested losses, or a distance that grows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from candela_engines.colour import ictcp, pq, pu21
from candela_engines.colour.gamuts import apply_matrix, luminance, rgb_to_rgb, rgb_to_xyz, xyz_to_rgb
from candela_engines.scorer.training.compression import compressed
from candela_engines.scorer.training.pictures import F32, PEAK_NITS, blur, held

__all__ = ["LADDERS", "Ladder", "apply", "ladder_named", "white_balance_matrix"]

_MIRED_D65 = 1e6 / 6504.0


def highlight_clip(nits: F32, level: float) -> F32:
    """R, G and B each cut at `level` nit."""
    return held(nits, level)


def crush(nits: F32, floor: float) -> F32:
    """Light below `floor` nit is lost, the rest let down: Y' = max(Y − floor, 0), chromaticity kept."""
    y = np.maximum(luminance(nits), 1e-6)[..., None]
    return held(nits * (np.maximum(y - np.float32(floor), 0) / y))


def lift(nits: F32, flare: float) -> F32:
    """Grey light of `flare` nit over everything."""
    return held(nits + np.float32(flare))


def banding(nits: F32, bits: float) -> F32:
    """PQ R'G'B' rounded to 2^bits − 1 steps, no dither."""
    steps = float(2**bits - 1)
    return held(pq.eotf(np.round(pq.inverse_eotf(nits) * steps) / steps))


def hue(nits: F32, degrees: float) -> F32:
    """Ct and Cp turned, in the metric of ΔE_ITP (Ct halved)."""
    itp = ictcp.from_nits(nits)
    t, p = 0.5 * itp[..., 1], itp[..., 2].copy()
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    itp[..., 1], itp[..., 2] = 2 * (t * c - p * s), t * s + p * c
    return held(ictcp.to_nits(itp))


def saturation(nits: F32, factor: float) -> F32:
    """Ct and Cp times `factor`."""
    itp = ictcp.from_nits(nits)
    itp[..., 1:] *= np.float32(factor)
    return held(ictcp.to_nits(itp))


def gamut(nits: F32, size: float) -> F32:
    """Hard clip to P3 (size 1.25), or to BT.709 shrunk towards grey to `size` of it."""
    if size > 1:
        there, back = rgb_to_rgb("bt2020", "p3d65"), rgb_to_rgb("p3d65", "bt2020")
        return held(apply_matrix(np.maximum(apply_matrix(nits, there), 0), back))
    there, back = rgb_to_rgb("bt2020", "bt709"), rgb_to_rgb("bt709", "bt2020")
    small = apply_matrix(nits, there)
    grey = luminance(small, "bt709")[..., None]
    inside = grey + np.float32(size) * (np.maximum(grey + (small - grey) / np.float32(size), 0) - grey)
    return held(apply_matrix(np.asarray(inside, np.float32), back))


def exposure(nits: F32, stops: float) -> F32:
    """Display light times 2^stops, held at the peak."""
    return held(nits * np.float32(2.0**stops))


def white_balance_matrix(mired: float) -> np.ndarray:
    """(3, 3) for BT.2020 light: Bradford from D65's 6504 K to that plus `mired`, luminance of grey kept.

    Positive is warmer. Daylight locus of CIE 15 as a function of temperature.
    """
    bradford = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
    before, after = (_daylight_xyz(1e6 / (_MIRED_D65 + shift)) for shift in (0.0, mired))
    gains = (bradford @ after) / (bradford @ before)
    adapt = np.linalg.inv(bradford) @ np.diag(gains) @ bradford
    matrix = xyz_to_rgb("bt2020") @ adapt @ rgb_to_xyz("bt2020")
    return np.asarray(matrix / (rgb_to_xyz("bt2020")[1] @ matrix @ np.ones(3)))


def _daylight_xyz(kelvin: float) -> np.ndarray:
    if kelvin <= 7000:
        x = -4.6070e9 / kelvin**3 + 2.9678e6 / kelvin**2 + 0.09911e3 / kelvin + 0.244063
    else:
        x = -2.0064e9 / kelvin**3 + 1.9018e6 / kelvin**2 + 0.24748e3 / kelvin + 0.237040
    y = -3 * x * x + 2.870 * x - 0.275
    return np.array([x / y, 1.0, (1 - x - y) / y])


def white_balance(nits: F32, mired: float) -> F32:
    """As `white_balance_matrix`; held to the gamut and the peak."""
    return held(apply_matrix(nits, white_balance_matrix(mired)))


def contrast(nits: F32, power: float) -> F32:
    """Luminance to the power `power` about its geometric mean, chromaticity kept."""
    y = np.maximum(luminance(nits), 1e-4)
    middle = np.exp(np.mean(np.log(y), dtype=np.float64))
    return held(nits * np.power(y / np.float32(middle), np.float32(power - 1))[..., None])


def curve(nits: F32, slope: float) -> F32:
    """An S-curve laid the wrong way: slope times `slope` in the middle of PQ luminance, both ends kept.

    Below zero the order of the mid-tones is reversed.
    """
    y = np.maximum(luminance(nits), 1e-4)
    code = pq.inverse_eotf(y)
    middle = float(np.median(code))
    width = max(0.03, 0.8 * float(np.std(code)))
    offset = code - middle
    bent = middle + offset * (1 + (slope - 1) * np.exp(-((offset / width) ** 2)))
    return held(nits * (pq.eotf(np.asarray(np.maximum(bent, 0), np.float32)) / y)[..., None])


def noise(nits: F32, sigma: float, *, random: np.random.Generator, grain: float = 0.0) -> F32:
    """Gaussian of `sigma` PU21 units on R, G and B; grain: blur of it in pixels, its power kept."""
    field = random.standard_normal(nits.shape, np.float32)
    if grain > 0:
        field = blur(field, grain)
        field /= np.float32(field.std())
    return held(pu21.decode(pu21.encode(nits) + np.float32(sigma) * field))


def soften(nits: F32, sigma: float) -> F32:
    """Gaussian blur in linear light, `sigma` pixels."""
    return held(blur(nits, sigma))


def halo(nits: F32, amount: float, *, radius: float = 1.6) -> F32:
    """Unsharp mask on PU21 luminance, `amount` times what a blur of `radius` pixels takes away."""
    y = np.maximum(luminance(nits), 5e-3)
    value = pu21.encode(y)
    sharp = pu21.decode(np.clip(value + np.float32(amount) * (value - blur(value, radius)), 0, 595))
    return held(nits * (sharp / y)[..., None])


@dataclass(frozen=True, slots=True)
class Ladder:
    """A fault in steps. family: what a reason would call it. unit: of the parameters, mildest first.

    sparse: touches few pixels, so that a mean says little and the guard looks at the worst thousandth.
    empirical: strength is expected to grow but not by construction; a rung that does not is dropped.
    """

    name: str
    family: str
    unit: str
    parameters: tuple[float, ...]
    sparse: bool = False
    empirical: bool = False


LADDERS: tuple[Ladder, ...] = (
    Ladder("hl_clip", "highlight clip", "nit", (800, 600, 400, 300, 203), sparse=True),
    Ladder("crush", "crushed blacks", "nit", (0.05, 0.2, 0.5, 1, 2), sparse=True),
    Ladder("lift", "lifted blacks", "nit", (0.1, 0.5, 1, 2, 5)),
    Ladder("band", "banding", "bit", (9, 8, 7, 6, 5), sparse=True),
    Ladder("hue", "hue", "degree", (2, 5, 10, 20, 35)),
    Ladder("sat+", "saturation", "factor", (1.1, 1.2, 1.4, 1.7, 2.0)),
    Ladder("sat-", "saturation", "factor", (0.9, 0.8, 0.6, 0.3, 0.0)),
    Ladder("exp+", "exposure", "EV", (0.25, 0.5, 1, 2)),
    Ladder("exp-", "exposure", "EV", (-0.25, -0.5, -1, -2)),
    Ladder("wb_warm", "white balance", "mired", (8, 16, 32, 60)),
    Ladder("wb_cool", "white balance", "mired", (-8, -16, -32, -60)),
    Ladder("con-", "contrast", "power", (0.9, 0.8, 0.65, 0.5, 0.4)),
    Ladder("con+", "contrast", "power", (1.1, 1.2, 1.4, 1.7)),
    Ladder("curve", "contrast", "slope", (0.7, 0.4, 0.1, -0.4)),
    Ladder("x265", "compression", "CRF", (16, 22, 28, 34, 40), sparse=True, empirical=True),
    Ladder("x264", "compression", "CRF", (20, 28, 36, 44), sparse=True, empirical=True),
    Ladder("av1", "compression", "CRF", (24, 36, 48, 60), sparse=True, empirical=True),
    Ladder("noise", "noise", "PU21", (1, 2, 4, 8)),
    Ladder("blur", "blur", "pixel", (0.5, 0.8, 1.3, 2, 4), sparse=True),
    Ladder("halo", "halo", "amount", (0.5, 1, 2, 4), sparse=True),
)
"""Made of every master."""

GAMUT_LADDER = Ladder("gamut", "gamut", "size", (1.25, 1.0, 0.9, 0.8, 0.65), sparse=True)
"""Made of wide-gamut masters alone: elsewhere there is nothing to lose."""


def ladder_named(name: str) -> Ladder:
    """The ladder of that name, `gamut` included."""
    return next(ladder for ladder in (*LADDERS, GAMUT_LADDER) if ladder.name == name)


_PLAIN: dict[str, Callable[[F32, float], F32]] = {
    "hl_clip": highlight_clip,
    "crush": crush,
    "lift": lift,
    "band": banding,
    "hue": hue,
    "sat+": saturation,
    "sat-": saturation,
    "gamut": gamut,
    "exp+": exposure,
    "exp-": exposure,
    "wb_warm": white_balance,
    "wb_cool": white_balance,
    "con-": contrast,
    "con+": contrast,
    "curve": curve,
    "blur": soften,
    "halo": halo,
    "x265": partial(compressed, codec="x265"),
    "x264": partial(compressed, codec="x264"),
    "av1": partial(compressed, codec="av1"),
}


@dataclass(frozen=True, slots=True)
class Manner:
    """What is chosen once a source, so that its ladders differ from another's: the same on every rung."""

    hue_sign: float = 1.0
    grain: float = 0.0
    transport: str = "pq"


def apply(nits: F32, ladder: str, parameter: float, *, random: np.random.Generator, manner: Manner) -> F32:
    """One rung: the fault of `ladder` at `parameter`. Raises KeyError for a name that no ladder has."""
    if ladder == "noise":
        return noise(nits, parameter, random=random, grain=manner.grain)
    if ladder == "hue":
        return hue(nits, parameter * manner.hue_sign)
    if ladder in ("x265", "x264", "av1"):
        return compressed(nits, parameter, codec=ladder, transport=manner.transport)
    return _PLAIN[ladder](nits, parameter)


assert PEAK_NITS == 1000.0  # the levels above are those of a 1000-nit master
