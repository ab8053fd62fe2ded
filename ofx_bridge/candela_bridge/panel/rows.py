"""The shot list: its rows, and which of them are shown in what order. No Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple

from candela_bridge.panel.verdict import Verdict
from candela_bridge.shot import OPENING, Shot, ShotError

__all__ = ["FILTERS", "SORTS", "Colours", "Row", "Summary", "shown", "summary"]

Json = Dict[str, Any]


@dataclass(frozen=True)
class Colours:
    """What is said of the pictures of a list; empty is what their tags say. grade, sdr: Candela's names, as
    rec2100-pq. ranges: full, narrow or empty."""

    grade: str = ""
    sdr: str = ""
    grade_range: str = ""
    sdr_range: str = ""


@dataclass(eq=False)
class Row:
    """A shot in the list. sdr, other: files of its SDR version and of the grade it is compared with, if any.

    state: new, waiting, running, done, failed. fraction: of a score that is running. looked: whether it was
    asked for a score that is kept already.
    """

    shot: Shot
    number: int
    sdr: str = ""
    other: str = ""
    state: str = "new"
    verdict: Optional[Verdict] = None
    cached: bool = False
    error: str = ""
    fraction: float = 0.0
    looked: bool = False
    again: bool = False
    words: str = field(default="", init=False)

    @property
    def key(self) -> str:
        """The same as long as the shot is."""
        return self.shot.key

    @property
    def opening(self) -> bool:
        """Whether it is listed and its file is still to be found."""
        return self.shot.media is None and self.shot.trouble == OPENING

    def side(self, path: str, name: str, range_: str) -> Json:
        """A picture as calls take it."""
        said: Json = {"path": path}
        if name:
            said["colour"] = {"name": name}
        if range_:
            said["range"] = range_
        return said

    def grade_side(self, colours: Colours) -> Json:
        """Its own file."""
        return self.side(self.shot.path, colours.grade, colours.grade_range)

    def sdr_side(self, colours: Colours) -> Optional[Json]:
        """The file of its SDR version, None where none is known."""
        return self.side(self.sdr, colours.sdr, colours.sdr_range) if self.sdr else None

    def other_side(self, colours: Colours) -> Optional[Json]:
        """The grade it is compared with."""
        return self.side(self.other, colours.grade, colours.grade_range) if self.other else None

    def asked(self, colours: Colours, house: str = "") -> Json:
        """What to ask `score` and `recall` for. house: a house model's file, which scores in place of the
        stock model. ShotError where its file cannot stand for it."""
        if self.shot.media is None:
            raise ShotError(self.shot.trouble or f"{self.shot.name}: has no file")
        given: Json = {"grade": self.grade_side(colours), "frames": list(self.shot.media)}
        sdr = self.sdr_side(colours)
        if sdr is not None:
            given["reference"] = sdr
        if house:
            given["house_model"] = house
        return given

    def complete(self, shot: Shot) -> None:
        """Its media were looked for; what failed for want of them may be tried again."""
        self.shot = shot
        if self.state == "failed":
            self.forget()

    def forget(self) -> None:
        """It is not judged any more: what its score was of has changed."""
        self.state, self.verdict, self.error, self.looked, self.cached = "new", None, "", False, False


def _text(row: Row) -> str:
    kinds = "" if row.verdict is None else " ".join(r.title for r in row.verdict.reasons)
    return f"{row.shot.name} {row.shot.path} {kinds} {row.error}".lower()


def _scored(row: Row) -> bool:
    return row.verdict is not None and row.verdict.score is not None


FILTERS: "Dict[str, Tuple[str, Callable[[Row], bool]]]" = {
    "all": ("All shots", lambda row: True),
    "faults": ("With faults", lambda row: row.verdict is not None and row.verdict.faults > 0),
    "below": ("Below the SDR", lambda row: _scored(row) and row.verdict.score < 0),  # type: ignore[union-attr, operator]
    "clean": ("No fault", lambda row: row.verdict is not None and row.verdict.faults == 0),
    "open": ("Not judged", lambda row: row.verdict is None and row.state != "failed"),
    "failed": ("Failed", lambda row: row.state == "failed" or (row.shot.media is None and not row.opening)),
}
"""By name: words, and whether a row is shown."""


def _score_key(row: Row) -> float:
    return row.verdict.score if _scored(row) else math.inf  # type: ignore[union-attr, return-value]


SORTS: "Dict[str, Tuple[str, Callable[[Row], Any]]]" = {
    "timeline": ("Timeline", lambda row: (row.shot.first, row.shot.track, row.number)),
    "lowest": ("Lowest score", lambda row: (_score_key(row), row.number)),
    "highest": ("Highest score", lambda row: (not _scored(row), -_score_key(row), row.number)),
    "worst": ("Worst fault", lambda row: (-(row.verdict.severity if row.verdict else -2.0), row.number)),
    "unsure": ("Least certain", lambda row: (-_width(row), row.number)),
    "name": ("Name", lambda row: (row.shot.name.lower(), row.number)),
}
"""By name: words, and the key of the order. Rows without a score come last."""


def _width(row: Row) -> float:
    verdict = row.verdict
    if verdict is None or verdict.low is None or verdict.high is None:
        return -1.0
    return verdict.high - verdict.low


def shown(rows: Iterable[Row], *, only: str = "all", text: str = "", by: str = "timeline") -> List[Row]:
    """Rows that pass the filter and have every word of the text in name, file or reasons, in order."""
    words = text.lower().split()
    passes = FILTERS[only][1]
    found = [row for row in rows if passes(row)]
    if words:
        found = [row for row in found if all(word in _text(row) for word in words)]
    return sorted(found, key=SORTS[by][1])


@dataclass(frozen=True)
class Summary:
    """Of a list. mean: of the scores that there are, None without any."""

    shots: int
    judged: int
    faults: int
    failed: int
    mean: Optional[float]

    @property
    def text(self) -> str:
        """In words."""
        parts = [f"{self.shots} shot{'' if self.shots == 1 else 's'}", f"{self.judged} judged"]
        if self.faults:
            parts.append(f"{self.faults} with faults")
        if self.failed:
            parts.append(f"{self.failed} failed")
        if self.mean is not None:
            parts.append(f"mean score {self.mean:.1f}")
        return " · ".join(parts)


def summary(rows: Iterable[Row]) -> Summary:
    """Count them."""
    every = list(rows)
    judged = [row for row in every if row.verdict is not None]
    scores = [
        row.verdict.score for row in judged if row.verdict is not None and row.verdict.score is not None
    ]
    return Summary(
        len(every),
        len(judged),
        sum(row.verdict is not None and row.verdict.faults > 0 for row in judged),
        sum(row.state == "failed" for row in every),
        sum(scores) / len(scores) if scores else None,
    )
