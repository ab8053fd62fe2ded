"""PNG: 8 or 16 bits with cICP, mDCV and cLLI, placed before the pixels by our own hand.

Source: PNG Specification (Third Edition), W3C 2025: 11.3.2.6 (cICP), 11.3.2.7 (mDCV), 11.3.2.8 (cLLI).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour.gamuts import GAMUTS
from candela_engines.colour.state import ColourState, Transfer
from candela_engines.errors import InputError
from candela_engines.media.codecs import imagecodecs_module
from candela_engines.media.light import LightLevels, mastering_display
from candela_engines.media.tags_cicp import cicp_of

__all__ = ["encode_png"]

_GAMMA: dict[Transfer, int] = {"gamma22": 45455, "gamma24": 41667, "gamma26": 38462}

# After the signature (8) and IHDR (4 + 4 + 13 + 4).
_AFTER_IHDR = 33


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _text_chunk(keyword: str, text: str) -> bytes:
    try:
        key = keyword.encode("latin-1")
    except UnicodeEncodeError:
        raise InputError(f"metadata key {keyword!r}: PNG keywords are Latin-1") from None
    if not 1 <= len(key) <= 79 or b"\0" in key:
        raise InputError(f"metadata key {keyword!r}: PNG keywords have 1 to 79 characters")
    return _chunk(b"iTXt", key + b"\0\0\0\0\0" + text.encode("utf-8"))


def _colour_chunks(state: ColourState, levels: LightLevels) -> list[bytes]:
    chunks: list[bytes] = []
    if state.ocio_space is not None:
        return chunks
    cicp = cicp_of(state)
    if cicp is not None:
        chunks.append(
            _chunk(b"cICP", bytes((cicp.primaries, cicp.transfer, cicp.matrix, int(cicp.full_range))))
        )
    gamut = GAMUTS[state.primaries]
    if state.transfer == "srgb" and state.primaries == "bt709":
        chunks.append(_chunk(b"sRGB", b"\0"))
    if state.transfer in _GAMMA and min(v for xy in (gamut.red, gamut.green, gamut.blue) for v in xy) >= 0:
        numbers = [*gamut.white, *gamut.red, *gamut.green, *gamut.blue]
        chunks.append(_chunk(b"gAMA", struct.pack(">I", _GAMMA[state.transfer])))
        chunks.append(_chunk(b"cHRM", struct.pack(">8I", *(round(value * 100_000) for value in numbers))))
    if levels.mastering_peak:
        chunks.append(_chunk(b"mDCV", mastering_display(state, levels.mastering_peak)))
    if levels.max_cll is not None or levels.max_fall is not None:
        numbers = [levels.max_cll or 0.0, levels.max_fall or 0.0]
        chunks.append(_chunk(b"cLLI", struct.pack(">2I", *(round(value * 10_000) for value in numbers))))
    return chunks


def encode_png(
    codes: NDArray[np.uint8] | NDArray[np.uint16],
    state: ColourState,
    *,
    levels: LightLevels,
    text: Mapping[str, str],
) -> bytes:
    """A PNG of (H, W, 3 or 4) codes, tagged as `state`. The same input gives the same bytes.

    Raises InputError for a state that PNG has no tag for. A state named through OCIO goes out untagged.
    """
    colour = _colour_chunks(state, levels)
    if not colour and state.ocio_space is None:
        raise InputError(
            f"PNG has no tag for {state.primaries} {state.transfer}; write .exr or .tif, or choose another "
            "encoding, such as rec2100-pq"
        )
    plain = bytes(imagecodecs_module().png_encode(np.ascontiguousarray(codes), level=6))
    chunks = colour + [_text_chunk(key, value) for key, value in sorted(text.items())]
    return plain[:_AFTER_IHDR] + b"".join(chunks) + plain[_AFTER_IHDR:]
