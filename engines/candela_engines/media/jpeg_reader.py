"""JPEG: the base picture as libjpeg-turbo decodes it (accurate integer DCT, smooth chroma upsampling).

OpenImageIO applies the gain map of an Ultra HDR JPEG by itself and returns HDR; a payload is bound to the
SDR base, so the pixels come from the plain decoder.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from candela_engines.errors import MediaError
from candela_engines.media.codecs import decode_with
from candela_engines.media.decoded import Decoded
from candela_engines.media.source import guard_ratio, guard_size, read_source
from candela_engines.media.tags_jpeg import jpeg_finding, parse_jpeg

__all__ = ["decode_jpeg", "read_jpeg"]

# A progressive scan can leave out most blocks by runs of 32767; below a kilobyte a byte even so.
_MOST_PER_BYTE = 20_000


def read_jpeg(path: Path) -> Decoded:
    """The primary picture of a JPEG. Raises MediaError for CMYK, 12 bit, truncated or damaged streams."""
    return decode_jpeg(read_source(path), path)


def decode_jpeg(data: bytes, path: Path) -> Decoded:
    """As `read_jpeg`, of bytes in memory. path: the name for messages."""
    structure = parse_jpeg(data, path)
    guard_size(path, structure.width, structure.height)
    guard_ratio(
        path, structure.width * structure.height * structure.components, len(data), most=_MOST_PER_BYTE
    )
    if structure.components not in (1, 3):
        raise MediaError(
            f"{path}: a JPEG of {structure.components} components (CMYK or YCCK); convert it to RGB first"
        )
    if structure.precision != 8:
        raise MediaError(f"{path}: a JPEG of {structure.precision} bits; only 8-bit JPEG is read")
    samples = np.asarray(decode_with("jpeg8_decode", data[: structure.end], path))
    if samples.ndim == 2:
        samples = samples[:, :, np.newaxis]
    if samples.dtype != np.uint8 or samples.shape[:2] != (structure.height, structure.width):
        raise MediaError(f"{path}: the JPEG decoded to {samples.shape} {samples.dtype}, not as announced")
    grey = samples.shape[2] == 1
    tags, metadata = jpeg_finding(structure)
    notes = []
    if metadata.get("orientation", 1) != 1:
        notes.append(f"EXIF orientation {metadata['orientation']} is not applied: pixels are as stored")
    return Decoded(
        format="jpeg",
        samples=samples,
        bits=8,
        channels=("Y",) if grey else ("R", "G", "B"),
        colour_channels=(0,) if grey else (0, 1, 2),
        alpha_channel=None,
        tags=tags,
        metadata=metadata,
        notes=tuple(notes),
    )
