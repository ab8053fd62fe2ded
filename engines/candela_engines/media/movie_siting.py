"""Where the chroma samples of a 4:2:0 stream lie: PyAV does not say, so the parameter sets are asked.

Sources: Rec. ITU-T H.265 (7.3.2.2, E.2.1) and H.264 (7.3.2.1.1, E.1.1) down to chroma_sample_loc_type, whose
inferred value is 0, left; AV1-ISOBMFF 2.3.3 (av1C); the C tag of YUV4MPEG2. Samples of 4:2:2 lie on every
second pixel (BT.601, BT.709, BT.2020).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from candela_engines.media.movie_file import MovieFile
from candela_engines.media.movie_pixels import PixelLayout
from candela_engines.media.movie_rgb import Siting
from candela_engines.media.source import open_source

__all__ = ["chroma_siting", "location_of_h264", "location_of_hevc"]

_LEFT = 0
# H.273, table 6 and figure 1: across and down, in pixels.
_PLACES: tuple[Siting, ...] = ((0.0, 0.5), (0.5, 0.5), (0.0, 0.0), (0.5, 0.0), (0.0, 1.0), (0.5, 1.0))
_NAMES = ("left", "centre", "top left", "top", "bottom left", "bottom")
_HIGH_PROFILES = (100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135)


def chroma_siting(file: MovieFile, path: Path, layout: PixelLayout) -> tuple[Siting, str]:
    """The place of the first chroma sample, and a note where it is another than left."""
    if (layout.across, layout.down) != (2, 2):
        return (0.0, 0.0), ""
    data = bytes(file.stream.codec_context.extradata or b"")
    location = _LEFT
    try:
        if file.codec == "hevc":
            location = location_of_hevc(data)
        elif file.codec == "h264":
            location = location_of_h264(data)
        elif file.codec == "av1" and data[:1] == b"\x81" and len(data) >= 3:
            location = {2: 2}.get(data[2] & 3, _LEFT)
        elif file.kind == "y4m":
            location = _location_of_y4m(path)
    except (IndexError, ValueError):
        location = _LEFT  # a parameter set that breaks off: what holds where none is there
    note = f"chroma samples lie {_NAMES[location]}, as the stream says" if location != _LEFT else ""
    return _PLACES[location], note


def _location_of_y4m(path: Path) -> int:
    with open_source(path) as stream:
        words = stream.readline(256).split()
    tag = next((word[1:] for word in words[1:] if word[:1] == b"C"), b"420jpeg")
    return {b"420": 1, b"420jpeg": 1, b"420paldv": 2}.get(tag, _LEFT)


class _Bits:
    """The bits of a parameter set, first the highest; IndexError at their end."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = 8 * len(data)

    def u(self, count: int) -> int:
        if count > self._left:
            raise IndexError("the parameter set breaks off")
        self._left -= count
        return (self._value >> self._left) & ((1 << count) - 1)

    def ue(self) -> int:
        zeros = 0
        while not self.u(1):
            zeros += 1
            if zeros > 32:
                raise ValueError("no number is that long")
        return (1 << zeros) - 1 + self.u(zeros)

    def skip_ue(self, count: int) -> None:
        for _ in range(count):
            self.ue()


def _units(data: bytes, lengths_from: int) -> Iterator[bytes]:
    """The NAL units of start codes, or of a configuration record by their 16-bit lengths; unescaped."""
    if data[:3] == b"\0\0\1" or data[:4] == b"\0\0\0\1":
        units = data.split(b"\0\0\1")[1:]
    else:
        units = []
        at = lengths_from
        while at + 2 <= len(data):
            size = int.from_bytes(data[at : at + 2], "big")
            units.append(data[at + 2 : at + 2 + size])
            at += 2 + size
            if lengths_from == 26 and at < len(data):  # hvcC: a type and a count before the next array
                at += 3
    for unit in units:
        yield unit.replace(b"\0\0\3", b"\0\0")


