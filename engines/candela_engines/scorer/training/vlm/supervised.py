"""First stage: next-word likelihood of the answers, set free in three steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from candela_engines.scorer.alignment import Unfreezing
from candela_engines.scorer.training.vlm.inputs import Example, taught
from candela_engines.scorer.training.vlm.parts import PARTS, set_free
from candela_engines.scorer.training.vlm.sharded import on, place

__all__ = ["supervise"]


def supervise(
    model: Any,
    processor: Any,
    examples: Sequence[Example],
    plan: Unfreezing,
    *,
    rate: float = 1e-5,
    batch: int = 4,
    seed: int = 0,
    begin: int = 0,
    after: Callable[[int, float], None] | None = None,
) -> list[float]:
    """Losses of all updates of `plan`, from `begin` on.

    plan: with parts `PARTS`. Each step of it has an AdamW of its own over what learns in it, so that nothing
    is moved by momentum of a step before. after: called with the update and its loss; a rank of several takes
    every n-th example of what a seed draws. Raises ValueError for a plan of other parts.
    """
    if plan.parts != PARTS:
        raise ValueError(f"a plan of {plan.parts}: {PARTS} are the parts of this model")
    rank, ranks = place()
    random = np.random.default_rng(seed)
    optimiser: torch.optim.Optimizer | None = None
    free: tuple[str, ...] = ()
    losses = []
    model.train()
    for update in range(sum(plan.updates)):
        rows = random.choice(len(examples), batch * ranks, replace=len(examples) < batch * ranks)
        if update < begin:
            continue
        if plan.free(update) != free or optimiser is None:
            free = plan.free(update)
            optimiser = torch.optim.AdamW(set_free(model, free), lr=rate)
        inputs = taught(processor, [examples[i] for i in rows[rank::ranks]])
        loss = model(**on(model, inputs), use_cache=False).loss
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_((p for p in model.parameters() if p.requires_grad), 1.0)
        optimiser.step()
        losses.append(float(loss.detach()))
        if after is not None:
            after(update, losses[-1])
    return losses
