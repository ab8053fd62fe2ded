"""From scene-linear ACEScg to the two deliverables of a finishing house, through ACES 2.0.

HDR: "ACES 2.0 - HDR 1000 nits (Rec.2020)", decoded from PQ to linear BT.2020 with 1.0 = 1 nit, EXR half.
SDR: "ACES 2.0 - SDR 100 nits (Rec.709)" for a BT.1886 display, 8-bit PNG with a cICP chunk.
Both come from the same scene-linear picture; the SDR never sees the compression of the master.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import imagecodecs
import numpy as np
import OpenImageIO as oiio
import PyOpenColorIO as ocio

Array = np.ndarray
CONFIG = "ocio://studio-config-v4.0.0_aces-v2.0_ocio-v2.5"
HDR = ("Rec.2100-PQ - Display", "ACES 2.0 - HDR 1000 nits (Rec.2020)")
SDR = ("Rec.1886 Rec.709 - Display", "ACES 2.0 - SDR 100 nits (Rec.709)")
BT2020 = (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, 0.3127, 0.3290)
LUMA_2020 = np.array([0.2627, 0.6780, 0.0593])
BT709_FROM_2020 = np.array(
    [
        [1.660491, -0.587641, -0.072850],
        [-0.124550, 1.132900, -0.008349],
        [-0.018151, -0.100579, 1.118730],
    ]
)
M1, M2, C1, C2, C3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128


def view(scene: Array, display: tuple[str, str]) -> Array:
    """ACEScg through one ACES 2.0 output, encoded for its display."""
    config = ocio.Config.CreateFromFile(CONFIG)
    transform = ocio.DisplayViewTransform(src="ACEScg", display=display[0], view=display[1])
    cpu = config.getProcessor(transform).getDefaultCPUProcessor()
    out = np.ascontiguousarray(scene, np.float32).copy()
    cpu.applyRGB(out)
    return out


def pq_decode(e: Array) -> Array:
    p = np.clip(e.astype(np.float64), 0, 1) ** (1 / M2)
    return 1e4 * (np.maximum(p - C1, 0) / (C2 - C3 * p)) ** (1 / M1)


def pq_encode(nits: Array) -> Array:
    y = np.clip(np.asarray(nits, np.float64) / 1e4, 0, 1) ** M1
    return ((C1 + C2 * y) / (1 + C3 * y)) ** M2


def hdr_nits(scene: Array) -> Array:
    """The HDR grade as linear BT.2020 in nits."""
    return pq_decode(view(scene, HDR))


def sdr_code(scene: Array, seed: int = 7) -> Array:
    """The SDR grade as 8-bit codes, dithered by half a code so that soft gradients do not band."""
    code = np.clip(view(scene, SDR), 0, 1).astype(np.float64) * 255
    rng = np.random.default_rng(seed)
    # One value for the three channels: neutral dither, and far fewer bytes than three would take.
    dither = rng.uniform(-0.5, 0.5, code.shape[:2])[..., None]
    return np.clip(np.round(code + 0.5 * dither), 0, 255).astype(np.uint8)


def write_hdr(path: Path, nits: Array, compression: str) -> None:
    spec = oiio.ImageSpec(nits.shape[1], nits.shape[0], 3, oiio.HALF)
    spec.attribute("compression", compression)
    spec.attribute("chromaticities", oiio.TypeDesc("float[8]"), BT2020)
    spec.attribute("whiteLuminance", 1.0)
    spec.attribute("candela:state", "linear-rec2020")
    spec.attribute("ImageDescription", "ACES 2.0 HDR 1000 nits (Rec.2020), linear, 1.0 = 1 nit")
    spec.attribute("Copyright", "CC0-1.0, Candela project")
    out = oiio.ImageOutput.create(str(path))
    if out is None or not out.open(str(path), spec) or not out.write_image(nits.astype(np.float16)):
        raise RuntimeError(f"{path}: {oiio.geterror() if out is None else out.geterror()}")
    out.close()


def read_hdr(path: Path) -> Array:
    pixels = oiio.ImageInput.open(str(path)).read_image(oiio.FLOAT)
    return np.asarray(pixels)[..., :3]


def write_sdr(path: Path, code: Array) -> None:
    """PNG with cICP 1-1-0-1 (BT.709 primaries and transfer, RGB, full range), which must precede IDAT."""
    best = min((imagecodecs.png_encode(code, level=9, strategy=s) for s in (0, 1)), key=len)
    body = struct.pack(">4B", 1, 1, 0, 1)
    chunk = struct.pack(">I", 4) + b"cICP" + body + struct.pack(">I", zlib.crc32(b"cICP" + body))
    ihdr_end = 8 + 25
    path.write_bytes(best[:ihdr_end] + chunk + best[ihdr_end:])


def pq_psnr(a: Array, b: Array) -> float:
    err = pq_encode(np.maximum(a, 0)) - pq_encode(np.maximum(b, 0))
    return float(-10 * np.log10(max(np.mean(err**2), 1e-12)))


def statistics(nits: Array) -> dict[str, float]:
    """Figures of the master as delivered: light levels and how much of it BT.709 cannot hold."""
    peak = np.maximum(nits, 0).max(axis=-1)
    y = nits @ LUMA_2020
    in709 = nits @ BT709_FROM_2020.T
    # Only counted where the colour is bright enough to see and clearly outside.
    outside = (in709.min(axis=-1) < -0.02 * np.maximum(peak, 1e-6)) & (peak > 0.5)
    return {
        "peak_nits": round(float(y.max()), 1),
        "mean_nits": round(float(y.mean()), 2),
        "max_cll": round(float(peak.max()), 1),
        "max_fall": round(float(peak.mean()), 2),
        "min_nits": round(float(y.min()), 5),
        "share_above_203_nits": round(float((y > 203).mean()), 5),
        "share_below_1_nit": round(float((y < 1).mean()), 5),
        "share_outside_bt709": round(float(outside.mean()), 5),
    }
