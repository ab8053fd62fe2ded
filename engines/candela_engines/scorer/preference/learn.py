"""Teaching the compact policy: supervised, by regression, by choices, and by the aligned rewards.

Everything is drawn from one seeded generator whose state is kept with the weights, so that a run that is cut
off and goes on ends in the very same numbers.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from candela_engines.errors import InputError
from candela_engines.media.atomic import write_atomic
from candela_engines.scorer.alignment import (
    Curriculum,
    Levels,
    Rewards,
    Unfreezing,
    clipped_surrogate,
    dynamic_levels,
    gradient_of_kl,
    group_relative,
    kl_weight,
    silent_share,
)
from candela_engines.scorer.normal import SIGMA_JOD, slope_of_log_cdf
from candela_engines.scorer.preference.policy import BINS, PARTS, Floats, Policy, Tape, arrays_of

__all__ = ["Aligning", "Group", "Learner", "soft_labels"]

Loss = Literal["nll", "mse", "huber"]


@dataclass(frozen=True, eq=False)
class Group:
    """One source: x (V, D) standardised, truth (V,) labels, wins (V, V): how often row beat column."""

    x: Floats
    truth: Floats
    wins: Floats | None = None

    @cached_property
    def levels(self) -> Levels:
        """Dynamic K-means of the labels."""
        return dynamic_levels(self.truth)


@dataclass(frozen=True, slots=True)
class Aligning:
    """How the rewards teach. samples: K. sources: whole sources an update. passes: over one set of samples.

    clip: ε. kl: weight β at its start, its highest and its end. scale: of advantages. temperature: of the
    distribution that samples are drawn from.
    """

    samples: int = 16
    sources: int = 4
    passes: int = 2
    rate: float = 1e-3
    clip: float = 0.2
    kl: tuple[float, float, float] = (0.02, 0.04, 0.02)
    scale: Literal["group", "batch", "none"] = "group"
    temperature: float = 1.0


def soft_labels(truth: npt.ArrayLike) -> Floats:
    """(N, 65): each label shared between the two bins beside it, so that none is moved by rounding."""
    place = (np.clip(np.asarray(truth, np.float64), BINS[0], BINS[-1]) - BINS[0]) / (BINS[1] - BINS[0])
    return np.asarray(np.maximum(0.0, 1 - np.abs(place[:, None] - np.arange(len(BINS)))), np.float64)


@dataclass
class Learner:
    """A policy that learns, AdamW. decay: of weights, not of biases. update: how many aligned ones.

    notes: mean reward and silent share of each. reference: of the KL. checkpoint: called each fiftieth.
    """

    policy: Policy
    seed: int = 0
    decay: float = 2.0
    update: int = 0
    moments: dict[str, tuple[Floats, Floats, int]] = field(default_factory=dict)
    notes: dict[str, list[float]] = field(default_factory=dict)
    reference: Policy | None = None
    checkpoint: Callable[[Learner], None] | None = None

    def __post_init__(self) -> None:
        self.random = np.random.default_rng(self.seed)

    def supervise(
        self,
        x: Floats,
        truth: Floats,
        updates: int,
        *,
        loss: Loss = "nll",
        weights: Floats | None = None,
        rate: float = 3e-3,
        batch: int = 52,
        unfreezing: Unfreezing | None = None,
    ) -> None:
        """Labels (N,) of standardised descriptors (N, D). weights (N,): how much each label counts."""
        targets = soft_labels(truth)
        counts = np.ones(len(x)) if weights is None else weights / weights.mean()
        for place in range(updates):
            rows = self.random.choice(len(x), min(batch, len(x)), replace=False)
            tape = self.policy.forward(x[rows])
            share = counts[rows] / len(rows)
            if loss == "nll":
                slopes = self.policy.backward(tape, (np.exp(tape.log_probs) - targets[rows]) * share[:, None])
            else:
                error = tape.mean - truth[rows]
                pull = error if loss == "mse" else np.clip(error, -1, 1)
                slopes = self.policy.backward(tape, None, pull * share)
            self._adam(
                slopes, _cooling(rate, place, updates), unfreezing.free(place) if unfreezing else PARTS
            )

    def choose(self, groups: list[Group], updates: int, *, rate: float = 3e-3, sources: int = 4) -> None:
        """By the choices themselves: Thurstone's likelihood of who was preferred, no labels in between."""
        for place in range(updates):
            for group in (
                groups[i] for i in self.random.choice(len(groups), min(sources, len(groups)), False)
            ):
                tape = self.policy.forward(group.x)
                wins = group.wins if group.wins is not None else np.zeros((len(group.x),) * 2)
                apart = (tape.mean[:, None] - tape.mean[None, :]) / SIGMA_JOD
                pull = wins * slope_of_log_cdf(apart) / SIGMA_JOD / max(wins.sum(), 1)
                by_mean = pull.sum(0) - pull.sum(1)
                self._adam(self.policy.backward(tape, None, by_mean), _cooling(rate, place, updates), PARTS)

    def align(
        self,
        groups: list[Group],
        curriculum: Curriculum,
        rewards: Rewards,
        how: Aligning,
        *,
        until: int | None = None,
    ) -> None:
        """The curriculum from where `update` stands to `until`, its end by default.

        The reference of the KL is the policy that alignment begins with.
        """
        reference = self.reference if self.reference is not None else self.policy
        self.reference = reference
        levels = [group.levels for group in groups]
        anchors = [reference.forward(group.x, temperature=how.temperature).log_probs for group in groups]
        end = curriculum.updates if until is None else min(until, curriculum.updates)
        while self.update < end:
            phase, place = curriculum.at(self.update)
            reward = rewards.of(phase.kind)
            drawn = self.random.choice(len(groups), min(how.sources, len(groups)), replace=False)
            x = np.concatenate([groups[i].x for i in drawn])
            old = self.policy.forward(x, temperature=how.temperature)
            bins = self._sample(old.log_probs, how.samples)
            earned, row = [], 0
            for i in drawn:
                size = len(groups[i].x)
                earned.append(reward(BINS[bins[row : row + size]], groups[i].truth, levels[i]))
                row += size
            found = np.concatenate(earned)
            pull = group_relative(found, scale=how.scale)
            self.notes.setdefault("reward", []).append(float(found.mean()))
            self.notes.setdefault("silent", []).append(silent_share(found))
            start, peak, finish = how.kl
            beta = kl_weight(place, phase.updates, start=start, peak=peak, end=finish)
            anchor = np.concatenate([anchors[i] for i in drawn])
            before = np.take_along_axis(old.log_probs, bins, 1)
            rate = _cooling(how.rate, place, phase.updates)
            for number in range(how.passes):
                # The first pass is of the very policy that drew.
                tape = old if number == 0 else self.policy.forward(x, temperature=how.temperature)
                self._adam(self._slopes(tape, bins, before, pull, anchor, beta, how), rate, PARTS)
            self.update += 1
            if self.checkpoint is not None and self.update % 50 == 0:
                self.checkpoint(self)

    def _slopes(
        self,
        tape: Tape,
        bins: npt.NDArray[np.int64],
        before: Floats,
        pull: Floats,
        anchor: Floats,
        beta: float,
        how: Aligning,
    ) -> dict[str, Floats]:
        now = np.take_along_axis(tape.log_probs, bins, 1)
        _, slope = clipped_surrogate(now, before, pull, clip=how.clip)
        share = np.exp(tape.log_probs)
        by_logits = -slope.sum(1, keepdims=True) * share
        np.add.at(by_logits, (np.arange(len(bins))[:, None], bins), slope)
        by_logits = by_logits / how.samples - beta * gradient_of_kl(tape.log_probs, anchor)
        return self.policy.backward(tape, -by_logits / len(bins))

    def _sample(self, log_probs: Floats, count: int) -> npt.NDArray[np.int64]:
        total = np.cumsum(np.exp(log_probs), axis=1)
        drawn = self.random.random((len(total), count)) * total[:, -1:]
        places = (drawn[:, :, None] > total[:, None, :]).sum(-1)
        return np.asarray(np.minimum(places, len(BINS) - 1), np.int64)

    def _adam(self, slopes: Mapping[str, Floats], rate: float, parts: tuple[str, ...]) -> None:
        weights = dict(self.policy.weights)
        for name, slope in slopes.items():
            if name.split(".")[0] not in parts:
                continue
            first, second, count = self.moments.get(name, (np.zeros_like(slope), np.zeros_like(slope), 0))
            first, second, count = first * 0.9, second * 0.99, count + 1
            first += 0.1 * slope
            second += 0.01 * np.square(slope)
            self.moments[name] = (first, second, count)
            step = (first / (1 - 0.9**count)) / (np.sqrt(second / (1 - 0.99**count)) + 1e-8)
            if name.endswith(".w"):
                step = step + self.decay * weights[name]
            weights[name] = weights[name] - rate * step
        self.policy = self.policy.with_weights(weights)

    def save(self, path: Path) -> None:
        """All that going on needs."""
        state: dict[str, Any] = {"update": self.update, "seed": self.seed, "decay": self.decay}
        state |= {
            "random": self.random.bit_generator.state,
            "counts": {k: m[2] for k, m in self.moments.items()},
        }
        arrays = {"centre": self.policy.centre, "scale": self.policy.scale}
        arrays |= {f"now/{k}": v for k, v in self.policy.weights.items()}
        if self.reference is not None:
            arrays |= {f"reference/{k}": v for k, v in self.reference.weights.items()}
        for name, (first, second, _) in self.moments.items():
            arrays |= {f"first/{name}": first, f"second/{name}": second}
        buffer = io.BytesIO()
        np.savez(buffer, state=np.array(json.dumps(state)), **arrays)  # type: ignore[arg-type]
        write_atomic(path, buffer.getvalue())

    @classmethod
    def load(cls, path: Path) -> Learner:
        """What `save` kept. Raises InputError for another file."""
        arrays: dict[str, Any] = dict(arrays_of(path, "state of training", "fiuU"))
        try:
            state = json.loads(str(arrays.pop("state")))
            taken = {of: {k.split("/", 1)[1]: v for k, v in arrays.items() if k.startswith(f"{of}/")}
                     for of in ("now", "reference", "first", "second")}  # fmt: skip
            policy = Policy(arrays["centre"], arrays["scale"], taken["now"])
            learner = cls(
                policy, seed=int(state["seed"]), decay=float(state["decay"]), update=int(state["update"])
            )
            learner.random.bit_generator.state = state["random"]
            learner.moments = {
                k: (taken["first"][k], taken["second"][k], n) for k, n in state["counts"].items()
            }
        except Exception as error:  # whatever a broken file makes NumPy, zipfile and json raise
            raise InputError(f"{path.name}: no state of training ({str(error)[:120]})") from error
        if taken["reference"]:
            learner.reference = policy.with_weights(taken["reference"])
        return learner


def _cooling(rate: float, place: int, updates: int) -> float:
    """A cosine down to a twentieth."""
    return float(rate * (0.05 + 0.95 * (1 + np.cos(np.pi * place / max(1, updates))) / 2))
