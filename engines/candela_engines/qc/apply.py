"""Rules applied to measured shots: hits become findings, with severity, timecode, key and waiver."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from candela_engines.qc.columns import COLUMNS, HISTOGRAM
from candela_engines.qc.findings import Box, Finding
from candela_engines.qc.measure import INDEX
from candela_engines.qc.profile import Profile
from candela_engines.qc.result import Histogram, Measured, Trend
from candela_engines.qc.rule import ClipFacts, Hit, Rule
from candela_engines.qc.rules import RULES
from candela_engines.qc.shots import ShotData

__all__ = ["clip_measures", "find", "histogram_of", "limits_of", "shot_measures", "trend_of"]

_TREND = tuple(column.name for column in COLUMNS if column.trend)
#: What of a frame is told of a shot: name, unit, what it is, column, and which of its values.
_MEASURES = (
    ("max_cll_nits", "nits", "MaxCLL: brightest max(R, G, B) of single pixels", "max_nits", "most"),
    ("max_cll_robust_nits", "nits", "MaxCLL of the 99.99th percentile", "robust_max_nits", "most"),
    ("max_fall_nits", "nits", "MaxFALL: highest mean of max(R, G, B) of a frame", "fall_nits", "most"),
    ("max_fall_robust_nits", "nits", "highest mean that three frames in a row hold", "fall_nits", "held"),
    ("mean_nits", "nits", "mean of max(R, G, B) over all frames", "fall_nits", "mean"),
    ("mean_luminance_nits", "nits", "mean luminance over all frames", "luminance_nits", "mean"),
    ("black_nits", "nits", "median of the frames' 0.1th percentile of max(R, G, B)", "black_nits", "middle"),
    ("outside_p3_percent", "percent", "pixels outside P3-D65, worst frame", "outside_p3_percent", "most"),
    ("outside_p3_worst_percent", "percent", "furthest component of P3 under zero, of the pixel's light",
     "outside_p3_worst_percent", "most"),
    ("rgb_off_percent", "percent", "pixels beyond the preferred R'G'B' range in the worst frame",
     "rgb_off_percent", "most"),
    ("clipped_percent", "percent", "pixels at the brightest level of a channel, worst frame",
     "channel_top_percent", "most"),
    ("contours_per_line", "per line", "visible contours of banding, median of the sampled frames",
     "contours_per_line", "middle"),
    ("noise_mid_codes", "10-bit PQ codes", "noise from 1 to 100 nit, median of the sampled frames",
     "noise_mid_codes", "middle"),
    ("noise_dark_codes", "10-bit PQ codes", "noise under 1 nit, median of the sampled frames",
     "noise_dark_codes", "middle"),
    ("skin_nits", "nits", "median luminance of skin-like pixels", "skin_nits", "middle"),
    ("change_codes", "10-bit PQ codes", "median difference from frame to frame", "change_codes", "middle"),
)  # fmt: skip


def limits_of(facts: ClipFacts, profile: Profile) -> list[float]:
    """Nits that the pixels above of every frame are wanted of."""
    found = [nits for rule in _active(profile) for nits in rule.over(facts, profile.settings[rule.code])]
    return sorted(set(found))


def find(
    facts: ClipFacts,
    shots: Sequence[ShotData],
    profile: Profile,
    *,
    clip: str,
    timecode: Callable[[int], str | None],
    identity: str,
) -> list[Finding]:
    """Findings of a clip, by shot and then by severity. identity: of the clip, for what is of no shot."""
    out: list[Finding] = []
    for rule in _active(profile):
        for hit in rule.check(facts, shots, profile.settings[rule.code]):
            made = _finding(rule, hit, profile, clip, timecode, identity)
            twins = sum(other.key == made.key or other.key.endswith(made.key[2:]) for other in out)
            # Two of one rule at one place are told apart by their order.
            out.append(replace(made, key=f"{twins:02x}{made.key[2:]}") if twins else made)
    order = {shot.span.name: place for place, shot in enumerate(shots)}
    out.sort(
        key=lambda f: (
            -1 if f.shot is None else order[f.shot],
            -f.severity.rank,
            -1 if f.first is None else f.first,
        )
    )
    return out


def _active(profile: Profile) -> Iterable[Rule]:
    return (rule for rule in RULES if profile.severities[rule.code] is not None)


def _finding(
    rule: Rule, hit: Hit, profile: Profile, clip: str, timecode: Callable[[int], str | None], identity: str
) -> Finding:
    severity = profile.severities[rule.code]
    assert severity is not None
    if hit.severity is not None:
        # A rule may call something less grave than its setting; more only where the profile left its own.
        less = hit.severity.rank < severity.rank
        severity = hit.severity if less or severity is rule.severity else severity
    shot = hit.shot
    content = identity if shot is None else shot.content
    begin = 0 if shot is None else shot.span.first
    first, last = hit.first, hit.last
    place = f"{None if first is None else first - begin}:{None if last is None else last - begin}"
    key = hashlib.sha256(f"{rule.code}|{content}|{place}|{_text(hit.box)}".encode()).hexdigest()[:24]
    return Finding(
        code=rule.code,
        severity=severity,
        group=rule.group,
        clip=clip,
        shot=None if shot is None else shot.span.name,
        first=first,
        last=last,
        timecode_in=None if first is None else timecode(first),
        timecode_out=None if last is None else timecode(last),
        frames_count=hit.count,
        worst_frame=hit.worst,
        box=hit.box,
        measured=_rounded(hit.measured),
        limit=_rounded(hit.limit),
        unit=hit.unit,
        limit_text=hit.limit_text,
        source=rule.source,
        sentence=hit.sentence,
        key=key,
    )


def _text(box: Box | None) -> str:
    return "" if box is None else f"{box.left_px},{box.top_px},{box.right_px},{box.bottom_px}"


def _rounded(value: float | None) -> float | None:
    """To six significant digits: more are none of the measure."""
    return None if value is None else float(f"{value:.6g}")


def shot_measures(shot: ShotData) -> tuple[Measured, ...]:
    """The measured numbers of a shot; what could not be measured is left out."""
    out = []
    for name, unit, sentence, column, which in _MEASURES:
        value = _value(shot, column, which)
        if value is not None:
            out.append(Measured(name, float(f"{value:.6g}"), unit, sentence))
    return tuple(out)


def _value(shot: ShotData, column: str, which: str) -> float | None:
    if which == "most":
        return shot.most(column)
    if which == "middle":
        return shot.middle(column)
    values = shot.column(column)
    if not len(values):
        return None
    if which == "mean":
        return float(values.mean())
    if len(values) < 3:
        return float(values.min())
    return max(float(min(values[n : n + 3])) for n in range(len(values) - 2))


def clip_measures(shots: Sequence[ShotData]) -> tuple[Measured, ...]:
    """The same of a clip: the most of its shots, the mean over frames, or the median of their medians."""
    out = []
    for name, unit, sentence, column, which in _MEASURES:
        found = [(value, len(s.numbers)) for s in shots if (value := _value(s, column, which)) is not None]
        if not found:
            continue
        values = sorted(value for value, _ in found)
        if which == "mean":
            total = sum(value * count for value, count in found) / sum(count for _, count in found)
        else:
            total = values[len(values) // 2] if which == "middle" else values[-1]
        out.append(Measured(name, float(f"{total:.6g}"), unit, sentence))
    return tuple(out)


def histogram_of(shot: ShotData) -> Histogram | None:
    """How the shot's light is spread; None without a frame."""
    if not len(shot.numbers):
        return None
    return Histogram(_shares(shot.levels.reshape(HISTOGRAM, -1).sum(axis=1)), _shares(shot.luminance))


def _shares(counts: NDArray[np.int64]) -> tuple[float, ...]:
    total = int(counts.sum())
    return tuple(float(f"{100 * n / total:.6g}") for n in counts.tolist()) if total else ()


def trend_of(shot: ShotData) -> Trend:
    """The columns that reports draw, of every frame with a picture."""
    columns = {}
    for name in _TREND:
        values = shot.values[:, INDEX[name]]
        columns[name] = tuple(float(f"{v:.6g}") if v == v else None for v in values.tolist())
    return Trend(tuple(int(n) for n in shot.numbers), columns)
