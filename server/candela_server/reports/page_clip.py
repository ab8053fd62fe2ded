"""A clip on the page: what it is, what it declares beside what was measured, its trend and its shots."""

from __future__ import annotations

from collections.abc import Mapping

from candela_engines.media.timecode import exact_rate
from candela_engines.qc.findings import Severity
from candela_engines.qc.pictures import ShotPictures
from candela_engines.qc.result import ClipResult, QcResult
from candela_server.reports.page_shot import shot_card
from candela_server.reports.page_text import (
    chip,
    clip_id,
    counted,
    escape,
    measure_words,
    number,
    split_measures,
    with_unit,
)
from candela_server.reports.page_trend import trend_chart

__all__ = ["clip_section", "clips_table"]


def clips_table(result: QcResult) -> str:
    """An overview where there is more than one clip."""
    if len(result.clips) < 2:
        return ""
    rows = []
    for n, clip in enumerate(result.clips):
        counts = [(s, sum(f.counts and f.severity is s for f in clip.findings)) for s in reversed(Severity)]
        chips = "".join(chip(s, str(c)) for s, c in counts if c) or "<small>none</small>"
        state = (
            f"<td colspan=3 class=trouble>{escape(clip.failed)}</td>"
            if clip.failed
            else (
                f"<td>{len(clip.shots):,}</td>"
                f"<td>{_against(clip, 'max_cll_nits', clip.declared.max_cll_nits)}</td>"
                f"<td>{_against(clip, 'max_fall_nits', clip.declared.max_fall_nits)}</td>"
            )
        )
        rows.append(
            f"<tr><td><a href='#{clip_id(n)}'>{escape(clip.name)}</a></td><td>{chips}</td>{state}</tr>\n"
        )
    return (
        "<table class=clips><thead><tr><th scope=col>Clip<th scope=col>Findings<th scope=col>Shots"
        "<th scope=col>MaxCLL, nit<th scope=col>MaxFALL, nit</tr></thead>\n"
        f"<tbody>{''.join(rows)}</tbody></table>\n"
    )


def _against(clip: ClipResult, name: str, declared: float | None) -> str:
    said = (
        "not declared"
        if declared is None
        else "declared unknown"
        if declared == 0
        else f"declared {number(declared)}"
    )
    return f"{number(clip.measure(name))} <small>{said}</small>"


def clip_section(place: int, clip: ClipResult, pictures: Mapping[int, ShotPictures]) -> str:
    """The section. pictures: by the shot's place."""
    head = f"<section class=clip id={clip_id(place)}>\n<h2>{escape(clip.name)}</h2>\n"
    if clip.failed is not None:
        return f"{head}<p class=trouble>Could not be measured: {escape(clip.failed)}</p></section>\n"
    notes = "".join(f"<p class=note>{escape(note)}</p>" for note in clip.notes)
    cards = "".join(shot_card(place, n, clip, shot, pictures.get(n)) for n, shot in enumerate(clip.shots))
    only = (
        "<label class=only hidden><input type=checkbox data-only> only shots with findings</label>"
        if 0 < sum(any(f.shot == s.name for f in clip.findings) for s in clip.shots) < len(clip.shots)
        else ""
    )
    return (
        f"{head}{_facts(clip)}{notes}{trend_chart(place, clip)}"
        f"<h3>{counted(len(clip.shots), 'shot')}{only}</h3>\n{cards}</section>\n"
    )


def _facts(clip: ClipResult) -> str:
    facts = [("Picture", f"{clip.width_px} × {clip.height_px}, {clip.bits} bit, {clip.format}")]
    if clip.colour is not None:
        c = clip.colour
        words = [c.primaries, c.transfer, *([c.matrix] if c.matrix else []), f"{c.stored_range} range"]
        facts.append(("Read as", ", ".join(words)))
        facts.append(("Tags", c.found))
        facts.append(
            ("Peak, reference white", f"{number(c.peak_nits)}, {number(c.reference_white_nits)} nit")
        )
    if clip.reference is not None:
        r = clip.reference.colour
        how = "not used" if r is None else f"{r.primaries}, {r.transfer}, {r.stored_range} range"
        facts.append(("SDR reference", f"{clip.reference.path}, {how}"))
    facts.append(
        (
            "Frames",
            f"{clip.first}–{clip.last}"
            + (f", {counted(len(clip.missing), 'frame')} missing" if clip.missing else ""),
        )
    )
    if clip.rate is not None:
        drop = ", drop frame" if clip.drop_frame else ""
        facts.append(("Rate", f"{float(exact_rate(clip.rate)):.6g} frames a second{drop}"))
    if clip.start_timecode is not None:
        facts.append(("Starts at", clip.start_timecode))
    shown = "".join(f"<div><dt>{escape(k)}<dd>{escape(v)}</div>" for k, v in facts if v)
    return f"<dl class=about>{shown}</dl>\n{_levels(clip)}"


def _levels(clip: ClipResult) -> str:
    """Measured numbers of the whole clip, beside what the file declares of the same."""
    d = clip.declared
    declared = {"max_cll_nits": d.max_cll_nits, "max_fall_nits": d.max_fall_nits}
    cells = []
    first, rest = split_measures(clip.measures)
    for m in first:
        said = ""
        if m.name in declared:
            value = declared[m.name]
            words = (
                "not declared"
                if value is None
                else "declared as unknown (0)"
                if value == 0
                else f"declared {with_unit(value, m.unit)}"
            )
            said = f"<small>{words}</small>"
        cells.append(
            f'<div title="{escape(m.sentence)}"><dt>{escape(measure_words(m))}'
            f"<dd>{with_unit(m.value, m.unit)}{said}</div>"
        )
    if d.mastering is not None:
        m2 = d.mastering
        xy = "; ".join(f"{x:g}, {y:g}" for x, y in (m2.red_xy, m2.green_xy, m2.blue_xy, m2.white_xy))
        cells.append(
            f'<div title="x, y of red, green, blue, white: {xy}"><dt>mastering display'
            f"<dd>{number(m2.min_nits)} to "
            f"{with_unit(m2.max_nits, 'nit')}<small>declared, ST 2086</small></div>"
        )
    more = "".join(
        f'<div title="{escape(m.sentence)}"><dt>{escape(measure_words(m))}'
        f"<dd>{with_unit(m.value, m.unit)}</div>"
        for m in rest
    )
    shown = f"<dl class=levels>{''.join(cells)}</dl>\n" if cells else ""
    if not more:
        return shown
    words = counted(len(rest), "more number")
    return f"{shown}<details class=more><summary>{words}</summary><dl>{more}</dl></details>\n"
