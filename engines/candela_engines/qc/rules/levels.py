"""Rules on code values as they are stored, and on the gamut."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from candela_engines.qc.findings import Box, Severity
from candela_engines.qc.rule import ClipFacts, Hit, Rule, Setting, Settings, held_runs
from candela_engines.qc.shots import ShotData

__all__ = ["RULES"]

_FRAMES = Setting(2, "frames", "in so many frames in a row at least", 1, 1e6)
_Check = Callable[[ClipFacts, Sequence[ShotData], Settings], Iterator[Hit]]


def _share(column: str, sentence: str, *, setting: str = "percent", box: int | None = None) -> _Check:
    """A column in per cent that is over the limit for so many frames. sentence: with {value} and {other}."""

    def check(facts: ClipFacts, shots: Sequence[ShotData], s: Settings) -> Iterator[Hit]:
        limit = float(s[setting])
        for shot in shots:
            values = shot.column(column)
            held = held_runs(shot, values, limit, int(s["frames"]))
            if held is None:
                continue
            other = float(shot.column("outside_p3_worst_percent")[held.place])
            unit, sign = ("percent", "%") if column.endswith("percent") else ("samples", "samples")
            yield Hit.of(
                held, shot, sentence.format(value=held.value, other=other),
                limit, unit, f"{limit:g} {sign}, {int(s['frames'])} frames",
                box=None if box is None else _box(shot, held.place, box),
            )  # fmt: skip

    return check


def _reserved(facts: ClipFacts, shots: Sequence[ShotData], s: Settings) -> Iterator[Hit]:
    check = _share(
        "reserved_samples",
        "{value:.0f} samples have codes that are reserved for synchronisation.",
        setting="samples",
    )
    for hit in check(facts, shots, s):
        few = hit.measured is not None and hit.measured <= float(s["few"])
        yield replace(hit, severity=Severity.FYI) if few else hit


def _box(shot: ShotData, place: int, which: int) -> Box | None:
    left, top, right, bottom = (int(v) for v in shot.boxes[place, which])
    return None if left < 0 else Box(left, top, right, bottom)


def _excursion(facts: ClipFacts, shots: Sequence[ShotData], s: Settings) -> Iterator[Hit]:
    limit = float(s["limit_percent"])
    for shot in shots:
        far, share = shot.column("outside_p3_worst_percent"), shot.column("outside_p3_percent")
        values = np.where(share >= float(s["percent"]), far, 0.0)
        held = held_runs(shot, values, limit, int(s["frames"]))
        if held is None:
            continue
        yield Hit.of(
            held, shot, f"A colour lies outside P3-D65 by {held.value:.1f} % of its light.",
            limit, "percent",
            f"{limit:g} % of the pixel's light, {s['percent']:g} % of pixels, {int(s['frames'])} frames",
            box=_box(shot, held.place, 0),
        )  # fmt: skip


RULES = (
    Rule(
        "levels.reserved",
        "Reserved codes",
        "Stored samples with codes that SDI keeps for synchronisation (10 bit: 0 to 3 and 1020 to 1023),"
        " narrow range alone; the whole frame's chroma, the active picture's luma.",
        "EBU R103, ITU-R BT.2100 table 9",
        Severity.ISSUE,
        {
            "samples": Setting(0, "samples", "more than this", 0, 1e9),
            "few": Setting(30, "samples", "up to so many are FYI", 0, 1e9),
            "frames": _FRAMES,
        },
        _reserved,
    ),
    Rule(
        "levels.preferred",
        "Preferred range of R'G'B'",
        "Share of pixels of which R', G' or B' lies outside 5 to 246 (10 bit: 20 to 984), narrow range"
        " alone.",
        "EBU R103: over at most 1 % of the active picture",
        Severity.ISSUE,
        {"percent": Setting(1, "% of pixels", "more than this", 0, 100), "frames": _FRAMES},
        _share(
            "rgb_off_percent",
            "{value:.2g} % of the pixels have an R', G' or B' outside the preferred range.",
            box=1,
        ),
    ),
    Rule(
        "levels.below_black",
        "Luma under nominal black",
        "Share of luma samples under code 16 (10 bit: 64), narrow range alone.",
        "ITU-R BT.2100 table 9",
        Severity.FYI,
        {"percent": Setting(1, "% of samples", "more than this", 0, 100), "frames": _FRAMES},
        _share("luma_low_percent", "{value:.2g} % of the luma lies under nominal black."),
    ),
    Rule(
        "levels.above_white",
        "Luma over nominal peak",
        "Share of luma samples over code 235 (10 bit: 940), narrow range alone.",
        "ITU-R BT.2100 table 9",
        Severity.FYI,
        {"percent": Setting(1, "% of samples", "more than this", 0, 100), "frames": _FRAMES},
        _share("luma_high_percent", "{value:.2g} % of the luma lies over nominal peak."),
    ),
    Rule(
        "levels.nonfinite",
        "Samples that are no numbers",
        "NaN and infinities among the samples of the active picture, of files with floats.",
        "IEEE 754; no display has a light for them",
        Severity.BLOCKER,
        {
            "samples": Setting(0, "samples", "more than this", 0, 1e9),
            "frames": Setting(1, "frames", "in a row", 1, 1e6),
        },
        _share("nonfinite_samples", "{value:.0f} samples are NaN or infinite.", setting="samples"),
    ),
    Rule(
        "gamut.p3",
        "P3-D65 in BT.2020",
        "Share of pixels with a linear component of P3-D65 under zero, by more than 0.01 nit and 0.2 % of the"
        " pixel's light; of linear light, never through a LUT.",
        "studio delivery practice; SMPTE ST 2113 (P3-D65)",
        Severity.ISSUE,
        {"percent": Setting(0.1, "% of pixels", "more than this", 0, 100), "frames": _FRAMES},
        _share(
            "outside_p3_percent",
            "{value:.2g} % of the pixels lie outside P3-D65, the furthest by {other:.1f} % of its light.",
            box=0,
        ),
    ),
    Rule(
        "gamut.excursion",
        "Worst excursion out of P3-D65",
        "The furthest component of P3-D65 under zero, as a share of the pixel's brightest component; of"
        " pixels of 1 nit or more.",
        "studio delivery practice",
        Severity.FYI,
        {
            "limit_percent": Setting(10, "% of the light", "more than this", 0, 1000),
            "percent": Setting(0.02, "% of pixels", "outside at all, at least", 0, 100),
            "frames": _FRAMES,
        },
        _excursion,
    ),
)
