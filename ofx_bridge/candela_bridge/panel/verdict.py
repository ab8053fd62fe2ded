"""What a score call found of a shot, as a panel shows it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Tuple

from candela_bridge.words import house_of

__all__ = ["Reason", "Verdict", "plain", "verdict_of"]

Json = Dict[str, Any]
Box = Tuple[int, int, int, int]
_FLAGS = re.compile(r"--([a-z-]+)(?: NAME)?")
_SAID = {
    "colour": "Colours…", "reference-colour": "Colours…", "range": "Colours…", "reference-range": "Colours…",
}  # fmt: skip
_ORDER = {"violation": 0, "deviation": 1, "abstained": 2}


@dataclass(frozen=True)
class Reason:
    """group: violation, deviation or abstained. severity, confidence: 0 to 1. frames: that show it. box:
    left, top, width and height in pixels of the whole picture, None where it has no place of its own."""

    kind: str
    group: str
    severity: float
    confidence: float
    text: str
    frames: Tuple[int, ...]
    box: Optional[Box]
    within: bool = False

    @property
    def title(self) -> str:
        """Its kind in words."""
        return self.kind.replace("_", " ").capitalize()


@dataclass(frozen=True)
class Verdict:
    """score: -6 to 10, the SDR at 0; None where there is none, which `why` says. low, high: where nine of ten
    held-out grades of that score lay. trend: key frames with their scores. worst: the frame of the
    least. size: of the picture. reasons: faults first, the worst first. model: which grade model. house: the
    name of a house model that scored, empty for the stock model.
    """

    score: Optional[float]
    low: Optional[float]
    high: Optional[float]
    why: str
    trend: Tuple[Tuple[int, float], ...]
    worst: Optional[int]
    size: Tuple[int, int]
    reasons: Tuple[Reason, ...]
    notes: Tuple[str, ...] = ()
    model: str = ""
    document: str = ""
    house: str = ""
    boxes: Dict[Tuple[str, int], Box] = field(default_factory=dict)

    @property
    def faults(self) -> int:
        """How many reasons are faults."""
        return sum(reason.group == "violation" for reason in self.reasons)

    @property
    def severity(self) -> float:
        """Of the worst fault; -1 where there is none, as `candela score --fail-on` takes it."""
        return max((r.severity for r in self.reasons if r.group == "violation"), default=-1.0)

    def box(self, reason: Reason, frame: int) -> Optional[Box]:
        """Where a reason is in a frame, as far as that is known."""
        return self.boxes.get((reason.kind, frame), reason.box)


def verdict_of(answer: Json) -> Verdict:
    """answer: of the call `score`, or of a `recall` that found something. A shot that was cut by the scorer
    into several counts with its worst one, as a chain does with a link."""
    result = answer["result"]
    shots: List[Json] = result["shots"]
    scored = [shot for shot in shots if shot["score"] is not None]
    least = min(scored, key=lambda shot: float(shot["score"])) if scored else (shots[0] if shots else None)
    frames = [frame for shot in shots for frame in shot["frames"]]
    interval = _interval(least)
    engine = result.get("engine") or {}
    return Verdict(
        None if least is None or least["score"] is None else float(least["score"]),
        interval[0],
        interval[1],
        "" if scored or least is None else str(least.get("no_score") or "").replace("no score: ", "", 1),
        tuple((int(f["frame"]), float(f["score"])) for f in frames if f.get("score") is not None),
        None if least is None else least.get("worst_frame"),
        (int(result["width_px"]), int(result["height_px"])),
        tuple(sorted(_reasons(shots), key=lambda r: (_ORDER.get(r.group, 3), -r.severity))),
        tuple(map(str, result.get("notes", ()))),
        " ".join(str(engine[name]) for name in ("name", "version") if engine.get(name)),
        str(answer.get("document") or ""),
        house_of(result),
        _boxes(frames),
    )


def plain(error: BaseException) -> str:
    """What went wrong, with the panel's own names where the helper tells flags of the command line."""
    text = str(error) or type(error).__name__
    return _FLAGS.sub(lambda match: _SAID.get(match[1], match[0]), text)


def _interval(shot: Optional[Json]) -> "Tuple[Optional[float], Optional[float]]":
    """Both ends, however the document writes them: a pair, or two names."""
    found = None if shot is None else shot.get("score_interval")
    if isinstance(found, dict):
        found = [found.get("low"), found.get("high")]
    if not isinstance(found, list) or len(found) != 2 or None in found:
        return None, None
    return float(found[0]), float(found[1])


def _reasons(shots: List[Json]) -> List[Reason]:
    return [
        Reason(
            str(reason["kind"]),
            str(reason["class"]),
            float(reason["severity"]),
            float(reason["confidence"]),
            str(reason["text"]),
            tuple(map(int, reason.get("frames", ()))),
            _box(reason.get("box_px")),
            bool(reason.get("within_legitimate_styles")),
        )
        for shot in shots
        for reason in shot["reasons"]
    ]


def _boxes(frames: List[Json]) -> "Dict[Tuple[str, int], Box]":
    found: Dict[Tuple[str, int], Box] = {}
    for frame in frames:
        for reason in frame.get("reasons", ()):
            box = _box(reason.get("box_px"))
            if box is not None:
                found.setdefault((str(reason["kind"]), int(frame["frame"])), box)
    return found


def _box(said: Any) -> Optional[Box]:
    if not isinstance(said, dict):
        return None
    return int(said["left"]), int(said["top"]), int(said["width"]), int(said["height"])
