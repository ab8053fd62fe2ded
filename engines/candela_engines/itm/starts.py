"""Where a fit starts: the shipped meta-trained layers of a size, or random ones."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from candela_engines.itm.domain import Domain
from candela_engines.itm.features import CELLS
from candela_engines.itm.learn import Samples
from candela_engines.itm.network import Layers
from candela_engines.weights import load_weights, manifest

if TYPE_CHECKING:
    from candela_engines.itm.choose import Size

__all__ = ["FILE", "start_key", "start_layers"]

FILE = "default_start.npz"
ENOUGH = 30_000  # samples to take a mean of
FULL = 4 + len(CELLS) + 4  # features with a plane of three channels: what the shipped starts take


def start_key(domain: Domain, width: int, depth: int) -> str:
    """The name of a start inside the shipped file. A ratio starts as a gain: they differ in the dark only."""
    domain = "gain" if domain == "ratio" else domain
    return f"{domain}-{width}x{depth}"


@functools.cache
def _shipped() -> dict[str, npt.NDArray[np.float32]]:
    """Arrays of the shipped file by name; empty where none is shipped."""
    if FILE not in manifest():
        return {}
    return {k: a.astype(np.float32) for k, a in load_weights(FILE).items()}


def _rows(channels: int) -> list[int]:
    """Rows of a full first layer that a network with fewer plane channels uses."""
    plain = list(range(4 + len(CELLS)))
    return plain + ([*range(len(plain), len(plain) + channels), FULL - 1] if channels else [])


def start_layers(domain: Domain, size: Size, channels: int, samples: Samples, seed: int) -> Layers:
    """Layers to start from, float32, the last bias set to the weighted mean of the target."""
    stored = _shipped()
    key = start_key(domain, size.width, size.depth)
    if f"{key}/w0" in stored:
        layers = Layers(
            [stored[f"{key}/w{i}"].copy() for i in range(size.depth + 1)],
            [stored[f"{key}/b{i}"].copy() for i in range(size.depth + 1)],
        )
        layers.weights[0] = layers.weights[0][_rows(channels)]
        return layers
    sizes = [samples.features.shape[1], *([size.width] * size.depth), 3]
    layers = Layers.random(sizes, np.random.default_rng(seed))
    some = samples.head(ENOUGH)
    w = np.square(some.weight, dtype=np.float64)
    layers.biases[-1][:] = (some.target * w).sum(0) / w.sum(0)
    return layers
