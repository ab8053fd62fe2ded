"""Pictures of one frame for reports: as it looks, in false colour, and on the scopes."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

import cbor2
import numpy as np
from numpy.typing import NDArray

from candela_engines.colour.false_colour import false_colour
from candela_engines.errors import CandelaError, InputError
from candela_engines.media.codecs import imagecodecs_module
from candela_engines.media.thumbnails import F32, jpeg_of, picture_of_hdr, shrunk
from candela_engines.metrics import Rectangle
from candela_engines.qc.scopes import CIE_HIGH, CIE_SIZE, chromaticities, sampled, waveform

__all__ = ["ShotPictures", "read_pictures", "take_pictures"]

_FORMAT = "candela.qc-pictures/1"
_MOST_BYTES = 4 << 20
_WIDTH = 480
_GREY = 150


@dataclass(frozen=True, slots=True)
class ShotPictures:
    """frame: that was looked at. width, height: of both pictures, in pixels. thumbnail, false_colour: JPEG,
    the whole frame with its bars; false_colour of single pixels, not means, so that a band is never one that
    no pixel has. waveform, cie: PNG with alpha, of the active picture, without axes: sizes and scales as in
    `qc.scopes`.
    """

    frame: int
    width: int
    height: int
    thumbnail: bytes
    false_colour: bytes
    waveform: bytes
    cie: bytes


def take_pictures(nits: F32, *, area: Rectangle, frame: int) -> bytes:
    """The pictures of a frame as bytes that `read_pictures` reads, about 60 kB.

    nits: (H, W, 3) float32, linear BT.2020 in cd/m². area: the active picture, what scopes show. frame: its
    number. Raises InputError for another shape or an area outside the frame.
    """
    if nits.ndim != 3 or nits.shape[2] != 3 or min(nits.shape) < 1:
        raise InputError(f"pictures of a frame: an array of shape {nits.shape}; (H, W, 3) is needed")
    inside = nits[area.top : area.top + area.height, area.left : area.left + area.width]
    if min(area.left, area.top) < 0 or inside.shape[:2] != (area.height, area.width) or not inside.size:
        raise InputError(f"pictures of a frame: {area} does not lie in {nits.shape[1]}x{nits.shape[0]}")
    # Two pixels of each block a way are enough for a mean to look at, and cost a sixteenth of a 4K frame.
    step = max(1, round(nits.shape[1] / _WIDTH) // 2)
    small = shrunk(np.nan_to_num(nits[::step, ::step], nan=0.0, posinf=65504.0), _WIDTH)
    height, width = small.shape[:2]
    rows = (np.arange(height) * nits.shape[0] + nits.shape[0] // 2) // height
    columns = (np.arange(width) * nits.shape[1] + nits.shape[1] // 2) // width
    inside = sampled(inside)
    made = ShotPictures(
        frame, width, height,
        jpeg_of(picture_of_hdr(small)),
        jpeg_of(false_colour(nits[np.ix_(rows, columns)])),
        _png(_trace(waveform(inside))),
        _png(_coloured(chromaticities(inside))),
    )  # fmt: skip
    return bytes(cbor2.dumps({"format": _FORMAT, **asdict(made)}))


def read_pictures(data: bytes) -> ShotPictures | None:
    """What `take_pictures` made; None for bytes that are damaged or of another version: a report goes
    without.
    """
    if len(data) > _MOST_BYTES:
        return None
    try:
        held = cbor2.loads(data)
    except Exception:
        # cbor2 raises its own errors, and those of whatever a damaged length makes it try.
        return None
    if not isinstance(held, dict) or held.pop("format", None) != _FORMAT:
        return None
    try:
        made = ShotPictures(**held)
    except TypeError:
        return None
    kinds = {"int": int, "bytes": bytes}
    right = all(type(getattr(made, f.name)) is kinds[str(f.type)] for f in fields(made))
    return made if right and _are_pictures(made) else None


def _are_pictures(made: ShotPictures) -> bool:
    jpeg = all(one.startswith(b"\xff\xd8\xff") for one in (made.thumbnail, made.false_colour))
    png = all(one.startswith(b"\x89PNG\r\n\x1a\n") for one in (made.waveform, made.cie))
    return jpeg and png and 0 < made.width <= 4096 and 0 < made.height <= 65536


def _strength(counts: NDArray[np.uint32], least: float, gamma: float) -> F32:
    """Opacity 0..1 of counts: a single pixel is seen, and the crowd does not hide the rest."""
    top = float(np.percentile(counts[counts > 0], 99)) if counts.any() else 1.0
    share = np.clip(counts / max(top, 1.0), 0, 1).astype(np.float32)
    return np.where(counts > 0, least + (1 - least) * share**gamma, 0).astype(np.float32)


def _trace(counts: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Grey that stands on dark and on light ground alike; opacity says how many."""
    alpha = np.rint(_strength(counts, 0.16, 0.5) * 255).astype(np.uint8)
    return np.stack([np.full_like(alpha, _GREY), alpha], axis=2)


def _coloured(counts: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Each chromaticity in its own colour, as bright as sRGB can be; outside of sRGB the nearest that it
    has.
    """
    from candela_engines.colour.gamuts import xyz_to_rgb
    from candela_engines.colour.srgb import inverse_eotf

    steps = (np.arange(CIE_SIZE) + 0.5) / CIE_SIZE
    x, y = np.meshgrid(steps * CIE_HIGH[0], steps[::-1] * CIE_HIGH[1])
    linear = np.stack([x / y, np.ones_like(x), (1 - x - y) / y], axis=2) @ xyz_to_rgb("bt709").T
    linear = np.clip(linear / np.maximum(linear.max(axis=2, keepdims=True), 1e-6), 0, 1)
    codes = np.rint(np.asarray(inverse_eotf(linear.astype(np.float32))) * 255).astype(np.uint8)
    alpha = np.rint(_strength(counts, 0.35, 0.4) * 255).astype(np.uint8)
    codes[alpha == 0] = 0
    return np.concatenate([codes, alpha[..., None]], axis=2)


def _png(picture: NDArray[np.uint8]) -> bytes:
    encoder: Any = imagecodecs_module().png_encode
    try:
        return bytes(encoder(np.ascontiguousarray(picture), 6))
    except Exception as error:
        raise CandelaError(f"a picture of shape {picture.shape} cannot be encoded as PNG: {error}") from error
