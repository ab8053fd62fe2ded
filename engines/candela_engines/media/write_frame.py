"""One frame of a sequence as a file of its format: what all frames share is made once."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour.convert import from_nits_rec2020
from candela_engines.colour.state import ColourState
from candela_engines.errors import InputError
from candela_engines.media.atomic import atomic_path, write_atomic
from candela_engines.media.light import LightLevels
from candela_engines.media.oiio_reader import oiio_module
from candela_engines.media.quantise import Quantised, integer_codes
from candela_engines.media.write_dpx import DPX_BITS, encode_dpx
from candela_engines.media.write_exr_plain import PlainExr, PlainFrame
from candela_engines.media.write_oiio import exr_spec, write_exr, write_tiff
from candela_engines.media.write_png import encode_png
from candela_engines.media.write_timecode import FrameTags, timecode_bits

__all__ = ["EXR_COMPRESSIONS", "FRAME_WRITABLE", "FrameFile", "FrameWriter", "is_complete"]

#: Extensions of frames, and the bits of a sample that each can have, its own choice first.
FRAME_WRITABLE: dict[str, tuple[int, ...]] = {
    ".exr": (16, 32), ".dpx": DPX_BITS, ".tif": (16,), ".tiff": (16,), ".png": (16,),
}  # fmt: skip

#: Without loss, all but the last two.
EXR_COMPRESSIONS = ("none", "rle", "zips", "zip", "piz", "dwaa", "dwab")

_HALF_INFINITE = 0x7C00
_STRIP_ROWS = 64
# SMPTE ST 268-1:2014: frames a second in the film and in the television header, timecode in the latter.
_DPX_FILM_RATE, _DPX_TIMECODE, _DPX_TV_RATE = 1724, 1920, 1940


@dataclass(frozen=True, slots=True)
class FrameFile:
    """bytes of the file; clipped_low, clipped_high, nonfinite: samples that the encoding could not hold."""

    bytes: int
    clipped_low: int = 0
    clipped_high: int = 0
    nonfinite: int = 0


class FrameWriter:
    """Writes frames of one size and kind; any number of threads may use it.

    plain: of uncompressed OpenEXR, whose pixels can be filled in place; else None.
    """

    def __init__(
        self,
        pattern: Path,
        *,
        size: tuple[int, int],
        encoding: ColourState,
        bits: int | None,
        compression: str,
        extra: tuple[str, ...],
        levels: LightLevels,
        metadata: dict[str, str],
        tags: FrameTags,
        notes: list[str],
    ) -> None:
        self.size, self.extra, self._encoding, self._levels = size, extra, encoding, levels
        self._suffix = pattern.suffix.lower()
        if self._suffix not in FRAME_WRITABLE:
            raise InputError(
                f"{pattern}: frames are written as {', '.join(FRAME_WRITABLE)}, not {self._suffix or 'that'}"
            )
        depths = FRAME_WRITABLE[self._suffix]
        self.bits = depths[0] if bits is None else bits
        if self.bits not in depths:
            raise InputError(f"{pattern}: {bits} bits; {self._suffix} has {' or '.join(map(str, depths))}")
        if min(size) < 1:
            raise InputError(f"{pattern}: frames of {size[0]}x{size[1]}")
        self._tags, self._compression = tags, compression
        self._text = dict(metadata)
        notes = list(notes)
        # Whether samples of OpenEXR are the nits that a renderer gives.
        nits = (encoding.primaries, encoding.transfer, encoding.unit_nits) == ("bt2020", "linear", 1.0)
        self._nits = nits and encoding.ocio_space is None
        if encoding.ocio_space is not None:
            notes.append(f"no standard tag says {encoding.ocio_space!r}: readers have to be told")
            self._text.setdefault("colour_space", encoding.ocio_space)
        self.plain = self._plain(pattern) if self._suffix == ".exr" else None
        if self._suffix != ".exr":
            self._check_integers(pattern, notes)
        self.notes = tuple(notes)

    def _plain(self, pattern: Path) -> PlainExr | None:
        if self._encoding.range != "full":
            raise InputError(
                f"{pattern}: narrow range is a matter of integer codes; OpenEXR holds full range"
            )
        if self._compression not in EXR_COMPRESSIONS:
            raise InputError(
                f"{pattern}: compression {self._compression!r}; OpenEXR has {', '.join(EXR_COMPRESSIONS)}"
            )
        if self._compression != "none":
            return None
        spec = exr_spec(
            (self.size[1], self.size[0], 3 + len(self.extra)), self._encoding, half=self.bits == 16,
            levels=self._levels, text=self._text, extra=self.extra, compression="none", frame=self._tags,
        )  # fmt: skip
        return PlainExr(spec, self.extra, half=self.bits == 16)

    def _check_integers(self, pattern: Path, notes: list[str]) -> None:
        if self.extra:
            raise InputError(f"{pattern}: {', '.join(self.extra)} can be kept in .exr alone")
        if self._encoding.transfer == "linear" and self._encoding.ocio_space is None:
            raise InputError(
                f"{pattern}: linear light needs a float format: write .exr, or choose an encoding such as "
                "rec2100-pq"
            )
        if self._text and self._suffix == ".dpx":
            notes.append("metadata is left out of DPX")

    def check(self, path: Path, light: NDArray[Any], extra: Mapping[str, NDArray[Any]]) -> None:
        """InputError, naming the frame's file, for arrays that are no such frame."""
        width, height = self.size
        if light.shape != (height, width, 3):
            raise InputError(f"{path}: a frame of shape {light.shape} in a sequence of {width}x{height}")
        if light.dtype == np.uint16:
            if not self._takes_codes():
                raise InputError(
                    f"{path}: codes are taken as they are for full-range rec2100-pq integers alone"
                )
        elif light.dtype not in (np.dtype(np.float16), np.dtype(np.float32)):
            raise InputError(
                f"{path}: a frame of {light.dtype}; float16 or float32 nits, or uint16 codes, are taken"
            )
        if set(extra) != set(self.extra):
            needed = ", ".join(self.extra) or "none"
            raise InputError(f"{path}: extra planes {', '.join(extra) or 'none'} where {needed} are needed")
        for name, plane in extra.items():
            if plane.shape != (height, width):
                raise InputError(f"{path}: the plane {name} of shape {plane.shape} beside {width}x{height}")

    def _takes_codes(self) -> bool:
        state = self._encoding
        pq = (state.primaries, state.transfer, state.range) == ("bt2020", "pq", "full")
        return self._suffix != ".exr" and pq and state.ocio_space is None

    def takes_as_it_is(self, light: NDArray[Any]) -> bool:
        """Whether the file's samples are nits, and so uncompressed that they can be put in their place."""
        return self.plain is not None and self._nits and light.dtype.kind == "f"

    def check_half(self, path: Path, rgb: NDArray[Any]) -> None:
        """InputError where half has no number for a sample."""
        if self.bits != 16:
            return
        samples = rgb.view(np.uint16)
        for top in range(0, samples.shape[0], _STRIP_ROWS):
            if int((samples[top : top + _STRIP_ROWS] & 0x7FFF).max()) >= _HALF_INFINITE:
                raise InputError(
                    f"{path}: light that half cannot hold (above 65504, infinite or no number); write 32 bits"
                )

    def write_plain(self, path: Path, frame: PlainFrame) -> FrameFile:
        """Give a filled frame to the disk."""
        with atomic_path(path) as temporary:
            temporary.write_bytes(frame.data.data)
        return FrameFile(frame.data.nbytes)

    def write(
        self, path: Path, light: NDArray[Any], extra: Mapping[str, NDArray[Any]], timecode: str | None
    ) -> FrameFile:
        """Write a frame that `check` found to be one."""
        if self._suffix == ".exr":
            return self._write_exr(path, light, extra, timecode)
        if light.dtype == np.uint16:
            if self.bits < 16 and int(light.max()) >= 1 << self.bits:
                raise InputError(f"{path}: a code of {int(light.max())} in a sequence of {self.bits} bits")
            made = Quantised(light, 0, 0, 0)
        else:
            made = integer_codes(light.astype(np.float32, copy=False), self._encoding, self.bits)
        size = self._write_codes(path, made.codes, timecode)
        return FrameFile(size, made.clipped_low, made.clipped_high, made.nonfinite)

    def _write_codes(self, path: Path, codes: NDArray[Any], timecode: str | None) -> int:
        text = dict(self._text)
        if self._suffix == ".dpx":
            data = encode_dpx(codes.astype(np.uint16, copy=False), self._encoding, self.bits, path)
            _tag_dpx(data, self._tags.rate, timecode)
            return write_atomic(path, data)
        if self._tags.rate is not None:
            text.setdefault("frames_per_second", str(self._tags.rate))
        if timecode is not None:
            text.setdefault("timecode", timecode)
        if self._suffix == ".png":
            return write_atomic(path, encode_png(codes, self._encoding, levels=self._levels, text=text))
        with atomic_path(path) as temporary:
            write_tiff(temporary, codes, self._encoding, levels=self._levels, text=text, name=path)
            return temporary.stat().st_size

    def _write_exr(
        self, path: Path, light: NDArray[Any], extra: Mapping[str, NDArray[Any]], timecode: str | None
    ) -> FrameFile:
        kind = np.float16 if self.bits == 16 else np.float32
        samples = np.empty((*light.shape[:2], 3 + len(extra)), dtype=kind)
        with np.errstate(over="ignore"):
            if not self._nits:
                light = from_nits_rec2020(light.astype(np.float32, copy=False), self._encoding)
            samples[:, :, :3] = light
        for place, name in enumerate(self.extra):
            samples[:, :, 3 + place] = extra[name]
        self.check_half(path, samples)
        tags = FrameTags(self._tags.rate, None if timecode is None else timecode_bits(timecode))
        with atomic_path(path) as temporary:
            write_exr(
                temporary, samples, self._encoding, half=self.bits == 16, levels=self._levels,
                text=self._text, name=path, extra=self.extra, compression=self._compression, frame=tags,
            )  # fmt: skip
            return FrameFile(temporary.stat().st_size)


def _tag_dpx(data: bytearray, rate: Fraction | None, timecode: str | None) -> None:
    if rate is not None:
        struct.pack_into(">f", data, _DPX_FILM_RATE, float(rate))
        struct.pack_into(">f", data, _DPX_TV_RATE, float(rate))
    if timecode is not None:
        struct.pack_into(">I", data, _DPX_TIMECODE, timecode_bits(timecode) or 0)


def is_complete(path: Path, size: tuple[int, int]) -> bool:
    """Whether there is a picture of this size whose last line can be read."""
    if not path.is_file():
        return False
    oiio = oiio_module()
    file = oiio.ImageInput.open(str(path))
    if file is None:
        oiio.geterror()
        return False
    try:
        spec = file.spec()
        if (spec.width, spec.height) != size:
            return False
        line = file.read_scanline(spec.y + spec.height - 1, 0, spec.format)
        return line is not None and not file.geterror()
    finally:
        file.close()
