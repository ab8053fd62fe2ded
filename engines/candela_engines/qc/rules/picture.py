"""Rules on the picture: black and its tint, clipping, crush, banding, noise, stuck pixels.

Where no standard has a number, the threshold is our own: named here, changed in a profile.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from candela_engines.qc.findings import Box, Severity
from candela_engines.qc.rule import ClipFacts, Hit, Rule, Setting, Settings, held_runs
from candela_engines.qc.shots import ShotData

__all__ = ["RULES"]

_OWN = "candela: no public definition in numbers"
_FRAMES = Setting(12, "frames", "in so many frames in a row at least", 1, 1e6)
_SAMPLED = Setting(2, "sampled frames", "in so many sampled frames at least", 1, 1e6)


def _black_level(facts: ClipFacts, shots: Sequence[ShotData], s: Settings) -> Iterator[Hit]:
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
        first, last, count, worst = held
        yield Hit(
            f"Black lies at {values[worst]:.2g} nit.",
            shot,
            first,
            last,
            count,
            int(shot.numbers[worst]),
            None,
            float(values[worst]),
            limit,
            "nits",
            f"{limit:g} nit, {int(s['frames'])} frames",
        )


def _black_tint(facts: ClipFacts, shots: Sequence[ShotData], s: Settings) -> Iterator[Hit]:
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
        place = np.flatnonzero(judged)
        names = ("red", "green", "blue")
        means = [float(np.nanmedian(c[judged])) for c in (red, green, blue)]
        numbers = shot.numbers[place]
        yield Hit(
            f"Black is tinted {names[int(np.argmax(means))]}: its channels differ by {value:.0f} % of its"
            " light.",
            shot,
            int(numbers[0]),
            int(numbers[-1]),
            len(found),
            None,
            None,
            value,
            float(s["percent"]),
            "percent",
            f"{s['percent']:g} % of the light of the darkest hundredth, {int(s['frames'])} sampled frames",
        )


def _black_shift(facts: ClipFacts, shots: Sequence[ShotData], s: Settings) -> Iterator[Hit]:
    limit = float(s["codes"])
    from candela_engines.qc.pq_codes import ten_bit

    for before, shot in itertools.pairwise(shots):
        if shot.span.opening not in ("cut", "edit") or not len(before.numbers) or not len(shot.numbers):
            continue
        levels = [float(np.nanmedian(one.column("black_nits"))) for one in (before, shot)]
        if max(levels) > float(s["most_nits"]) or any(_bright(one) for one in (before, shot)):
            continue
        step = abs(ten_bit(levels[0]) - ten_bit(levels[1]))
        if step > limit:
            first = shot.span.first
            yield Hit(
                f"Black goes from {levels[0]:.2g} to {levels[1]:.2g} nit at the cut.",
                shot,
                first,
                first,
                1,
                first,
                None,
                step,
                limit,
                "10-bit PQ codes",
                f"{limit:g} codes",
            )


def _bright(shot: ShotData) -> bool:
    """Whether nothing in a shot is dark enough to be its black."""
    return float(np.nanmedian(shot.column("robust_max_nits"))) < 50 * float(
        np.nanmedian(shot.column("black_nits"))
    )


def _clipped(facts: ClipFacts, shots: Sequence[ShotData], s: Settings) -> Iterator[Hit]:
    yield from _piled(
        facts,
        shots,
        s,
        "channel_top",
        "{value:.2g} % of the pixels lie at the brightest level of a channel.",
        top=True,
    )


def _crushed(facts: ClipFacts, shots: Sequence[ShotData], s: Settings) -> Iterator[Hit]:
    yield from _piled(
        facts, shots, s, "bottom", "{value:.2g} % of the pixels lie at the darkest level.", top=False
    )


def _piled(
    facts: ClipFacts, shots: Sequence[ShotData], s: Settings, name: str, sentence: str, *, top: bool
) -> Iterator[Hit]:
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
        first, last, count, worst = held
        yield Hit(
            sentence.format(value=float(values[worst])),
            shot,
            first,
            last,
            count,
            int(shot.numbers[worst]),
            None,
            float(values[worst]),
            float(s["percent"]),
            "percent",
            f"{s['percent']:g} % of pixels, {s['ratio']:g} times the levels beside, {int(s['frames'])}"
            " frames",
        )


def _sampled(
    shot: ShotData, column: str, limit: float, frames: int
) -> tuple[int, int, int, int, float] | None:
    """First and last frame, how many, the worst, and the median of what is over, of sampled frames."""
    values = shot.column(column)
    places = np.flatnonzero(np.nan_to_num(values, nan=-np.inf) > limit)
    known = int(np.isfinite(values).sum())
    # Half of what was sampled has to show it: a flash or a title card is not the shot.
    if len(places) < min(frames, max(known, 1)) or 2 * len(places) < known:
        return None
    worst = int(places[int(np.argmax(values[places]))])
    numbers = shot.numbers
    return (
        int(numbers[places[0]]),
        int(numbers[places[-1]]),
        len(places),
        int(numbers[worst]),
        float(values[worst]),
    )


def _banding(facts: ClipFacts, shots: Sequence[ShotData], s: Settings) -> Iterator[Hit]:
    limit = float(s["contours"])
    for shot in shots:
        held = _sampled(shot, "contours_per_line", limit, int(s["frames"]))
        if held is None:
            continue
        first, last, count, worst, value = held
        step = shot.middle("contour_step_codes")
        told = "" if step is None else f", steps of {step:.1f} 10-bit codes"
        yield Hit(
            f"Banding: {value:.1f} visible contours a line{told}.",
            shot,
            first,
            last,
            count,
            worst,
            None,
            value,
            limit,
            "contours per line",
            f"{limit:g} per line, {int(s['frames'])} sampled frames",
        )


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
            first, last, count, worst, value = held
            yield Hit(
                f"Noise of {value:.1f} 10-bit codes {where}.",
                shot,
                first,
                last,
                count,
                worst,
                None,
                value,
                limit,
                "10-bit PQ codes",
                f"{limit:g} codes {where}, {int(s['frames'])} sampled frames",
            )


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
            yield Hit(
                f"A {kind} pixel stays at x {pixel.x_px}, y {pixel.y_px} while the picture moves, in"
                f" {pixel.samples} of {pixel.of} sampled frames.",
                shot,
                shot.span.first,
                shot.span.last,
                pixel.samples,
                None,
                box,
                abs(pixel.contrast_codes),
                float(s["contrast_codes"]),
                "10-bit PQ codes",
                f"{s['contrast_codes']:g} codes beside its neighbours, 70 % of the sampled frames",
                Severity.FYI if faint else None,
            )


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
            "frames": _FRAMES,
        },
        _black_level,
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
            "frames": _SAMPLED,
        },
        _black_tint,
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
        _black_shift,
    ),
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
