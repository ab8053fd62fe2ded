"""The report as one HTML page: opens from a disk, fetches nothing, and reads whole without JavaScript.

The page itself forbids everything but its own style, its own script and pictures inside it
(Content-Security-Policy).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from importlib import resources

from candela_engines.colour.false_colour import BANDS
from candela_engines.qc.findings import Severity
from candela_engines.qc.pictures import ShotPictures, read_pictures
from candela_engines.qc.result import ClipResult, QcResult, ShotResult
from candela_server.reports.page_clip import clip_section, clips_table
from candela_server.reports.page_findings import findings_section
from candela_server.reports.page_text import chip, counted, escape, exact

__all__ = ["Pictures", "html_page"]

Pictures = Callable[[ClipResult, ShotResult], bytes | None]
"""The bytes that `qc.pictures.take_pictures` made of a shot; None where there are none."""
_MOST_PICTURES = 24 << 20
"""Bytes of pictures in a page: above it browsers grow slow. Shots without a finding go without first."""


def html_page(result: QcResult, pictures: Pictures) -> str:
    """The page, UTF-8. Everything of the result is in it; what is left out for its size is said."""
    held, left_out = _kept(result, pictures)
    style, script = _asset("report.css"), _asset("report.js")
    allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    policy = f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{allowed}'"
    title = _title(result)
    sections = "".join(
        clip_section(n, clip, {s: p for (c, s), p in held.items() if c == n})
        for n, clip in enumerate(result.clips)
    )
    return (
        "<!doctype html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
        f'<meta http-equiv=Content-Security-Policy content="{policy}">\n'
        "<meta name=viewport content='width=device-width, initial-scale=1'>\n"
        "<meta name=color-scheme content='dark light'>\n"
        f"<link rel=icon href='data:,'>\n<title>QC of {escape(title)}</title>\n"
        f"<style>{style}</style>\n</head>\n<body>\n"
        f"{_header(result, title)}{clips_table(result)}<main>\n{findings_section(result)}"
        f"{_bands(bool(held))}{sections}</main>\n"
        f"{_footer(result, left_out)}<script>{script}</script>\n</body>\n</html>\n"
    )


def _title(result: QcResult) -> str:
    return result.clips[0].name if len(result.clips) == 1 else counted(len(result.clips), "clip")


def _asset(name: str) -> str:
    return resources.files("candela_server.reports").joinpath(f"page/{name}").read_text("utf-8")


def _kept(result: QcResult, pictures: Pictures) -> tuple[dict[tuple[int, int], ShotPictures], int]:
    """Pictures by clip and shot, as many as a page can bear; and of how many shots they are left out."""
    shots = [(c, s, clip, shot) for c, clip in enumerate(result.clips) for s, shot in enumerate(clip.shots)]
    rank: dict[tuple[str, str | None], int] = {}
    for f in result.findings:
        rank[f.clip, f.shot] = max(rank.get((f.clip, f.shot), 0), f.severity.rank + 1)
    shots.sort(key=lambda one: -rank.get((one[2].path, one[3].name), 0))
    held, size, left_out = {}, 0, 0
    for c, s, clip, shot in shots:
        data = pictures(clip, shot)
        if data is None:
            continue
        size += len(data)
        found = read_pictures(data) if size <= _MOST_PICTURES else None
        left_out += size > _MOST_PICTURES
        if found is not None:
            held[c, s] = found
    return held, left_out


def _header(result: QcResult, title: str) -> str:
    verdict = "Passed" if result.passed else "Failed"
    counts = [(s, result.count(s)) for s in reversed(Severity)]
    chips = "".join(
        chip(s, f"{n} {s.word}{'s' if n != 1 and s is not Severity.FYI else ''}") for s, n in counts if n
    )
    waived = sum(not f.counts for f in result.findings)
    facts = [
        f"profile {result.profile.name}" + (f" – {result.profile.title}" if result.profile.title else ""),
        f"fails from {result.fail_on.word} on",
        counted(sum(len(clip.shots) for clip in result.clips), "shot"),
    ]
    if result.finished:
        facts.append(
            result.finished.replace("T", " ").partition(".")[0].removesuffix("+00:00").removesuffix("Z")
            + " UTC"
        )
    if not result.complete:
        facts.append("a part of the pass: not all shots are in it")
    return (
        f"<header class=top><div><h1>{escape(title)}</h1><p>{' · '.join(escape(f) for f in facts)}</p></div>"
        f'<div class=verdict><strong class="{verdict.lower()}">{verdict}</strong><p>{chips or "no findings"}'
        f"{f'<small>{waived} waived</small>' if waived else ''}</p></div>"
        "<button type=button id=theme hidden aria-label='Dark or light'>◐</button></header>\n"
    )


def _bands(wanted: bool) -> str:
    if not wanted:
        return ""
    keys = "".join(
        f'<span title="{escape(b.meaning)}"><i style="background:rgb{b.colour}"></i>{escape(b.words)}</span>'
        for b in BANDS
    )
    return f"<aside class=bands><b>False colour, from nit</b>{keys}</aside>\n"


def _footer(result: QcResult, left_out: int) -> str:
    s, p = result.software, result.profile
    notes = [*result.notes]
    if left_out:
        notes.append(
            f"pictures of {counted(left_out, 'shot')} are left out: the page would be too large for a browser"
        )
    facts = [
        ("candela", s.candela),
        ("measures", str(s.measures_version)),
        ("profile", f"{p.name} {p.sha256[:12]}"),
    ]
    facts += [("profile file", p.file or "shipped"), ("inherits", ", ".join(p.inherits) or "nothing")]
    facts += [(f"network {name}", digest[:12]) for name, digest in s.models.items()]
    if s.ocio is not None:
        facts.append(("OCIO", f"{s.ocio} {(s.ocio_identity or '')[:12]}"))
    listed = "".join(f"<div><dt>{escape(k)}<dd>{escape(v)}</div>" for k, v in facts)
    values = "".join(
        f"<tr><td><code>{escape(k)}</code><td>{escape(exact(v) if isinstance(v, float) else v)}"
        for k, v in p.values.items()
    )
    limits = (
        f"<details><summary>All values of the profile</summary><table class=values>{values}</table></details>"
        if values
        else ""
    )
    return (
        "<footer><h2>About this pass</h2>"
        f"{''.join(f'<p>{escape(n)}</p>' for n in notes)}"
        f"<p>Not tested: {escape('; '.join(result.out_of_scope))}.</p><dl>{listed}</dl>{limits}</footer>\n"
    )
