"""Fitting the default network to samples of one picture: small batches, SOAP, rounding by and by."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from candela_engines.itm.freeze import Freezer
from candela_engines.itm.network import Layers, QuantisedLayers, quantise
from candela_engines.itm.optimise import Soap
from candela_engines.native import native

__all__ = ["Samples", "fit_layers", "predict", "rate_for", "weighted_error"]

F32 = npt.NDArray[np.float32]
Int32 = npt.NDArray[np.int32]

FREEZE = 4  # steps between two times that weights are rounded
FROZEN = 0.97  # share of the schedule by which all are
ASK = 256  # steps between two questions whether it is enough
TICK = 128  # steps between two reports


@dataclass(frozen=True)
class Samples:
    """features (n, inputs), target (n, outputs) and weight (n, outputs), float32, in random order."""

    features: F32
    target: F32
    weight: F32

    def head(self, count: int) -> Samples:
        """The first `count` samples."""
        return Samples(self.features[:count], self.target[:count], self.weight[:count])


@dataclass(frozen=True)
class _Options:
    """What `fit_layers` was asked for."""

    steps: int
    batch: int
    rate: float
    bits: int
    quantised_from: float
    deadline: float | None
    threads: int


def _forward(x: F32, weights: list[F32], biases: list[F32]) -> list[F32]:
    """Activations of all layers, the last one linear."""
    out = [x]
    for i, (w, b) in enumerate(zip(weights, biases, strict=True)):
        y = out[-1] @ w
        y += b
        if i + 1 < len(weights):
            np.maximum(y, 0, out=y)
        out.append(y)
    return out


def _backward(activations: list[F32], weights: list[F32], error: F32) -> list[F32]:
    """Gradients of weights, then biases, for ½·mean of squared error; error: dL/d output."""
    g = error / np.float32(len(error))
    gw: list[F32] = []
    gb: list[F32] = []
    for i in range(len(weights) - 1, -1, -1):
        gw.append(activations[i].T @ g)
        gb.append(g.sum(0))
        if i:
            g = g @ weights[i].T
            g *= activations[i] > 0
    return gw[::-1] + gb[::-1]


def rate_for(steps: int) -> float:
    """The rate that does best for a schedule of so many steps: 0.01 at 1500, falling with their root."""
    return float(np.clip(1e-2 * np.sqrt(1500 / steps), 5e-3, 2e-2))


def fit_layers(
    samples: Samples,
    layers: Layers,
    *,
    steps: int,
    batch: int = 512,
    rate: float | None = None,
    bits: int = 7,
    quantised_from: float = 0.75,
    deadline: float | None = None,
    enough: Callable[[Layers], bool] | None = None,
    tick: Callable[[float], None] | None = None,
    threads: int = 0,
) -> QuantisedLayers | None:
    """Fit `layers` in place; with bits, return them as they are to be stored.

    The loss is the squared error times the squared weight. The rate, by default `rate_for` the steps,
    warms up over 30 steps and falls by the root of a cosine. With bits, from `quantised_from` of the way on,
    weights are rounded and held, a few at a time, while the others make up for it.
    deadline: time.monotonic() by which the schedule, shortened to fit, has run. enough(layers) ends the fit
    when it holds; asked every 256 steps, of the layers as they are to be stored. tick(fraction)
    is called now and then. threads: of the native library, 0 for all; the result is the same. The native
    library does the work where it is there, numpy otherwise: the same
    schedule and the same figures to within what the order of a sum changes.
    """
    rate = rate_for(steps) if rate is None else rate
    options = _Options(steps, batch, rate, bits, quantised_from, deadline, threads)
    library = native()
    fit = _fit_numpy if library is None else functools.partial(_fit_native, library)
    return fit(samples, layers, options, enough, tick)


def _fit_native(
    library: ModuleType,
    samples: Samples,
    layers: Layers,
    options: _Options,
    enough: Callable[[Layers], bool] | None,
    tick: Callable[[float], None] | None,
) -> QuantisedLayers | None:
    bits, deadline = options.bits, options.deadline
    trainer = library.Trainer(
        *(np.ascontiguousarray(a, np.float32) for a in (samples.features, samples.target, samples.weight)),
        [np.ascontiguousarray(w, np.float32) for w in layers.weights],
        [np.ascontiguousarray(b, np.float32) for b in layers.biases],
        steps=options.steps,
        batch=options.batch,
        rate=options.rate,
        bits=bits,
        quantised_from=options.quantised_from,
        seconds=0.0 if deadline is None else max(deadline - time.monotonic(), 1e-9),
        threads=options.threads,
    )
    while trainer.run(TICK):
        if tick is not None:
            tick(trainer.fraction)
        if enough is None or trainer.done % ASK:
            continue
        if bits and not trainer.rounding:
            continue
        if enough(_stored(bits, trainer.rounded()).layers() if bits else Layers(*trainer.parameters())):
            break
    stored = _stored(bits, trainer.rounded()) if bits else None
    result = Layers(*trainer.parameters()) if stored is None else stored.layers()
    for p, r in zip(layers.parameters, result.parameters, strict=True):
        p[:] = r
    return stored


def _stored(bits: int, layers: list[tuple[Int32, Int32, Int32]]) -> QuantisedLayers:
    weights, biases, scales = ([a.astype(np.int64) for a in part] for part in zip(*layers, strict=True))
    return QuantisedLayers(bits, weights, biases, scales)


def _fit_numpy(
    samples: Samples,
    layers: Layers,
    options: _Options,
    enough: Callable[[Layers], bool] | None,
    tick: Callable[[float], None] | None,
) -> QuantisedLayers | None:
    steps, batch, rate, bits = options.steps, options.batch, options.rate, options.bits
    quantised_from, deadline = options.quantised_from, options.deadline
    x, y = samples.features, samples.target
    weight = samples.weight / np.sqrt(np.mean(np.square(samples.weight), dtype=np.float64)).astype(np.float32)
    weight = weight * weight
    optimiser = Soap(layers.parameters)
    freezer: Freezer | None = None
    at = done = 0
    start = time.monotonic()
    fraction = late = 0.0
    # The matrices are far too small to share between threads: waiting for one another costs more.
    with threadpool_limits(1, "blas"):
        while fraction < 1:
            if at + batch > len(x):
                at = 0
            part = slice(at, at + batch)
            at += batch
            if bits and fraction >= quantised_from:
                freezer = freezer or Freezer(layers, bits)
                through = (fraction - quantised_from) / max(FROZEN - quantised_from, 1e-9)
                if done % FREEZE == 0 or through >= 1:
                    freezer.advance(float(np.sqrt(np.clip(through, 0, 1))), layers)
            activations = _forward(x[part], layers.weights, layers.biases)
            error = activations[-1] - y[part]
            error *= weight[part]
            warm = min(1.0, (done + 1) / 30)
            fall = max(np.sqrt(0.5 + 0.5 * np.cos(np.pi * fraction)), 0.03)
            gradients = _backward(activations, layers.weights, error)
            if freezer is not None:
                freezer.mask(gradients)
            optimiser.step(gradients, rate * warm * float(fall))
            if freezer is not None:
                freezer.hold(layers)
            done += 1
            if deadline is not None and done % 16 == 0:
                late = (time.monotonic() - start) / max(deadline - start, 1e-9)
            fraction = max(done / steps, late)
            if tick is not None and done % TICK == 0:
                tick(min(fraction, 1.0))
            if enough is None or done % ASK or (bits and freezer is None):
                continue
            if enough(quantise(layers, bits, freezer.codes).layers() if freezer else layers):
                break
    if not bits:
        return None
    stored = quantise(layers, bits, freezer.codes if freezer else None)
    for p, r in zip(layers.parameters, stored.layers().parameters, strict=True):
        p[:] = r
    return stored


def predict(features: F32, layers: Layers) -> F32:
    """Output (n, outputs) of the layers for features (n, inputs), some at a time."""
    library = native()
    if library is not None:
        return _native_errors(library, features, layers)
    out = np.empty((len(features), layers.biases[-1].shape[0]), np.float32)
    for i in range(0, len(out), 65536):
        part = slice(i, i + 65536)
        out[part] = _forward(features[part], layers.weights, layers.biases)[-1]
    return out


def weighted_error(samples: Samples, layers: Layers) -> F32:
    """Weighted error (n, outputs) of the layers on samples: what PU21 sees, over 256."""
    library = native()
    if library is not None:
        return _native_errors(library, samples.features, layers, samples.target, samples.weight)
    out = predict(samples.features, layers)
    out -= samples.target
    out *= samples.weight
    return out


def _native_errors(library: ModuleType, features: F32, layers: Layers, *target_and_weight: F32) -> F32:
    out: F32 = library.weighted_errors(
        np.ascontiguousarray(features, np.float32),
        [np.ascontiguousarray(w, np.float32) for w in layers.weights],
        [np.ascontiguousarray(b, np.float32) for b in layers.biases],
        *(np.ascontiguousarray(a, np.float32) for a in target_and_weight),
    )
    return out
