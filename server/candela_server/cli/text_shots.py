"""What was found in clips that carry shots, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from candela_engines.media import state_label
from candela_server.cli.lines import CLIP_CARRIERS, columns, db, line, notes, table
from candela_server.cli.shot_columns import FIGURES, figures, flicker_line
from candela_server.service import InspectShotsResult, StripShotsResult, VerifyShotsResult
from candela_server.service.clips import numbers_text
from candela_server.service.shots_inspect import InspectedShot

__all__ = ["inspected", "stripped", "verified"]

_OF = {"altered": ", of the original clip and not of this one", "resized": ", of the original clip"}


def inspected(r: InspectShotsResult) -> Iterator[str]:
    """What is inside."""
    p = r.shots[0].payload
    yield line("file", f"{r.payload_file}, {CLIP_CARRIERS.get(r.carrier, r.carrier)}")
    rate = "" if r.rate is None else f", {float(r.rate):.6g} frames a second"
    yield line("clip", f"{r.format}, {p.width}x{p.height}, {r.bits} bit{rate}")
    yield line("", r.picture_text)
    yield line("SDR", state_label(p.sdr))
    yield line("HDR", state_label(p.hdr))
    if p.sdr.ocio_config is not None:
        yield line("OCIO config", f"{p.sdr.ocio_config}, of the SDR: needed to reconstruct")
    yield ""
    rows = [_row(number, shot) for number, shot in enumerate(r.shots, start=1)]
    yield from table(_HEAD, rows, width=columns())
    yield ""
    if r.bare:
        yield line("without", f"{numbers_text(r.bare)} to no shot")
    many = "1 shot" if len(r.shots) == 1 else f"{len(r.shots)} shots"
    carried = "" if r.growth_bytes is None else f", {r.growth_bytes:,} with what carries them"
    yield line("payload", f"{r.payload_bytes:,} bytes, {many}{carried}{_OF.get(r.picture, '')}")
    yield from flicker_line((f"shot {n}", shot.payload.flicker) for n, shot in enumerate(r.shots, start=1))
    yield from notes(r.notes)


_HEAD = ("shot", "frames", "timecode", "bytes", "bytes/s", *FIGURES, "worst tile")


def _row(number: int, shot: InspectedShot) -> Sequence[str]:
    f = shot.payload.fidelity
    return (
        f"{number}",
        f"{shot.first}-{shot.last}",
        shot.timecode or "",
        f"{shot.bytes:,}",
        "" if shot.bytes_per_second is None else f"{shot.bytes_per_second:,.0f}",
        *figures(f, shot.worst, shot.payload.flicker),
        db(f.worst_pu_psnr),
    )


def stripped(r: StripShotsResult) -> Iterator[str]:
    """What was stripped."""
    files = "1 file" if r.files == 1 else f"{r.files:,} files"
    yield line("written", f"{r.out}")
    yield line("removed", f"{r.removed_bytes:,} bytes from {files}")
    yield line("other bytes", r.exact_text)
    yield from notes(r.notes)


_HAD = ("was", "were")


def verified(r: VerifyShotsResult) -> Iterator[str]:
    """How a clip stood up to its master."""
    yield line("HDR", str(r.hdr))
    yield from notes(r.notes)
    head = ("shot", "frames", "PU-PSNR", "claimed", "worst frame", "ΔE_ITP", "p99")
    rows = [
        (
            f"{number}",
            f"{shot.first}-{shot.last}",
            db(shot.measured.pu_psnr),
            db(shot.claimed.pu_psnr) if shot.whole else f"{db(shot.floor_db)} at least",
            f"{db(shot.worst_db)} ({shot.worst_frame})",
            f"{shot.measured.delta_e_mean:.2f}",
            f"{shot.measured.delta_e_p99:.2f}",
        )
        for number, shot in enumerate(r.shots, start=1)
    ]
    yield ""
    yield from table(head, rows, width=columns())
    yield ""
    if r.bare:
        yield line("without", f"{numbers_text(r.bare)} to no shot and {_HAD[len(r.bare) > 1]} not verified")
    for finding in r.findings:
        yield line("finding", finding.text)
    yield line("result", "pass" if r.passed else "fail")
