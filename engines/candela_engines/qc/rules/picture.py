"""Rules on the picture: clipping, crush, banding, noise, stuck pixels.

Where no standard has a number, the threshold is our own: named here, changed in a profile.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from candela_engines.qc.findings import Box, Severity
from candela_engines.qc.rule import ClipFacts, Held, Hit, Rule, Setting, Settings, held_runs
from candela_engines.qc.shots import ShotData

__all__ = ["RULES"]

_OWN = "candela: no public definition in numbers"
_FRAMES = Setting(12, "frames", "in so many frames in a row at least", 1, 1e6)
_SAMPLED = Setting(2, "sampled frames", "in so many sampled frames at least", 1, 1e6)


def _clipped(facts: ClipFacts, shots: Sequence[ShotData], s: Settings) -> Iterator[Hit]:
    sentence = "{value:.2g} % of the pixels lie at the brightest level of a channel."
    yield from _piled(shots, s, "channel_top", sentence, top=True)


def _crushed(facts: ClipFacts, shots: Sequence[ShotData], s: Settings) -> Iterator[Hit]:
    yield from _piled(shots, s, "bottom", "{value:.2g} % of the pixels lie at the darkest level.", top=False)


def _piled(shots: Sequence[ShotData], s: Settings, name: str, sentence: str, *, top: bool) -> Iterator[Hit]:
    for shot in shots:
        share, ratio = shot.column(f"{name}_percent"), shot.column(f"{name}_ratio")
        level = shot.column("max_nits") if top else shot.column("black_nits")
        # A frame of one level, or a dark one, has no end that light is cut at.
        span = shot.column("robust_max_nits") > 20 * np.maximum(shot.column("black_nits"), 0.005)
        bright = level >= float(s["least_nits"]) if top else level <= float(s["most_nits"])
        values = np.where((ratio >= float(s["ratio"])) & span & bright, share, 0.0)
        held = held_runs(shot, values, float(s["percent"]), int(s["frames"]))
        if held is None:
            continue
        yield Hit.of(
            held, shot, sentence.format(value=held.value), float(s["percent"]), "percent",
            f"{s['percent']:g} % of pixels, {s['ratio']:g} times the levels beside, {int(s['frames'])}"
            " frames",
        )  # fmt: skip


def _sampled(shot: ShotData, column: str, limit: float, frames: int) -> Held | None:
    """The sampled frames over a limit."""
    values = shot.column(column)
    places = np.flatnonzero(np.nan_to_num(values, nan=-np.inf) > limit)
    known = int(np.isfinite(values).sum())
    # Half of what was sampled has to show it: a flash or a title card is not the shot.
    if len(places) < min(frames, max(known, 1)) or 2 * len(places) < known:
        return None
    worst = int(places[int(np.argmax(values[places]))])
    first, last, at = (int(shot.numbers[place]) for place in (places[0], places[-1], worst))
    return Held(first, last, len(places), at, float(values[worst]), worst)


def _banding(facts: ClipFacts, shots: Sequence[ShotData], s: Settings) -> Iterator[Hit]:
    limit = float(s["contours"])
    for shot in shots:
        held = _sampled(shot, "contours_per_line", limit, int(s["frames"]))
        if held is None:
            continue
        step = shot.middle("contour_step_codes")
        told = "" if step is None else f", steps of {step:.1f} 10-bit codes"
        yield Hit.of(
            held, shot, f"Banding: {held.value:.1f} visible contours a line{told}.",
            limit, "contours per line", f"{limit:g} per line, {int(s['frames'])} sampled frames",
        )  # fmt: skip


def _noise(facts: ClipFacts, shots: Sequence[ShotData], s: Settings) -> Iterator[Hit]:
    for shot in shots:
        for column, setting, where in (
            ("noise_dark_codes", "dark_codes", "under 1 nit"),
            ("noise_mid_codes", "mid_codes", "from 1 to 100 nit"),
        ):
            limit = float(s[setting])
            held = _sampled(shot, column, limit, int(s["frames"]))
            if held is None:
                continue
            yield Hit.of(
                held, shot, f"Noise of {held.value:.1f} 10-bit codes {where}.",
                limit, "10-bit PQ codes", f"{limit:g} codes {where}, {int(s['frames'])} sampled frames",
            )  # fmt: skip


def _stuck(facts: ClipFacts, shots: Sequence[ShotData], s: Settings) -> Iterator[Hit]:
    for shot in shots:
        moving = [p for p in shot.stuck if p.spread_codes >= float(s["spread_codes"])]
        strong = [p for p in moving if abs(p.contrast_codes) >= float(s["contrast_codes"])]
        if not strong or len(strong) > int(s["most"]):
            continue  # so many are a texture, a screen or a mesh
        several = len(strong) >= int(s["several"])
        for pixel in strong:
            kind = "bright" if pixel.contrast_codes > 0 else "dark"
            faint = abs(pixel.contrast_codes) < float(s["bright_codes"]) and not several
            box = Box(max(0, pixel.x_px - 8), max(0, pixel.y_px - 8), pixel.x_px + 9, pixel.y_px + 9)
            yield Hit.of(
                Held.throughout(shot, pixel.samples, abs(pixel.contrast_codes)), shot,
                f"A {kind} pixel stays at x {pixel.x_px}, y {pixel.y_px} while the picture moves, in"
                f" {pixel.samples} of {pixel.of} sampled frames.",
                float(s["contrast_codes"]), "10-bit PQ codes",
                f"{s['contrast_codes']:g} codes beside its neighbours, 70 % of the sampled frames",
                box=box, severity=Severity.FYI if faint else None,
            )  # fmt: skip


RULES = (
    Rule(
        "picture.clipped",
        "Clipping",
        "Share of pixels within two 10-bit codes of the brightest level of R, G or B, where so many more lie"
        " there than on the levels beside.",
        _OWN,
        Severity.ISSUE,
        {
            "percent": Setting(0.5, "% of pixels", "more than this", 0, 100),
            "ratio": Setting(20, "times", "the mean of the eight steps below", 1, 1e6),
            "least_nits": Setting(80, "nits", "a darker frame is not told", 0, 10000),
            "frames": _FRAMES,
        },
        _clipped,
    ),
    Rule(
        "picture.crushed",
        "Crush",
        "Share of pixels within two 10-bit codes of the darkest level of max(R, G, B), where so many more lie"
        " there than on the levels beside.",
        _OWN,
        Severity.FYI,
        {
            "percent": Setting(20, "% of pixels", "more than this", 0, 100),
            "ratio": Setting(20, "times", "the mean of the eight steps above", 1, 1e6),
            "most_nits": Setting(0.05, "nits", "a brighter level is no black", 0, 10000),
            "frames": _FRAMES,
        },
        _crushed,
    ),
    Rule(
        "picture.banding",
        "Banding",
        "Visible contours on rows of sampled frames: two runs without change, a step apart, weighed by how"
        " visible the step is (`metrics.contours`).",
        _OWN,
        Severity.ISSUE,
        {"contours": Setting(6, "per line", "more than this", 0, 1000), "frames": _SAMPLED},
        _banding,
    ),
    Rule(
        "picture.noise",
        "Noise",
        "Standard deviation of the flattest fifth of 8x8 blocks of sampled frames (Immerkær, 1996), 10-bit PQ"
        " codes.",
        _OWN,
        Severity.FYI,
        {
            "dark_codes": Setting(14, "10-bit PQ codes", "under 1 nit", 0, 1023),
            "mid_codes": Setting(10, "10-bit PQ codes", "from 1 to 100 nit", 0, 1023),
            "frames": _SAMPLED,
        },
        _noise,
    ),
    Rule(
        "picture.stuck_pixel",
        "Dead and stuck pixels",
        "A pixel of max(R, G, B) that stands out from its eight neighbours at one place in 70 % of the"
        " sampled frames of a shot, while the picture around it changes. Clusters are not found, nor a dark"
        " channel beside a brighter one.",
        "Netflix QC glossary: dead / hot pixel; faint is FYI, bright or several an Issue",
        Severity.ISSUE,
        {
            "contrast_codes": Setting(20, "10-bit PQ codes", "beside the neighbours", 12, 1023),
            "bright_codes": Setting(60, "10-bit PQ codes", "less is faint: FYI", 12, 1023),
            "several": Setting(3, "pixels", "are an Issue even if faint", 1, 1e6),
            "spread_codes": Setting(
                3, "10-bit PQ codes", "that the contrast changes: proof of motion", 0, 1023
            ),
            "most": Setting(24, "pixels", "more are a texture", 1, 64),
        },
        _stuck,
    ),
)
