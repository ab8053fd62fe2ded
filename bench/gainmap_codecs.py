"""The still codecs a gain map can be kept in, and filling a number of bytes with each.

Only what a decoder needs is counted: bare JPEG 2000 and JPEG XL codestreams without their boxes, JPEG 2000
without its comment, JPEG without its JFIF header, progressive, with Huffman tables made for the picture.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["CODECS", "Codec", "Filler"]

Map = NDArray[Any]


@dataclass(frozen=True)
class Codec:
    """One way to keep a map. encode: picture (H, W) or (H, W, 3) and a knob, higher for more bytes."""

    family: str
    bits: int
    knob: tuple[float, float]
    encode: Callable[[Map, float], bytes]
    decode: Callable[[bytes], Map]
    colour_only: bool = False

    @property
    def top(self) -> int:
        """The highest code."""
        return (1 << self.bits) - 1


def _without_segment(data: bytes, marker: bytes) -> bytes:
    at = data.find(marker)
    if at < 0:
        return data
    return data[:at] + data[at + 2 + int.from_bytes(data[at + 2 : at + 4], "big") :]


def _jpeg2000(bits: int) -> Codec:
    def encode(picture: Map, psnr: float) -> bytes:
        levels = max(1, min(6, int(np.log2(min(picture.shape[:2])))))
        data = imagecodecs.jpeg2k_encode(
            picture,
            level=psnr,
            codecformat="j2k",
            reversible=False,
            bitspersample=bits,
            resolutions=levels,
            numthreads=1,
        )
        return _without_segment(bytes(data), b"\xff\x64\x00\x25")

    return Codec("jpeg2000", bits, (10.0, 80.0), encode, lambda d: imagecodecs.jpeg2k_decode(d, numthreads=1))


def _jpegxl(effort: int, bits: int = 8) -> Codec:
    def encode(picture: Map, knob: float) -> bytes:
        distance = float(np.clip(2.0**-knob, 0.011, 25.0))
        return bytes(
            imagecodecs.jpegxl_encode(
                picture, distance=distance, effort=effort, usecontainer=False, numthreads=1
            )
        )

    return Codec("jpegxl", bits, (-4.64, 6.5), encode, lambda d: imagecodecs.jpegxl_decode(d, numthreads=1))


def _jpeg(*, flat: bool, subsampled: bool) -> Codec:
    """flat: one quantiser step for all frequencies, which is right for an error that no eye sees directly."""

    def encode(picture: Map, knob: float) -> bytes:
        out = io.BytesIO()
        options: dict[str, Any] = {"quality": round(100 * (1 + knob / 8))}
        if flat:
            options = {"qtables": [[int(np.clip(round(2.0**-knob), 1, 255))] * 64] * 2}
        if picture.ndim == 3:
            options["subsampling"] = 2 if subsampled else 0
        Image.fromarray(picture).save(out, "jpeg", progressive=True, optimize=True, **options)
        return _without_segment(out.getvalue(), b"\xff\xe0")

    # The knob is minus log2 of the step; for the standard tables it spans quality 1 to 99.
    knob = (-8.0, 0.0) if flat else (-7.92, -0.08)
    return Codec("jpeg", 8, knob, encode, imagecodecs.jpeg8_decode, colour_only=subsampled)


CODECS: dict[str, Codec] = {
    "jpeg2000": _jpeg2000(8),
    "jpeg2000-12": _jpeg2000(12),
    "jpegxl": _jpegxl(5),
    "jpegxl-e7": _jpegxl(7),
    "jpegxl-16": _jpegxl(5, 16),
    "jpeg": _jpeg(flat=True, subsampled=False),
    "jpeg-420": _jpeg(flat=True, subsampled=True),
    "jpeg-standard": _jpeg(flat=False, subsampled=False),
    "jpeg-standard-420": _jpeg(flat=False, subsampled=True),
}


class Filler:
    """One picture in one codec at as many sizes as are asked for; what was encoded before is used again."""

    def __init__(self, codec: Codec, picture: Map) -> None:
        self._codec = codec
        self._picture = picture
        self._made: dict[float, bytes] = {}

    def fill(
        self, budget: int, *, slack: float = 0.02, near: float | None = None
    ) -> tuple[float, bytes] | None:
        """Knob and bytes of the largest encoding found of at most `budget` bytes; None if none is that small.

        A search guided by the logarithm of the size, until no more than `slack` of the budget is left over.
        near: where to start, for example what another picture of the kind needed.
        """
        low, high = self._codec.knob
        step = (high - low) / 32
        self._at(float(np.clip((low + high) / 2 if near is None else near, low, high)))
        for _ in range(24):
            left = max((k for k, data in self._made.items() if len(data) <= budget), default=None)
            right = min(
                (k for k, d in self._made.items() if len(d) > budget and k > (left or low)), default=None
            )
            if left is not None and len(self._made[left]) >= budget * (1 - slack):
                break
            if left is None:
                if min(self._made) == low:
                    break
                self._at(max(low, min(self._made) - step))
                step *= 2
            elif right is None:
                if left >= high:
                    break
                self._at(min(high, left + step))
                step *= 2
            elif right - left < 2e-3:
                break
            else:
                size_left, size_right = (np.log(len(self._made[k])) for k in (left, right))
                share = (np.log(budget * (1 - slack / 3)) - size_left) / max(size_right - size_left, 1e-9)
                self._at(left + (right - left) * float(np.clip(share, 0.08, 0.92)))
        fits = [(len(data), knob) for knob, data in self._made.items() if len(data) <= budget]
        if not fits:
            return None
        knob = max(fits)[1]
        return knob, self._made[knob]

    def _at(self, knob: float) -> bytes:
        if knob not in self._made:
            self._made[knob] = self._codec.encode(self._picture, knob)
        return self._made[knob]
