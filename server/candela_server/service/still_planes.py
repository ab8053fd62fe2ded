"""A still OpenEXR with the confidence beside its light."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from candela_engines.media import WriteReport
from candela_engines.media.exr_frames import CONFIDENCE, ExrFrames
from candela_server.service.levels import F32, Levels
from candela_server.service.target import Target

__all__ = ["write_with_confidence"]


def write_with_confidence(
    out: Path,
    nits: F32,
    confidence: F32,
    alpha: F32 | None,
    target: Target,
    bits: int | None,
    levels: Levels,
    text: Mapping[str, str],
) -> WriteReport:
    """Write light as `write_hdr` does, with a channel more. nits: (H, W, 3); confidence, alpha: (H, W)."""
    height, width = confidence.shape
    assert target.encoding is not None
    planes = (*(("A",) if alpha is not None else ()), CONFIDENCE)
    frames = ExrFrames(
        height, width, target.encoding, bits=bits or 16, compression="zip", planes=planes, text=text,
        mastering_peak=target.mastering,
    )  # fmt: skip
    buffer = frames.buffer()
    buffer.fill(nits, target.encoding)
    if alpha is not None:
        buffer.planes["A"][...] = alpha
    buffer.planes[CONFIDENCE][...] = confidence
    size = frames.write(out, buffer, max_cll=levels.max_cll, max_fall=levels.max_fall)
    return WriteReport(out, "exr", bits or 16, size)
