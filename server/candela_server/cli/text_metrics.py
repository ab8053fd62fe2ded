"""Figures of a comparison in words: each with what it is and its unit."""

from __future__ import annotations

import math
from collections.abc import Iterator

from candela_engines.media import state_label
from candela_server.cli.lines import db, line, notes
from candela_server.service.metrics import MetricsResult

__all__ = ["measured"]

_MOST = 3


def measured(result: MetricsResult) -> Iterator[str]:
    """The whole, then the worst frames of a clip."""
    whole, several = result.whole, len(result.frames) > 1
    w, h = result.size
    yield line("test", f"{result.request.test}, {w}x{h}, {state_label(result.test_state)}")
    yield line("reference", f"{result.request.reference}, {state_label(result.reference_state)}")
    if several:
        yield line("frames", f"{len(result.frames)}, {result.frames[0].number} to {result.frames[-1].number}")
    yield line("PU-PSNR", f"{db(whole.pu_psnr)} of R, G and B, {db(whole.pu_psnr_y)} of luminance (peak 256)")
    if whole.pu_ssim is not None and whole.pu_ms_ssim is not None:
        yield line("PU-SSIM", f"{whole.pu_ssim:.5f} (1 is identical)")
        yield line("PU-MS-SSIM", f"{whole.pu_ms_ssim:.5f} (over up to five sizes)")
    if whole.pu_vtamiq_jod is not None:
        yield line(
            "PU-VTAMIQ-S",
            f"{whole.pu_vtamiq_jod:.2f} JOD (10 is identical; learnt from ColorVideoVDP, not people)",
        )
    delta = whole.delta_e
    yield line(
        "ΔE_ITP",
        f"{delta.mean:.2f} mean, {delta.p99:.2f} at the 99th percentile, {delta.max:.1f} at most "
        "(1 is just visible at best)",
    )
    where = f" of frame {whole.number}" if several else ""
    place = f"the 64x64 at x={whole.worst_left}, y={whole.worst_top}{where}"
    yield line("worst tile", f"{db(whole.worst_pu_psnr)} in {place}")
    if several:
        differing = [frame for frame in result.frames if not math.isinf(frame.pu_psnr)]
        for frame in sorted(differing, key=lambda one: one.pu_psnr)[:_MOST]:
            yield line(
                f"frame {frame.number}",
                f"{db(frame.pu_psnr)}, ΔE_ITP {frame.delta_e.mean:.2f} mean (among the worst)",
            )
    yield from notes(
        [
            *result.notes,
            "all are of fidelity to the reference, over the whole frame; none says which grade is better",
        ]
    )
