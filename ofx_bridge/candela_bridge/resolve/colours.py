"""What a Resolve project says of its colours, as names of Candela's; nothing is guessed."""

from __future__ import annotations

from typing import Any, Dict, Optional

__all__ = ["output_colour"]

# As the project settings call them. What is not here has to be said by hand: a wrong name would give wrong
# nits.
_NAMES = {
    "rec.2100 st2084": "rec2100-pq",
    "rec.2020 st2084": "rec2100-pq",
    "rec.2100 hlg": "rec2100-hlg",
    "rec.2020 hlg": "rec2100-hlg",
    "p3-d65 st2084": "p3-pq",
    "rec.709 gamma 2.4": "rec709",
    "rec.2020 gamma 2.4": "rec2020",
    "srgb": "srgb",
}


def output_colour(project: Any) -> Optional[Dict[str, Any]]:
    """The colour of what the project puts out, stills with the grade among them; None where it is not known.

    A managed project says its output, an unmanaged one the space of its timeline. Resolve's own names may
    carry `(Scene)` or the like behind them, which then are no names of ours. The mastering peak goes with PQ.
    """
    mode = str(project.GetSetting("colorScienceMode") or "")
    managed = mode.lower().startswith("davinciyrgbcolormanaged")
    if mode.lower().startswith("aces"):
        return None  # its output transforms have names of their own
    space = str(project.GetSetting("colorSpaceOutput" if managed else "colorSpaceTimeline") or "")
    name = _NAMES.get(space.strip().lower())
    if name is None:
        return None
    if name.endswith("-pq"):
        peak = _number(project.GetSetting("hdrMasteringLuminanceMax"))
        if peak is not None:
            name += f"@{peak:g}"
    return {"name": name}


def _number(text: Any) -> Optional[float]:
    try:
        value = float(text)
    except (TypeError, ValueError):
        return None
    return value if 100 <= value <= 10000 else None