def location_of_hevc(extradata: bytes) -> int:
    """chroma_sample_loc_type of the first sequence parameter set of HEVC; 0 where it is not said."""
    for unit in _units(extradata, 26):
        if len(unit) > 2 and (unit[0] >> 1) & 63 == 33:
            return _hevc_sps(_Bits(unit[2:]))
    return _LEFT


def _hevc_sps(bits: _Bits) -> int:
    bits.u(4)
    layers = bits.u(3)
    bits.u(1 + 96)
    present = [(bits.u(1), bits.u(1)) for _ in range(layers)]
    bits.u(2 * (8 - layers) if layers else 0)
    for profile, level in present:
        bits.u(88 * profile + 8 * level)
    bits.ue()
    if bits.ue() == 3:
        bits.u(1)
    bits.skip_ue(2)
    if bits.u(1):
        bits.skip_ue(4)
    bits.skip_ue(2)
    poc_bits = bits.ue() + 4
    bits.skip_ue(3 * (layers + 1 if bits.u(1) else 1))
    bits.skip_ue(6)
    if bits.u(1) and bits.u(1):
        _hevc_scaling(bits)
    bits.u(2)
    if bits.u(1):
        bits.u(8)
        bits.skip_ue(2)
        bits.u(1)
    _reference_sets(bits)
    if bits.u(1):
        for _ in range(bits.ue()):
            bits.u(poc_bits + 1)
    bits.u(2)
    return _location_in_vui(bits) if bits.u(1) else _LEFT


def _hevc_scaling(bits: _Bits) -> None:
    for size in range(4):
        for _ in range(2 if size == 3 else 6):
            if bits.u(1):
                bits.skip_ue(min(64, 1 << (4 + 2 * size)) + (size > 1))
            else:
                bits.ue()


def _reference_sets(bits: _Bits) -> None:
    before = 0
    for index in range(bits.ue()):
        if index and bits.u(1):
            bits.u(1)
            bits.ue()
            before = sum(bits.u(1) or bits.u(1) for _ in range(before + 1))
        else:
            before = bits.ue() + bits.ue()
            for _ in range(before):
                bits.ue()
                bits.u(1)


def location_of_h264(extradata: bytes) -> int:
    """chroma_sample_loc_type_top_field of the first sequence parameter set; 0 where it is not said."""
    for unit in _units(extradata, 6):
        if len(unit) > 4 and unit[0] & 31 == 7:
            return _h264_sps(_Bits(unit[1:]))
    return _LEFT


def _h264_sps(bits: _Bits) -> int:
    profile = bits.u(8)
    bits.u(16)
    bits.ue()
    if profile in _HIGH_PROFILES:
        chroma = bits.ue()
        bits.u(1 if chroma == 3 else 0)
        bits.skip_ue(2)
        bits.u(1)
        if bits.u(1):
            for index in range(12 if chroma == 3 else 8):
                if bits.u(1):
                    _h264_scaling(bits, 16 if index < 6 else 64)
    bits.ue()
    order = bits.ue()
    if order == 0:
        bits.ue()
    elif order == 1:
        bits.u(1)
        bits.skip_ue(2)
        bits.skip_ue(bits.ue())
    bits.ue()
    bits.u(1)
    bits.skip_ue(2)
    if not bits.u(1):
        bits.u(1)
    bits.u(1)
    if bits.u(1):
        bits.skip_ue(4)
    return _location_in_vui(bits) if bits.u(1) else _LEFT


def _h264_scaling(bits: _Bits, count: int) -> None:
    last = following = 8
    for _ in range(count):
        if following:
            code = bits.ue()
            following = (last + ((code + 1) // 2 if code % 2 else -(code // 2))) % 256
        last = following or last


def _location_in_vui(bits: _Bits) -> int:
    """The beginning of the video usability information, which both standards share."""
    if bits.u(1) and bits.u(8) == 255:
        bits.u(32)
    if bits.u(1):
        bits.u(1)
    if bits.u(1):
        bits.u(4)
        if bits.u(1):
            bits.u(24)
    if not bits.u(1):
        return _LEFT
    top = bits.ue()
    return top if top < len(_PLACES) else _LEFT
