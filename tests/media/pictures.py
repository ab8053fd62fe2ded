"""Small pictures and files for the tests, written by OpenImageIO or by hand."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio
from numpy.typing import NDArray


def ramp(height: int, width: int, channels: int, dtype: str, top: int = 0) -> NDArray[Any]:
    """Reproducible noise over the whole range of an integer type, or -1..4 for floats."""
    rng = np.random.default_rng(height * 1000 + width * 10 + channels)
    if np.dtype(dtype).kind == "f":
        return (rng.random((height, width, channels)) * 5 - 1).astype(dtype)
    return rng.integers(0, top or np.iinfo(dtype).max + 1, (height, width, channels)).astype(dtype)


def write_oiio(
    path: Path,
    samples: NDArray[Any],
    kind: str,
    *,
    names: tuple[str, ...] | None = None,
    window: tuple[int, int, int, int] | None = None,
    **attributes: Any,
) -> Path:
    """samples (H, W, C) with OpenImageIO. window: x, y of the data window, then the display's size."""
    spec = oiio.ImageSpec(samples.shape[1], samples.shape[0], samples.shape[2], kind)
    if names is not None:
        spec.channelnames = names
    if window is not None:
        spec.x, spec.y, spec.full_width, spec.full_height = window
    for name, value in attributes.items():
        name = name.replace("__", ":")
        if isinstance(value, bytes):
            spec.attribute(name, oiio.TypeDesc(f"uint8[{len(value)}]"), np.frombuffer(value, np.uint8))
        elif isinstance(value, tuple):
            spec.attribute(name, oiio.TypeDesc(f"float[{len(value)}]"), value)
        else:
            spec[name] = value
    out = oiio.ImageOutput.create(str(path))
    assert out is not None, oiio.geterror()
    assert out.open(str(path), spec), out.geterror()
    assert out.write_image(samples), out.geterror()
    out.close()
    return path


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_bytes(samples: NDArray[Any], *chunks: bytes) -> bytes:
    """A PNG of (H, W) or (H, W, 1 to 4) uint8 or uint16, filter 0, `chunks` placed after IHDR."""
    if samples.ndim == 2:
        samples = samples[:, :, np.newaxis]
    height, width, channels = samples.shape
    depth = samples.dtype.itemsize * 8
    header = struct.pack(">IIBBBBB", width, height, depth, {1: 0, 2: 4, 3: 2, 4: 6}[channels], 0, 0, 0)
    big = samples.astype(f">u{samples.dtype.itemsize}")
    rows = b"".join(b"\0" + big[y].tobytes() for y in range(height))
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", header),
            *chunks,
            chunk(b"IDAT", zlib.compress(rows, 6)),
            chunk(b"IEND", b""),
        ]
    )


def icc_profile(description: str, *, cicp: tuple[int, int, int, int] | None = None) -> bytes:
    """The least profile with a `desc` tag (mluc) and, if asked, a cicp tag; enough for a tag parser."""
    text = description.encode("utf-16-be")
    desc = struct.pack(">4sIII2s2sII", b"mluc", 0, 1, 12, b"en", b"US", len(text), 28) + text
    tags = [(b"desc", desc + b"\0" * (-len(desc) % 4))]
    if cicp is not None:
        tags.append((b"cicp", b"cicp\0\0\0\0" + bytes(cicp)))
    offset, table, body = 132 + 12 * len(tags), b"", b""
    for name, data in tags:
        table += struct.pack(">4sII", name, offset + len(body), len(data))
        body += data
    head = bytearray(128)
    struct.pack_into(">I", head, 0, offset + len(body))
    head[8:12], head[12:24], head[36:40] = b"\x04\x40\0\0", b"mntrRGB XYZ ", b"acsp"
    return bytes(head) + struct.pack(">I", len(tags)) + table + body
