"""AVIF, HEIF and JPEG XL through imagecodecs, with their colour from our own reading of the headers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from candela_engines.errors import MediaError
from candela_engines.media.codecs import decode_with
from candela_engines.media.decoded import Decoded, MetadataValue, Samples, TagFinding
from candela_engines.media.source import guard_size, read_source
from candela_engines.media.tags_bmff import heif_finding, read_heif_header
from candela_engines.media.tags_jxl import read_jxl_header

__all__ = ["read_with_codecs"]

_CHANNELS = {1: ("Y",), 2: ("Y", "A"), 3: ("R", "G", "B"), 4: ("R", "G", "B", "A")}


def read_with_codecs(path: Path, format_: str) -> Decoded:
    """Decode a still of `format_` avif, heif or jxl. Raises MediaError for what cannot be decoded.

    Samples of AVIF and HEIF are RGB as the decoder makes them of Y'CbCr, so their codes (and the picture
    hash) hold for one decoder family; a picture coded as RGB (matrix 0) or a lossless JPEG XL has none of
    that. Rotation and mirroring are not applied.
    """
    if format_ == "jxl":
        return _read_jxl(path)
    header = read_heif_header(path)
    guard_size(path, header.width, header.height)
    samples = _three_axes(decode_with(f"{format_}_decode", read_source(path), path, index=0), path)
    finding, metadata, notes = heif_finding(header)
    return _decoded(format_, samples, header.bits, finding, metadata, notes, path)


def _read_jxl(path: Path) -> Decoded:
    header = read_jxl_header(path)
    guard_size(path, header.width, header.height)
    samples = _three_axes(
        decode_with("jpegxl_decode", read_source(path), path, index=0, keeporientation=True), path
    )
    metadata: dict[str, MetadataValue] = {}
    notes = []
    if header.orientation != 1:
        metadata["orientation"] = header.orientation
        notes.append(f"orientation {header.orientation} is not applied: pixels are as stored")
    bits = header.bits or 8 * samples.dtype.itemsize
    made = _decoded("jxl", samples, bits, header.tags, metadata, notes, path)
    return replace(made, associated=header.associated)


def _three_axes(samples: object, path: Path) -> Samples:
    array = np.asarray(samples)
    if array.ndim == 2:
        array = array[:, :, np.newaxis]
    if array.ndim != 3 or array.shape[2] not in _CHANNELS:
        raise MediaError(f"{path}: decoded to an array of shape {array.shape}, which is no picture")
    return array


def _decoded(
    format_: str,
    samples: Samples,
    bits: int,
    tags: TagFinding,
    metadata: dict[str, MetadataValue],
    notes: list[str],
    path: Path,
) -> Decoded:
    if samples.dtype.kind == "f":
        bits = 8 * samples.dtype.itemsize
    elif samples.dtype.kind != "u" or not 1 <= bits <= 16 or (bits > 8) != (samples.dtype.itemsize == 2):
        raise MediaError(f"{path}: says {bits} bits but decodes to {samples.dtype}")
    names = _CHANNELS[samples.shape[2]]
    has_alpha = len(names) in (2, 4)
    return Decoded(
        format=format_,
        samples=samples,
        bits=bits,
        channels=names,
        colour_channels=(0, 1, 2) if len(names) >= 3 else (0,),
        alpha_channel=len(names) - 1 if has_alpha else None,
        tags=tags,
        metadata=metadata,
        notes=tuple(notes),
    )
