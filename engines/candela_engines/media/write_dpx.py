"""DPX 2.0, RGB, 10, 12 or 16 bits, big-endian, written field by field.

Source: SMPTE ST 268-1:2014. 10-bit samples are packed filled to 32-bit words (method A), 12-bit samples to
16-bit words. Transfer and colorimetric codes end before HDR (see `tags_dpx`).
"""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour.state import ColourState
from candela_engines.errors import InputError
from candela_engines.media.state_text import state_text
from candela_engines.media.tags_dpx import PROJECT_OFFSET, PROJECT_SIZE
from candela_engines.media.write_timecode import timecode_bits

__all__ = ["DPX_BITS", "encode_dpx"]

DPX_BITS = (10, 12, 16)

_HEADER = 2048
_STRIP_PIXELS = 1 << 20
_UNDEFINED = b"\xff"
_USER_DEFINED, _LINEAR, _BT709 = 0, 2, 6
_RGB = 50
# Frames a second in the film and in the television header, timecode in the latter.
_FILM_RATE, _TIMECODE, _TV_RATE = 1724, 1920, 1940


def _codes_for(state: ColourState) -> tuple[int, int]:
    """Transfer and colorimetric code of a state."""
    if state.primaries == "bt709" and state.transfer == "bt1886":
        return _BT709, _BT709
    return _USER_DEFINED, _BT709 if state.primaries == "bt709" else _USER_DEFINED


def _reference_codes(state: ColourState, bits: int) -> tuple[int, int]:
    if state.range == "narrow":
        return 16 << (bits - 8), 235 << (bits - 8)
    return 0, (1 << bits) - 1


def _pack_into(target: bytearray, codes: NDArray[np.uint16], bits: int) -> None:
    """Samples into `target` after the header, in strips: a 16k-wide picture costs no second copy."""
    height, width, _ = codes.shape
    kind, shape = (">u4", (height, width)) if bits == 10 else (">u2", (height, width, 3))
    words: NDArray[Any] = np.frombuffer(target, dtype=kind, offset=_HEADER).reshape(shape)
    rows = max(1, _STRIP_PIXELS // width)
    for y in range(0, height, rows):
        strip = codes[y : y + rows].astype(np.uint32)
        if bits == 10:
            words[y : y + rows] = (strip[:, :, 0] << 22) | (strip[:, :, 1] << 12) | (strip[:, :, 2] << 2)
        else:
            words[y : y + rows] = strip << (16 - bits)


def encode_dpx(
    codes: NDArray[np.uint16],
    state: ColourState,
    bits: int,
    name: Path,
    *,
    rate: Fraction | None = None,
    timecode: str | None = None,
) -> bytearray:
    """A DPX file of (H, W, 3) codes below 2**bits. No date is written: the same input, the same bytes.

    rate: frames a second. timecode: of the frame, as SMPTE writes it; left out where the bits cannot say it.
    """
    if bits not in DPX_BITS:
        raise InputError(f"DPX with {bits} bits: written are {', '.join(map(str, DPX_BITS))}")
    height, width, _ = codes.shape
    size = _HEADER + height * width * (4 if bits == 10 else 6)
    header = bytearray(_UNDEFINED * _HEADER)
    struct.pack_into(">4sI8sI", header, 0, b"SDPX", _HEADER, b"V2.0", size)
    # No ditto; generic header 1664, industry header 384, no user data.
    struct.pack_into(">IIII", header, 20, 1, 1664, 384, 0)
    header[36:660] = bytes(624)
    header[36 : 36 + 100] = name.name.encode("ascii", "replace")[:99].ljust(100, b"\0")
    header[160:260] = b"Candela".ljust(100, b"\0")
    text = state_text(state).encode("ascii")
    header[PROJECT_OFFSET : PROJECT_OFFSET + PROJECT_SIZE] = text.ljust(PROJECT_SIZE, b"\0")
    # Encryption key: none.
    header[660:664] = _UNDEFINED * 4
    # Text that is undefined reads as empty; numbers that are undefined stay all ones.
    for start, end in ((1432, 1620), (1664, 1712), (1732, 1864)):
        header[start:end] = bytes(end - start)
    # Orientation left to right, top to bottom; one image element.
    struct.pack_into(">HHII", header, 768, 0, 1, width, height)
    low, high = _reference_codes(state, bits)
    transfer, colorimetric = _codes_for(state)
    struct.pack_into(">II", header, 780, 0, low)
    struct.pack_into(">I", header, 792, high)
    struct.pack_into(">BBBBHHIII", header, 800, _RGB, transfer, colorimetric, bits, 0 if bits == 16 else 1,
                     0, _HEADER, 0, 0)  # fmt: skip
    header[820:852] = bytes(32)
    if rate is not None:
        struct.pack_into(">f", header, _FILM_RATE, float(rate))
        struct.pack_into(">f", header, _TV_RATE, float(rate))
    known = None if timecode is None else timecode_bits(timecode)
    if known is not None:
        struct.pack_into(">I", header, _TIMECODE, known)
    header.extend(bytes(size - _HEADER))
    _pack_into(header, codes, bits)
    return header
