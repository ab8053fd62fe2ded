"""Which parameters of Qwen2.5-VL are the encoder, the projector and the rest, and setting them free."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import torch

__all__ = ["PARTS", "part_of", "parts", "set_free"]

PARTS = ("encoder", "projector", "language")
"""In the order of unfreezing: the vision transformer, its merger into the language model, the rest."""


def part_of(name: str) -> str:
    """Of a parameter's name; wrappers (`module.`, `_fsdp_wrapped_module.`) before it do not matter."""
    tail = name.rpartition("visual.")[2] if "visual." in name else None
    if tail is None:
        return "language"
    return "projector" if tail.startswith("merger.") else "encoder"


def parts(model: Any) -> dict[str, list[tuple[str, torch.nn.Parameter]]]:
    """Parameters by part. Raises ValueError for a model that lacks one of them: it is no Qwen2.5-VL."""
    found: dict[str, list[tuple[str, torch.nn.Parameter]]] = {part: [] for part in PARTS}
    for name, parameter in model.named_parameters():
        found[part_of(name)].append((name, parameter))
    empty = [part for part, of in found.items() if not of]
    if empty:
        raise ValueError(f"{type(model).__name__} has no {', '.join(empty)}; Qwen2.5-VL is needed")
    return found


def set_free(model: Any, free: Iterable[str]) -> Iterator[torch.nn.Parameter]:
    """Let the named parts learn and hold the others; the parameters that learn.

    Gradients of what is held are dropped, so that no optimiser goes on moving it.
    """
    wanted = set(free)
    for part, of in parts(model).items():
        for _, parameter in of:
            parameter.requires_grad_(part in wanted)
            if part not in wanted:
                parameter.grad = None
    return (p for p in model.parameters() if p.requires_grad)
