"""ΔE_ITP of a variant against another picture, as few numbers, and the guards on rungs that rest on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from candela_engines.colour import ictcp
from candela_engines.scorer.training.pictures import F32

__all__ = ["Distance", "Guard", "between"]


@dataclass(frozen=True, slots=True)
class Distance:
    """Mean, 95th, 99th and 99.9th percentile of ΔE_ITP over the pixels."""

    mean: float
    p95: float
    p99: float
    p999: float

    def to_dict(self) -> dict[str, float]:
        """As plain numbers, rounded to what they can mean."""
        return {name: round(getattr(self, name), 4) for name in ("mean", "p95", "p99", "p999")}


def between(itp_a: F32, itp_b: F32) -> tuple[Distance, F32]:
    """The figures and the map (H, W) of ΔE_ITP between two pictures in ICtCp."""
    values = np.asarray(ictcp.delta_e_itp(itp_a, itp_b), np.float32)
    p95, p99, p999 = np.percentile(values, (95, 99, 99.9))
    return Distance(float(values.mean(dtype=np.float64)), float(p95), float(p99), float(p999)), values


@dataclass(frozen=True, slots=True)
class Guard:
    """When a rung counts: it is seen against the one before, and it lies further from the master.

    step_mean: least mean ΔE_ITP against the rung before (the master for the first). step_p999: what the worst
    thousandth of the pixels has to reach instead where a fault touches few of them.
    """

    step_mean: float = 0.5
    step_p999: float = 2.0

    def refusal(self, step: Distance, distance: Distance, before: float, *, sparse: bool) -> str | None:
        """Why a rung is left out, or None. before: mean distance of the last rung kept."""
        if step.mean < self.step_mean and not (sparse and step.p999 >= self.step_p999):
            return f"no visible step: mean ΔE_ITP {step.mean:.3f}, p99.9 {step.p999:.2f}"
        if distance.mean <= before:
            return f"not further from the master: mean ΔE_ITP {distance.mean:.3f} after {before:.3f}"
        return None
