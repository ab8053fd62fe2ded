"""What a job is expected to take in memory, told from headers before anything is decoded."""

from __future__ import annotations

import struct
from pathlib import Path

from candela_engines.errors import CandelaError
from candela_engines.media.source import open_source, sniff
from candela_server.jobs.errors import TooLargeError

__all__ = ["BYTES_A_PIXEL", "memory_for", "pixels_of"]

BYTES_A_PIXEL = {
    "Embed": 150, "Reconstruct": 70, "Verify": 90, "Inspect": 45, "Strip": 0,
    "EmbedShots": 300, "ReconstructClip": 180, "VerifyShots": 300, "InspectShots": 60, "StripShots": 0,
    "ListShots": 90, "Score": 400, "Compare": 400, "Measure": 200,
}  # fmt: skip
"""What a process takes for a picture or a frame, rounded up; bench/sidecar.py measures it."""

_BASE = 32 << 20
_CODED = 60  # decoded pixels that a byte of a format without a plain header may stand for, as a rule


def memory_for(call: str, *, files: tuple[Path, ...] = (), pixels: int = 0, most: int) -> int:
    """Bytes. files: pictures that will be read. pixels: of frames in memory. most: pixels of one picture.

    Raises TooLargeError for a picture beyond `most`; a file that cannot be told counts as nothing, as its
    reader refuses it soon enough.
    """
    largest = max([pixels, *(pixels_of(path) for path in files)])
    if largest > most:
        raise TooLargeError(
            f"a picture of {largest:,} pixels; this sidecar takes {most:,} (the operator's --max-pixels)"
        )
    return _BASE + largest * BYTES_A_PIXEL[call]


def pixels_of(path: Path) -> int:
    """Width x height as the header says; an estimate by the size of the file where that would take a
    decoder."""
    try:
        with open_source(path) as stream:
            head = stream.read(1 << 16)
        kind = sniff(head[:64])
        if kind is None:
            return 0  # a movie's are told by a worker, as they take a decoder
        if kind == "png":
            return _of(">II", head, 16)
        if kind == "dpx":
            return _of(">II" if head.startswith(b"SDPX") else "<II", head, 772)
        if kind == "openexr":
            at = head.find(b"dataWindow\0box2i\0")
            if at >= 0 and len(head) >= at + 37:
                x0, y0, x1, y1 = struct.unpack_from("<iiii", head, at + 21)
                return int(max(x1 - x0 + 1, 0) * max(y1 - y0 + 1, 0))
        size: int = path.stat().st_size
        return size if kind in ("tiff", "openexr", "hdr") else size * _CODED
    except (CandelaError, OSError):
        return 0


def _of(form: str, head: bytes, at: int) -> int:
    if len(head) < at + 8:
        return 0
    width, height = struct.unpack_from(form, head, at)
    return int(width) * int(height)
