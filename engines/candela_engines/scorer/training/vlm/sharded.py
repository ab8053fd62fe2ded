"""Weights over several processes: sharded (FSDP2) while a model learns, whole while it answers.

An answer is hundreds of forwards of a word each; were every one to bring the weights together anew, most of
the time would go to that, and a process whose answers are done would have to go on with the others. While
answers are drawn each process therefore holds all weights in the precision of computing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

__all__ = ["gathered", "on", "place", "shard"]


def shard(model: Any, *, precision: torch.dtype = torch.bfloat16) -> None:
    """Shard Qwen2.5-VL's parameters over all processes, in place, layer by layer.

    precision: of computing; parameters keep theirs, gradients are summed up in float32.
    """
    from torch.distributed.fsdp import MixedPrecisionPolicy, fully_shard, register_fsdp_forward_method

    mixed = MixedPrecisionPolicy(param_dtype=precision, reduce_dtype=torch.float32)
    for block in [*model.model.visual.blocks, *model.model.language_model.layers]:
        fully_shard(block, mp_policy=mixed)
    fully_shard(model, mp_policy=mixed)
    # Generation calls the encoder before the whole model's first forward. Were it not a forward itself, the
    # encoder's first block would take itself for the root, and the rest of its weights would stay in shards.
    register_fsdp_forward_method(model, "generate")


@contextmanager
def gathered(model: Any) -> Iterator[None]:
    """Keep a sharded model's weights together once a forward brought them; nothing of one that is whole.

    Entered and left by all processes together, who generate equally often within, each as many words as it
    likes: layers stay once the first forward brought them, and the root's own weights are brought as each
    generation begins. For `torch.no_grad` only.
    """
    from torch.distributed.fsdp import FSDPModule

    units = [module for module in model.modules() if isinstance(module, FSDPModule)]
    if not units:
        yield
        return
    model.set_reshard_after_forward(False)
    try:
        yield
    finally:
        for unit in units:
            unit.reshard()
        model.set_reshard_after_forward(True)
        # The root's weights are wanted again at once by the backward.
        model.set_reshard_after_forward(False, recurse=False)


def on(model: Any, inputs: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The inputs where the model is."""
    where = next(model.parameters()).device
    return {key: value.to(where) for key, value in inputs.items()}


def place() -> tuple[int, int]:
    """This process' number and how many there are; (0, 1) of one alone."""
    there = torch.distributed.is_available() and torch.distributed.is_initialized()
    return (torch.distributed.get_rank(), torch.distributed.get_world_size()) if there else (0, 1)
