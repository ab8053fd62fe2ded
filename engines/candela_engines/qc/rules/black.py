"""Rules on black: its level, its tint, and a shift from one shot to the next."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from candela_engines.qc.findings import Severity
from candela_engines.qc.pq_codes import ten_bit
from candela_engines.qc.rule import ClipFacts, Held, Hit, Rule, Setting, Settings, held_runs
from candela_engines.qc.shots import ShotData

__all__ = ["RULES"]


def _level(facts: ClipFacts, shots: Sequence[ShotData], s: Settings) -> Iterator[Hit]:
    limit = float(s["limit_nits"])
    for shot in shots:
        # A shot with nothing dark in it tells nothing of its black. Where black is lifted, the darkest parts
        # end at one level; where there is no black, they thin out.
        black, high = shot.column("black_nits"), shot.column("robust_max_nits")
        ends = (shot.column("bottom_ratio") >= float(s["ratio"])) & (shot.column("bottom_percent") >= 0.5)
        values = np.where(ends & (high >= float(s["contrast"]) * black), black, np.nan)
        held = held_runs(shot, values, limit, int(s["frames"]))
        if held is None:
            continue
        yield Hit.of(
            held, shot, f"Black lies at {held.value:.2g} nit.",
            limit, "nits", f"{limit:g} nit, {int(s['frames'])} frames",
        )  # fmt: skip


def _tint(facts: ClipFacts, shots: Sequence[ShotData], s: Settings) -> Iterator[Hit]:
    for shot in shots:
        red, blue, dark = (shot.column(n) for n in ("black_red", "black_blue", "dark_nits"))
        green = 1 - red - blue
        with np.errstate(invalid="ignore"):
            tint = 100 * (np.fmax(np.fmax(red, green), blue) - np.fmin(np.fmin(red, green), blue))
            judged = (dark >= float(s["least_nits"])) & (dark <= float(s["most_nits"]))
        found = tint[judged]
        if len(found) < int(s["frames"]) or np.median(found) <= float(s["percent"]):
            continue
        value = float(np.median(found))
        means = [float(np.nanmedian(c[judged])) for c in (red, green, blue)]
        name = ("red", "green", "blue")[int(np.argmax(means))]
        numbers = shot.numbers[np.flatnonzero(judged)]
        yield Hit.of(
            Held(int(numbers[0]), int(numbers[-1]), len(found), None, value), shot,
            f"Black is tinted {name}: its channels differ by {value:.0f} % of its light.",
            float(s["percent"]), "percent",
            f"{s['percent']:g} % of the light of the darkest hundredth, {int(s['frames'])} sampled frames",
        )  # fmt: skip


def _shift(facts: ClipFacts, shots: Sequence[ShotData], s: Settings) -> Iterator[Hit]:
    limit = float(s["codes"])
    for before, shot in itertools.pairwise(shots):
        if shot.span.opening not in ("cut", "edit") or not len(before.numbers) or not len(shot.numbers):
            continue
        levels = [float(np.nanmedian(one.column("black_nits"))) for one in (before, shot)]
        if max(levels) > float(s["most_nits"]) or any(_bright(one) for one in (before, shot)):
            continue
        step = abs(ten_bit(levels[0]) - ten_bit(levels[1]))
        if step > limit:
            yield Hit.of(
                Held.at(shot.span.first, step), shot,
                f"Black goes from {levels[0]:.2g} to {levels[1]:.2g} nit at the cut.",
                limit, "10-bit PQ codes", f"{limit:g} codes",
            )  # fmt: skip


def _bright(shot: ShotData) -> bool:
    """Whether nothing in a shot is dark enough to be its black."""
    black = float(np.nanmedian(shot.column("black_nits")))
    return float(np.nanmedian(shot.column("robust_max_nits"))) < 50 * black


RULES = (
    Rule(
        "black.level",
        "Black level",
        "0.1th percentile of max(R, G, B), in frames whose highlights are far above it and whose darkest"
        " pixels end at one level.",
        "Netflix QC glossary: black level",
        Severity.FYI,
        {
            "limit_nits": Setting(0.5, "nits", "more is told", 0, 100),
            "ratio": Setting(4, "times", "that more pixels lie there than on the eight steps above", 1, 1e6),
            "contrast": Setting(50, "times", "that highlights are brighter", 1, 1e6),
            "frames": Setting(12, "frames", "in so many frames in a row at least", 1, 1e6),
        },
        _level,
    ),
    Rule(
        "black.tint",
        "Tinted black",
        "Largest less smallest share of R, G and B in the light of the darkest hundredth of the picture.",
        "Netflix QC glossary: black level, tinted",
        Severity.FYI,
        {
            "percent": Setting(35, "% of the light", "more than this", 0, 100),
            "least_nits": Setting(0.02, "nits", "darker has no colour", 0, 100),
            "most_nits": Setting(0.5, "nits", "brighter is no black", 0, 100),
            "frames": Setting(2, "sampled frames", "in so many sampled frames at least", 1, 1e6),
        },
        _tint,
    ),
    Rule(
        "black.shift",
        "Black that shifts at a cut",
        "Median black levels of two neighbouring shots, both dark, in 10-bit PQ codes.",
        "Netflix QC glossary: black level, shift",
        Severity.FYI,
        {
            "codes": Setting(40, "10-bit PQ codes", "more than this", 0, 1023),
            "most_nits": Setting(1, "nits", "brighter is no black", 0, 100),
        },
        _shift,
    ),
)
