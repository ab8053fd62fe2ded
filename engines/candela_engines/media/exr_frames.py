"""Numbered OpenEXR files of one shot: one header for all of them, and buffers that are used again."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour.convert import from_nits_rec2020
from candela_engines.colour.state import ColourState
from candela_engines.errors import InputError
from candela_engines.media.atomic import atomic_path
from candela_engines.media.exr_plain import PlainExr
from candela_engines.media.light import LightLevels
from candela_engines.media.oiio_reader import oiio_module
from candela_engines.media.write_oiio import exr_spec, write_with_oiio
from candela_engines.media.write_timecode import MOST_FRAMES, FrameTags, timecode_bits

__all__ = ["CONFIDENCE", "EXR_COMPRESSIONS", "ExrBuffer", "ExrFrames"]

#: Without loss, all but the last two.
EXR_COMPRESSIONS = ("none", "rle", "zips", "zip", "piz", "dwaa", "dwab")
_STRIP_PIXELS = 1 << 18
CONFIDENCE = "candela.confidence"
"""The channel of the confidence: a layer of its own, which hosts list as `candela` and never mix up with
another program's `confidence`; a name without a layer ends up among `other` in Nuke."""


@dataclass(eq=False)
class ExrBuffer:
    """A frame to be filled: rgb (H, W, 3), and planes (H, W) by the channel's name; float16 or float32."""

    rgb: NDArray[Any]
    planes: dict[str, NDArray[Any]]
    plain: PlainExr | None
    whole: NDArray[Any] | None

    def fill(self, nits: NDArray[np.float32], encoding: ColourState) -> None:
        """Put light (H, W, 3), linear BT.2020 nits, into `rgb` in the file's encoding, strip by strip."""
        rows = max(1, _STRIP_PIXELS // nits.shape[1])
        with np.errstate(over="ignore"):  # what halves do not hold is infinite, as in OpenEXR itself
            for top in range(0, nits.shape[0], rows):
                self.rgb[top : top + rows] = from_nits_rec2020(nits[top : top + rows], encoding)


class ExrFrames:
    """Writes frames with one header. Buffers and files may be written by several threads, one each.

    state: what R, G and B are in. bits: 16 or 32. compression: one of EXR_COMPRESSIONS. planes: channels
    beside R, G and B, as `A` and CONFIDENCE. text: attributes of all frames; `write` may change their values,
    but not their length. rate: frames a second, None where not known. timecode: whether frames will have one;
    above 40 frames a second the header has no room for it.
    Raises InputError for a compression or depth that there is not.
    """

    def __init__(
        self,
        height: int,
        width: int,
        state: ColourState,
        *,
        bits: int = 16,
        compression: str = "none",
        planes: Sequence[str] = (),
        text: Mapping[str, str] | None = None,
        mastering_peak: float | None = None,
        rate: Fraction | None = None,
        timecode: bool = False,
    ) -> None:
        if compression not in EXR_COMPRESSIONS:
            raise InputError(f"compression {compression!r}: {', '.join(EXR_COMPRESSIONS)} are known")
        if bits not in (16, 32):
            raise InputError(f"{bits} bits: OpenEXR has 16 or 32")
        self._names = ("R", "G", "B", *planes)
        self._dtype = np.float16 if bits == 16 else np.float32
        self._timecode = timecode and rate is not None and rate <= MOST_FRAMES
        shape = (height, width, len(self._names))
        self._spec = exr_spec(
            shape, state, half=bits == 16, levels=LightLevels(0.0, 0.0, mastering_peak), text=text or {},
            extra=tuple(name for name in planes if name != "A"), compression=compression,
            frame=FrameTags(rate, 0 if self._timecode else None),
        )  # fmt: skip
        self._shape = shape
        self._template = self._of_one_frame() if compression == "none" and bits == 16 else None

    def buffer(self) -> ExrBuffer:
        """A new buffer; in an uncompressed file it is the file."""
        extra = self._names[3:]
        if self._template is not None:
            plain = PlainExr(self._template)
            return ExrBuffer(plain.rgb, {name: plain.plane(name) for name in extra}, plain, None)
        whole = np.zeros(self._shape, self._dtype)
        planes = {name: whole[:, :, 3 + at] for at, name in enumerate(extra)}
        return ExrBuffer(whole[:, :, :3], planes, None, whole)

    def write(
        self,
        path: Path,
        buffer: ExrBuffer,
        *,
        max_cll: float,
        max_fall: float,
        timecode: str | None = None,
        text: Mapping[str, str] | None = None,
    ) -> int:
        """Write a filled buffer, whole or not at all; the bytes of the file.

        text: values of attributes that the constructor was given, of the same length. timecode: HH:MM:SS:FF.
        Raises InfrastructureError for a disk that refuses.
        """
        packed = timecode_bits(timecode) if timecode is not None and self._timecode else None
        with atomic_path(path) as temporary:
            if buffer.plain is not None:
                plain = buffer.plain
                plain.set_float("maxCLL", max_cll)
                plain.set_float("maxFALL", max_fall)
                for name, value in (text or {}).items():
                    plain.set_text(name, value)
                if packed is not None:
                    plain.set_timecode(packed)
                temporary.write_bytes(plain.bytes.data)
            else:
                oiio = oiio_module()
                spec = oiio.ImageSpec(self._spec)
                spec["maxCLL"], spec["maxFALL"] = float(max_cll), float(max_fall)
                for name, value in (text or {}).items():
                    spec[name] = value
                if packed is not None:
                    spec.attribute("smpte:TimeCode", oiio.TypeDesc("timecode"), (packed, 0))
                assert buffer.whole is not None
                write_with_oiio(temporary, spec, buffer.whole, path)
            return temporary.stat().st_size

    def _of_one_frame(self) -> bytes:
        with tempfile.TemporaryDirectory(prefix="candela-") as folder:
            path = Path(folder) / "template.exr"
            write_with_oiio(path, self._spec, np.zeros(self._shape, self._dtype), path)
            return path.read_bytes()
