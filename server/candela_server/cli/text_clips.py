"""Reconstructed clips and lists of shots in words: a line a fact, and a table."""

from __future__ import annotations

from collections.abc import Iterator

from candela_engines.media import state_label
from candela_server.cli.lines import columns, db, line, notes, table
from candela_server.cli.shot_columns import FIGURES, figures, flicker_line
from candela_server.service.clip_result import ClipResult, ClipTally
from candela_server.service.shots_result import ShotRow, ShotsResult

__all__ = ["reconstructed", "shots"]

_WORDS = ("name", "media", "begins with")
_HEAD = ("shot", "frames", "timecode", "length", "bytes", "bytes/s", *FIGURES, *_WORDS)
_FROM = {
    "carried": "in the reel that it carries",
    "detected": "found by detection",
    "timeline": "of the timeline",
}


def reconstructed(r: ClipResult) -> Iterator[str]:
    """What was written, how bright, how faithful and how fast."""
    what = "false colour of the confidence" if r.view == "confidence" else state_label(r.encoding)
    count = "1 frame" if r.frames == 1 else f"{r.frames:,} frames"
    yield line("written", f"{r.out}, {count}, {r.width}x{r.height}, {r.format}, {r.bits} bit, {what}")
    if r.audio or r.timecode:
        kept = [f"timecode from {r.timecode}"] if r.timecode else []
        yield line("kept", ", ".join(["audio"] * r.audio + kept))
    if r.view == "hdr":
        light = f"MaxCLL {r.levels.max_cll:.1f} nit in frame {r.levels.max_cll_frame}, "
        yield line("light", f"{light}MaxFALL {r.levels.max_fall:.1f} nit in frame {r.levels.max_fall_frame}")
        yield from _fidelity(r)
    total = 3 * r.width * r.height * max(r.frames, 1)
    for clipped, where in (
        (r.tally.clipped_high, f"above what {state_label(r.encoding)} holds"),
        (r.tally.clipped_low, f"outside the gamut of {state_label(r.encoding)}"),
    ):
        if clipped:
            yield line("clipped", f"{clipped:,} samples ({100 * clipped / total:.2g} %) are {where}")
    yield from _clipped_frames(r.tally)
    yield from notes(r.notes)
    s = r.stages
    if s.frames:
        shares = f"busy: decoding {s.decode:.1f} s, network {s.network:.1f} s, encoding {s.encode:.1f} s"
        yield line("took", f"{s.wall:.1f} s, {s.rate:.1f} frames a second; {shares}")


def _clipped_frames(t: ClipTally) -> Iterator[str]:
    if not t.clipped_frames:
        return
    if t.clipped_frames == 1:
        yield line("", f"in frame {t.clipped_first}")
        return
    most = f"most in frame {t.clipped_worst} ({t.clipped_most:,})"
    yield line("", f"in {t.clipped_frames:,} frames, the first is {t.clipped_first}, {most}")


def _fidelity(r: ClipResult) -> Iterator[str]:
    if not r.shots:
        return
    if r.tally.forced:
        yield line("fidelity", "unknown for frames that are not those that the payload was made for")
        return
    worst = min((p.fidelity for p in r.shots), key=lambda f: f.pu_psnr)
    then = "at embedding" if r.rolled_off_from is None else "at embedding, before the roll-off"
    which = "" if len(r.shots) == 1 else f", the worst of {len(r.shots)} shots"
    figures = f"PU-PSNR {db(worst.pu_psnr)}, ΔE_ITP {worst.delta_e_mean:.2f}"
    yield line("fidelity", f"{figures}{which}, measured {then}")


def shots(r: ShotsResult) -> Iterator[str]:
    """The shots, right-aligned, under their names."""
    size = f", {r.width}x{r.height}" if r.width else ""
    rate = "" if r.rate is None else f", {float(r.rate):.6g} a second"
    yield line("file", f"{r.file}, {r.format}{size}, frames {r.first} to {r.last}{rate}")
    count = "1 shot" if len(r.shots) == 1 else f"{len(r.shots)} shots"
    yield line("shots", f"{count} {_FROM[r.source]}")
    if r.payload_bytes is not None:
        per = "" if r.bytes_per_second is None else f", {r.bytes_per_second:,.0f} bytes a second"
        carried = "" if r.growth_bytes is None else f", {r.growth_bytes:,} with what carries them"
        yield line("payload", f"{r.payload_bytes:,} bytes{per}{carried}")
    yield from flicker_line((f"shot {n}", shot.flicker) for n, shot in enumerate(r.shots, 1))
    yield from notes(r.notes)
    yield ""
    rows = [_row(number, shot) for number, shot in enumerate(r.shots, 1)]
    yield from table(_HEAD, rows, left=_WORDS, width=columns())
    if r.html is not None:
        yield ""
        yield line("written", str(r.html))


def _row(number: int, shot: ShotRow) -> tuple[str, ...]:
    return (
        str(number),
        f"{shot.first}-{shot.last}",
        shot.timecode_in or "",
        str(shot.count),
        "" if shot.bytes is None else f"{shot.bytes:,}",
        "" if shot.bytes_per_second is None else f"{shot.bytes_per_second:,.0f}",
        *figures(shot.fidelity, shot.worst, shot.flicker),
        shot.name,
        _media(shot),
        shot.cut,
    )


def _media(shot: ShotRow) -> str:
    """The file's name and its frames, or that it is not there."""
    name = shot.media.replace("\\", "/").rsplit("/", 1)[-1]
    if shot.trouble:
        return f"{name}: not there" if shot.there is False else f"{name}: not usable"
    return name if shot.media_frames is None else f"{name} {shot.media_frames[0]}-{shot.media_frames[1]}"
