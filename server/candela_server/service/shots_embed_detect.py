"""Where the SDR clip is cut, by detection."""

from __future__ import annotations

from collections.abc import Callable

from candela_server.service.clips import Side

__all__ = ["detect"]


def detect(side: Side, first: int, last: int, tick: Callable[[float], None]) -> list[tuple[int, int]]:
    """First frames of shots, each with the frames that its transition takes, 0 for a hard cut."""
    return []
