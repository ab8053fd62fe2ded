"""Fitting the gamma network to one picture."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from candela_engines.colour.state import ColourState
from candela_engines.itm.gamma_mlp import (
    PARAMETERS,
    GammaModel,
    Norms,
    encode_gamma,
    encoded,
    gamma_of,
    matrices,
    sdr_code,
    turns,
)
from candela_engines.itm.siren_fit import Adam
from candela_engines.native import native

__all__ = ["PLANS", "Plan", "descend", "fit_gamma", "random_gamma"]

POOL = 1 << 17  # pixels that training sees: 63 MB of features

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Plan:
    """Adam steps, pixels a step, the rate at the start and at the end (between them a cosine)."""

    steps: int
    batch: int
    rate: float
    last_rate: float


PLANS: dict[str, Plan] = {
    "fast": Plan(300, 4096, 1e-2, 1e-2),
    "normal": Plan(1000, 8192, 1e-2, 1e-2),
    "best": Plan(4000, 8192, 1e-2, 1e-5),
}


def random_gamma(rng: np.random.Generator) -> F32:
    """The start without a start: uniform in ±30/inputs, then in ±sqrt(6/inputs)."""
    vector = np.empty(PARAMETERS, np.float32)
    for i, m in enumerate(matrices(vector)):
        bound = 30 / m.shape[0] if i == 0 else np.sqrt(6 / m.shape[0])
        m[:] = rng.uniform(-bound, bound, m.shape)
    return vector


def loss_and_gradient(vector: F32, features: F32, target: F32) -> tuple[float, F32]:
    """Mean squared error over samples and channels, and its gradient."""
    gradient = np.empty_like(vector)
    first, second, last = (np.asarray(m, np.float32) for m in matrices(vector))
    g = matrices(gradient)
    z0 = features @ first
    h0 = np.sin(z0)
    z1 = h0 @ second
    h1 = np.sin(z1)
    error = h1 @ last - target
    loss = float(np.vdot(error, error)) / error.size
    error *= np.float32(2 / error.size)
    g[2][:] = h1.T @ error
    delta = (error @ last.T) * np.cos(z1)
    g[1][:] = h0.T @ delta
    g[0][:] = features.T @ ((delta @ second.T) * np.cos(z0))
    return loss, gradient


class Samples(Protocol):
    """What a network is fitted to."""

    def __len__(self) -> int:
        """How many there are."""
        ...

    def gradient(self, vector: F32, first: int, count: int) -> tuple[float, F32]:
        """Mean squared error over some of them and over channels, and its gradient."""
        ...


@dataclass(frozen=True)
class _NumpySamples:
    """Features (n, 120) and normalised γ (n, 3)."""

    features: F32
    target: F32

    def __len__(self) -> int:
        return len(self.features)

    def gradient(self, vector: F32, first: int, count: int) -> tuple[float, F32]:
        part = slice(first, first + count)
        return loss_and_gradient(vector, self.features[part], self.target[part])


def descend(
    vector: F32,
    samples: Samples,
    plan: Plan,
    rng: np.random.Generator,
    *,
    deadline: float | None = None,
    tick: Callable[[float], None] | None = None,
) -> None:
    """Fit `vector` in place to samples in random order: batches in turn, MSE, Adam."""
    optimiser = Adam(PARAMETERS)
    batch = min(plan.batch, len(samples))
    at = 0
    for step in range(plan.steps):
        if deadline is not None and time.monotonic() >= deadline:
            return
        if at + batch > len(samples):
            at = int(rng.integers(0, batch))
            at = at if at + batch <= len(samples) else 0
        _, gradient = samples.gradient(vector, at, batch)
        at += batch
        cosine = 0.5 + 0.5 * np.cos(np.pi * step / plan.steps)
        optimiser.step(vector, gradient, float(plan.last_rate + (plan.rate - plan.last_rate) * cosine))
        if tick is not None and step % 32 == 31:
            tick((step + 1) / plan.steps)


def samples_of(
    signal: F32, state: ColourState, nits: F32, rng: np.random.Generator
) -> tuple[Samples, Norms]:
    """At most POOL random pixels to fit to, and the picture's normalisation."""
    height, width = signal.shape[:2]
    picks = rng.permutation(height * width)[:POOL]
    ys, xs = np.divmod(picks, width)
    s = sdr_code(signal[ys, xs], state)
    gamma = gamma_of(s, nits[ys, xs])
    norms = Norms.of(s, gamma)
    inputs = turns(s, ys, xs, height, width, norms)
    target = ((gamma - norms.gamma_mean) * (2 / norms.gamma_range)).astype(np.float32)
    library = native()
    if library is not None:
        ready: Samples = library.GammaSamples(inputs, target)
        return ready, norms
    return _NumpySamples(np.asarray(encoded(inputs, np.float32), np.float32), target), norms


def fit_gamma(
    signal: F32,
    state: ColourState,
    nits: F32,
    *,
    effort: str = "normal",
    seed: int = 0,
    seconds: float | None = None,
    progress: Callable[[str, float], None] | None = None,
    start: F32 | None = None,
) -> tuple[tuple[int, ...], tuple[bytes, ...], GammaModel]:
    """Numbers, streams and model of a gamma network fitted to a pair.

    signal: (H, W, 3) float32, SDR codes over full scale, in `state`; nits: (H, W, 3) float32, linear BT.2020.
    effort: `normal` is the published 1,000 steps of Adam at 1e-2 (batches of 8,192 in place of 65,536),
    `fast` 300 of them with half the batch, `best` 4,000 with a cosine. seconds: no step begins later. start:
    parameters to begin from, default the shipped ones.
    """
    from candela_engines.weights import load_weights

    deadline = None if seconds is None else time.monotonic() + seconds
    rng = np.random.default_rng(seed)
    samples, norms = samples_of(signal, state, nits, rng)
    stored = load_weights("gamma_start.npz")["vector"] if start is None else start
    vector = stored.astype(np.float32)
    tick = None if progress is None else (lambda f: progress("fit", f))
    descend(vector, samples, PLANS[effort], rng, deadline=deadline, tick=tick)
    return encode_gamma(vector, norms)
