"""Pictures to look at: false colour by nits, where the faults lie, and how far from the reference.

Every picture is (H + strip, W, 3) uint8 sRGB: the frame at its own size, and below it the legend.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour.false_colour import BANDS, false_colour
from candela_engines.scorer.evidence import Mask
from candela_engines.scorer.maps import difference_map
from candela_engines.scorer.planes import luminance, pu_of

__all__ = ["HEAT", "KIND_COLOURS", "error_heat", "fault_masks", "fault_picture", "nits_false_colour"]

U8 = NDArray[np.uint8]
Image = NDArray[np.float32]
Colour = tuple[int, int, int]

HEAT: tuple[tuple[float, Colour], ...] = (
    (0.0, (0, 0, 0)),
    (1.0, (24, 24, 96)),
    (3.0, (16, 104, 168)),
    (6.0, (24, 168, 96)),
    (12.0, (224, 208, 48)),
    (25.0, (232, 88, 24)),
    (50.0, (208, 16, 48)),
    (100.0, (255, 255, 255)),
)
"""ΔE_ITP and its colour, mixed between; 1 is just visible at best."""

KIND_COLOURS: dict[str, Colour] = {
    "highlights_clipped": (255, 48, 48),
    "blacks_crushed": (64, 96, 255),
    "blacks_lifted": (152, 96, 255),
    "banding": (255, 176, 0),
    "noise": (0, 208, 208),
    "soft": (96, 208, 64),
    "halo": (200, 240, 0),
    "compression": (255, 96, 200),
    "gamut_exceeded": (0, 232, 120),
    "skin": (255, 168, 128),
    "local_grade": (240, 240, 240),
}


def nits_false_colour(nits: Image) -> U8:
    """max(R, G, B) of (H, W, 3) linear BT.2020 light in bands of nits; shapes inside a band stay."""
    strip = [(band.words, band.colour) for band in BANDS]
    return _with_legend(false_colour(nits), strip, "nit, from")


def fault_masks(nits: Image, faults: Sequence[tuple[str, Mask]]) -> U8:
    """The picture in grey with every fault's mask in its colour; where masks meet, stripes of both.

    faults: kind and mask, in the order in which they are told.
    """
    strip = [(kind.replace("_", " "), KIND_COLOURS.get(kind, (240, 240, 240))) for kind, _ in faults]
    return _with_legend(fault_picture(nits, faults), strip or [("no fault has a place", (64, 64, 64))], "")


def fault_picture(nits: Image, faults: Sequence[tuple[str, Mask]]) -> U8:
    """The same without its legend, (H, W, 3)."""
    height, width = nits.shape[:2]
    planes = tuple(np.ascontiguousarray(np.nan_to_num(nits[..., c])) for c in range(3))
    v = pu_of(np.maximum(luminance((planes[0], planes[1], planes[2])), np.float32(0)))
    grey = np.clip(v / np.float32(420), 0, 1) * 190
    out = np.repeat(grey[..., None], 3, axis=2)
    rows, columns = np.mgrid[0:height, 0:width]
    pattern = (rows + columns) // max(4, width // 160)
    for number, (kind, mask) in enumerate(faults):
        part = mask.full(height, width)
        if number:
            part &= pattern % (number + 1) == 0
        colour = np.array(KIND_COLOURS.get(kind, (240, 240, 240)), np.float32)
        out[part] = 0.35 * out[part] + 0.65 * colour
    return _codes(out)


def error_heat(nits: Image, other_nits: Image) -> U8:
    """ΔE_ITP of two pictures of one size, (H, W, 3) linear BT.2020 in nits. Raises InputError otherwise."""
    delta = difference_map(nits, other_nits)
    stops = np.array([stop for stop, _ in HEAT], np.float32)
    colours = np.array([colour for _, colour in HEAT], np.float32)
    out = np.stack([np.interp(delta, stops, colours[:, c]) for c in range(3)], axis=2)
    strip = [(f"{stop:g}", colour) for stop, colour in HEAT]
    return _with_legend(_codes(out.astype(np.float32)), strip, "Delta E ITP")


def _codes(values: NDArray[np.float32]) -> U8:
    codes: U8 = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return codes


def _with_legend(picture: U8, strip: Sequence[tuple[str, Colour]], title: str) -> U8:
    """The picture with a strip of boxes and words below; words are left out where no font is found."""
    import OpenImageIO as oiio

    height, width = picture.shape[:2]
    if width < 160 or height < 40:
        return picture
    # A word is never cut, 1000 would read as 100: the letters shrink until the longest fits.
    longest = max(len(word) for word, _ in strip)
    parts = len(strip) + (0.62 * len(title) + 1) / (0.62 * longest + 2) if title else len(strip)
    size = int(min(np.clip(width // 64, 9, 40), width / parts / (0.62 * longest + 2)))
    tall = max(2 * size, 12)
    legend = np.full((tall, width, 3), 16, np.uint8)
    start = int(size * (0.62 * len(title) + 1)) if title else 0
    room = (width - start) / len(strip)
    words = [(size // 3, title)] if title else []
    for number, (word, colour) in enumerate(strip):
        left = int(start + number * room) + size // 4
        legend[size // 2 : size // 2 + size, left : left + size] = colour
        words.append((left + size + size // 4, word))
    if size < 6:
        return np.concatenate([picture, legend])
    buffer = oiio.ImageBuf(oiio.ImageSpec(width, tall, 3, "uint8"))
    buffer.set_pixels(oiio.ROI(0, width, 0, tall), legend)
    for left, word in words:
        if not oiio.ImageBufAlgo.render_text(buffer, left, int(1.4 * size), word, size, "", (0.9, 0.9, 0.9)):
            break
    lettered = np.asarray(buffer.get_pixels("uint8"), np.uint8).reshape(tall, width, 3)
    return np.concatenate([picture, lettered])
