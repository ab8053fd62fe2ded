"""The error of this package, which knows nothing of the engines above it."""

from __future__ import annotations

__all__ = ["OcioConfigError"]


class OcioConfigError(Exception):
    """A config that is missing, cannot be loaded or lacks what is asked of it: what failed and what to do."""
