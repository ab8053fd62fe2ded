"""The compact policy: descriptors of a grade beside its SDR reference to a distribution over score bins.

    descriptors, standardised -> encoder, tanh -> projector, tanh -> head: mean and spread
    logits of bin b = −(b − mean)² / 2 spread²        65 bins, −6 to 10 in steps of ¼

Two numbers make the distribution, not 65: there are hundreds of labels, not a hundred thousand. Log
probabilities and the KL between two policies are exact. The score is the distribution's mean.
"""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from candela_engines.errors import InputError
from candela_engines.media.atomic import write_atomic
from candela_engines.scorer.alignment import log_softmax

__all__ = ["BINS", "PARTS", "Policy", "Tape", "arrays_of", "fresh_policy"]

Floats = npt.NDArray[np.float64]

BINS: Floats = np.linspace(-6.0, 10.0, 65)
PARTS = ("encoder", "projector", "head")

WIDEST = 4.0  # of a standardised descriptor
LEAST_SPREAD, MOST_SPREAD = math.log(0.25), math.log(6.0)
MIDDLE, UNIT = 2.0, 4.0  # of the scale: what the head's first output is in
_MOST_BYTES = 64 << 20


@dataclass(frozen=True, eq=False)
class Tape:
    """What a backward pass needs of a forward one; log_probs (N, 65), mean and spread (N,)."""

    x: Floats
    first: Floats
    second: Floats
    mean: Floats
    spread: Floats
    free: npt.NDArray[np.bool_]
    log_probs: Floats


@dataclass(frozen=True, eq=False)
class Policy:
    """centre, scale: (D,) of the descriptors. weights: by name, `PART.w` (in, out) and `PART.b` (out,)."""

    centre: Floats
    scale: Floats
    weights: Mapping[str, Floats]

    @property
    def count(self) -> int:
        """D, descriptors that it takes."""
        return len(self.centre)

    def standardised(self, features: npt.ArrayLike) -> Floats:
        """(N, D), each held within four times its spread. InputError for another width or NaN."""
        x = np.asarray(features, np.float64)
        if x.ndim != 2 or x.shape[1] != self.count:
            raise InputError(f"descriptors of shape {x.shape}: the policy takes (N, {self.count})")
        if not np.isfinite(x).all():
            raise InputError("descriptors hold NaN or infinity")
        return np.asarray(np.clip((x - self.centre) / self.scale, -WIDEST, WIDEST), np.float64)

    def forward(self, standardised: Floats, *, temperature: float = 1.0) -> Tape:
        """Of standardised descriptors (N, D). temperature: of the logits."""
        w = self.weights
        first = np.tanh(standardised @ w["encoder.w"] + w["encoder.b"])
        second = np.tanh(first @ w["projector.w"] + w["projector.b"])
        out = second @ w["head.w"] + w["head.b"]
        mean = MIDDLE + UNIT * out[:, 0]
        free = (out[:, 1] > LEAST_SPREAD) & (out[:, 1] < MOST_SPREAD)
        spread = np.exp(np.clip(out[:, 1], LEAST_SPREAD, MOST_SPREAD)) * math.sqrt(temperature)
        logits = -0.5 * ((BINS - mean[:, None]) / spread[:, None]) ** 2
        return Tape(standardised, first, second, mean, spread, free, log_softmax(logits))

    def backward(
        self, tape: Tape, by_logits: Floats | None, by_mean: Floats | None = None
    ) -> dict[str, Floats]:
        """Slopes of the weights from those of the logits (N, 65), or of the head's mean (N,), or of both."""
        w = self.weights
        out = np.zeros((len(tape.mean), 2))
        if by_logits is not None:
            apart = (BINS - tape.mean[:, None]) / tape.spread[:, None]
            out[:, 0] = (by_logits * apart).sum(1) / tape.spread
            out[:, 1] = (by_logits * apart**2).sum(1) * tape.free
        if by_mean is not None:
            out[:, 0] += by_mean
        out[:, 0] *= UNIT
        slopes = {"head.w": tape.second.T @ out, "head.b": out.sum(0)}
        back = (out @ w["head.w"].T) * (1 - tape.second**2)
        slopes |= {"projector.w": tape.first.T @ back, "projector.b": back.sum(0)}
        back = (back @ w["projector.w"].T) * (1 - tape.first**2)
        return slopes | {"encoder.w": tape.x.T @ back, "encoder.b": back.sum(0)}

    def distribution(self, features: npt.ArrayLike) -> Floats:
        """(N, 65) probabilities of the bins."""
        return np.asarray(np.exp(self.forward(self.standardised(features)).log_probs), np.float64)

    def score(self, features: npt.ArrayLike) -> Floats:
        """(N,) means of the distributions, −6 to 10."""
        return np.asarray(self.distribution(features) @ BINS, np.float64)

    def save(self, path: Path) -> None:
        """As npz, whole or not at all."""
        buffer = io.BytesIO()
        arrays = {"centre": self.centre, "scale": self.scale, **self.weights}
        np.savez(buffer, **{key: np.asarray(value, np.float32) for key, value in arrays.items()})  # type: ignore[arg-type]
        write_atomic(path, buffer.getvalue())

    @classmethod
    def load(cls, path: Path) -> Policy:
        """Raises InputError for a file that is none, too large, or whose arrays do not fit one another."""
        found = {key: np.asarray(value, np.float64) for key, value in arrays_of(path, "policy").items()}
        wanted = {"centre", "scale", *(f"{part}.{kind}" for part in PARTS for kind in "wb")}
        if set(found) != wanted or not all(np.isfinite(a).all() for a in found.values()):
            raise InputError(f"{path.name}: no policy: other arrays than {', '.join(sorted(wanted))}")
        policy = cls(found.pop("centre"), found.pop("scale"), found)
        policy._check(path.name)
        return policy

    def with_weights(self, weights: Mapping[str, Floats]) -> Policy:
        """The same with other weights."""
        return replace(self, weights=dict(weights))

    def _check(self, name: str) -> None:
        size = self.count
        for part in PARTS:
            w, b = self.weights[f"{part}.w"], self.weights[f"{part}.b"]
            if w.ndim != 2 or w.shape[0] != size or b.shape != w.shape[1:]:
                raise InputError(f"{name}: no policy: {part} is {w.shape} after {size}")
            size = w.shape[1]
        if size != 2 or self.scale.shape != self.centre.shape or (self.scale <= 0).any():
            raise InputError(f"{name}: no policy: its head or its standardisation is of another shape")


