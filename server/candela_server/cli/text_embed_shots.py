"""Embedded shots in words: a line a fact, and a table of the shots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from candela_engines.media import state_label
from candela_server.cli.lines import CARRIERS, db, line, notes, table
from candela_server.service import EmbedShotsResult
from candela_server.service.shots_embed_result import ClipFigures, ShotFigures, pooled

__all__ = ["measured", "written"]

_HEAD = (
    "shot", "frames", "timecode", "bytes", "bytes/s", "PU-PSNR", "worst frame", "ΔE_ITP", "p99", "flicker"
)  # fmt: skip


def measured(r: EmbedShotsResult) -> Iterator[str]:
    """What embedding found, before it writes."""
    for clip in r.clips:
        yield from _clip(clip)
        yield ""
        yield from table(_HEAD, [_row(n, shot) for n, shot in enumerate(clip.shots, start=1)])
        yield ""
    yield from notes(r.notes)
    psnr, delta_e = pooled(r.shots)
    yield line("all shots", f"{len(r.shots)}, {r.frames:,} frames")
    yield line("PU-PSNR", f"{db(psnr)} (peak 256), {db(r.worst.worst_db)} in frame {r.worst.worst_frame}")
    yield line("ΔE_ITP", f"{delta_e:.2f} mean")
    spent = f"{r.payload_bytes:,} bytes, {r.bytes_per_second:,.0f} bytes a second"
    yield line("payload", f"{spent}, fitted in {r.seconds:.1f} s")


def written(r: EmbedShotsResult) -> Iterator[str]:
    """Where embedding wrote."""
    if r.written is None:
        yield line("written", "nothing: this was a dry run")
        return
    for clip in r.clips:
        where = CARRIERS.get(clip.carrier, clip.carrier)
        more = "" if clip.carrier == "sidecar" else " more than the SDR"
        yield line("written", f"{clip.written} ({clip.growth_bytes or 0:,} bytes{more}; {where})")


def _clip(clip: ClipFigures) -> Iterator[str]:
    what = f"{clip.width}x{clip.height}, {clip.format}, {clip.frames:,} frames, {float(clip.rate):g} a second"
    yield line("SDR", f"{clip.sdr}, {what}, {state_label(clip.sdr_state)}")
    yield line("HDR", f"{clip.hdr}, {state_label(clip.hdr_state)}")


def _row(number: int, shot: ShotFigures) -> Sequence[str]:
    f = shot.fidelity
    flicker = "" if shot.flicker is None else f"{shot.flicker[0]:.2f} {shot.flicker[1]:.2f}"
    return (
        f"{number}",
        f"{shot.first}-{shot.last}",
        shot.timecode or "",
        f"{shot.bytes:,}",
        f"{shot.bytes_per_second:,.0f}",
        db(f.pu_psnr),
        f"{db(shot.worst_db)} ({shot.worst_frame})",
        f"{f.delta_e_mean:.2f}",
        f"{f.delta_e_p99:.2f}",
        flicker,
    )
