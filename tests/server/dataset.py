"""A small data set: scenes with versions, SDR references, and raters who like it brighter than the stock
scorer.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from candela_engines.scorer.eye.choices import Choice

from ..scorer.eye.raters import Rated, simulated
from .test_score import exr, sdr, texture

QUALITY = {"plain": 0.0, "bright": 1.6, "clipped": -1.2}
SCENES = 5


def make_dataset(folder: Path, scenes: int = SCENES) -> Path:
    """A folder a scene, in it sdr.png and three versions."""
    for k in range(scenes):
        place = folder / f"s{k}"
        place.mkdir(parents=True)
        nits = np.minimum(np.roll(texture(), 41 * k, axis=1) * (0.8 + 0.1 * k), 900).astype(np.float32)
        sdr(place / "sdr.png", nits)
        exr(place / "plain.exr", nits)
        exr(place / "bright.exr", nits * 1.6)
        exr(place / "clipped.exr", np.minimum(nits, 160))
    return folder


def rated(scenes: int = SCENES) -> list[Rated]:
    return [Rated(f"s{k}", name, q) for k in range(scenes) for name, q in QUALITY.items()]


def choose(raters: int = 9, **more: int) -> list[Choice]:
    return simulated(rated(), raters=raters, **more)


def write_choices(path: Path, choices: Iterable[Choice]) -> Path:
    with path.open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(("observer", "session", "scene", "condition_A", "condition_B", "is_A_selected", "left"))
        for c in choices:
            rows.writerow((c.observer, "1", c.scene, c.a, c.b, int(c.a_won), c.left))
    return path
