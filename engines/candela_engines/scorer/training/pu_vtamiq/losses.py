"""What PU-VTAMIQ-S is taught by: distance to the JOD, order within a source, and CORAL between domains."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["coral_code", "coral_paper", "rank"]


def rank(said: Tensor, wanted: Tensor, source: Tensor) -> Tensor:
    """Pairs of one source in the wrong order, as the published code counts them.

    mean over i < j of max(0, −(y_i − y_j)(d_i − d_j)/|y_i − y_j|) / max(|d_i|, |d_j|). said d, wanted y:
    (B,). source: (B,) who is whose; pairs of two sources and of equal wanted values do not count.
    """
    first, second = torch.triu_indices(len(said), len(said), 1)
    gap = wanted[first] - wanted[second]
    counted = (source[first] == source[second]) & (gap.abs() > 1e-6)
    if not bool(counted.any()):
        return said.sum() * 0
    first, second, gap = first[counted], second[counted], gap[counted]
    wrong = torch.relu(-torch.sign(gap) * (said[first] - said[second]))
    largest = torch.maximum(said[first].abs(), said[second].abs()).clamp_min(1e-6)
    return (wrong / largest).mean()


def coral_paper(source: Tensor, target: Tensor) -> Tensor:
    """‖C_S − C_T‖²_F / (4d²) of features (n, d) and (m, d): deep CORAL as Sun and Saenko published it."""
    width = source.shape[1]
    return (torch.cov(source.T) - torch.cov(target.T)).square().sum() / (4 * width**2)


def coral_code(source: Tensor, target: Tensor) -> Tensor:
    """‖·‖_F / d of scatter matrices that are not averaged, of features brought to 0..1: as the published code
    of the domain adaptation has it.
    """
    low = torch.minimum(source.min(), target.min())
    span = (torch.maximum(source.max(), target.max()) - low).clamp_min(1e-6)
    scatters = []
    for features in (source, target):
        away = (features - low) / span
        away = away.mean(0, keepdim=True) - away
        scatters.append(away.T @ away)
    # The norm has no slope at zero.
    return (scatters[0] - scatters[1]).square().sum().add(1e-12).sqrt() / source.shape[1]
