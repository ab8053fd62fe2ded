"""Calls that not every Resolve has: one that is not there is None when it is looked up."""

from __future__ import annotations

from typing import Any, Optional

__all__ = ["ask", "whole"]


def ask(thing: Any, name: str, *arguments: Any) -> Any:
    """What a call gives; None where this Resolve has no such call."""
    call = getattr(thing, name, None)
    try:
        return None if call is None else call(*arguments)
    except Exception:  # what an older one raises for arguments or calls that it has not
        return None


def whole(value: Any) -> Optional[int]:
    """A number of frames, which may come as a float; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return int(value)
