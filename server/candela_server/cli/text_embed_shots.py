"""Embedded shots in words: a line a fact, and a table of the shots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from candela_engines.media import state_label
from candela_server.cli.lines import CLIP_CARRIERS, columns, db, line, notes, table
from candela_server.cli.shot_columns import FIGURES, figures, flicker_line
from candela_server.service import EmbedShotsResult
from candela_server.service.shots_embed_result import ClipFigures, ShotFigures, pooled

__all__ = ["measured", "written"]

_HEAD = ("shot", "frames", "timecode", "bytes", "bytes/s", *FIGURES, "name")


def measured(r: EmbedShotsResult) -> Iterator[str]:
    """What embedding found, before it writes."""
    for clip in r.clips:
        yield from _clip(clip)
        yield ""
        rows = [_row(n, shot) for n, shot in enumerate(clip.shots, start=1)]
        yield from table(_HEAD, rows, left=("name",), width=columns())
        yield ""
    yield from notes(r.notes)
    psnr, delta_e = pooled(r.shots)
    many = "1 shot" if len(r.shots) == 1 else f"{len(r.shots)} shots"
    frames = "1 frame" if r.frames == 1 else f"{r.frames:,} frames"
    yield line("in all", f"{many}, {frames}")
    yield line("PU-PSNR", f"{db(psnr)} (peak 256), {db(r.worst.worst_db)} in {_worst_place(r)}")
    yield line("ΔE_ITP", f"{delta_e:.2f} mean")
    yield from flicker_line((f"{_of(clip, r)}shot {n}", shot.flicker) for clip, n, shot in _numbered(r))
    spent = f"{r.payload_bytes:,} bytes, {r.bytes_per_second:,.0f} bytes a second"
    yield line("payload", f"{spent}, fitted in {r.seconds:.1f} s")


def written(r: EmbedShotsResult) -> Iterator[str]:
    """Where embedding wrote."""
    if r.written is None:
        yield line("written", "nothing: this was a dry run")
        return
    for clip in r.clips:
        where = CLIP_CARRIERS.get(clip.carrier, clip.carrier)
        size = f"{clip.growth_bytes or 0:,} bytes"
        if clip.carrier != "sidecar":
            yield line("written", f"{clip.written} ({size} more than the SDR; {where})")
            continue
        yield line("written", f"{clip.media} (the SDR as it was, byte for byte)")
        yield line("", f"{clip.written} ({size}; {where})")


def _clip(clip: ClipFigures) -> Iterator[str]:
    what = f"{clip.width}x{clip.height}, {clip.format}, {clip.frames:,} frames"
    state = state_label(clip.sdr_state)
    yield line("SDR", f"{clip.sdr}, {what}, {float(clip.rate):.6g} a second, {state}")
    yield line("HDR", f"{clip.hdr}, {state_label(clip.hdr_state)}")


def _numbered(r: EmbedShotsResult) -> Iterator[tuple[ClipFigures, int, ShotFigures]]:
    for clip in r.clips:
        for number, shot in enumerate(clip.shots, start=1):
            yield clip, number, shot


def _of(clip: ClipFigures, r: EmbedShotsResult) -> str:
    """Which clip, where there are several."""
    return f"{Path(clip.sdr).name}, " if len(r.clips) > 1 else ""


def _worst_place(r: EmbedShotsResult) -> str:
    clip = next(clip for clip, _, shot in _numbered(r) if shot is r.worst)
    return f"{_of(clip, r)}frame {r.worst.worst_frame}"


def _row(number: int, shot: ShotFigures) -> Sequence[str]:
    return (
        f"{number}",
        f"{shot.first}-{shot.last}",
        shot.timecode or "",
        f"{shot.bytes:,}",
        f"{shot.bytes_per_second:,.0f}",
        *figures(shot.fidelity, (shot.worst_frame, shot.worst_db), shot.flicker),
        shot.name,
    )
