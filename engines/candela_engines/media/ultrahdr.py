"""Ultra HDR JPEG: an SDR base and a gain map in one file, read by libultrahdr.

Sources: Ultra HDR Image Format v1.1 (Android), ISO 21496-1:2025 annex C (binary metadata), CIPA DC-007 (MPF).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour.gamuts import apply_matrix, rgb_to_rgb
from candela_engines.colour.state import ColourState, Primaries
from candela_engines.errors import MediaError
from candela_engines.media.codecs import decode_with
from candela_engines.media.jpeg_reader import decode_jpeg
from candela_engines.media.source import read_source
from candela_engines.media.still import Still, still_of
from candela_engines.media.tags_icc import icc_primaries
from candela_engines.media.tags_jpeg import JpegStructure, parse_jpeg

__all__ = ["ISO_LABEL", "SDR_WHITE_NITS", "is_ultrahdr", "read_ultrahdr"]

#: Light of 1.0 in the decoder's linear output: SDR white by ITU-R BT.2408.
SDR_WHITE_NITS = 203.0

ISO_LABEL = b"urn:iso:std:iso:ts:21496:-1\0"
_STRIP_PIXELS = 1 << 20
_MAX_PICTURES = 16


def _gain_map(data: bytes, start: int, path: Path) -> JpegStructure | None:
    """The gain map picture after the primary one: the first that carries gain map metadata."""
    for _ in range(_MAX_PICTURES):
        start = data.find(b"\xff\xd8\xff", start)
        if start < 0:
            return None
        try:
            found = parse_jpeg(data, path, start)
        except MediaError:
            return None
        if any(body.startswith(ISO_LABEL) or b"hdrgm" in body for _, _, body in found.app_segments):
            return found
        start = found.end
    return None


def is_ultrahdr(path: Path | str) -> bool:
    """Whether a file is a JPEG with a gain map. Raises MediaError for a JPEG that is broken."""
    path = Path(path)
    data = read_source(path)
    if not data.startswith(b"\xff\xd8\xff"):
        return False
    return _gain_map(data, parse_jpeg(data, path).end, path) is not None


def _output_primaries(base: JpegStructure, gain: JpegStructure, path: Path) -> Primaries:
    """The gamut of libultrahdr's output: that of the gain map's ICC profile, else of the base's.

    So whatever the metadata says of the space in which the map applies: the decoder converts (applyGainMap
    in its jpegr.cpp; confirmed by measurement). A base without a profile is sRGB by the Ultra HDR format.
    """
    own = icc_primaries(gain.icc_profile)
    if own is not None:
        return own
    if not base.icc_profile:
        return "bt709"
    found = icc_primaries(base.icc_profile)
    if found is None:
        raise MediaError(f"{path}: the profile of its base names a gamut that we do not know")
    return found


def read_ultrahdr(
    path: Path | str, *, colour: ColourState | None = None
) -> tuple[Still, NDArray[np.float32]]:
    """The SDR base as `read_still` gives it, and the HDR that the gain map makes of it at full strength.

    Returns (sdr, nits): nits is (H, W, 3) float32, absolute linear BT.2020, SDR white at 203 nit; negative
    components are colours outside BT.2020's triangle after the matrix, kept. colour: the state of the base,
    as for `read_still`; it does not change how the map applies, which is by the format.
    Raises MediaError for a JPEG without a gain map.
    """
    path = Path(path)
    data = read_source(path)
    base = parse_jpeg(data, path)
    gain = _gain_map(data, base.end, path)
    if gain is None:
        raise MediaError(f"{path}: a plain JPEG without a gain map; there is no HDR in it")
    sdr = still_of(decode_jpeg(data, path), path, colour=colour)
    linear = np.asarray(decode_with("ultrahdr_decode", data, path, dtype=np.float16))
    if linear.shape != (*sdr.codes.shape[:2], 4):
        raise MediaError(f"{path}: the gain map decodes to {linear.shape}, the base is {sdr.codes.shape}")
    matrix = rgb_to_rgb(_output_primaries(base, gain, path), "bt2020") * SDR_WHITE_NITS
    nits = np.empty(sdr.codes.shape, dtype=np.float32)
    rows = max(1, _STRIP_PIXELS // linear.shape[1])
    for top in range(0, linear.shape[0], rows):
        strip = linear[top : top + rows, :, :3].astype(np.float32)
        nits[top : top + rows] = apply_matrix(strip, matrix)
    return sdr, nits
