"""Light over time as a chart: lines of the frames on PQ's scale, shots as edges, findings as bars below."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour import pq
from candela_engines.qc.findings import Finding
from candela_engines.qc.result import ClipResult
from candela_server.reports.page_text import escape, measure_words, number

__all__ = ["light_scale", "trend_chart"]

_BUCKETS = 1200
_WIDE, _TALL = 1200, 260
_LIGHT = ("max_nits", "robust_max_nits", "fall_nits", "median_nits", "black_nits")
_SHARE = "outside_p3_percent"
_LEVELS = (0.1, 1.0, 10.0, 100.0, 203.0, 1000.0, 4000.0, 10000.0)
F64 = NDArray[np.float64]


def light_scale(nits: float) -> float:
    """Place of light on the scale, 0 at the bottom to 1 at 10000 nit: its PQ code."""
    return float(pq.inverse_eotf(np.float64(min(max(nits, 0.0), 10_000.0))))


@dataclass(frozen=True, slots=True)
class _Line:
    name: str
    style: str
    values: F64  # of each bucket; NaN where nothing is known
    unit: str = "nit"  # light stands on PQ's scale, all else on one from low to high
    low: float = 0.0
    high: float = 1.0


def trend_chart(place: int, clip: ClipResult) -> str:
    """The chart of a clip; nothing for a clip of a frame or without numbers."""
    frames, columns = _whole(clip)
    if len(frames) < 2:
        return ""
    edges = np.linspace(0, len(frames), min(_BUCKETS, len(frames)) + 1).astype(int)
    lines = [_Line(n, f"n{k}", _bucketed(columns[n], edges, n)) for k, n in enumerate(_LIGHT) if n in columns]
    lines = [line for line in lines if np.isfinite(line.values).any()]
    shares = [_share(_bucketed(columns[_SHARE], edges, _SHARE))] if _SHARE in columns else []
    shares = [line for line in shares if np.nan_to_num(line.values).any()]
    scores = _scores(clip, frames, edges)
    if not lines:
        return ""
    count = len(edges) - 1
    spans = _shot_edges(clip, frames)
    light = _plot("light", lines, count, spans, _levels(clip))
    share = "".join(_plot("share", [one], count, spans, _ends(one)) for one in (*shares, *scores))
    drawn = (*lines, *shares, *scores)
    data = {"frames": [int(frames[e]) for e in edges[:-1]], "lines": [_told(one) for one in drawn]}
    return (
        f"<figure class=trend><figcaption>{_legend(clip, drawn)}<output class=reading></output>"
        f"</figcaption><div class=plots>{light}{share}{_bars(place, clip, frames)}"
        f"<i class=cursor hidden></i></div><div class=ticks>{_ticks(clip, frames)}</div>"
        f"<script type='application/json'>{_json(data)}</script></figure>\n"
    )


def _told(line: _Line) -> dict[str, object]:
    """What the reading below the pointer shows of a line."""
    values = [None if not np.isfinite(v) else float(f"{v:.5g}") for v in line.values]
    return {"name": measure_words(line.name), "unit": line.unit, "values": values}


def _json(data: object) -> str:
    """JSON that cannot end the element it stands in."""
    return json.dumps(data).replace("<", "\\u003c")


def _whole(clip: ClipResult) -> tuple[NDArray[np.int64], dict[str, F64]]:
    """Frames in order, each once, though a timeline may use some twice; and the columns of all shots."""
    shots = [shot.trend for shot in clip.shots if shot.trend.frames]
    names = dict.fromkeys(name for trend in shots for name in trend.columns)
    frames = (
        np.concatenate([np.asarray(t.frames, np.int64) for t in shots]) if shots else np.empty(0, np.int64)
    )
    columns = {}
    for name in names:
        parts: list[Iterable[float | None]] = [t.columns.get(name) or [None] * len(t.frames) for t in shots]
        columns[name] = np.array([np.nan if v is None else v for part in parts for v in part], np.float64)
    frames, first = np.unique(frames, return_index=True)
    return frames, {name: values[first] for name, values in columns.items()}


def _bucketed(values: F64, edges: NDArray[np.int64], name: str) -> F64:
    """One number a bucket: the lowest of a black or least, the mean of a mean, else the highest."""
    reduce: Callable[[F64], float] = np.max
    if any(word in name for word in ("black",)):
        reduce = np.min
    elif any(word in name for word in ("fall", "median")):
        reduce = np.mean
    out = np.full(len(edges) - 1, np.nan)
    for n, (a, b) in enumerate(itertools.pairwise(edges)):
        part = values[a:b]
        part = part[np.isfinite(part)]
        if part.size:
            out[n] = reduce(part)
    return out


def _plot(
    kind: str,
    lines: Sequence[_Line],
    count: int,
    spans: Sequence[float],
    levels: Sequence[tuple[float, str, str]],
) -> str:
    grid = "".join(
        f"<i class={style} style='bottom:{100 * place:.2f}%'>{f'<b>{escape(words)}</b>' if words else ''}</i>"
        for place, words, style in levels
    )
    cuts = "".join(f"M{_WIDE * at:.1f} 0V{_TALL}" for at in spans)
    paths = "".join(f"<path class='line {line.style}' d='{_path(line, count)}'/>" for line in lines)
    return (
        f"<div class='plot {kind}'>{grid}<svg viewBox='0 0 {_WIDE} {_TALL}' preserveAspectRatio=none "
        f"aria-hidden=true><path class=cuts d='{cuts}'/>{paths}</svg></div>"
    )


def _path(line: _Line, count: int) -> str:
    heights = (
        pq.inverse_eotf(np.clip(np.nan_to_num(line.values), 0, 10_000))
        if line.unit == "nit"
        else (line.values - line.low) / (line.high - line.low)
    )
    out, pen = [], "M"
    for n, (height, value) in enumerate(zip(heights, line.values, strict=True)):
        if not np.isfinite(value):
            pen = "M"
            continue
        x = _WIDE * (n + 0.5) / count
        out.append(f"{pen}{x:.1f} {_TALL * (1 - height):.1f}")
        pen = "L"
    return "".join(out)


def _levels(clip: ClipResult) -> list[tuple[float, str, str]]:
    """Heights, words and styles of the lines behind: steps of light, and what the file declares."""
    out = [(light_scale(nits), f"{nits:g}", "level") for nits in _LEVELS]
    return out + [(light_scale(value), "", style) for _, value, style in _declared(clip)]


def _declared(clip: ClipResult) -> list[tuple[str, float, str]]:
    """Words, light and style of what the file declares; 0 means unknown."""
    d = clip.declared
    both = (("MaxCLL", d.max_cll_nits, "declared"), ("MaxFALL", d.max_fall_nits, "average"))
    return [(f"declared {words} {number(value)}", value, style) for words, value, style in both if value]


def _share(values: F64) -> _Line:
    return _Line(_SHARE, "n5", values, "%", 0.0, max(1.0, float(np.nanmax(np.nan_to_num(values)))))


def _scores(clip: ClipResult, frames: NDArray[np.int64], edges: NDArray[np.int64]) -> list[_Line]:
    """The scores of shots as steps; nothing where no shot has one."""
    values = np.full(len(edges) - 1, np.nan)
    at = frames[edges[:-1]]
    for shot in clip.shots:
        if shot.score is not None and shot.score.score is not None:
            values[(at >= shot.first) & (at <= shot.last)] = shot.score.score
    return [_Line("score", "n6", values, "", -6.0, 10.0)] if np.isfinite(values).any() else []


def _ends(line: _Line) -> list[tuple[float, str, str]]:
    """The ends of a linear scale, and its nought."""
    sign = f" {line.unit}" if line.unit else ""
    levels = {line.low, 0.0, line.high}
    span = line.high - line.low
    return [((v - line.low) / span, f"{v:.3g}{sign if v else ''}", "level") for v in sorted(levels)]


def _shot_edges(clip: ClipResult, frames: NDArray[np.int64]) -> list[float]:
    places = {int(np.searchsorted(frames, shot.first)) for shot in clip.shots}
    return [place / len(frames) for place in sorted(places) if 0 < place < len(frames)]


def _bars(of_clip: int, clip: ClipResult, frames: NDArray[np.int64]) -> str:
    """Where findings lie, a lane for each severity."""
    out = []
    for place, f in enumerate(clip.findings):
        if not f.counts or f.first is None or f.last is None:
            continue
        begin = np.searchsorted(frames, f.first) / len(frames)
        end = np.searchsorted(frames, f.last, side="right") / len(frames)
        out.append(
            f"<a class='{f.severity.value}' href='#f{of_clip + 1}-{place + 1}' title=\"{_title(f)}\" "
            f"style='left:{100 * begin:.3f}%;width:{100 * max(end - begin, 0):.3f}%'></a>"
        )
    return f"<div class=bars>{''.join(out)}</div>" if out else ""


def _title(f: Finding) -> str:
    return escape(f"{f.severity.word}: {f.sentence}")


def _ticks(clip: ClipResult, frames: NDArray[np.int64]) -> str:
    first, last = min(clip.shots, key=lambda s: s.first), max(clip.shots, key=lambda s: s.last)
    ends = (
        f"{frames[0]}" + (f" · {first.timecode_in}" if first.timecode_in else ""),
        f"{frames[-1]}" + (f" · {last.timecode_out}" if last.timecode_out else ""),
    )
    return f"<span>{escape(ends[0])}</span><span>{escape(ends[1])}</span>"


def _legend(clip: ClipResult, drawn: Sequence[_Line]) -> str:
    keys = [(one.style, f"{measure_words(one.name)}, {one.unit}".rstrip(", ")) for one in drawn]
    keys += [(style, words) for words, _, style in _declared(clip)]
    return "".join(f"<span class='key {style}'>{escape(words)}</span>" for style, words in keys)
