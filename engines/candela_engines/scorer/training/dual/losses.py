"""The losses of CP-LLM as far as they are published, and their unknowns as chosen here (models.md §5)."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

__all__ = ["MARGIN", "rank", "regression", "severity"]

MARGIN = 1.0
"""Largest margin, in units of the score."""


def rank(better: Tensor, worse: Tensor, gap: Tensor) -> Tensor:
    """mean max(0, m − (q_better − q_worse)), m = min(gap, 1). gap: (B,) of the labels, never negative."""
    return torch.relu(gap.clamp(max=MARGIN) - (better - worse)).mean()


def regression(said: Tensor, wanted: Tensor, counted: Tensor) -> Tensor:
    """Mean |q̂ − q| over rows whose label is a measured one, 0 where there is none. counted: (B,) bool."""
    if not bool(counted.any()):
        return said.sum() * 0
    return (said[counted] - wanted[counted]).abs().mean()


def severity(said: Tensor, wanted: Tensor, told: Tensor) -> Tensor:
    """Cross entropy of severities 0..1 by kind, over what the rows say anything of. told: (B, kinds) bool."""
    each = functional.binary_cross_entropy_with_logits(said, wanted, reduction="none")
    return (each * told).sum() / told.sum().clamp_min(1)
