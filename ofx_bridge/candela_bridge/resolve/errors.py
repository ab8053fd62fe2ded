"""What a session with Resolve is told when it fails."""

from __future__ import annotations

__all__ = ["ResolveError"]


class ResolveError(Exception):
    """Resolve did not do what it was asked for, of which it says nothing itself: what, and what to look
    for."""
