"""Fitting the published SIREN to one picture: its Algorithm 2, and two schedules of our own beside it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from candela_engines.colour import pq
from candela_engines.colour.state import ColourState
from candela_engines.itm.siren import LAYERS, OMEGA, PARAMETERS, SirenModel, encode_siren, places, views
from candela_engines.native import native

__all__ = ["PLANS", "Adam", "Plan", "adapt", "fit_paper", "loss_and_gradient", "random_siren"]

CHUNK = 4096  # samples a pass: the activations stay within a second-level cache
STRIDE = 7  # int(sqrt(50)): 2.04 % of the pixels
SHARE = 0.02
HARD = 0.2
EVERY = 51
MOST_SAMPLES = 1 << 18  # a 12-megapixel picture still has its 2 %
FEWEST_SAMPLES = 1024

F32 = npt.NDArray[np.float32]
Rate = Callable[[float], float]
Sampling = Literal["uniform", "ohem"]


@dataclass(frozen=True)
class Plan:
    """Adam steps, the rate at the start and at the end (between them a cosine), samples at most."""

    steps: int
    rate: float
    last_rate: float
    samples: int = MOST_SAMPLES
    sampling: Sampling = "ohem"


# `normal` is Algorithm 2 as published. Higher rates lose what a meta-trained start knows: 1e-3 ends below it.
PLANS: dict[str, Plan] = {
    "fast": Plan(100, 1e-4, 1e-4, samples=16384),
    "normal": Plan(200, 1e-4, 1e-4),
    "best": Plan(1000, 2e-4, 1e-5),
}


def random_siren(rng: np.random.Generator) -> F32:
    """The start without a start: SIREN's own initialisation, biases as a plain linear layer's."""
    vector = np.empty(PARAMETERS, np.float32)
    layers = views(vector)
    for name, n_in, _ in LAYERS:
        first = name in ("colour0", "place0")
        plain = name == "last"
        bound = 1 / n_in if first else np.sqrt(1 / n_in) if plain else np.sqrt(6 / n_in) / OMEGA
        layers[f"{name}.w"][:] = rng.uniform(-bound, bound, layers[f"{name}.w"].shape)
        layers[f"{name}.b"][:] = rng.uniform(-1, 1, layers[f"{name}.b"].shape) / np.sqrt(n_in)
    return vector


class Adam:
    """Adam (Kingma and Ba 2015) on one vector, in place; betas 0.9 and 0.999."""

    def __init__(self, size: int) -> None:
        self.first = np.zeros(size, np.float32)
        self.second = np.zeros(size, np.float32)
        self.steps = 0

    def step(self, vector: F32, gradient: F32, rate: float) -> None:
        """One update of `vector`."""
        self.steps += 1
        self.first += np.float32(0.1) * (gradient - self.first)
        self.second += np.float32(0.001) * (gradient * gradient - self.second)
        scale = np.float32(rate / (1 - 0.9**self.steps))
        root = np.sqrt(self.second * np.float32(1 / (1 - 0.999**self.steps)))
        vector -= scale * self.first / (root + np.float32(1e-8))


def _sine(x: F32, w: F32, b: F32) -> tuple[F32, F32]:
    """sin(30·(x·w + b)) and 30 times its cosine."""
    z = x @ w
    z += b
    z *= np.float32(OMEGA)
    slope = np.cos(z)
    slope *= np.float32(OMEGA)
    return np.sin(z, out=z), slope


def _chunk(p: dict[str, F32], g: dict[str, F32], colour: F32, place: F32, target: F32, scale: float) -> float:
    """Adds the chunk's gradient to g and returns its sum of squared errors."""
    c0, dc0 = _sine(colour, p["colour0.w"], p["colour0.b"])
    c1, dc1 = _sine(c0, p["colour1.w"], p["colour1.b"])
    s0, ds0 = _sine(place, p["place0.w"], p["place0.b"])
    s1, ds1 = _sine(s0, p["place1.w"], p["place1.b"])
    both = np.concatenate([c1, s1], axis=1)
    fused, dfused = _sine(both, p["fuse.w"], p["fuse.b"])
    error = fused @ p["last.w"] + p["last.b"] - target
    total = float(np.vdot(error, error))

    def back(name: str, x: F32, delta: F32) -> F32:
        g[f"{name}.w"] += x.T @ delta
        g[f"{name}.b"] += delta.sum(0)
        return np.asarray(delta @ p[f"{name}.w"].T)

    delta = back("fuse", both, back("last", fused, error * np.float32(scale)) * dfused)
    half = c1.shape[1]
    back("colour0", colour, back("colour1", c0, delta[:, :half] * dc1) * dc0)
    back("place0", place, back("place1", s0, delta[:, half:] * ds1) * ds0)
    return total


def loss_and_gradient(vector: F32, colour: F32, place: F32, target: F32) -> tuple[float, F32]:
    """Mean squared error over samples (n, 3), (n, 2), (n, 3) and channels, and its gradient."""
    library = native()
    if library is not None:
        given = (np.ascontiguousarray(a, np.float32) for a in (vector, colour, place, target))
        loss, found = library.siren_gradient(*given)
        return float(loss), found
    gradient = np.zeros_like(vector)
    p: dict[str, F32] = {k: np.asarray(v, np.float32) for k, v in views(vector).items()}
    g: dict[str, F32] = {k: np.asarray(v, np.float32) for k, v in views(gradient).items()}
    total = 0.0
    for start in range(0, len(target), CHUNK):
        part = slice(start, start + CHUNK)
        total += _chunk(p, g, colour[part], place[part], target[part], 2 / target.size)
    return total / target.size, gradient


