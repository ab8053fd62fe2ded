"""Rules on time: frozen, repeated and black frames, jumps of luminance at cuts and within shots."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from candela_engines.qc.findings import Severity
from candela_engines.qc.pq_codes import ten_bit
from candela_engines.qc.rule import ClipFacts, Held, Hit, Rule, Setting, Settings, runs_of
from candela_engines.qc.shots import ShotData

__all__ = ["RULES"]


def _frozen(facts: ClipFacts, shots: Sequence[ShotData], s: Settings) -> Iterator[Hit]:
    for shot in shots:
        change = np.nan_to_num(shot.column("change_codes"), nan=np.inf)
        still = change <= float(s["codes"])
        if shot.most("robust_max_nits") is None or not still.any():
            continue
        light = shot.column("robust_max_nits") > float(s["black_nits"])
        for begin, end in runs_of(shot.numbers, still & light, 1):
            length = end - begin + 1
            around = change[max(0, begin - 6) : begin].tolist() + change[end + 1 : end + 7].tolist()
            known = [value for value in around if np.isfinite(value)]
            # Held frames amid motion are a fault; a shot that is still throughout is a still.
            moving = bool(known) and float(np.median(known)) >= float(s["motion_codes"])
            if not moving or length < int(s["frames"]):
                continue
            first, last = int(shot.numbers[begin]) - 1, int(shot.numbers[end])
            yield Hit.of(
                Held(first, last, length + 1, first, float(length)), shot,
                f"The picture stands still for {length + 1} frames, amid motion.",
                float(s["frames"]), "frames",
                f"{int(s['frames'])} frames like the one before, where the picture moves",
            )  # fmt: skip


def _black(facts: ClipFacts, shots: Sequence[ShotData], s: Settings) -> Iterator[Hit]:
    limit = float(s["limit_nits"])
    for shot in shots:
        dark = shot.column("robust_max_nits") <= limit
        for begin, end in runs_of(shot.numbers, dark, 1):
            length = end - begin + 1
            first, last = int(shot.numbers[begin]), int(shot.numbers[end])
            edge = first == facts.first or last == facts.last
            if length < int(s["frames"]) or (edge and not s["ends"]):
                continue
            inside = begin > 0 and end < len(shot.numbers) - 1 and length <= int(s["flash_frames"])
            yield Hit.of(
                Held(first, last, length, first, float(length)), shot,
                f"Black for {length} frame{'s' if length > 1 else ''}{', inside a shot' if inside else ''}.",
                float(s["frames"]), "frames", f"99.99 % of pixels at {limit:g} nit or less",
                severity=Severity.ISSUE if inside else None,
            )  # fmt: skip


def _jump(facts: ClipFacts, shots: Sequence[ShotData], s: Settings) -> Iterator[Hit]:
    low, high = float(s["least_nits"]), float(s["most_nits"])
    reach = int(s["frames"])
    for before, shot in itertools.pairwise(shots):
        if shot.span.opening not in ("cut", "edit") or not len(before.numbers) or not len(shot.numbers):
            continue
        if before.span.last + 1 != shot.span.first and shot.span.opening != "edit":
            continue
        old = float(np.mean(before.column("luminance_nits")[-reach:]))
        new = float(np.mean(shot.column("luminance_nits")[:reach]))
        bad = [value for value in (old, new) if not low <= value <= high]
        wide = max(old, new) / max(min(old, new), 0.01)
        if not bad or wide < float(s["ratio"]):
            continue
        yield Hit.of(
            Held.at(shot.span.first, new if new in bad else old), shot,
            f"Mean luminance goes from {old:.3g} to {new:.3g} nit at the cut, outside {low:g} to {high:g}"
            " nit.",
            high if max(bad) > high else low, "nits", f"{low:g} to {high:g} nit, {s['ratio']:g} times",
        )  # fmt: skip


def _within(facts: ClipFacts, shots: Sequence[ShotData], s: Settings) -> Iterator[Hit]:
    limit = float(s["codes"])
    for shot in shots:
        if len(shot.numbers) < 6:
            continue
        mean = np.array([ten_bit(float(v)) for v in shot.column("luminance_nits")])
        change = np.diff(mean)
        steps = np.abs(change)
        mixed = _mixed(shot)
        passed = -1
        for place in np.flatnonzero(steps > limit).tolist():
            number = int(shot.numbers[place + 1])
            if place == passed or number in mixed:
                continue
            around = [*steps[max(0, place - 4) : place], *steps[place + 1 : place + 5]]
            flash = place + 1 < len(steps) and abs(change[place] + change[place + 1]) < 0.5 * steps[place]
            if flash:
                around.remove(steps[place + 1])
            # A fade or a light that goes on moves for longer; a jump stands alone. A cut that was missed
            # changes the picture as well.
            if around and steps[place] < float(s["alone"]) * max(around):
                continue
            passed = place + 1 if flash else -1
            how = "for one frame" if flash else "inside the shot"
            yield Hit.of(
                Held.at(number, float(steps[place])), shot,
                f"Mean luminance jumps by {steps[place]:.0f} 10-bit codes {how}.",
                limit, "10-bit PQ codes",
                f"{limit:g} codes from a frame to the next, {s['alone']:g} times the steps around",
            )  # fmt: skip


def _mixed(shot: ShotData) -> set[int]:
    """Frames close to a transition at the shot's ends."""
    reach = 24 if shot.span.opening in ("dissolve", "fade") else 1
    first, last = shot.span.first, shot.span.last
    return {*range(first, first + reach), *range(last - 1, last + 1)}


