"""Between the stages: more SDR of the same masters, by tone curves that nobody published.

    python -m candela_engines.upconvert.training.curves PAIRS OUT [--each 6] [--form shoulder]

A library was graded by hand or by a mapping that is not in any list. A network that saw eight operators knows
eight; one that saw a continuum of curves, in luminance, in the largest of R, G and B and in each of them, has
to look at the picture. OUT gets a file a source, as `data` writes them, whose operators are all `curve`.

Two forms: `bend`, which is bent throughout, and `shoulder`, straight to a knee anywhere and soft from there
to a white anywhere, so that it holds the levels of its middle as tone mapping at a reference white does, with
masters of which half are rolled off to a lower peak first; its operators are `curve_shoulder`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from candela_engines.colour import bt2390, bt2446, pq
from candela_engines.colour.gamuts import luminance
from candela_engines.scorer.training.operators import eight_bits, random_trim, trimmed
from candela_engines.scorer.training.pictures import F32, generator
from candela_engines.upconvert.training.data import Pairs, load_pairs, save_pairs

__all__ = [
    "CURVE",
    "Curve",
    "Shoulder",
    "bent_by",
    "lowered",
    "main",
    "random_curve",
    "random_shoulder",
    "rendered_by",
    "shouldered",
]

CURVE = "curve"
_LEAST = np.float32(1e-4)  # nit


@dataclass(frozen=True, slots=True)
class Curve:
    """s(x) = xᶜ·(1 + k)/(xᶜ + k) of x = light over `white` nits, 1 and clipped from white on.

    power: c. bend: log k; from 3 on it is straight and clips hard, at -3 it is nearly a logarithm. way: what
    it is of (`luminance`, `largest`, `channels`). saturation: of the light that comes out.
    """

    power: float
    bend: float
    white: float
    way: str
    saturation: float


def random_curve(random: np.random.Generator) -> Curve:
    """Power .75 to 1.2, bend -3 to 3, white 140 to 1000 nit evenly in stops, saturation .85 to 1.15."""
    return Curve(
        float(random.uniform(0.75, 1.2)),
        float(random.uniform(-3, 3)),
        float(140 * 2 ** random.uniform(0, np.log2(1000 / 140))),
        str(random.choice(["luminance", "largest", "channels"])),
        float(random.uniform(0.85, 1.15)),
    )


@dataclass(frozen=True, slots=True)
class Shoulder:
    """Straight from black to a knee, from there softly to 1 at `white` nits, clipped from there.

    gain: SDR light of 203 nit of master below the knee. knee: SDR light, 0..1; at 1 it clips hard. power: of
    the light, about SDR light of 18 %. mixed: 0 of each of R, G and B, 1 of luminance, -1 of the largest,
    and between them mixtures of the results.
    """

    gain: float
    knee: float
    white: float
    power: float
    mixed: float
    saturation: float


def random_shoulder(random: np.random.Generator) -> Shoulder:
    """Gain .7 to 2.2 and white 203 to 1000 nit evenly in stops, knee .3 to 1.05, power .85 to 1.2."""
    return Shoulder(
        float(0.7 * 2 ** random.uniform(0, np.log2(2.2 / 0.7))),
        float(min(random.uniform(0.3, 1.05), 1)),
        float(203 * 2 ** random.uniform(0, np.log2(1000 / 203))),
        float(random.uniform(0.85, 1.2)),
        float(random.uniform(-1, 1)),
        float(random.uniform(0.85, 1.15)),
    )


def bent_by(shoulder: Shoulder, nits: F32) -> F32:
    """SDR light, 0..1, of light in nits, of one channel or of three."""
    x = np.maximum(nits, _LEAST) * np.float32(shoulder.gain / 203)
    x = np.float32(0.18) * (x / np.float32(0.18)) ** np.float32(shoulder.power)
    end = 0.18 * (shoulder.white * shoulder.gain / 203 / 0.18) ** shoulder.power
    knee = shoulder.knee
    if knee >= 1 or end <= 1:
        return np.asarray(np.minimum(x, 1), np.float32)
    # (1 + k)·t/(t + k) goes on from the knee without a corner where its slope there is the straight line's.
    k = np.float32((1 - knee) / max(end - 1, 1e-3))
    t = np.clip((x - np.float32(knee)) / np.float32(end - knee), 0, 1)
    return np.asarray(np.where(x < knee, x, knee + (1 - knee) * (1 + k) * t / (t + k)), np.float32)


def shouldered(shoulder: Shoulder, nits: F32) -> F32:
    """As `rendered_by`."""

    def scaled(y: F32) -> F32:
        return np.asarray(nits * (bent_by(shoulder, y) / np.maximum(y, _LEAST))[..., None], np.float32)

    whole = scaled(luminance(nits)) if shoulder.mixed > 0 else scaled(nits.max(-1))
    share = np.float32(abs(shoulder.mixed))
    light = share * whole + (1 - share) * bent_by(shoulder, nits)
    return _saturated(light, shoulder.saturation)


def lowered(nits: F32, random: np.random.Generator) -> F32:
    """A master as it is, or as often one whose peak is 250 to 1000 nit, evenly in stops."""
    if random.random() < 0.5:
        return nits
    peak = float(250 * 2 ** random.uniform(0, 2))
    return np.asarray(bt2390.eetf_max_rgb(nits, source_peak=1000.0, target_peak=peak), np.float32)


def rendered_by(curve: Curve, nits: F32) -> F32:
    """BT.709 gamma-2.4 codes (H, W, 3), 0..1, of BT.2020 light in nits."""

    def bent(light: F32) -> F32:
        x = np.minimum(np.maximum(light, _LEAST) / np.float32(curve.white), 1) ** np.float32(curve.power)
        k = np.float32(np.exp(curve.bend))
        return np.asarray(x * (1 + k) / (x + k), np.float32)

    if curve.way == "channels":
        light = bent(nits)
    else:
        y = luminance(nits) if curve.way == "luminance" else nits.max(-1)
        light = nits * (bent(y) / np.maximum(y, _LEAST))[..., None]
    return _saturated(light, curve.saturation)


def _saturated(light: F32, saturation: float) -> F32:
    grey = luminance(light)[..., None]
    light = np.maximum(grey + np.float32(saturation) * (light - grey), 0)
    return np.asarray(bt2446.sdr_rec2020_to_rec709_code(light, white_nits=1.0), np.float32)


def _more_of(one: Pairs, each: int, form: str) -> Pairs:
    codes, of, masters = [], [], one.masters.copy()
    for look, master in enumerate(one.masters):
        nits = np.asarray(pq.eotf(master.astype(np.float32) / np.float32(65535)), np.float32)
        if form == "shoulder":
            nits = lowered(nits, generator("peak", one.name, look))
            masters[look] = np.rint(pq.inverse_eotf(np.clip(nits, 0, 1000)) * 65535).astype(np.uint16)
        for number in range(each):
            if form == "shoulder":
                random = generator(CURVE, form, one.name, look, number)
                code = shouldered(random_shoulder(random), nits)
            else:
                random = generator(CURVE, one.name, look, number)
                code = rendered_by(random_curve(random), nits)
            code = np.clip(code, 0, 1)
            codes.append(eight_bits(trimmed(code, random_trim(random)) if number % 2 else code))
            of.append(look)
    words = (CURVE if form == "bend" else f"{CURVE}_{form}",) * len(codes)
    return Pairs(one.name, one.group, np.stack(codes), masters, np.array(of), words)


def main(arguments: Sequence[str] | None = None) -> None:
    """Make what is not there yet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--each", type=int, default=6, help="curves of every master")
    parser.add_argument("--form", choices=("bend", "shoulder"), default="bend")
    asked = parser.parse_args(arguments)
    asked.out.mkdir(parents=True, exist_ok=True)
    for one in load_pairs(asked.pairs):
        if not (asked.out / f"{one.name}.npz").exists():
            save_pairs(_more_of(one, asked.each, asked.form), asked.out)
    print(f"{len(list(asked.out.glob('*.npz')))} sources", flush=True)


if __name__ == "__main__":
    main()
