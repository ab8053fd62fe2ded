"""What a fit takes and gives, whatever network it fits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from candela_engines.itm.payload import Fidelity

__all__ = ["Effort", "Fitted", "Progress"]

Effort = Literal["fast", "normal", "best"]

Progress = Callable[[str, float], None]
"""Is told the stage (choose, fit, measure) and the fraction of it that is done."""


@dataclass(frozen=True)
class Fitted:
    """The payload's bytes, what was measured with them, and how they were spent.

    details: for the default network its domain, sizes and bytes, and `cut_short` (0 or 1): whether the time
    ran out before every way of spending the bytes was tried.
    """

    payload: bytes
    report: Fidelity
    details: dict[str, float | int | str]
