"""The default network: a few ReLU layers, quantised by rows; its numbers, and plain numpy evaluation."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "MAX_DEPTH",
    "MAX_WIDTH",
    "Layers",
    "QuantisedLayers",
    "evaluate",
    "quantise",
    "scale_codes",
    "scale_of_code",
]

MAX_WIDTH = 128
MAX_DEPTH = 4

F32 = npt.NDArray[np.float32]

# A row's scale is 2^((code − 320)/16), code 0..511: steps of 4.4 %, from 1e-6 up to 4000.
SCALE_CODES = 512


def scale_of_code(code: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """The scale that a row's scale code (0..511) stands for."""
    return np.asarray(np.exp2((np.asarray(code, np.float64) - 320) / 16))


@dataclass
class Layers:
    """Weights (inputs, outputs) and biases (outputs) of each layer; float32 where they are fitted."""

    weights: list[npt.NDArray[Any]]
    biases: list[npt.NDArray[Any]]

    @property
    def parameters(self) -> list[npt.NDArray[Any]]:
        """All arrays, weights first."""
        return [*self.weights, *self.biases]

    @staticmethod
    def random(sizes: list[int], rng: np.random.Generator) -> Layers:
        """He-initialised layers with a last one of zeros: the start is the bare base."""
        weights, biases = [], []
        for n_in, n_out in pairwise(sizes):
            weights.append((rng.normal(size=(n_in, n_out)) * np.sqrt(2 / n_in)).astype(np.float32))
            biases.append(rng.uniform(-0.5, 0.5, n_out).astype(np.float32))
        weights[-1][:] = 0
        biases[-1][:] = 0
        return Layers(weights, biases)

    def copy(self) -> Layers:
        """A deep copy."""
        return Layers([w.copy() for w in self.weights], [b.copy() for b in self.biases])


@dataclass(frozen=True)
class QuantisedLayers:
    """What is stored: integer weights and biases of each layer, and a scale code for each output.

    weights[l] (inputs, outputs) int64 in ±(2^(bits−1) − 1); the weight is q·scale. biases[l] (outputs) int64;
    the bias is q·scale/4: a finer grid, since there is one bias for many weights.
    """

    bits: int
    weights: list[npt.NDArray[np.int64]]
    biases: list[npt.NDArray[np.int64]]
    scales: list[npt.NDArray[np.int64]]

    @property
    def sizes(self) -> list[int]:
        """Inputs, the units of each hidden layer, outputs."""
        return [int(self.weights[0].shape[0]), *(int(w.shape[1]) for w in self.weights)]

    def layers(self, dtype: type[np.floating] = np.float32) -> Layers:
        """The layers as numbers."""
        weights, biases = [], []
        for q, b, s in zip(self.weights, self.biases, self.scales, strict=True):
            scale = scale_of_code(s)
            weights.append((q * scale).astype(dtype))
            biases.append((b * (scale / 4)).astype(dtype))
        return Layers(weights, biases)


def _scale_codes(weight: F32, bits: int) -> npt.NDArray[np.int64]:
    largest = np.maximum(np.abs(weight).max(0).astype(np.float64), 1e-6)
    code = np.ceil(np.log2(largest / (2 ** (bits - 1) - 1)) * 16 - 1e-9) + 320
    return np.asarray(np.clip(code, 0, SCALE_CODES - 1), np.int64)


def scale_codes(layers: Layers, bits: int) -> list[npt.NDArray[np.int64]]:
    """Scale codes that just reach the largest weight of each output."""
    return [_scale_codes(w, bits) for w in layers.weights]


def quantise(layers: Layers, bits: int, codes: list[npt.NDArray[np.int64]] | None = None) -> QuantisedLayers:
    """Round layers to `bits` bits a weight with one scale for each output, by default as `scale_codes`.

    With codes of an earlier state a weight that has outgrown its scale is clipped.
    """
    limit = 2 ** (bits - 1) - 1
    weights, biases, scales = [], [], []
    for w, b, code in zip(layers.weights, layers.biases, codes or scale_codes(layers, bits), strict=True):
        scale = scale_of_code(code)
        weights.append(np.clip(np.rint(w / scale), -limit, limit).astype(np.int64))
        biases.append(np.clip(np.rint(b / (scale / 4)), -(1 << 19), 1 << 19).astype(np.int64))
        scales.append(code)
    return QuantisedLayers(bits, weights, biases, scales)


def evaluate(features: npt.NDArray[np.floating], layers: Layers) -> npt.NDArray[np.floating]:
    """Outputs (n, outputs) for features (n, inputs), in the dtype of the features: the reference."""
    h = features
    for w, b in zip(layers.weights[:-1], layers.biases[:-1], strict=True):
        h = np.maximum(h @ w.astype(h.dtype, copy=False) + b.astype(h.dtype, copy=False), 0)
    return np.asarray(h @ layers.weights[-1].astype(h.dtype, copy=False) + layers.biases[-1].astype(h.dtype))
