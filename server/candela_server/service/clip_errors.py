"""Errors of any stage, with the clip and the frame that they belong to."""

from __future__ import annotations

from candela_engines.errors import CandelaError, InfrastructureError
from candela_server.service.clip_plan import ClipPlan

__all__ = ["at_frame"]


def at_frame(plan: ClipPlan, number: int, error: Exception) -> Exception:
    """`error` with the clip and the frame in its message, where it does not name the frame itself."""
    if isinstance(error, MemoryError):
        return error
    text = str(error)
    if isinstance(error, CandelaError):
        if f"{number}" in text:
            return error
        return type(error)(f"{plan.side.info.name}, frame {number}: {text}")
    if isinstance(error, OSError):
        return InfrastructureError(f"{plan.side.info.name}, frame {number}: {error.strerror or error}")
    error.add_note(f"{plan.side.info.name}, frame {number}")
    return error
