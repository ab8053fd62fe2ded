"""The card of a shot: its pictures with the places of findings, its scopes, its numbers, its score."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from functools import cache
from importlib import resources

from candela_engines.colour.gamuts import GAMUTS
from candela_engines.qc.findings import Box, Finding
from candela_engines.qc.pictures import ShotPictures
from candela_engines.qc.result import ClipResult, Measured, ShotResult, ShotScore
from candela_engines.qc.scopes import CIE_HIGH
from candela_server.reports.page_histogram import histogram_chart
from candela_server.reports.page_text import (
    chip,
    counted,
    escape,
    frames_text,
    measure_words,
    number,
    shot_id,
    split_measures,
    with_unit,
)
from candela_server.reports.page_trend import light_scale

__all__ = ["shot_card"]

_WAVE_LEVELS = (1, 10, 100, 203, 1000, 4000)
_CIE = 300  # side of the plot's own units


def shot_card(
    number_of_clip: int, place: int, clip: ClipResult, shot: ShotResult, pictures: ShotPictures | None
) -> str:
    """The card. pictures: None for a shot of which none are kept."""
    found = [(n, f) for n, f in enumerate(clip.findings) if f.shot == shot.name]
    worst = max((f.severity for _, f in found if f.counts), key=lambda s: s.rank, default=None)
    kind = "" if worst is None else f" {worst.value}"
    views = _views(clip, pictures, [f for _, f in found]) if pictures is not None else _without(shot)
    return (
        f'<article class="shot{kind}" id={shot_id(number_of_clip, clip, shot.name)} '
        f"data-found={len(found)}>\n<header><h4>{escape(shot.name)}</h4>{_when(shot)}"
        f"{_score(shot.score)}</header>\n<div class=views>{views}{histogram_chart(shot.histogram)}</div>\n"
        f"<div class=facts>{_found(number_of_clip, found)}{_measures(shot.measures)}{_reasons(shot.score)}"
        "</div>\n</article>\n"
    )


def _when(shot: ShotResult) -> str:
    parts = [f"frames {frames_text(shot.first, shot.last)}", counted(shot.last - shot.first + 1, "frame")]
    if shot.timecode_in is not None:
        parts.append(f"{shot.timecode_in} – {shot.timecode_out}")
    if shot.record is not None:
        r = shot.record
        at = f"{r.timecode_in} – {r.timecode_out}" if r.timecode_in else f"{r.first}–{r.last}"
        parts.append(f"in the timeline {at}, event {r.event}")
    if shot.opening not in ("start", "cut", "edit"):
        parts.append(f"begins with a {shot.opening}")
    if shot.letterboxed:
        a = shot.active
        parts.append(
            f"active picture {a.right_px - a.left_px} × {a.bottom_px - a.top_px} at {a.left_px}, {a.top_px}"
        )
    if shot.frames_unread:
        parts.append(f"{counted(len(shot.frames_unread), 'frame')} could not be read")
    return "<p>" + " · ".join(f"<span>{escape(part)}</span>" for part in parts) + "</p>"


def _score(score: ShotScore | None) -> str:
    if score is None:
        return ""
    if score.score is None:
        return "<p class=score>no score</p>"
    span = (
        f" <small>{score.low:+.1f} to {score.high:+.1f}</small>"
        if score.low is not None and score.high is not None
        else ""
    )
    return f"<p class=score title='{escape(score.pooling)}'>score <b>{score.score:+.2f}</b>{span}</p>"


def _without(shot: ShotResult) -> str:
    why = (
        "no frame could be read"
        if len(shot.frames_unread) > shot.last - shot.first
        else "no pictures are kept of this shot"
    )
    return f"<p class=none>{escape(why)}</p>"


def _views(clip: ClipResult, p: ShotPictures, found: list[Finding]) -> str:
    boxes = "".join(_box(clip, f, f.box) for f in found if f.box is not None and f.counts)
    size = f"width={p.width} height={p.height}"
    return (
        f"<figure class=picture><div><img {size} alt='frame {p.frame}' "
        f"src='{_data('jpeg', p.thumbnail)}'>{boxes}</div>"
        f"<figcaption>frame {p.frame}, toned down to SDR</figcaption></figure>"
        f"<figure class=picture><div><img {size} alt='false colour of frame {p.frame}' "
        f"src='{_data('jpeg', p.false_colour)}'>{boxes}</div>"
        "<figcaption>false colour of max(R, G, B)</figcaption></figure>"
        "<figure class=scope><div class=wave><img alt='luminance waveform' "
        f"src='{_data('png', p.waveform)}'>{_wave_axis()}</div>"
        "<figcaption>luminance waveform, nit</figcaption></figure>"
        f"<figure class=scope><div class=cie>{_cie_axes()}"
        f"<img alt='CIE 1931 xy' src='{_data('png', p.cie)}'></div>"
        "<figcaption>CIE 1931 xy; P3 dashed, 709 dotted</figcaption></figure>"
    )


def _box(clip: ClipResult, f: Finding, box: Box) -> str:
    wide, tall = max(clip.width_px, 1), max(clip.height_px, 1)
    style = (
        f"left:{100 * box.left_px / wide:.2f}%;top:{100 * box.top_px / tall:.2f}%;"
        f"width:{100 * (box.right_px - box.left_px) / wide:.2f}%;"
        f"height:{100 * (box.bottom_px - box.top_px) / tall:.2f}%"
    )
    title = f"{escape(f.code)}, frames {frames_text(f.first, f.last)}"
    return f'<i class="box {f.severity.value}" style="{style}" title="{title}"></i>'


def _data(kind: str, data: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode('ascii')}"


@cache
def _wave_axis() -> str:
    return "".join(f"<i style='bottom:{100 * light_scale(n):.2f}%'><b>{n}</b></i>" for n in _WAVE_LEVELS)


@cache
def _cie_axes() -> str:
    """The spectral locus, and the triangles of BT.2020, P3 and BT.709 with their white."""

    def at(x: float, y: float) -> str:
        return f"{_CIE * x / CIE_HIGH[0]:.1f} {_CIE * (1 - y / CIE_HIGH[1]):.1f}"

    text = resources.files("candela_server.reports").joinpath("page/locus.csv").read_text("ascii")
    points = [line.split(",") for line in text.splitlines()[1:]]
    locus = "M" + "L".join(at(float(x), float(y)) for _, x, y in points) + "Z"
    triangles = "".join(
        f"<path class={name} d='M{at(*g.red)}L{at(*g.green)}L{at(*g.blue)}Z'/>"
        for name, g in (("bt2020", GAMUTS["bt2020"]), ("p3d65", GAMUTS["p3d65"]), ("bt709", GAMUTS["bt709"]))
    )
    x, y = at(*GAMUTS["bt2020"].white).split()
    green, p3 = at(*GAMUTS["bt2020"].green).split(), at(*GAMUTS["p3d65"].green).split()
    return (
        f"<svg viewBox='0 0 {_CIE} {_CIE}' aria-hidden=true><path class=locus d='{locus}'/>{triangles}"
        f"<circle cx={x} cy={y} r=2.5 />"
        f"<text x={float(green[0]) + 8:.1f} y={float(green[1]) - 2:.1f}>2020</text>"
        f"<text x={float(p3[0]) + 4:.1f} y={float(p3[1]) - 5:.1f}>P3</text></svg>"
    )


def _measures(measures: tuple[Measured, ...]) -> str:
    if not measures:
        return ""
    first, rest = split_measures(measures)
    more = (
        f"<details><summary>{counted(len(rest), 'more number')}</summary>{_list(rest)}</details>"
        if rest
        else ""
    )
    return _list(first) + more


def _list(measures: list[Measured]) -> str:
    rows = (
        f'<div title="{escape(m.sentence)}"><dt>{escape(measure_words(m))}'
        f"<dd>{with_unit(m.value, m.unit)}</div>"
        for m in measures
    )
    return f"<dl>{''.join(rows)}</dl>"


def _found(number_of_clip: int, found: list[tuple[int, Finding]]) -> str:
    if not found:
        return ""
    lines = (
        f"<li{'' if f.counts else ' class=waived'}>{chip(f.severity)} "
        f"<a href='#f{number_of_clip + 1}-{n + 1}'>{escape(f.sentence)}</a>"
        for n, f in sorted(found, key=lambda one: (not one[1].counts, -one[1].severity.rank))
    )
    return f"<ul class=found>{''.join(lines)}</ul>"


def _reasons(score: ShotScore | None) -> str:
    if score is None or not (score.reasons or score.abstentions):
        return ""
    title = "Why this score" if score.score is not None else "Why no score"
    return f"<details class=why><summary>{title}</summary><ul>{''.join(_why(score))}</ul></details>"


def _why(score: ShotScore) -> Iterator[str]:
    for reason in score.reasons:
        sure = f"severity {number(reason.severity)}, confidence {number(reason.confidence)}"
        yield f"<li>{escape(reason.sentence)} <small>{sure}</small>"
    for one in score.abstentions:
        yield f"<li>No number for {escape(one.about)}: {escape(one.why)}"
