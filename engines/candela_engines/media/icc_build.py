"""A small display profile with a cicp tag, for formats whose only colour tag is ICC.

Source: ICC.1:2022. Three colorants (Bradford-adapted to D50), one sampled curve for all three, and the cicp
tag, which a reader that knows it takes before the curves. The curves show PQ relative to 10000 nit and HLG
without its OOTF, which a curve cannot hold: readers without cicp get hue and order of tones right, not the
brightness.
"""

from __future__ import annotations

import struct
from dataclasses import replace

import numpy as np

from candela_engines.colour import hlg
from candela_engines.colour.convert import to_nits_rec2020
from candela_engines.colour.state import ColourState
from candela_engines.media.tags_cicp import cicp_of
from candela_engines.media.tags_icc import D50, chad_matrix, colorants_d50

__all__ = ["build_icc"]

_SAMPLES = 4096


def _fixed(*numbers: float) -> bytes:
    """s15Fixed16 numbers."""
    return b"".join(struct.pack(">i", round(float(number) * 65536)) for number in numbers)


def _text(content: str) -> bytes:
    text = content.encode("utf-16-be")
    return struct.pack(">4sIII2s2sII", b"mluc", 0, 1, 12, b"en", b"US", len(text), 28) + text


def _curve(state: ColourState) -> bytes:
    codes = np.linspace(0.0, 1.0, _SAMPLES)
    if state.transfer == "hlg":
        light = hlg.inverse_oetf(codes)
    else:
        # A neutral in the gamut of BT.2020 has three equal channels, so one of them is the curve.
        neutral = np.repeat(codes[:, np.newaxis], 3, axis=1)
        light = to_nits_rec2020(neutral, replace(state, primaries="bt2020", range="full"))[:, 0]
        light = light / light[-1]
    samples: bytes = np.rint(np.clip(light, 0.0, 1.0) * 65535).astype(">u2").tobytes()
    return b"curv\0\0\0\0" + struct.pack(">I", _SAMPLES) + samples


def build_icc(state: ColourState, description: str) -> bytes | None:
    """A profile for full-range RGB in `state`, or None where CICP has no code for it.

    description: the profile's name. No date of the day: the same state gives the same bytes.
    """
    cicp = cicp_of(state)
    if cicp is None or state.range != "full" or state.ocio_space is not None or state.transfer == "linear":
        return None
    colorants = colorants_d50(state.primaries)
    red, green, blue = (b"XYZ \0\0\0\0" + _fixed(*colorants[:, index]) for index in range(3))
    curve = _curve(state)
    entries = [
        (b"desc", _text(description)),
        (b"cprt", _text("CC0")),
        (b"wtpt", b"XYZ \0\0\0\0" + _fixed(*D50)),
        (b"chad", b"sf32\0\0\0\0" + _fixed(*chad_matrix(state.primaries).ravel())),
        (b"cicp", b"cicp\0\0\0\0" + bytes((cicp.primaries, cicp.transfer, 0, 1))),
        (b"rXYZ", red),
        (b"gXYZ", green),
        (b"bXYZ", blue),
        (b"rTRC", curve),
        (b"gTRC", curve),
        (b"bTRC", curve),
    ]
    placed: dict[bytes, int] = {}
    table, body, start = b"", b"", 132 + 12 * len(entries)
    for name, data in entries:
        if data not in placed:
            placed[data] = start + len(body)
            body += data + b"\0" * (-len(data) % 4)
        table += struct.pack(">4sII", name, placed[data], len(data))
    head = bytearray(128)
    struct.pack_into(">I4s4s4s4s4s", head, 0, start + len(body), b"\0" * 4, b"\x04\x40\0\0", b"mntr", b"RGB ",
                     b"XYZ ")  # fmt: skip
    struct.pack_into(">6H", head, 24, 2025, 1, 1, 0, 0, 0)
    head[36:40] = b"acsp"
    head[68:80] = _fixed(*D50)
    return bytes(head) + struct.pack(">I", len(entries)) + table + body
