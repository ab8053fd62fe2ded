"""Writing HDR stills: light in, a tagged file out, and a report of what the encoding could not hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour.convert import from_nits_rec2020
from candela_engines.colour.state import ColourState
from candela_engines.errors import InputError
from candela_engines.media.atomic import atomic_path, write_atomic
from candela_engines.media.codecs import imagecodecs_module
from candela_engines.media.light import LightLevels
from candela_engines.media.quantise import Quantised, checked_picture, integer_codes
from candela_engines.media.source import read_source
from candela_engines.media.still import Still
from candela_engines.media.tags_jpeg import parse_jpeg
from candela_engines.media.write_avif import encode_avif
from candela_engines.media.write_dpx import DPX_BITS, encode_dpx
from candela_engines.media.write_oiio import write_exr, write_tiff
from candela_engines.media.write_png import encode_png
from candela_engines.media.write_ultrahdr import (
    assemble,
    base_primaries,
    compute_gain_map,
    encode_from_hdr,
)

__all__ = ["WRITABLE", "WriteReport", "write_hdr", "write_sdr_png"]

#: Extensions that `write_hdr` knows, and the bits of a sample that each can have, its own choice first.
WRITABLE: dict[str, tuple[int, ...]] = {
    ".exr": (16, 32),
    ".png": (16, 8),
    ".tif": (16, 8),
    ".tiff": (16, 8),
    ".dpx": DPX_BITS,
    ".avif": (10, 12, 8),
    ".jpg": (8,),
    ".jpeg": (8,),
}

_HALF_MAX = float(np.finfo(np.float16).max)
_STRIP_PIXELS = 1 << 20


@dataclass(frozen=True, slots=True)
class WriteReport:
    """What was written. clipped_low, clipped_high, nonfinite: samples that the encoding could not hold."""

    path: Path
    format: str
    bits: int
    bytes: int
    clipped_low: int = 0
    clipped_high: int = 0
    nonfinite: int = 0
    notes: tuple[str, ...] = ()


def write_hdr(
    path: Path | str,
    nits: NDArray[np.float32],
    *,
    encoding: ColourState,
    bits: int | None = None,
    alpha: NDArray[np.float32] | None = None,
    sdr: Still | None = None,
    quality: int | None = None,
    extra_metadata: Mapping[str, str] | None = None,
    max_cll: float | None = None,
    max_fall: float | None = None,
    mastering_peak: float | None = None,
) -> WriteReport:
    """Write absolute linear BT.2020 light as a still in `encoding`; the extension chooses the format.

    nits: (H, W, 3) float32. alpha: (H, W) float32, 0..1; colours are written as they come, so premultiplying
    for OpenEXR is the caller's choice.
    encoding: not used for a .jpg, which holds an SDR base and a gain map.
    bits: one of `WRITABLE`, else the format's own; EXR goes to 32 by itself where half would overflow.
    sdr: the base of an Ultra HDR JPEG, whose scan is kept where it is a JPEG; without it one is derived.
    quality: 1 to 100, of AVIF (by itself 100: codes within 1) and of JPEG (by itself 95).
    max_cll, max_fall, mastering_peak: nits, written where the format has a place.
    The file appears whole or not at all; the same arguments give the same bytes.
    Raises InputError for an extension, depth, shape or encoding that cannot be written, InfrastructureError
    for a disk that refuses.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in WRITABLE:
        raise InputError(f"{path}: cannot write {suffix or 'a name without extension'}; written are "
                         f"{', '.join(WRITABLE)}")  # fmt: skip
    if bits is not None and bits not in WRITABLE[suffix]:
        depths = " or ".join(map(str, WRITABLE[suffix]))
        raise InputError(f"{path}: {bits} bits; {suffix} is written with {depths}")
    bits = bits or WRITABLE[suffix][0]
    nits, alpha = checked_picture(nits, alpha)
    levels = LightLevels(max_cll, max_fall, mastering_peak)
    text = dict(extra_metadata or {})
    notes = []
    if encoding.ocio_space is not None and suffix not in (".jpg", ".jpeg"):
        notes.append(f"no standard tag says {encoding.ocio_space!r}: readers have to be told")
        text.setdefault("colour_space", encoding.ocio_space)
        if encoding.ocio_config:
            text.setdefault("ocio_config", encoding.ocio_config)
    if suffix == ".exr":
        return _write_exr(path, nits, encoding, bits, alpha, levels, text, notes)
    if suffix in (".jpg", ".jpeg"):
        if alpha is not None or text:
            notes.append("alpha and metadata have no place in an Ultra HDR JPEG and were left out")
        return _write_ultrahdr(path, nits, sdr, 95 if quality is None else quality, notes)
    if suffix == ".dpx" and (alpha is not None or extra_metadata):
        notes.append("alpha and metadata are left out of DPX")
        alpha = None
    if suffix == ".avif" and extra_metadata:
        notes.append("metadata is left out of AVIF")
    made = integer_codes(nits, encoding, bits, alpha)
    if suffix == ".png":
        size = write_atomic(path, encode_png(made.codes, encoding, levels=levels, text=text))
    elif suffix == ".dpx":
        size = write_atomic(path, encode_dpx(made.codes.astype(np.uint16), encoding, bits, path))
    elif suffix == ".avif":
        quality = 100 if quality is None else quality
        size = write_atomic(path, encode_avif(made.codes, encoding, bits, quality=quality, levels=levels))
    else:
        with atomic_path(path) as temporary:
            write_tiff(temporary, made.codes, encoding, levels=levels, text=text, name=path)
            size = temporary.stat().st_size
    return _report(path, suffix, bits, size, made, notes)


