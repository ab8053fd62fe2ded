"""Between the stages: more SDR of the same masters, by tone curves that nobody published.

    python -m candela_engines.upconvert.training.curves PAIRS OUT [--each 6]

A library was graded by hand or by a mapping that is not in any list. A network that saw eight operators knows
eight; one that saw a continuum of curves, in luminance, in the largest of R, G and B and in each of them, has
to look at the picture. OUT gets a file a source, as `data` writes them, whose operators are all `curve`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from candela_engines.colour import bt2446, pq
from candela_engines.colour.gamuts import luminance
from candela_engines.scorer.training.operators import eight_bits, random_trim, trimmed
from candela_engines.scorer.training.pictures import F32, generator
from candela_engines.upconvert.training.data import Pairs, load_pairs, save_pairs

__all__ = ["CURVE", "Curve", "main", "random_curve", "rendered_by"]

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
    grey = luminance(light)[..., None]
    light = np.maximum(grey + np.float32(curve.saturation) * (light - grey), 0)
    return np.asarray(bt2446.sdr_rec2020_to_rec709_code(light, white_nits=1.0), np.float32)


def _more_of(one: Pairs, each: int) -> Pairs:
    codes, of = [], []
    for look, master in enumerate(one.masters):
        nits = np.asarray(pq.eotf(master.astype(np.float32) / np.float32(65535)), np.float32)
        for number in range(each):
            random = generator(CURVE, one.name, look, number)
            code = np.clip(rendered_by(random_curve(random), nits), 0, 1)
            codes.append(eight_bits(trimmed(code, random_trim(random)) if number % 2 else code))
            of.append(look)
    return Pairs(one.name, one.group, np.stack(codes), one.masters, np.array(of), (CURVE,) * len(codes))


def main(arguments: Sequence[str] | None = None) -> None:
    """Make what is not there yet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--each", type=int, default=6, help="curves of every master")
    asked = parser.parse_args(arguments)
    asked.out.mkdir(parents=True, exist_ok=True)
    for one in load_pairs(asked.pairs):
        if not (asked.out / f"{one.name}.npz").exists():
            save_pairs(_more_of(one, asked.each), asked.out)
    print(f"{len(list(asked.out.glob('*.npz')))} sources", flush=True)


if __name__ == "__main__":
    main()
