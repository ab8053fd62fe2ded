"""The table of findings: sorted and filtered in the browser, complete without."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from candela_engines.qc.findings import Finding, Severity
from candela_engines.qc.result import ClipResult, QcResult, ShotResult
from candela_server.reports.markers import timeline_timecode
from candela_server.reports.page_text import chip, escape, exact, frames_text, number, shot_id, with_unit

__all__ = ["findings_section"]

_HEADS = (
    ("severity", "Severity", "number"), ("finding", "Finding", "text"), ("clip", "Clip", "text"),
    ("shot", "Shot", "number"), ("place", "Frames", "number"), ("measured", "Measured", "number"),
    ("limit", "Limit", "number"),
)  # fmt: skip


def findings_section(result: QcResult) -> str:
    """Controls and table; words in their place when there is nothing."""
    if not result.findings:
        return "<section id=findings><h2>Findings</h2><p class=none>Nothing was found.</p></section>\n"
    several = len(result.clips) > 1
    rows = [
        _row(result, number, place, clip, finding, several)
        for number, place, clip, finding in _sorted(result)
    ]
    heads = "".join(
        f"<th scope=col aria-sort=none class={key}><button type=button data-sort={kind}>{words}</button></th>"
        for key, words, kind in _HEADS
        if several or key != "clip"
    )
    return (
        f"<section id=findings><h2>Findings</h2>{_controls(result, several)}"
        f"<table class=findings><thead><tr>{heads}</tr></thead>\n<tbody>\n{''.join(rows)}</tbody></table>\n"
        "<p class=none id=nothing hidden>Nothing passes the filter.</p></section>\n"
    )


def _sorted(result: QcResult) -> Iterator[tuple[int, int, ClipResult, Finding]]:
    """Those that stand before those that are waived, gravest first, then as they come."""
    held = [
        (number, place, clip, finding)
        for number, clip in enumerate(result.clips)
        for place, finding in enumerate(clip.findings)
    ]
    held.sort(key=lambda one: (not one[3].counts, -one[3].severity.rank))
    yield from held


def _controls(result: QcResult, several: bool) -> str:
    toggles = []
    for severity in reversed(Severity):
        count = result.count(severity)
        if count:
            toggles.append(_toggle(severity.value, severity.word, count))
    waived = sum(not finding.counts for finding in result.findings)
    if waived:
        toggles.append(_toggle("waived", "Waived", waived))
    groups = Counter(finding.group for finding in result.findings)
    selects = [_select("group", "All rules", [(g, f"{g} ({n})") for g, n in sorted(groups.items())])]
    if several:
        clips = [(str(n), clip.name) for n, clip in enumerate(result.clips) if clip.findings]
        selects.append(_select("clip", "All clips", clips))
    return (
        f"<div class=controls role=group aria-label='Filter the findings'>"
        f"{''.join(toggles)}{''.join(selects)}"
        "<input type=search id=search placeholder='Search' aria-label='Search in the findings'>"
        "<output id=shown></output></div>\n"
    )


def _toggle(key: str, words: str, count: int) -> str:
    return (
        f'<button type=button class="toggle {key}" data-show={key} aria-pressed=true>{words} '
        f"<b>{count}</b></button>"
    )


def _select(key: str, every: str, options: list[tuple[str, str]]) -> str:
    inside = "".join(f'<option value="{escape(value)}">{escape(words)}</option>' for value, words in options)
    return (
        f"<select data-filter={key} aria-label='{every}'><option value=''>{every}</option>{inside}</select>"
    )


def _row(result: QcResult, clip_number: int, place: int, clip: ClipResult, f: Finding, several: bool) -> str:
    kind = f.severity.value if f.counts else "waived"
    shot_place, shot = next(((n, s) for n, s in enumerate(clip.shots) if s.name == f.shot), (-1, None))
    link = f"<a href='#{shot_id(clip_number, clip, f.shot)}'>{escape(f.shot or 'whole clip')}</a>"
    cells = [
        (
            f.severity.rank if f.counts else -1,
            chip(f.severity) + ("" if f.counts else "<small>waived</small>"),
            "severity",
        ),
        (None, _told(f), "finding"),
        (None, escape(clip.name), "clip"),
        ((clip_number << 20) + shot_place, link, "shot"),
        ((clip_number << 40) + (f.first if f.first is not None else -1), _place(f, shot), "place"),
        (f.measured, with_unit(f.measured, f.unit), "measured"),
        (f.limit, _limit(f), "limit"),
    ]
    shown = "".join(
        f'<td class="{key}"{"" if sort is None else f" data-v={sort!r}"}{_full(key, sort)}>{inside}</td>'
        for sort, inside, key in cells
        if several or key != "clip"
    )
    return (
        f"<tr id=f{clip_number + 1}-{place + 1} class={kind} data-kind={kind} "
        f'data-group="{escape(f.group)}" data-clip={clip_number}>{shown}</tr>\n'
    )


def _full(key: str, value: float | None) -> str:
    """All digits under the pointer, where the cell shows fewer."""
    return f' title="{exact(value)}"' if key in ("measured", "limit") and value is not None else ""


def _told(f: Finding) -> str:
    waived = ""
    if f.waiver is not None:
        w = f.waiver
        waived = f"<p class=waiver>Waived by {escape(w.author)}, {escape(w.date)}: {escape(w.reason)}</p>"
    source = f" · {escape(f.source)}" if f.source else ""
    # As the command line shows it, and as `candela waive` takes it.
    key = f' · <code title="for candela waive">{escape(f.key[:8])}</code>'
    return f"<p>{escape(f.sentence)}</p><small><code>{escape(f.code)}</code>{source}{key}</small>{waived}"


def _place(f: Finding, shot: ShotResult | None) -> str:
    lines = [f"<span>{frames_text(f.first, f.last)}</span>"]
    in_timeline = None if shot is None else timeline_timecode(f, shot)
    if in_timeline is not None:
        lines.append(f"<small>timeline {in_timeline}</small>")
    elif f.timecode_in is not None:
        lines.append(f"<small>{escape(f.timecode_in)}</small>")
    if f.first is not None and f.last is not None and f.frames_count not in (0, f.last - f.first + 1):
        lines.append(f"<small>in {f.frames_count:,} of them</small>")
    if f.worst_frame is not None and f.first != f.last:
        lines.append(f"<small>worst {f.worst_frame}</small>")
    return "".join(lines)


def _limit(f: Finding) -> str:
    words = f"<small>{escape(f.limit_text)}</small>" if f.limit_text else ""
    if f.limit is None:
        return words or number(None)
    return f"{with_unit(f.limit, f.unit)}{words}"
