"""Where the user's programs keep what can be made again."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["user_cache"]


def user_cache(variable: str, name: str) -> Path:
    """The folder that an environment variable says, or `candela/NAME` in the user's cache folder (XDG)."""
    said = os.environ.get(variable)
    if said:
        return Path(said)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "candela" / name