RULES = (
    Rule(
        "time.frozen",
        "Frozen and repeated frames",
        "Frames like the one before to within a mean difference of PQ codes, where the picture moves before"
        " and after.",
        "candela: no public definition in numbers",
        Severity.ISSUE,
        {
            "frames": Setting(1, "frames", "like the one before, at least", 1, 1e6),
            "codes": Setting(0.02, "10-bit PQ codes", "mean difference that is none", 0, 10),
            "motion_codes": Setting(0.5, "10-bit PQ codes", "median difference of the frames around", 0, 100),
            "black_nits": Setting(0.2, "nits", "a darker frame is black, not frozen", 0, 100),
        },
        _frozen,
    ),
    Rule(
        "time.black",
        "Black frames",
        "Frames of which 99.99 % of the pixels are at a light or under it; at the ends of a clip they may be"
        " wanted.",
        "candela: no public definition in numbers",
        Severity.FYI,
        {
            "limit_nits": Setting(0.05, "nits", "black", 0, 100),
            "frames": Setting(1, "frames", "at least", 1, 1e6),
            "flash_frames": Setting(6, "frames", "that many inside a shot are an Issue", 0, 1e6),
            "ends": Setting(False, "", "tell those at the ends of the clip too"),
        },
        _black,
    ),
    Rule(
        "time.jump",
        "Jump of luminance from shot to shot",
        "Mean display luminance of the frames before and after a cut: outside the range, and so many times"
        " apart.",
        "BBC WHP 342; ITU-R BT.2408-7: 10 to 80 nit is comfortable, 5 to 160 extended, at 1000 nit peak",
        Severity.FYI,
        {
            "least_nits": Setting(5, "nits", "the least", 0, 10000),
            "most_nits": Setting(160, "nits", "the most", 0, 10000),
            "ratio": Setting(8, "times", "brighter or darker, at least", 1, 1e6),
            "frames": Setting(6, "frames", "that are averaged on either side", 1, 1000),
        },
        _jump,
    ),
    Rule(
        "time.jump_within",
        "Jump of luminance inside a shot",
        "Mean luminance from a frame to the next in 10-bit PQ codes, where the frames around it hold still; a"
        " flash of one frame is one jump.",
        "candela: no public definition in numbers",
        Severity.FYI,
        {
            "codes": Setting(12, "10-bit PQ codes", "more than this", 0, 1023),
            "alone": Setting(5, "times", "the largest step of the frames around", 1, 1e6),
        },
        _within,
    ),
)
