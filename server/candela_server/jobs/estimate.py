"""What a job is expected to take in memory, told from headers before anything is decoded."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import NamedTuple

from candela_engines.errors import CandelaError
from candela_engines.media.source import open_source, sniff
from candela_server.jobs.errors import TooLargeError

__all__ = ["TAKES", "Takes", "memory_for", "pixels_of", "reckoned"]


class Takes(NamedTuple):
    """What a call takes: of itself, in MiB (samples, strips and trials, which do not grow with the picture),
    and for every pixel of a frame, in bytes."""

    mib: int
    bytes_a_pixel: int


TAKES = {
    "Embed": Takes(128, 150), "Reconstruct": Takes(64, 80), "Verify": Takes(64, 90),
    "Inspect": Takes(32, 45), "Strip": Takes(32, 0),
    "EmbedShots": Takes(128, 280), "ReconstructClip": Takes(96, 180), "VerifyShots": Takes(128, 280),
    "InspectShots": Takes(32, 60), "StripShots": Takes(32, 0), "ListShots": Takes(64, 90),
    "Score": Takes(128, 280), "Compare": Takes(160, 330), "Measure": Takes(112, 170),
    "Look": Takes(160, 300),
    "Qc": Takes(160, 180), "Upconvert": Takes(128, 280),
}  # fmt: skip
"""Rounded up from what was measured at 640x360 to 3840x2160, with room for a movie's decoder, which keeps
frames for every thread that it has; bench/sidecar.py measures it again, and a test holds it."""

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
    return reckoned(call, largest)


def reckoned(call: str, pixels: int) -> int:
    """Bytes for a call on pictures of so many pixels, or on frames of them."""
    return (TAKES[call].mib << 20) + pixels * TAKES[call].bytes_a_pixel


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
