"""A QC pass in words: each clip with what was measured, its findings gravest first, and the verdict."""

from __future__ import annotations

from collections.abc import Iterator

from candela_engines.qc.findings import Finding, Severity
from candela_engines.qc.result import ClipResult, QcResult
from candela_server.cli.lines import line, notes

__all__ = ["checked", "measured", "shots_found", "verdict"]

_MOST = 60


def checked(result: QcResult, reports: tuple[str, ...]) -> Iterator[str]:
    """All of it."""
    yield line("profile", f"{result.profile.name}: {result.profile.title}")
    for clip in result.clips:
        yield ""
        yield from _clip(clip)
    yield ""
    yield line("verdict", verdict(result))
    yield from (line("written", path) for path in reports)
    yield from notes([*result.notes, *result.out_of_scope])


def verdict(result: QcResult) -> str:
    """`failed: 1 Blocker, 2 Issue, 0 FYI, 1 waived (fails from Issue)`."""
    counts = ", ".join(f"{result.count(s)} {s.word}" for s in reversed(Severity))
    waived = sum(not finding.counts for finding in result.findings)
    told = "passed" if result.passed else "failed"
    more = f", {waived} waived" if waived else ""
    return f"{told}: {counts}{more} (fails from {result.fail_on.word})"


def _clip(clip: ClipResult) -> Iterator[str]:
    if clip.failed is not None:
        yield line("clip", clip.path)
        yield line("not measured", clip.failed)
        return
    rate = f", {float(_fraction(clip.rate)):.6g} frames/s" if clip.rate else ""
    yield line("clip", f"{clip.path}, {clip.format}, {clip.width_px}x{clip.height_px}{rate}")
    first = f"{clip.first} to {clip.last}" if clip.last > clip.first else f"{clip.first}"
    yield line("frames", f"{first}, {len(clip.shots)} shot{'s' if len(clip.shots) != 1 else ''}"
                         f"{f', from {clip.start_timecode}' if clip.start_timecode else ''}")  # fmt: skip
    if clip.colour is not None:
        c = clip.colour
        matrix = f", matrix {c.matrix}" if c.matrix else ""
        whose = ", ".join(f"{what}: {source}" for what, source in c.sources.items())
        yield line("read as", f"{c.primaries} {c.transfer}, {c.stored_range} range{matrix} ({whose})")
    if clip.reference is not None:
        r = clip.reference.colour
        how = "not used" if r is None else f"{r.primaries} {r.transfer}, {r.stored_range} range ({r.found})"
        yield line("reference", f"{clip.reference.path}, {how}")
    yield line("declared", _declared(clip))
    yield line("measured", _measured(clip))
    boxes = {
        (s.active.left_px, s.active.top_px, s.active.right_px, s.active.bottom_px)
        for s in clip.shots
        if s.letterboxed
    }
    for left, top, right, bottom in sorted(boxes):
        yield line("active", f"{right - left}x{bottom - top} at x={left}, y={top}: bars are left out")
    found = sorted(clip.findings, key=lambda f: (f.waiver is not None, -f.severity.rank))
    for finding in found[:_MOST]:
        yield from _finding(finding)
    if len(found) > _MOST:
        yield line("", f"and {len(found) - _MOST} more; --json and reports have all")
    if not found:
        yield line("findings", "none")
    yield from notes(clip.notes)


def _fraction(text: str) -> float:
    over, _, under = text.partition("/")
    return float(over) / float(under or 1)


def _declared(clip: ClipResult) -> str:
    d = clip.declared
    parts = []
    if d.mastering is not None:
        parts.append(f"mastering display {d.mastering.min_nits:g} to {d.mastering.max_nits:g} nit")
    for name, value in (("MaxCLL", d.max_cll_nits), ("MaxFALL", d.max_fall_nits)):
        if value is not None:
            parts.append(f"{name} {value:g}{' (unknown)' if value == 0 else ' nit'}")
    return ", ".join(parts) or "nothing"


def _measured(clip: ClipResult) -> str:
    cll, robust, fall = (clip.measure(n) for n in ("max_cll_nits", "max_cll_robust_nits", "max_fall_nits"))
    if cll is None or robust is None or fall is None:
        return "nothing"
    text = f"MaxCLL {_nits(robust)} nit ({_nits(cll)} strictly), MaxFALL {_nits(fall)} nit"
    outside = clip.measure("outside_p3_percent")
    return text if outside is None else f"{text}, {outside:.2g} % outside P3-D65 at most"


def _nits(value: float) -> str:
    """Whole numbers from 100 on, as the page has them; never with an exponent."""
    return f"{value:.0f}" if value >= 99.95 else f"{value:.3g}"


def _finding(finding: Finding) -> Iterator[str]:
    label = finding.severity.word if finding.waiver is None else "waived"
    where = []
    if finding.shot is not None:
        where.append(finding.shot)
    if finding.first is not None:
        same = finding.first == finding.last
        where.append(f"frame {finding.first}" if same else f"frames {finding.first} to {finding.last}")
        if finding.timecode_in is not None:
            where.append(finding.timecode_in)
    if finding.box is not None:
        box = finding.box
        where.append(
            f"{box.right_px - box.left_px}x{box.bottom_px - box.top_px} at x={box.left_px}, y={box.top_px}"
        )
    place = f" ({', '.join(where)})" if where else ""
    yield line(label, f"{finding.code}: {finding.sentence}{place} [{finding.key[:8]}]")
    if finding.waiver is not None:
        w = finding.waiver
        yield line("", f"let pass by {w.author} on {w.date}: {w.reason}")


def shots_found(shots: list[tuple[str, str, int, int]], of: str = "shots") -> Iterator[str]:
    """What --find-shots and --find-parts say."""
    yield line(of, str(len(shots)))
    for number, (clip, name, first, last) in enumerate(shots, 1):
        yield line(str(number), f"{name}, {first} to {last} of {clip}")


def measured(shots: int, names: tuple[str, ...], frames: int, of: str = "shots") -> Iterator[str]:
    """What a chunk says."""
    yield line("measured", f"{len(names)} of {shots} {of}, {frames} frames: {', '.join(names) or 'none'}")
