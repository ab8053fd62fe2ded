"""One page with the shots of a clip: thumbnails, timecodes, bytes and figures, in a file that needs no other.

Nothing in it runs and nothing is fetched, and the page itself forbids both (Content-Security-Policy).
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator
from html import escape

from candela_server.service.shots_result import Picture, ShotRow, ShotsResult
from candela_server.service.shots_style import STYLE

__all__ = ["shots_page"]

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_WORDS = {"sdr": "SDR", "hdr": "HDR, tone-mapped for this page", "confidence": "Confidence of the HDR"}
_FROM = {
    "carried": "from the reel that the clip carries",
    "detected": "found by shot detection",
    "timeline": "from the timeline",
}


def shots_page(result: ShotsResult) -> str:
    """HTML, UTF-8."""
    title = escape(result.file.name)
    return "".join(
        (
            "<!doctype html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n",
            f'<meta http-equiv=Content-Security-Policy content="{_POLICY}">\n',
            "<meta name=viewport content='width=device-width, initial-scale=1'>\n",
            "<link rel=icon href='data:,'>\n",
            f"<title>Shots of {title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
            f"<header>\n<h1>{title}</h1>\n<p>{escape(_summary(result))}</p>\n{_facts(result)}</header>\n",
            _strip(result),
            "<main>\n",
            *(_shot(number, shot) for number, shot in enumerate(result.shots, 1)),
            "</main>\n",
            _legend(result),
            _notes(result),
            "</body>\n</html>\n",
        )
    )


def _summary(result: ShotsResult) -> str:
    count = "1 shot" if len(result.shots) == 1 else f"{len(result.shots)} shots"
    return f"{count} {_FROM[result.source]}"


def _facts(result: ShotsResult) -> str:
    facts = [("Format", result.format), ("Size", f"{result.width} × {result.height}" if result.width else "")]
    facts.append(("Frames", f"{result.first} to {result.last} ({result.frames:,})"))
    if result.rate is not None:
        facts.append(("Rate", f"{float(result.rate):.6g} frames a second"))
    if result.timecode is not None:
        facts.append(("Timecode", result.timecode))
    if result.payload_bytes is not None:
        facts.append(("Payload", f"{result.payload_bytes:,} bytes"))
    if result.bytes_per_second is not None:
        facts.append(("Bytes a second", f"{result.bytes_per_second:,.0f}"))
    rows = (f"<div><dt>{escape(k)}<dd>{escape(v)}</div>" for k, v in facts if v)
    return f"<dl>{''.join(rows)}</dl>\n"


def _strip(result: ShotsResult) -> str:
    """Shots to scale, one bar each: what is cut how fast shows at a glance."""
    if result.frames < 1:
        return ""
    parts, at = [], result.first
    for number, shot in enumerate(result.shots, 1):
        if shot.first > at:
            parts.append(f"<i class=gap style='flex-grow:{shot.first - at}'></i>")
        label = f"shot {number}, frames {shot.first} to {shot.last}"
        parts.append(
            f"<a href='#shot{number}' title='{label}' aria-label='{label}' "
            f"style='flex-grow:{max(shot.count, 1)}'>{number}</a>"
        )
        at = shot.last + 1
    if at <= result.last:
        parts.append(f"<i class=gap style='flex-grow:{result.last - at + 1}'></i>")
    return f"<nav class=strip>{''.join(parts)}</nav>\n"


def _shot(number: int, shot: ShotRow) -> str:
    name = f" <small>{escape(shot.name)}</small>" if shot.name else ""
    head = f"<h2><b>{number}</b>{name}</h2>\n<dl>{''.join(_shot_facts(shot))}</dl>\n"
    kinds = [k for k in _WORDS if any(p.kind == k for p in shot.pictures)]
    rows = "".join(_pictures(number, kind, [p for p in shot.pictures if p.kind == kind]) for kind in kinds)
    if shot.trouble:
        rows = f"<p class=trouble>No pictures: {escape(shot.trouble)}</p>"
    return (
        f"<section id=shot{number}>\n<div class=facts>{head}</div>\n"
        f"<div class=pictures>{rows}</div>\n</section>\n"
    )


def _shot_facts(shot: ShotRow) -> Iterator[str]:
    def fact(label: str, value: str, kind: str = "") -> str:
        return f"<div{kind}><dt>{escape(label)}<dd>{escape(value)}</div>"

    frames = "1 frame" if shot.count == 1 else f"{shot.count:,} frames"
    yield fact("Frames", f"{shot.first} to {shot.last} ({frames})")
    if shot.timecode_in is not None:
        yield fact("Timecode", f"{shot.timecode_in} to {shot.timecode_out}")
    if shot.cut:
        yield fact("Begins with", shot.cut)
    if shot.bytes is not None:
        per = "" if shot.bytes_per_second is None else f", {shot.bytes_per_second:,.0f} a second"
        yield fact("Payload", f"{shot.bytes:,} bytes{per}")
    if shot.fidelity is not None:
        f = shot.fidelity
        yield fact("PU-PSNR", _db(f.pu_psnr))
        yield fact("ΔE_ITP", f"{f.delta_e_mean:.2f} mean, {f.delta_e_p99:.2f} at p99")
        yield fact("Worst tile", f"{_db(f.worst_pu_psnr)} at x={f.worst_left}, y={f.worst_top}")
    if shot.worst is not None:
        yield fact("Worst frame", f"{shot.worst[0]}, {_db(shot.worst[1])}", " class=worst")
    if shot.flicker is not None:
        yield fact("Flicker, ΔE_ITP", f"{shot.flicker[0]:.2f} median, {shot.flicker[1]:.2f} at p95")
    if shot.media:
        yield fact("Media", shot.media)
    if shot.media_frames is not None:
        yield fact("Frames of the media", f"{shot.media_frames[0]} to {shot.media_frames[1]}")


def _pictures(number: int, kind: str, pictures: list[Picture]) -> str:
    figures = []
    for p in pictures:
        place = f"frame {p.frame}" + (f", {p.timecode}" if p.timecode else "")
        data = base64.b64encode(p.jpeg).decode("ascii")
        what = f"{_WORDS[kind]} of shot {number}, {escape(place)}"
        figures.append(
            f"<figure><img width={p.width} height={p.height} alt='{what}' "
            f"src='data:image/jpeg;base64,{data}'><figcaption>{escape(place)}</figcaption></figure>"
        )
    return f"<div class=row><h3>{_WORDS[kind]}</h3>{''.join(figures)}</div>"


def _legend(result: ShotsResult) -> str:
    if not any(p.kind == "confidence" for shot in result.shots for p in shot.pictures):
        return ""
    return (
        "<aside class=legend><span class=bar></span><p>Confidence: grey is light that the SDR sample "
        "determines; from yellow to magenta it comes more and more from the network, where the SDR is "
        "clipped.</p></aside>\n"
    )


def _notes(result: ShotsResult) -> str:
    if not result.notes:
        return ""
    return f"<footer><ul>{''.join(f'<li>{escape(note)}' for note in result.notes)}</ul></footer>\n"


def _db(value: float) -> str:
    return "no difference" if math.isinf(value) else f"{value:.2f} dB"
