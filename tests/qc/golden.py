"""A reel with known light and faults at known frames: HEVC of 10 bit, without loss, with HDR10 metadata."""

from __future__ import annotations

import warnings
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from tests.media.movies import HDR10, encode

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # colour-science misses scipy, which nothing here needs
    import colour

WIDTH, HEIGHT = 256, 144
BARS = 18
A, B, C = range(24), range(24, 48), range(48, 72)
BRIGHT = range(8, 12)
HELD = range(15, 18)
GREEN = range(30, 38)
STUCK = (100, 60)
RESERVED = range(54, 56)
JUMP = 60
BLACK = range(66, 68)
BRIGHT_NITS, GREEN_NITS = 1500.0, 100.0

Codes = NDArray[np.int64]


def code_of(nits: NDArray[np.float64] | float) -> Codes:
    """10-bit narrow luma of grey light, by colour-science's ST 2084."""
    signal = colour.models.eotf_inverse_ST2084(np.asarray(nits, np.float64))
    return np.round(64 + 876 * signal).astype(np.int64)


def nits_of(codes: Codes | int) -> NDArray[np.float64]:
    """Light of 10-bit narrow luma, grey."""
    return np.asarray(colour.models.eotf_ST2084(np.maximum(np.asarray(codes) - 64, 0) / 876))


def luma(number: int) -> Codes:
    """Luma of a frame, its faults in it. Grain of a code keeps gradients from banding, as in any camera's
    picture.
    """
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    n = 15 if number in HELD else number
    rng = np.random.default_rng(n)
    if number in A:
        nits = 90 + 60 * np.sin(x / 17 + 0.35 * n) * np.cos(y / 13 - 0.2 * n)
    elif number in B:
        nits = 24 + 14 * np.sin((x + 3 * n) / 29) + 6 * np.cos((x - y + 2 * n) / 41)
    else:
        nits = 70 + 40 * np.cos(np.hypot(x - 128 - n, y - 70) / 11)
    codes = code_of(nits) + rng.integers(-1, 2, nits.shape)
    if number in BRIGHT:
        codes[32:64, 64:96] = code_of(BRIGHT_NITS)
    if number in B:
        codes[:BARS] = codes[-BARS:] = 64
        codes[STUCK[1], STUCK[0]] = 800
    if number in RESERVED:
        codes[90, 20:60] = 2
    if number >= JUMP:
        codes += 30
    if number in BLACK:
        codes[:] = 64
    return codes


def chroma(number: int) -> tuple[Codes, Codes, tuple[slice, slice], int]:
    """Cb and Cr, the patch of BT.2020's own green in luma samples, and its luma; 512 elsewhere."""
    cb = np.full((HEIGHT // 2, WIDTH // 2), 512)
    cr = cb.copy()
    patch = slice(40, 72), slice(160, 208)
    green = float(colour.models.eotf_inverse_ST2084(GREEN_NITS))
    y = 0.6780 * green
    if number in GREEN:
        half = tuple(slice(s.start // 2, s.stop // 2) for s in patch)
        cb[half] = round(512 + 896 * (0 - y) / 1.8814)
        cr[half] = round(512 + 896 * (0 - y) / 1.4746)
    return cb, cr, patch, round(64 + 876 * y)


def frame(number: int) -> av.VideoFrame:
    """As PyAV encodes it."""
    out = av.VideoFrame(WIDTH, HEIGHT, "yuv420p10le")
    y = luma(number)
    cb, cr, patch, level = chroma(number)
    if number in GREEN:
        y[patch] = level
    for plane, values in zip(out.planes, (y, cb, cr), strict=True):
        rows = np.zeros((plane.height, plane.line_size // 2), np.uint16)
        rows[:, : values.shape[1]] = values
        plane.update(rows.tobytes())
    return out


def write_reel(path: Path, *, max_cll: str = "800,60", numbers: range = range(72)) -> Path:
    """The reel as MP4. max_cll: MaxCLL and MaxFALL that it declares."""
    display = "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)"
    options = (
        "log-level=none:pools=1:frame-threads=1:lossless=1:keyint=12:bframes=2:"
        f"master-display={display}:max-cll={max_cll}:hdr10=1:repeat-headers=1"
    )
    encode(
        path, "libx265", "yuv420p10le", size=(WIDTH, HEIGHT), tags=HDR10, frames=[frame(n) for n in numbers],
        options={"x265-params": options, "preset": "ultrafast"},
    )  # fmt: skip
    return path
