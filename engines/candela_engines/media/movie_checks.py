"""The checksums of FFV1, which FFmpeg's decoder reports to its log alone while it conceals the slice.

Source: RFC 9043, 4.9 (slice footer): 24 bits of slice size, then, with `ec`, 8 bits of error status and a
CRC-32 (polynomial 0x04C11DB7, not reflected, started at 0) that makes the checksum of the whole slice 0.
"""

from __future__ import annotations

import zlib

__all__ = ["ffv1_sound"]

_FOOTER = 8
_MOST_SLICES = 4096
# zlib reflects its bits: it is given bytes that are turned round.
_TURNED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def _sound(data: bytes) -> bool:
    return zlib.crc32(data.translate(_TURNED), 0xFFFFFFFF) ^ 0xFFFFFFFF == 0


def ffv1_sound(data: bytes) -> bool:
    """Whether every slice of a packet has a checksum and it holds."""
    end = len(data)
    for _ in range(_MOST_SLICES):
        if end < _FOOTER:
            return end == 0
        start = end - _FOOTER - int.from_bytes(data[end - _FOOTER : end - _FOOTER + 3], "big")
        if start < 0 or data[end - 5] or not _sound(data[start:end]):
            return False
        end = start
    return False
