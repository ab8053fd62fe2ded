"""A verdict in lines for an artist: the score or why there is none, then the reasons, worst first."""

from __future__ import annotations

from typing import Any, Dict, List

__all__ = ["count", "house_of", "verdict_lines", "worst"]

Json = Dict[str, Any]
_HOUSE = "house model "
_CLASSES = {"violation": "Fault", "deviation": "Differs", "abstained": "Not judged"}


def verdict_lines(result: Json) -> List[str]:
    """result: the document of `candela score`."""
    lines: List[str] = []
    shots = result["shots"]
    for shot in shots:
        if len(shots) > 1:
            lines.append(f"Frames {shot['first']} to {shot['last']}:")
        if shot["score"] is None:
            lines.append("No score: " + str(shot["no_score"] or "").replace("no score: ", "", 1) + ".")
        else:
            lines.append(f"Score {shot['score']:.1f} of -6 to 10, the SDR at 0.")
        if not any(reason["class"] == "violation" for reason in shot["reasons"]):
            lines.append("No fault was found.")
        lines += [_reason(reason, len(shot["frames"])) for reason in shot["reasons"]]
    return lines + [f"Note: {note}" for note in result["notes"]]


def worst(result: Json) -> float:
    """Severity of the worst fault, 0 to 1; -1 where there is none. As `candela score --fail-on` takes it."""
    reasons = [reason for shot in result["shots"] for reason in shot["reasons"]]
    return max((float(r["severity"]) for r in reasons if r["class"] == "violation"), default=-1.0)


def house_of(result: Json) -> str:
    """The name of the house model that scored, empty for the stock model."""
    name = str((result.get("engine") or {}).get("name") or "")
    return name[len(_HOUSE) :] if name.startswith(_HOUSE) else ""


def count(number: int, thing: str) -> str:
    """As `1 shot`, `2 shots`."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _reason(reason: Json, frames: int) -> str:
    text = f"{_CLASSES.get(reason['class'], reason['class'])}: {reason['text']}"
    if frames > 1 and len(reason["frames"]) < frames:
        text += " (frame " + ", ".join(map(str, reason["frames"])) + ")"
    return text