@dataclass(frozen=True)
class _Picture:
    """A pair: SDR codes over full scale and HDR PQ codes, both (H, W, 3) float32."""

    signal: F32
    code: F32

    def at(self, ys: npt.NDArray[np.intp], xs: npt.NDArray[np.intp]) -> tuple[F32, F32, F32]:
        height, width = self.signal.shape[:2]
        return self.signal[ys, xs], places(height, width, ys, xs), self.code[ys, xs]


def _grid(picture: _Picture, most: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """A regular grid of stride 7; closer on pictures under 50 000 pixels, wider above `most` samples."""
    height, width = picture.signal.shape[:2]
    stride = STRIDE
    while stride > 1 and -(-height // stride) * -(-width // stride) < FEWEST_SAMPLES:
        stride -= 1
    while -(-height // stride) * -(-width // stride) > most:
        stride += 1
    ys, xs = np.mgrid[0:height:stride, 0:width:stride]
    return ys.ravel(), xs.ravel()


def _resampled(
    picture: _Picture, vector: F32, count: int, rng: np.random.Generator
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Four fifths of `count` equispaced, one fifth drawn in proportion to the error.

    The error is that of every second pixel of every second row (fewer above 2 megapixels), a drawn one stands
    for its square and gives any pixel of it: a quarter of the time, and the same places.
    """
    height, width = picture.signal.shape[:2]
    hard = round(count * HARD)
    even = np.linspace(0, height * width - 1, count - hard).astype(np.intp)
    cell = 2
    while (height // cell) * (width // cell) > 1 << 19:
        cell += 1
    ys, xs = np.mgrid[0:height:cell, 0:width:cell]
    ys, xs = ys.ravel(), xs.ravel()
    colour, place, target = picture.at(ys, xs)
    error = np.abs(SirenModel(vector).codes(colour, place) - target).sum(1, dtype=np.float64)
    # Without replacement, in proportion to the error: the largest of E/exponential (Efraimidis, Spirakis).
    keys = (error + 1e-9) / rng.exponential(size=len(error))
    picks = np.argpartition(-keys, min(hard, len(keys) - 1))[:hard]
    ys = np.minimum(ys[picks] + rng.integers(0, cell, len(picks)), height - 1)
    xs = np.minimum(xs[picks] + rng.integers(0, cell, len(picks)), width - 1)
    return np.concatenate([even // width, ys]), np.concatenate([even % width, xs])


def adapt(
    vector: F32,
    signal: F32,
    code: F32,
    plan: Plan,
    rng: np.random.Generator,
    *,
    deadline: float | None = None,
) -> Iterator[float]:
    """Fit `vector` in place to a pair; yields the fraction done after every step.

    signal: SDR codes over full scale; code: HDR PQ codes; both (H, W, 3) float32. deadline: time.monotonic()
    after which no step begins.
    """
    picture = _Picture(signal, code)
    ys, xs = _grid(picture, plan.samples)
    count = min(
        max(round(SHARE * signal.shape[0] * signal.shape[1]), min(len(ys), FEWEST_SAMPLES)), plan.samples
    )
    samples = picture.at(ys, xs)
    optimiser = Adam(PARAMETERS)
    for step in range(plan.steps):
        if deadline is not None and time.monotonic() >= deadline:
            return
        if plan.sampling == "ohem" and step % EVERY == EVERY - 1:
            samples = picture.at(*_resampled(picture, vector, count, rng))
        _, gradient = loss_and_gradient(vector, *samples)
        cosine = 0.5 + 0.5 * np.cos(np.pi * step / plan.steps)
        optimiser.step(vector, gradient, float(plan.last_rate + (plan.rate - plan.last_rate) * cosine))
        yield (step + 1) / plan.steps


def fit_paper(
    signal: F32,
    state: ColourState,
    nits: F32,
    *,
    effort: str = "normal",
    seed: int = 0,
    seconds: float | None = None,
    progress: Callable[[str, float], None] | None = None,
    start: F32 | None = None,
) -> tuple[tuple[int, ...], tuple[bytes, ...], SirenModel]:
    """Numbers, streams and model of a SIREN fitted to a pair.

    signal: (H, W, 3) float32, SDR codes over full scale; nits: (H, W, 3) float32, linear BT.2020. state is
    not used: the network learns it. effort: `normal` is the published schedule (200 steps of Adam at 1e-4
    on 2 % of the pixels, resampled every 51 steps), `fast` the first 100 of them on at most 16,384 pixels,
    `best` 1,000 from 2e-4 by a cosine. seconds: no step begins later. start: parameters to begin from,
    default the shipped ones.
    """
    from candela_engines.weights import load_weights

    deadline = None if seconds is None else time.monotonic() + seconds
    stored = load_weights("siren_start.npz")["vector"] if start is None else start
    vector = stored.astype(np.float32)
    rng = np.random.default_rng(seed)
    code = pq.inverse_eotf(np.clip(nits, 0, 10000).astype(np.float32, copy=False))
    for fraction in adapt(vector, signal, code, PLANS[effort], rng, deadline=deadline):
        if progress is not None:
            progress("fit", fraction)
    return encode_siren(vector)