def arrays_of(path: Path, what: str, kinds: str = "fiu") -> dict[str, npt.NDArray[np.generic]]:
    """What an npz holds. Raises InputError for a file that is none, larger than allowed, or holds objects."""
    try:
        data = path.read_bytes() if path.stat().st_size <= _MOST_BYTES else b""
        with zipfile.ZipFile(io.BytesIO(data)) as listed:
            if sum(entry.file_size for entry in listed.infolist()) > _MOST_BYTES:
                raise ValueError("it holds more than it may")
        with np.load(io.BytesIO(data), allow_pickle=False) as kept:
            found = {key: kept[key] for key in kept.files}
            for key, value in found.items():
                if value.dtype.kind not in kinds:
                    raise ValueError(f"{key} is no array of numbers")
            return found
    except Exception as error:  # NumPy and zipfile raise what they like for a broken file
        raise InputError(f"{path.name}: no {what} that can be read ({str(error)[:120]})") from error


def fresh_policy(features: npt.ArrayLike, *, hidden: int = 48, width: int = 16, seed: int = 0) -> Policy:
    """A policy that knows nothing yet, standardised by features (N, D), medians and 68 % ranges."""
    x = np.asarray(features, np.float64)
    low, middle, high = np.percentile(x, [16, 50, 84], axis=0)
    spread = (high - low) / 2
    # A descriptor that hardly ever moves has no range; its plain deviation, or it is left at zero.
    spread = np.where(spread > 1e-9, spread, x.std(0))
    spread = np.where(spread > 1e-9, spread, np.inf)
    random = np.random.default_rng(seed)
    sizes = (x.shape[1], hidden, width, 2)
    weights: dict[str, Floats] = {}
    for part, fan_in, fan_out in zip(PARTS, sizes[:-1], sizes[1:], strict=True):
        weights[f"{part}.w"] = random.normal(0, 1 / math.sqrt(fan_in), (fan_in, fan_out))
        weights[f"{part}.b"] = np.zeros(fan_out)
    weights["head.w"] *= 0.1
    weights["head.b"][1] = math.log(2.0)
    return Policy(middle, np.where(np.isfinite(spread), spread, 1e30), weights)
