"""PNG, TIFF, OpenEXR, DPX and Radiance through OpenImageIO, samples exactly as stored.

OpenImageIO is told not to associate alpha and not to convert YCbCr or log colour.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from candela_engines.errors import InfrastructureError, MediaError
from candela_engines.media.decoded import Decoded, MetadataValue, TagFinding
from candela_engines.media.exr_window import on_display_window
from candela_engines.media.source import guard_ratio, guard_size
from candela_engines.media.tags_dpx import read_dpx_header
from candela_engines.media.tags_oiio import oiio_finding
from candela_engines.media.tags_png import PngHeader, png_finding, read_png_header

__all__ = ["oiio_module", "read_with_oiio"]

# Decoded bytes that one byte of the file can stand for. Deflate packs at most 1032:1; the wavelet and DCT
# codecs of OpenEXR, Zstandard and CCITT in TIFF go further on flat pictures.
_MOST_PER_BYTE = {"png": 1032, "tiff": 50_000, "openexr": 50_000, "hdr": 1000, "dpx": 300}

_MAX_PARTS = 1000

_KEPT = {
    "Orientation": "orientation",
    "XResolution": "x_resolution",
    "YResolution": "y_resolution",
    "PixelAspectRatio": "pixel_aspect_ratio",
    "smpte:TimeCode": "timecode",
    "dpx:TimeCode": "timecode",
    "FramesPerSecond": "frames_per_second",
    "Software": "software",
    "whiteLuminance": "white_luminance_nits",
    "maxCLL": "max_cll_nits",
    "maxFALL": "max_fall_nits",
    "masteringPeak": "mastering_peak_nits",
    "compression": "compression",
}


def oiio_module() -> ModuleType:
    """OpenImageIO, or InfrastructureError naming the package to install."""
    try:
        return importlib.import_module("OpenImageIO")
    except ImportError as error:
        raise InfrastructureError(
            f"the package OpenImageIO is needed for this format and cannot be imported ({error}); "
            "install it with: pip install OpenImageIO"
        ) from error


def read_with_oiio(path: Path, format_: str) -> Decoded:
    """Decode `path`, whose first bytes announce `format_`.

    Raises MediaError with OpenImageIO's reason for what cannot be read or represented.
    """
    header = read_png_header(path) if format_ == "png" else None
    if header is not None:
        _guard(path, "png", header.width, header.height, header.raw_bytes)
    oiio = oiio_module()
    config = oiio.ImageSpec()
    config["oiio:UnassociatedAlpha"] = 1
    config["oiio:RawColor"] = 1
    source = oiio.ImageInput.open(str(path), config)
    if source is None:
        reason = _reason(oiio)
        if "ubsampled" in reason:
            reason = "it stores luminance and subsampled chroma (Y, RY, BY); save it as RGB first"
        raise MediaError(f"{path}: cannot be opened as {format_}: {reason}")
    try:
        if source.format_name() != format_:
            raise MediaError(f"{path}: begins like {format_} but is not a readable {format_} file")
        return _decode(source, path, format_, header)
    except UnicodeDecodeError:
        raise MediaError(f"{path}: the names in its header are not text; it is damaged") from None
    except MemoryError:
        raise InfrastructureError(f"{path}: not enough memory to decode it") from None
    finally:
        source.close()


def _reason(speaker: Any) -> str:
    """The pending error of OpenImageIO or of one of its readers, on one line.

    A message may quote bytes of a damaged file, which the binding then fails to turn into text.
    """
    try:
        return " ".join(speaker.geterror().split()) or "no reason given"
    except UnicodeDecodeError:
        return "its header is damaged"


def _guard(path: Path, format_: str, width: int, height: int, decoded_bytes: int) -> None:
    guard_size(path, width, height)
    guard_ratio(path, decoded_bytes, path.stat().st_size, most=_MOST_PER_BYTE[format_])


def _colour_channels(names: tuple[str, ...]) -> tuple[int, ...] | None:
    """Indices of R, G, B, or of the one luminance channel; None where there is neither."""
    upper = [name.upper() for name in names]
    for triple in (("R", "G", "B"), ("RED", "GREEN", "BLUE")):
        if all(name in upper for name in triple):
            return tuple(upper.index(name) for name in triple)
    if "Y" in upper and "RY" not in upper and "BY" not in upper:
        return (upper.index("Y"),)
    return None


def _pick_part(source: Any, path: Path) -> tuple[int, Any, tuple[int, ...], list[str]]:
    """The first part that has R, G, B (else the first with Y): its number, spec, channels, and notes."""
    grey: tuple[int, Any, tuple[int, ...]] | None = None
    seen: list[str] = []
    for part in range(_MAX_PARTS):
        if not source.seek_subimage(part, 0):
            break
        spec = source.spec()
        names = tuple(spec.channelnames)
        chosen = _colour_channels(names)
        if chosen is not None and len(chosen) == 3:
            return part, spec, chosen, seen
        if chosen is not None and grey is None:
            grey = (part, spec, chosen)
        seen.append(", ".join(names[:12]))
    if grey is not None:
        source.seek_subimage(grey[0], 0)
        return grey[0], source.spec(), grey[2], []
    raise MediaError(f"{path}: no part holds R, G, B or Y channels (found: {' | '.join(seen) or 'none'})")


def _decode(source: Any, path: Path, format_: str, header: PngHeader | None) -> Decoded:
    part, spec, colour, skipped = _pick_part(source, path)
    names = tuple(spec.channelnames)
    notes = [f"read part {part + 1}; parts before it have no R, G, B"] if skipped else []
    _refuse_foreign_colour(spec, path, format_)
    alpha = spec.alpha_channel if spec.alpha_channel >= 0 else None
    wanted = [*colour, *([alpha] if alpha is not None else [])]
    first, last = min(wanted), max(wanted) + 1
    sample_type, bits = _sample_type(spec, path, format_, wanted)
    if header is None:
        size = np.dtype(sample_type).itemsize * spec.nchannels
        _guard(path, format_, spec.width, spec.height, spec.width * spec.height * size)
        guard_size(path, spec.full_width, spec.full_height)
    samples = source.read_image(part, 0, first, last, sample_type)
    if samples is None:
        raise MediaError(f"{path}: cannot be decoded: {_reason(source)}")
    if samples.ndim == 2:
        samples = samples[:, :, np.newaxis]
    if bits not in (8, 16, 32):
        # Readers widen 10- and 12-bit codes to 16 bits by repeating their top bits: the shift undoes it.
        samples >>= 16 - bits
    if format_ == "openexr":
        samples, window_notes = on_display_window(samples, spec)
        notes += window_notes
    tags, metadata = _tags(spec, path, format_, header, bits)
    extra = [name for index, name in enumerate(names) if index not in wanted]
    if extra:
        notes.append(f"kept out of the picture: channels {', '.join(extra)}")
    orientation = metadata.get("orientation", 1)
    if orientation != 1:
        notes.append(f"orientation {orientation} is not applied: pixels are as stored")
    return Decoded(
        format=format_,
        samples=samples,
        bits=bits,
        channels=names[first:last],
        colour_channels=tuple(index - first for index in colour),
        alpha_channel=None if alpha is None else alpha - first,
        original_channels=names,
        tags=tags,
        metadata=metadata,
        notes=tuple(notes),
        associated=alpha is not None and _associated(spec, format_),
    )


def _associated(spec: Any, format_: str) -> bool:
    """Whether colours are multiplied by alpha: in OpenEXR by definition, in TIFF by ExtraSamples 1."""
    if format_ == "tiff":
        return not spec.get_int_attribute("oiio:UnassociatedAlpha", 0)
    return format_ == "openexr"


def _refuse_foreign_colour(spec: Any, path: Path, format_: str) -> None:
    space = spec.get_string_attribute("tiff:ColorSpace")
    if format_ == "tiff" and space in ("CMYK", "color separated", "CIELAB", "ICCLAB", "ITULAB", "YCbCr"):
        raise MediaError(f"{path}: a TIFF in {space}; convert it to RGB first")
    if format_ == "dpx":
        kind = spec.get_string_attribute("dpx:ImageDescriptor")
        if kind not in ("RGB", "RGBA", "ABGR", "Luma"):
            raise MediaError(f"{path}: a DPX holding {kind or 'unknown components'}; convert it to RGB first")


def _sample_type(spec: Any, path: Path, format_: str, wanted: list[int]) -> tuple[str, int]:
    """The type to ask OpenImageIO for, and the significant bits."""
    kinds = {str(spec.channelformat(index)) for index in wanted}
    if kinds == {"half"}:
        return "half", 16
    if kinds <= {"half", "float"}:
        return "float", 32
    if kinds == {"uint8"}:
        return "uint8", 8
    if kinds == {"uint16"}:
        bits = spec.get_int_attribute("oiio:BitsPerSample", 16)
        return "uint16", bits if format_ in ("dpx", "tiff") and 8 < bits < 16 else 16
    raise MediaError(
        f"{path}: samples of type {', '.join(sorted(kinds))}; read are 8 to 16-bit unsigned integers, "
        "half and 32-bit float"
    )


def _tags(
    spec: Any, path: Path, format_: str, header: PngHeader | None, bits: int
) -> tuple[TagFinding, dict[str, MetadataValue]]:
    metadata: dict[str, MetadataValue] = {}
    for attribute in spec.extra_attribs:
        name = _KEPT.get(attribute.name)
        if name is None:
            continue
        try:
            value = attribute.value
        except UnicodeDecodeError:
            # Old software writes Latin-1 there; what it says is not worth refusing the picture.
            continue
        if isinstance(value, (str, int, float)):
            metadata[name] = value
    if header is not None:
        finding, more = png_finding(header)
    elif format_ == "dpx":
        finding, more = read_dpx_header(path, bits)
    else:
        finding, more = oiio_finding(spec, format_)
    metadata.update(more)
    return finding, metadata
