"""Ultra HDR JPEG around an SDR base that the user has: gain map computed here, the base's scan kept.

Sources: ISO 21496-1:2025 (gain map, equations 1 to 4; binary metadata, annex C), Ultra HDR Image Format v1.1
(XMP container), CIPA DC-007 (MPF).
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour import srgb
from candela_engines.colour.gamuts import apply_matrix, rgb_to_rgb
from candela_engines.colour.state import ColourState, Primaries
from candela_engines.errors import InputError
from candela_engines.media.codecs import imagecodecs_module
from candela_engines.media.icc_build import build_icc
from candela_engines.media.tags_icc import icc_primaries
from candela_engines.media.tags_jpeg import parse_jpeg
from candela_engines.media.ultrahdr import ISO_LABEL, SDR_WHITE_NITS

__all__ = ["GainMap", "assemble", "base_primaries", "compute_gain_map", "encode_from_hdr"]

_OFFSET = 1 / 64
_STRIP_PIXELS = 1 << 20
_XMP = b"http://ns.adobe.com/xap/1.0/\0"


@dataclass(frozen=True, slots=True)
class GainMap:
    """codes: (H, W, 3) uint8; low, high: log2 gain of code 0 and 255, three each; lost: negative samples."""

    codes: NDArray[np.uint8]
    low: tuple[float, float, float]
    high: tuple[float, float, float]
    lost: int


def base_primaries(profile: bytes) -> Primaries:
    """The gamut in which decoders apply the map: the base's profile, sRGB where it has none.

    Raises InputError for a profile of another gamut than sRGB, Display P3 or BT.2020.
    """
    if not profile:
        return "bt709"
    found = icc_primaries(profile)
    if found not in ("bt709", "p3d65", "bt2020"):
        raise InputError("the SDR base has an ICC profile of a gamut that Ultra HDR readers do not know")
    return found


def compute_gain_map(nits: NDArray[np.float32], sdr: NDArray[np.float32], primaries: Primaries) -> GainMap:
    """The map that takes the SDR base to `nits` in every reader.

    nits: (H, W, 3) absolute linear BT.2020. sdr: (H, W, 3) full-range codes 0..1 of the base. Readers decode
    the base with the sRGB curve whatever it was graded on, so the gain is taken against that.
    HDR that is negative in the base's gamut cannot be expressed and counts as lost.
    """
    height, width, _ = nits.shape
    rows = max(1, _STRIP_PIXELS // width)
    gain = np.empty(nits.shape, dtype=np.float32)
    matrix = rgb_to_rgb("bt2020", primaries) / SDR_WHITE_NITS
    lost = 0
    for top in range(0, height, rows):
        light = np.nan_to_num(apply_matrix(nits[top : top + rows], matrix), nan=0.0, posinf=50.0, neginf=0.0)
        lost += int(np.count_nonzero(light < -1e-4))
        base = srgb.eotf(sdr[top : top + rows])
        gain[top : top + rows] = np.log2((np.maximum(light, 0) + _OFFSET) / (base + _OFFSET))
    low = gain.min(axis=(0, 1)).astype(np.float64)
    # The ISO headroom has to be above that of SDR, and a flat map needs a width.
    high = np.maximum(gain.max(axis=(0, 1)).astype(np.float64), low + 1 / 256)
    low, high = np.floor(low * 65536) / 65536, np.ceil(high * 65536) / 65536
    codes = np.empty(gain.shape, dtype=np.uint8)
    for top in range(0, height, rows):
        codes[top : top + rows] = np.rint((gain[top : top + rows] - low) / (high - low) * 255)
    return GainMap(codes, (low[0], low[1], low[2]), (high[0], high[1], high[2]), lost)


def _headroom(gain: GainMap) -> float:
    """log2 of the HDR peak over SDR white at which the map applies in full."""
    return max(1 / 16, *gain.high)


def _iso_metadata(gain: GainMap) -> bytes:
    def number(value: float) -> bytes:
        return struct.pack(">iI", round(value * 65536), 65536)

    # Version 0, written by 0; three channels, map applies in the base's colour space.
    out = struct.pack(">HHB", 0, 0, 0x80 | 0x40) + number(0.0) + number(_headroom(gain))
    for low, high in zip(gain.low, gain.high, strict=True):
        out += number(low) + number(high) + number(1.0) + number(_OFFSET) + number(_OFFSET)
    return ISO_LABEL + out


def _xmp(inner: str) -> bytes:
    return _XMP + (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f"{inner}</rdf:RDF></x:xmpmeta>"
    ).encode("ascii")


def _gain_xmp(gain: GainMap) -> bytes:
    def sequence(name: str, values: tuple[float, ...]) -> str:
        items = "".join(f"<rdf:li>{value:.8g}</rdf:li>" for value in values)
        return f"<hdrgm:{name}><rdf:Seq>{items}</rdf:Seq></hdrgm:{name}>"

    return _xmp(
        '<rdf:Description rdf:about="" xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" '
        f'hdrgm:Version="1.0" hdrgm:Gamma="1" hdrgm:OffsetSDR="{_OFFSET}" hdrgm:OffsetHDR="{_OFFSET}" '
        f'hdrgm:HDRCapacityMin="0" hdrgm:HDRCapacityMax="{_headroom(gain):.8g}" '
        'hdrgm:BaseRenditionIsHDR="False">'
        f"{sequence('GainMapMin', gain.low)}{sequence('GainMapMax', gain.high)}</rdf:Description>"
    )


def _container_xmp(gain_length: int) -> bytes:
    def item(semantic: str, length: str) -> str:
        return (
            f'<rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="{semantic}" '
            f'Item:Mime="image/jpeg"{length}/></rdf:li>'
        )

    return _xmp(
        '<rdf:Description rdf:about="" xmlns:Container="http://ns.google.com/photos/1.0/container/" '
        'xmlns:Item="http://ns.google.com/photos/1.0/container/item/" '
        'xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0">'
        "<Container:Directory><rdf:Seq>"
        + item("Primary", "")
        + item("GainMap", f' Item:Length="{gain_length}"')
        + "</rdf:Seq></Container:Directory></rdf:Description>"
    )


def _segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def _mpf(primary_size: int, gain_offset: int, gain_size: int) -> bytes:
    """CIPA DC-007: an index IFD of three entries, and two pictures; offsets from its own TIFF header."""
    entries = struct.pack(">IIIHH", 0x030000, primary_size, 0, 0, 0)
    entries += struct.pack(">IIIHH", 0, gain_size, gain_offset, 0, 0)
    ifd = struct.pack(">H", 3)
    ifd += struct.pack(">HHI4s", 0xB000, 7, 4, b"0100")
    ifd += struct.pack(">HHII", 0xB001, 4, 1, 2)
    ifd += struct.pack(">HHII", 0xB002, 7, len(entries), 8 + 2 + 3 * 12 + 4)
    return b"MPF\0" + b"MM\0*" + struct.pack(">I", 8) + ifd + struct.pack(">I", 0) + entries


def _is_gain_map_segment(marker: int, body: bytes) -> bool:
    """Whether a segment belongs to a gain map that the base carried before."""
    if marker == 0xE2:
        return body.startswith((b"MPF\0", ISO_LABEL))
    return marker == 0xE1 and body.startswith(_XMP) and (b"hdr-gain-map" in body or b"GainMap" in body)


def assemble(base: bytes, gain: GainMap, *, quality: int, state: ColourState | None, name: Path) -> bytes:
    """The file: the base's own tables and scan, new metadata segments, then the gain map.

    base: a JPEG; what follows its end marker and the metadata of an older gain map are left out, everything
    else stays. state: of the base, for a profile where it has none.
    """
    structure = parse_jpeg(base, name)
    jpeg = imagecodecs_module().jpeg8_encode(gain.codes, quality, subsampling="444", optimize=True)
    gain_map = b"\xff\xd8" + _segment(0xE1, _gain_xmp(gain)) + _segment(0xE2, _iso_metadata(gain)) + jpeg[2:]

    kept, at, insert_at = bytearray(b"\xff\xd8"), 2, 2
    for marker, offset, body in structure.app_segments:
        kept += base[at:offset]
        at = offset + 4 + len(body)
        if not _is_gain_map_segment(marker, body):
            kept += base[offset:at]
            # JFIF and EXIF come first by their own standards.
            if body.startswith((b"JFIF\0", b"Exif\0\0")):
                insert_at = len(kept)
    kept += base[at : structure.end]

    new = _segment(0xE1, _container_xmp(len(gain_map))) + _segment(0xE2, ISO_LABEL + bytes(4))
    profile = None if structure.icc_profile or state is None else build_icc(state, "SDR base")
    if profile is None and not structure.icc_profile and state is not None and state.primaries != "bt709":
        raise InputError(f"no ICC profile can be made for a base in {state.primaries} {state.transfer}")
    if profile is not None:
        new += _segment(0xE2, b"ICC_PROFILE\0\x01\x01" + profile)
    mpf_size = len(_segment(0xE2, _mpf(0, 0, 0)))
    primary_size = len(kept) + len(new) + mpf_size
    # Offsets count from the byte after "MPF\0", which stands 8 bytes into its segment.
    tiff_header = insert_at + len(new) + 8
    new += _segment(0xE2, _mpf(primary_size, primary_size - tiff_header, len(gain_map)))
    return b"".join((kept[:insert_at], new, kept[insert_at:], gain_map))


def encode_from_hdr(nits: NDArray[np.float32], *, quality: int) -> bytes:
    """An Ultra HDR JPEG whose SDR base libultrahdr makes of the HDR. nits: (H, W, 3) linear BT.2020."""
    module = imagecodecs_module()
    rgba = np.ones((*nits.shape[:2], 4), dtype=np.float16)
    limit = float(np.finfo(np.float16).max)
    finite = np.nan_to_num(nits / np.float32(SDR_WHITE_NITS), nan=0.0, posinf=limit, neginf=0.0)
    rgba[:, :, :3] = np.clip(finite, 0.0, limit)
    peak = float(min(10_000.0, max(SDR_WHITE_NITS, math.ceil(float(rgba[:, :, :3].max()) * SDR_WHITE_NITS))))
    jpeg = module.ultrahdr_encode(
        rgba, quality, gamut=module.ULTRAHDR.CG.BT_2100, transfer=module.ULTRAHDR.CT.LINEAR,
        crange=module.ULTRAHDR.CR.FULL_RANGE, nits=peak,
    )  # fmt: skip
    return bytes(jpeg)
