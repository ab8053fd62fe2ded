"""What a rule is: its code, definition and source, its settings with their defaults, and the function that
looks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from candela_engines.qc.findings import Box, Severity
from candela_engines.qc.result import ClipColour, Declared, ShotScore
from candela_engines.qc.shots import ShotData

__all__ = ["ClipFacts", "Held", "Hit", "NetworkFact", "Rule", "Setting", "Settings", "held_runs", "runs_of"]

Settings = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Setting:
    """One number (or choice) that a profile may change. unit: of the number. least, most: what it may be."""

    default: float | str | bool
    unit: str
    sentence: str
    least: float = 0.0
    most: float = 1e9
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NetworkFact:
    """The network that a file carries: where found and whether it still belongs to its picture; trouble in
    words. distilled: whether it was made of an up-conversion, and no master stands behind it.
    """

    carrier: str
    first: int | None
    last: int | None
    trouble: str | None
    distilled: bool = False


@dataclass(frozen=True, slots=True)
class ClipFacts:
    """What rules are told of a clip. hdr: whether its transfer is. network: None where it was not looked
    for; an empty tuple where there is none. scores: by the name of a shot. contradictions: what tags say
    against each other, or against the flag that the clip was read by.
    """

    width_px: int
    height_px: int
    bits: int
    floats: bool
    rate: float | None
    colour: ClipColour
    declared: Declared
    first: int
    last: int
    missing: tuple[int, ...]
    cut_after: int | None
    notes: tuple[str, ...]
    expected: Mapping[str, str] = field(default_factory=dict)
    network: tuple[NetworkFact, ...] | None = None
    scores: Mapping[str, ShotScore] = field(default_factory=dict)
    contradictions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """Where a limit is broken. first, last: frames; count: how many of them break it. worst: the frame that
    `value` is measured of, None where it is of all; place: its index in the shot's columns.
    """

    first: int
    last: int
    count: int
    worst: int | None
    value: float
    place: int = -1

    @classmethod
    def at(cls, frame: int, value: float) -> Held:
        """In one frame."""
        return cls(frame, frame, 1, frame, value)

    @classmethod
    def throughout(cls, shot: ShotData, count: int, value: float) -> Held:
        """From the first frame of a shot to its last, seen in `count` of them."""
        return cls(shot.span.first, shot.span.last, count, None, value)


@dataclass(frozen=True, slots=True)
class Hit:
    """What a rule found, before it has a place in a report. shot: None for the whole clip. severity: where
    the rule says that this one is less (or more) grave than its setting.
    """

    sentence: str
    shot: ShotData | None = None
    first: int | None = None
    last: int | None = None
    count: int = 0
    worst: int | None = None
    box: Box | None = None
    measured: float | None = None
    limit: float | None = None
    unit: str = ""
    limit_text: str = ""
    severity: Severity | None = None

    @classmethod
    def of(
        cls, held: Held, shot: ShotData, sentence: str, limit: float, unit: str, limit_text: str, *,
        box: Box | None = None, severity: Severity | None = None,
    ) -> Hit:  # fmt: skip
        """A limit broken in a shot; limit, and what was held against it, in `unit`."""
        return cls(
            sentence, shot, held.first, held.last, held.count, held.worst, box, held.value, limit, unit,
            limit_text, severity,
        )  # fmt: skip


Check = Callable[[ClipFacts, Sequence[ShotData], Settings], Iterable[Hit]]


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """code: as `light.max_cll`; its first part is its group. source: the standard or practice, or `candela`
    for a threshold of our own. over: nits that the pixels above of every frame are wanted of.
    """

    code: str
    title: str
    definition: str
    source: str
    severity: Severity
    settings: Mapping[str, Setting]
    check: Check
    over: Callable[[ClipFacts, Settings], Sequence[float]] = lambda facts, settings: ()
    enabled: bool = True

    @property
    def group(self) -> str:
        """The first part of the code."""
        return self.code.partition(".")[0]


def runs_of(numbers: NDArray[np.int64], wanted: NDArray[np.bool_], frames: int) -> list[tuple[int, int]]:
    """(first, last) places of the runs of True that are at least `frames` long, or as long as all there is.

    numbers: of the frames, (n,), which need not be without gaps.
    """
    least = max(1, min(frames, len(numbers)))
    edges = np.flatnonzero(
        np.diff(np.concatenate([[False], np.asarray(wanted, np.bool_), [False]]).astype(np.int8))
    )
    return [
        (int(begin), int(end) - 1)
        for begin, end in zip(edges[::2], edges[1::2], strict=True)
        if end - begin >= least
    ]


def held_runs(
    shot: ShotData, values: NDArray[np.float64], limit: float, frames: int, *, below: bool = False
) -> Held | None:
    """All frames beyond `limit` that are so for at least `frames` in a row; None where none is. NaN is not
    beyond.
    """
    with np.errstate(invalid="ignore"):
        beyond = values < limit if below else values > limit
    runs = runs_of(shot.numbers, beyond, frames)
    if not runs:
        return None
    places = np.concatenate([np.arange(a, b + 1) for a, b in runs])
    worst = int(places[int(np.argmin(values[places]) if below else np.argmax(values[places]))])
    first, last = int(shot.numbers[runs[0][0]]), int(shot.numbers[runs[-1][1]])
    return Held(first, last, len(places), int(shot.numbers[worst]), float(values[worst]), worst)
