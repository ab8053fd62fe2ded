"""The hash that binds a payload to its picture.

Canonical form, version 1. SHA-256 over, without padding:

    8 bytes   "CNDLPIC1"
    1 byte    significant bits of a sample: 8, 10, 12, 16 …; 32 for float samples
    1 byte    kind: 0 unsigned integer, 1 float
    4 bytes   height, unsigned, little-endian
    4 bytes   width, unsigned, little-endian
    then, for each row from the top and each pixel from the left, R, G, B:
        kind 0: the code, one byte up to 8 bits, else two bytes little-endian
        kind 1: IEEE 754 binary32, little-endian, half floats widened exactly

Alpha, extra channels, metadata, tags and orientation are no part of it. A grey picture counts as R = G = B.
The same codes give the same hash in a PNG, a TIFF or a DPX.
"""

from __future__ import annotations

import hashlib
import struct

import numpy as np

from candela_engines.errors import MediaError
from candela_engines.media.decoded import Samples

__all__ = ["hash_samples"]

_MAGIC = b"CNDLPIC1"
_STRIP_BYTES = 1 << 24


def hash_samples(codes: Samples, bits: int) -> bytes:
    """SHA-256 of the canonical form of `codes`, (H, W, 3) uint8, uint16, float16 or float32; 32 bytes.

    Works in strips of rows, so a 16k-wide picture costs no second copy. Raises MediaError for another
    shape or type.
    """
    if codes.ndim != 3 or codes.shape[2] != 3:
        raise MediaError(f"the samples to hash have shape {codes.shape}, expected (H, W, 3)")
    if (codes.dtype.kind, codes.dtype.itemsize) in (("u", 1), ("u", 2)):
        kind, stored = 0, "u1" if bits <= 8 else "<u2"
    elif (codes.dtype.kind, codes.dtype.itemsize) in (("f", 2), ("f", 4)):
        kind, stored, bits = 1, "<f4", 32
    else:
        raise MediaError(f"samples of type {codes.dtype} have no canonical form")
    height, width, _ = codes.shape
    digest = hashlib.sha256(_MAGIC + struct.pack("<BBII", bits, kind, height, width))
    rows = max(1, _STRIP_BYTES // max(1, width * 12))
    for top in range(0, height, rows):
        digest.update(np.ascontiguousarray(codes[top : top + rows], dtype=stored).data)
    return digest.digest()
