"""Rules on what the file says of itself: colour as expected, ST 2086, MaxCLL and MaxFALL against the
pixels."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from candela_engines.colour.gamuts import GAMUTS
from candela_engines.qc.findings import Severity
from candela_engines.qc.result import Mastering
from candela_engines.qc.rule import ClipFacts, Held, Hit, Rule, Setting, Settings
from candela_engines.qc.shots import ShotData

__all__ = ["RULES"]

_UNIT = 0.00002  # ST 2086, chromaticities
_POINTS = ("red", "green", "blue", "white")


def _colour(facts: ClipFacts, shots: Sequence[ShotData], s: Settings) -> Iterator[Hit]:
    c = facts.colour
    held = {"transfer": c.transfer, "primaries": c.primaries, "range": c.stored_range}
    for what, wanted in facts.expected.items():
        allowed = [word.strip() for word in wanted.split(",")]
        found = held.get(what)
        if found is not None and found not in allowed:
            yield Hit(
                f"The {what} is {found} ({c.sources.get(what, 'as read')}); the profile expects {wanted}.",
                limit_text=f"{what} {wanted}",
            )


def _contradictory(facts: ClipFacts, shots: Sequence[ShotData], s: Settings) -> Iterator[Hit]:
    for what in facts.contradictions:
        yield Hit(f"{what[:1].upper()}{what[1:].rstrip('.')}.", limit_text="every tag says the same")


def _missing(facts: ClipFacts, shots: Sequence[ShotData], s: Settings) -> Iterator[Hit]:
    if facts.colour.transfer != "pq":
        return
    if s["mastering"] and facts.declared.mastering is None:
        yield Hit("There is no mastering display metadata (ST 2086).")
    levels = facts.declared.max_cll_nits, facts.declared.max_fall_nits
    if not s["light_levels"]:
        return
    if levels == (None, None):
        yield Hit("There are no content light levels (MaxCLL, MaxFALL).")
    elif 0 in levels:
        names = [n for n, v in zip(("MaxCLL", "MaxFALL"), levels, strict=True) if v == 0]
        yield Hit(f"{' and '.join(names)} in the file is 0, which means unknown.", severity=Severity.FYI)


def _mastering(facts: ClipFacts, shots: Sequence[ShotData], s: Settings) -> Iterator[Hit]:
    mastering = facts.declared.mastering
    if mastering is None:
        return
    if not 0 <= mastering.min_nits < mastering.max_nits <= 10000:
        yield Hit(
            f"The mastering display goes from {mastering.min_nits:g} to {mastering.max_nits:g} nit, which no "
            "display does.",
            measured=mastering.max_nits,
            unit="nits",
        )
    name = _gamut_of(mastering, float(s["units"]))
    allowed = [word.strip() for word in str(s["primaries"]).split(",")]
    if name not in allowed:
        numbers = ", ".join(
            f"{p} {x:.5f} {y:.5f}" for p, (x, y) in zip(_POINTS, _points(mastering), strict=True)
        )
        turned = next((n for one in _turned(mastering) if (n := _gamut_of(one, float(s["units"])))), None)
        told = name or (
            f"those of {turned} in a wrong order (a stream holds green, blue, red): {numbers}"
            if turned
            else f"none that has a name here: {numbers}"
        )
        yield Hit(
            f"The primaries of the mastering display are {told}; the profile expects {s['primaries']}.",
            limit_text=str(s["primaries"]),
        )
    most = float(s["max_nits"])
    if most and abs(mastering.max_nits - most) > 0.5:
        yield Hit(
            f"The mastering display's peak is declared as {mastering.max_nits:g} nit; the profile expects "
            f"{most:g}.",
            measured=mastering.max_nits,
            limit=most,
            unit="nits",
        )


def _points(m: Mastering) -> tuple[tuple[float, float], ...]:
    return m.red_xy, m.green_xy, m.blue_xy, m.white_xy


def _turned(m: Mastering) -> Iterator[Mastering]:
    """With red, green and blue in every other order."""
    for red, green, blue in itertools.permutations((m.red_xy, m.green_xy, m.blue_xy)):
        yield replace(m, red_xy=red, green_xy=green, blue_xy=blue)


def _gamut_of(mastering: Mastering, units: float) -> str | None:
    """By numbers: every coordinate within so many units of 0.00002."""
    for name, gamut in GAMUTS.items():
        points = gamut.red, gamut.green, gamut.blue, gamut.white
        pairs = zip(_points(mastering), points, strict=True)
        if all(abs(a - b) <= (units + 0.5) * _UNIT for p, q in pairs for a, b in zip(p, q, strict=True)):
            return str(name)
    return None


def _declared(
    what: str, column: str, robust: str
) -> Callable[[ClipFacts, Sequence[ShotData], Settings], Iterator[Hit]]:
    def check(facts: ClipFacts, shots: Sequence[ShotData], s: Settings) -> Iterator[Hit]:
        said = facts.declared.max_cll_nits if what == "MaxCLL" else facts.declared.max_fall_nits
        found = [(shot.most(column), shot.most(robust), shot) for shot in shots]
        known = [(a, b, shot) for a, b, shot in found if a is not None and b is not None]
        if not said or not known:
            return
        strict = max(a for a, _, _ in known)
        sure, where = max(((b, shot) for _, b, shot in known), key=lambda one: one[0])
        slack = s["tolerance_percent"] / 100
        limit = f"within {s['tolerance_percent']:g} % and 1 nit"
        if sure > said * (1 + slack) + 1:
            yield Hit.of(
                Held.throughout(where, len(where.numbers), sure), where,
                f"{what} is declared as {said:g} nit, but the picture reaches {sure:.0f} nit "
                f"({strict:.0f} strictly).",
                said, "nits", limit,
            )  # fmt: skip
        elif strict * (1 + s["high_tolerance_percent"] / 100) + 1 < said:
            yield Hit(
                f"{what} is declared as {said:g} nit, the picture reaches {strict:.0f} nit at most; right"
                " where this is a part of a longer programme.",
                measured=strict,
                limit=said,
                unit="nits",
                limit_text=limit,
                severity=Severity.FYI,
            )

    return check


_TOLERANCE = {
    "tolerance_percent": Setting(5, "%", "that the picture may be over what is declared", 0, 100),
    "high_tolerance_percent": Setting(20, "%", "that what is declared may be over the picture", 0, 1000),
}

RULES = (
    Rule(
        "metadata.colour",
        "Colour as the profile expects",
        "Transfer, primaries and range that the file was read with, against `[expect]` of the profile.",
        "ITU-T H.273",
        Severity.BLOCKER,
        {},
        _colour,
    ),
    Rule(
        "metadata.contradictory",
        "Tags that contradict",
        "Colour tags of the stream against those of its container, and tags against the flag that the clip is"
        " read by: players that go by another tag show another picture.",
        "ITU-T H.273; ISO/IEC 14496-12 (colr)",
        Severity.ISSUE,
        {},
        _contradictory,
    ),
    Rule(
        "metadata.missing",
        "HDR metadata that is not there",
        "Of PQ: mastering display and content light levels; a value of 0 means unknown and is told as FYI.",
        "SMPTE ST 2086, CTA-861.3",
        Severity.ISSUE,
        {
            "mastering": Setting(True, "", "ST 2086 is needed"),
            "light_levels": Setting(True, "", "MaxCLL and MaxFALL are needed"),
        },
        _missing,
    ),
    Rule(
        "metadata.mastering",
        "The mastering display",
        "ST 2086 compared as numbers: its luminances possible, its primaries among those allowed, within"
        " units of 0.00002.",
        "SMPTE ST 2086",
        Severity.ISSUE,
        {
            "primaries": Setting("p3d65, bt2020", "", "gamuts that are allowed"),
            "max_nits": Setting(0, "nits", "its peak; 0 for any", 0, 10000),
            "units": Setting(50, "units of 0.00002", "that chromaticities may be off", 0, 1000),
        },
        _mastering,
    ),
    Rule(
        "metadata.max_cll",
        "Declared MaxCLL against the picture",
        "Declared MaxCLL against the measured one: too low by the 99.99 % figure, too high by the strict"
        " one.",
        "CTA-861.3-A Annex P",
        Severity.ISSUE,
        _TOLERANCE,
        _declared("MaxCLL", "max_nits", "robust_max_nits"),
    ),
    Rule(
        "metadata.max_fall",
        "Declared MaxFALL against the picture",
        "Declared MaxFALL against the highest mean of max(R, G, B) of a frame's active picture.",
        "CTA-861.3-A Annex P",
        Severity.ISSUE,
        _TOLERANCE,
        _declared("MaxFALL", "fall_nits", "fall_nits"),
    ),
)