def _report(path: Path, suffix: str, bits: int, size: int, made: Quantised, notes: list[str]) -> WriteReport:
    name = {".tif": "tiff", ".tiff": "tiff"}.get(suffix, suffix[1:])
    return WriteReport(
        path, name, bits, size, made.clipped_low, made.clipped_high, made.nonfinite, tuple(notes)
    )


def _write_exr(
    path: Path,
    nits: NDArray[np.float32],
    encoding: ColourState,
    bits: int,
    alpha: NDArray[np.float32] | None,
    levels: LightLevels,
    text: Mapping[str, str],
    notes: list[str],
) -> WriteReport:
    if encoding.range != "full":
        raise InputError(f"{path}: narrow range is a matter of integer codes; OpenEXR holds full range")
    samples, top, nonfinite = _float_samples(nits, encoding, alpha, half=bits == 16)
    if bits == 16 and top > _HALF_MAX:
        bits = 32
        notes.append(f"written as 32-bit float: {top:g} is above what half holds")
        samples, _, _ = _float_samples(nits, encoding, alpha, half=False)
    if nonfinite:
        notes.append(f"{nonfinite} samples are NaN or infinite; they are written as they are")
    with atomic_path(path) as temporary:
        write_exr(temporary, samples, encoding, half=bits == 16, levels=levels, text=text, name=path)
        size = temporary.stat().st_size
    return WriteReport(path, "exr", bits, size, nonfinite=nonfinite, notes=tuple(notes))


