"""Holding a detection against a timeline: what was missed, invented, or is off by some frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from candela_engines.errors import InputError
from candela_engines.media.cuts_shots import Shot

__all__ = ["CutFinding", "check_against"]

_NEAR = 8  # frames within which two cuts are one that is off


@dataclass(frozen=True, slots=True)
class CutFinding:
    """A disagreement. code: `missed` (the timeline alone has the cut), `invented` (the picture alone) or
    `off`.

    timeline, picture: first frame of the new shot by either, None where it has none. off: frames that the
    picture is later. message: in a sentence for the user.
    """

    code: Literal["missed", "invented", "off"]
    timeline: int | None
    picture: int | None
    message: str

    @property
    def off(self) -> int:
        """Frames that the picture changes after the timeline; 0 where only one of them has the cut."""
        return 0 if self.timeline is None or self.picture is None else self.picture - self.timeline


def check_against(
    timeline_cuts: Sequence[int], found: Sequence[Shot], tolerance: int = 0
) -> list[CutFinding]:
    """What a timeline and the picture disagree on, in order of frames; empty where they agree.

    timeline_cuts: first frame of every shot by the EDL or OTIO timeline; that of the first shot and frames
    outside of what was looked at are left out. found: the shots of the picture. tolerance: frames that do not
    count. A cut that the timeline has anywhere in a dissolve or fade agrees with it. Raises InputError for a
    tolerance below 0.
    """
    if tolerance < 0:
        raise InputError(
            f"check against the timeline: a tolerance of {tolerance} frames; 0 or more are needed"
        )
    if not found:
        return []
    wanted = sorted({cut for cut in timeline_cuts if found[0].first < cut <= found[-1].last})
    openings = list(found[1:])
    # The closest go together first, so that one stray cut does not push all others aside.
    pairs = sorted(
        (_distance(cut, shot), i, j)
        for i, cut in enumerate(wanted)
        for j, shot in enumerate(openings)
        if _distance(cut, shot) <= max(_NEAR, tolerance)
    )
    partner: dict[int, int] = {}
    taken: set[int] = set()
    for _, i, j in pairs:
        if i not in partner and j not in taken:
            partner[i] = j
            taken.add(j)
    findings = []
    for i, cut in enumerate(wanted):
        if i not in partner:
            findings.append(_missed(cut))
        elif _distance(cut, openings[partner[i]]) > tolerance:
            findings.append(_off(cut, openings[partner[i]]))
    findings += [_invented(shot) for j, shot in enumerate(openings) if j not in taken]
    return sorted(findings, key=lambda f: (f.timeline if f.timeline is not None else f.picture or 0, f.code))


def _distance(cut: int, shot: Shot) -> int:
    if shot.transition is None:
        return abs(cut - shot.first)
    first, last = shot.transition
    return max(0, first - cut, cut - last - 1)


def _missed(cut: int) -> CutFinding:
    return CutFinding(
        "missed",
        cut,
        None,
        f"frame {cut}: the timeline cuts here, the picture does not change; wrong timeline, or "
        f"two pieces of one take?",
    )


def _invented(shot: Shot) -> CutFinding:
    what = {"cut": "cuts", "dissolve": "dissolves", "fade": "fades"}.get(shot.opening, "changes")
    return CutFinding(
        "invented",
        None,
        shot.first,
        f"frame {shot.first}: the picture {what} here ({shot.confidence:.0%} sure), the timeline has no cut",
    )


def _off(cut: int, shot: Shot) -> CutFinding:
    apart = shot.first - cut
    frames = f"{abs(apart)} frame{'s' if abs(apart) != 1 else ''} {'later' if apart > 0 else 'earlier'}"
    return CutFinding("off", cut, shot.first, f"frame {cut}: the timeline cuts here, the picture {frames}")
