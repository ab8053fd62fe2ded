"""AVIF, 10 or 12 bits, 4:4:4, full range, with nclx, and clli and mdcv put in by our own hand.

Sources: AV1-ISOBMFF 1.2; ISO/IEC 23008-12 (ipco, ipma), 14496-12 (iloc, clli, mdcv).
"""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour.state import ColourState
from candela_engines.errors import InputError, MediaError
from candela_engines.media.codecs import imagecodecs_module
from candela_engines.media.light import LightLevels, mastering_display
from candela_engines.media.tags_bmff import Box, boxes
from candela_engines.media.tags_cicp import cicp_of

__all__ = ["AVIF_BITS", "add_properties", "encode_avif"]

AVIF_BITS = (8, 10, 12)

# H.273 matrix of Y'CbCr by primaries: BT.2020 non-constant luminance, else BT.709.
_MATRIX = {"bt2020": 9, "bt709": 1, "p3d65": 1}


def encode_avif(
    codes: NDArray[np.uint8] | NDArray[np.uint16],
    state: ColourState,
    bits: int,
    *,
    quality: int,
    levels: LightLevels,
) -> bytes:
    """An AVIF of (H, W, 3 or 4) codes.

    quality: 1 to 100; at 100 the coding is lossless and Y'CbCr moves a code by at most 1. One thread, because
    the bytes depend on their number. Raises InputError for a state without CICP codes.
    """
    if bits not in AVIF_BITS or not 1 <= quality <= 100:
        raise InputError(f"AVIF with {bits} bits, quality {quality}: written are 8, 10, 12 and 1 to 100")
    matrix = _MATRIX.get(state.primaries, 1)
    cicp = cicp_of(state, matrix=matrix) if state.ocio_space is None else None
    if cicp is None or state.range != "full":
        raise InputError(
            f"AVIF has no tag for {state.primaries} {state.transfer} {state.range}; choose an encoding such "
            "as rec2100-pq, or write .exr or .tif"
        )
    plain = imagecodecs_module().avif_encode(
        np.ascontiguousarray(codes), quality, speed=6, bitspersample=bits, pixelformat="444",
        primaries=cicp.primaries, transfer=cicp.transfer, matrix=matrix, numthreads=1,
    )  # fmt: skip
    extra = []
    if levels.max_cll is not None or levels.max_fall is not None:
        light = struct.pack(">HH", round(levels.max_cll or 0), round(levels.max_fall or 0))
        extra.append((b"clli", light))
    if levels.mastering_peak:
        extra.append((b"mdcv", mastering_display(state, levels.mastering_peak, "GBR")))
    return add_properties(bytes(plain), extra)


def _child(data: bytes, parent: Box, kind: bytes, skip: int = 0) -> Box:
    for box in boxes(data, parent.body + skip, parent.end):
        if box.kind == kind:
            return box
    raise MediaError(f"the encoded AVIF has no {kind.decode()} box")


def add_properties(data: bytes, extra: list[tuple[bytes, bytes]]) -> bytes:
    """`data` with property boxes (kind, body) added to its primary item, offsets moved along.

    Written for what libavif makes: one meta before mdat, 32-bit box sizes, ipma version 0 without wide
    indices. Raises MediaError for another structure.
    """
    if not extra:
        return data
    meta = next((box for box in boxes(data, 0, len(data)) if box.kind == b"meta"), None)
    if meta is None:
        raise MediaError("the encoded AVIF has no meta box")
    pitm, iloc = _child(data, meta, b"pitm", 4), _child(data, meta, b"iloc", 4)
    iprp = _child(data, meta, b"iprp", 4)
    ipco, ipma = _child(data, iprp, b"ipco"), _child(data, iprp, b"ipma")
    known = len(list(boxes(data, ipco.body, ipco.end)))
    if data[pitm.body] or data[ipma.body] or data[ipma.body + 3] & 1 or known + len(extra) > 127:
        raise MediaError("the encoded AVIF has a structure that is not expected")
    item = struct.unpack_from(">H", data, pitm.body + 4)[0]
    at = ipma.body + 8
    while struct.unpack_from(">H", data, at)[0] != item:
        at += 3 + data[at + 2]
        if at >= ipma.end:
            raise MediaError("the encoded AVIF gives its primary item no properties")
    associations_end = at + 3 + data[at + 2]
    added = b"".join(struct.pack(">I4s", 8 + len(body), kind) + body for kind, body in extra)
    indices = bytes(range(known + 1, known + 1 + len(extra)))
    grown = len(added) + len(indices)

    patched = bytearray(data)
    patched[at + 2] += len(extra)
    for box, more in ((meta, grown), (iprp, grown), (ipco, len(added)), (ipma, len(indices))):
        struct.pack_into(">I", patched, box.start, box.end - box.start + more)
    _move_offsets(patched, iloc, grown)
    # The later place first, so that the earlier offset still holds.
    places = sorted(((ipco.end, added), (associations_end, indices)), reverse=True)
    for place, content in places:
        patched[place:place] = content
    return bytes(patched)


def _move_offsets(data: bytearray, iloc: Box, by: int) -> None:
    """Add `by` to every file offset of an iloc box of version 0 with 4-byte offsets and no base offset."""
    version, sizes = data[iloc.body], struct.unpack_from(">H", data, iloc.body + 4)[0]
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    if version != 0 or (offset_size, length_size, base_size) != (4, 4, 0):
        raise MediaError("the encoded AVIF has an iloc box that is not expected")
    (count,) = struct.unpack_from(">H", data, iloc.body + 6)
    at = iloc.body + 8
    for _ in range(count):
        (extents,) = struct.unpack_from(">H", data, at + 4)
        at += 6
        for _ in range(extents):
            (offset,) = struct.unpack_from(">I", data, at)
            struct.pack_into(">I", data, at, offset + by)
            at += 8