def _float_samples(
    nits: NDArray[np.float32], encoding: ColourState, alpha: NDArray[np.float32] | None, *, half: bool
) -> tuple[NDArray[np.float16] | NDArray[np.float32], float, int]:
    """Pixels in `encoding`, (H, W, 3 or 4); the largest finite magnitude; how many are NaN or infinite."""
    height, width, _ = nits.shape
    samples = np.empty((height, width, 3 if alpha is None else 4), dtype=np.float16 if half else np.float32)
    rows, top, nonfinite = max(1, _STRIP_PIXELS // width), 0.0, 0
    for y in range(0, height, rows):
        strip = np.asarray(from_nits_rec2020(nits[y : y + rows], encoding), dtype=np.float32)
        finite = np.isfinite(strip)
        nonfinite += int(strip.size - np.count_nonzero(finite))
        top = max(top, float(np.max(np.abs(strip), where=finite, initial=0.0)))
        with np.errstate(over="ignore"):
            samples[y : y + rows, :, :3] = strip
    if alpha is not None:
        samples[:, :, 3] = alpha
    return samples, top, nonfinite


def _write_ultrahdr(
    path: Path, nits: NDArray[np.float32], sdr: Still | None, quality: int, notes: list[str]
) -> WriteReport:
    if not 1 <= quality <= 100:
        raise InputError(f"quality {quality}: JPEG takes 1 to 100")
    if sdr is None:
        notes.append("the SDR base was derived from the HDR by libultrahdr")
        low = int(np.count_nonzero(nits < 0))
        nonfinite = int(nits.size - np.count_nonzero(np.isfinite(nits)))
        size = write_atomic(path, encode_from_hdr(nits, quality=quality))
        return WriteReport(path, "jpg", 8, size, low, 0, nonfinite, tuple(notes))
    if sdr.pixels.shape != nits.shape:
        size_of_hdr = f"{nits.shape[1]}x{nits.shape[0]}"
        raise InputError(f"the SDR base is {sdr.size[0]}x{sdr.size[1]}, the HDR is {size_of_hdr}")
    if sdr.state is None:
        raise InputError(f"{sdr.path}: the colour state of the SDR base is needed for an Ultra HDR JPEG")
    base, profile = _base_jpeg(sdr, quality, notes)
    state = None if profile else sdr.state
    primaries = base_primaries(profile) if profile else sdr.state.primaries
    if primaries not in ("bt709", "p3d65", "bt2020"):
        raise InputError(f"Ultra HDR readers know no base in {primaries}; convert it to sRGB or Display P3")
    shown = sdr.pixels
    if sdr.format != "jpeg":
        shown = np.asarray(imagecodecs_module().jpeg8_decode(base), dtype=np.float32) / np.float32(255)
    gain = compute_gain_map(nits, shown, primaries)
    size = write_atomic(path, assemble(base, gain, quality=quality, state=state, name=path))
    nonfinite = int(nits.size - np.count_nonzero(np.isfinite(nits)))
    return WriteReport(path, "jpg", 8, size, gain.lost, 0, nonfinite, tuple(notes))


def _base_jpeg(sdr: Still, quality: int, notes: list[str]) -> tuple[bytes, bytes]:
    """The base as JPEG and its profile: the user's own file where it is one, else encoded here."""
    if sdr.format == "jpeg":
        data = read_source(sdr.path)
        return data, parse_jpeg(data, sdr.path).icc_profile
    if sdr.state is not None and sdr.state.range != "full":
        raise InputError(
            f"{sdr.path}: a narrow-range SDR picture cannot be the base of an Ultra HDR JPEG; "
            "write .avif, .png or .exr instead, or embed into a full-range grade and reconstruct that"
        )
    notes.append(f"the SDR base was encoded as JPEG of quality {quality}")
    codes = np.clip(np.rint(np.nan_to_num(sdr.pixels) * np.float32(255)), 0, 255).astype(np.uint8)
    jpeg = imagecodecs_module().jpeg8_encode(codes, quality, subsampling="444", optimize=True)
    return bytes(jpeg), b""


def write_sdr_png(
    path: Path | str,
    codes: NDArray[np.uint8] | NDArray[np.uint16],
    *,
    state: ColourState,
    extra_metadata: Mapping[str, str] | None = None,
) -> WriteReport:
    """Write SDR codes, (H, W, 3 or 4) uint8 or uint16, as they are into a PNG tagged as `state`.

    Raises InputError for another shape or type, or a state that PNG cannot say; else as `write_hdr`.
    """
    if codes.ndim != 3 or codes.shape[2] not in (3, 4) or codes.dtype not in (np.uint8, np.uint16):
        raise InputError(f"codes {codes.shape} {codes.dtype}: (H, W, 3 or 4) of 8 or 16 bits is needed")
    data = encode_png(codes, state, levels=LightLevels(), text=extra_metadata or {})
    return WriteReport(Path(path), "png", 8 * codes.dtype.itemsize, write_atomic(path, data))
