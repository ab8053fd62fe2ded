"""J = E[min(ρa, clip(ρ, 1−ε, 1+ε)a)] − β KL(π‖π_ref), and its derivatives.

A policy over bins has exact log-probabilities and an exact KL; one over words has the estimate of
`estimated_kl`. Everything is a plain function of arrays, so that a policy in any framework can be held
against it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from candela_engines.scorer.alignment.ranks import Floats

__all__ = ["clipped_surrogate", "estimated_kl", "gradient_of_kl", "kl_of_categories", "log_softmax"]

CLIP = 0.2


def log_softmax(logits: npt.ArrayLike) -> Floats:
    """Along the last axis; −inf stays −inf."""
    values = np.asarray(logits, np.float64)
    held = values - values.max(-1, keepdims=True)
    return np.asarray(held - np.log(np.exp(held).sum(-1, keepdims=True)), np.float64)


def clipped_surrogate(
    log_new: npt.ArrayLike, log_old: npt.ArrayLike, advantages: npt.ArrayLike, *, clip: float = CLIP
) -> tuple[Floats, Floats]:
    """min(ρa, clip(ρ)a) of every sample and its derivative by `log_new`; all of one shape.

    ρ = exp(log_new − log_old). The derivative is ρa where the unclipped side is the smaller and 0 elsewhere:
    a sample that has moved far enough the right way pulls no more.
    """
    new, old, pull = (np.asarray(x, np.float64) for x in (log_new, log_old, advantages))
    ratio = np.exp(np.clip(new - old, -50, 50))
    plain, held = ratio * pull, np.clip(ratio, 1 - clip, 1 + clip) * pull
    return np.minimum(plain, held), np.where(plain <= held, plain, 0.0)


def kl_of_categories(log_new: npt.ArrayLike, log_reference: npt.ArrayLike) -> Floats:
    """KL(π‖π_ref) along the last axis of log-probabilities over the same bins, exact, 0 or more."""
    new, reference = np.asarray(log_new, np.float64), np.asarray(log_reference, np.float64)
    return np.asarray((np.exp(new) * _apart(new, reference)).sum(-1), np.float64)


def gradient_of_kl(log_new: npt.ArrayLike, log_reference: npt.ArrayLike) -> Floats:
    """Derivative of `kl_of_categories` by the logits that `log_new` is the log-softmax of."""
    new, reference = np.asarray(log_new, np.float64), np.asarray(log_reference, np.float64)
    share, apart = np.exp(new), _apart(new, reference)
    return np.asarray(share * (apart - (share * apart).sum(-1, keepdims=True)), np.float64)


def estimated_kl(log_new: npt.ArrayLike, log_reference: npt.ArrayLike) -> Floats:
    """exp(d) − d − 1 with d = log_reference − log_new of drawn samples or words: never below 0, unbiased.

    Schulman's third estimator, as group-relative policy optimisation of language models uses it.
    """
    apart = np.asarray(log_reference, np.float64) - np.asarray(log_new, np.float64)
    return np.asarray(np.expm1(np.clip(apart, -50, 50)) - apart, np.float64)


def _apart(new: Floats, reference: Floats) -> Floats:
    """new − reference where the policy goes at all: elsewhere nothing is lost."""
    return np.subtract(
        new, reference, out=np.zeros(np.broadcast(new, reference).shape), where=np.exp(new) > 0
    )
