"""SDR/HDR pairs of HDR stills, for training: exposed, made smaller, rendered by several SDR operators.

Scene-referred light has no exposure of its own: the median luminance of the pixels above zero becomes 0.14
scene-linear. The HDR is the ACES 2.0 picture of 1000 nit in Rec.2100-PQ, the SDR that of ACES 2.0 for
Rec.709, or BT.2446-1 method A or C of the HDR clipped at 1000 nit; both quantised as files would be.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from candela_engines.colour import bt2446, pq
from candela_engines.colour.gamuts import luminance
from candela_engines.itm.split import is_training_source
from candela_ocio import candela_config_path, in_force, render

__all__ = ["OPERATORS", "Still", "load_stills", "sources"]

OPERATORS = ("aces2", "bt2446a", "bt2446c")
MEDIAN_EXPOSURE = 0.14
PEAK_NITS = 1000.0
_BRIGHTEST = 6e4  # of a half float, and of what a sun in a lat-long map may say
_SUFFIXES = (".exr", ".hdr")
_SOURCE = "Linear Rec.709 (sRGB)"
_HDR_VIEW = ("Rec.2100-PQ - Display", "ACES 2.0 - HDR 1000 nits (Rec.2020)")
_SDR_VIEW = ("Rec.1886 Rec.709 - Display", "ACES 2.0 - SDR 100 nits (Rec.709)")

F32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Still:
    """A pair: signal, SDR codes over full scale, and code, HDR PQ codes, both (H, W, 3) float32."""

    name: str
    operator: str
    signal: F32
    code: F32


def sources(folder: Path, *, training: bool) -> list[Path]:
    """The scene-referred stills of a folder on one side of the split, in the order of their names."""
    found = (p for p in folder.iterdir() if p.suffix.lower() in _SUFFIXES)
    return sorted(p for p in found if is_training_source(p.name) == training)


def load_stills(path: Path, operators: tuple[str, ...] = OPERATORS, *, width: int = 512) -> Iterator[Still]:
    """The pairs of one still, shrunk by a whole factor to at most `width` pixels a side; none without RGB."""
    scene = _read(path)
    if scene is None:
        return
    scene = shrink(scene, width)
    light = luminance(scene, "bt709")
    if not (light > 0).any():
        return
    scene = scene * np.float32(MEDIAN_EXPOSURE / np.median(light[light > 0]))
    config = in_force(str(candela_config_path()))
    code = _rounded(render(config, scene, source=_SOURCE, display=_HDR_VIEW[0], view=_HDR_VIEW[1]), 16)
    limit = np.round(pq.inverse_eotf(np.float64(PEAK_NITS)) * 65535) / 65535
    clipped = np.minimum(code, limit).astype(np.float32)
    nits = np.minimum(pq.eotf(clipped.astype(np.float64)), PEAK_NITS)
    for operator in operators:
        if operator == "aces2":
            sdr = render(config, scene, source=_SOURCE, display=_SDR_VIEW[0], view=_SDR_VIEW[1])
            yield Still(path.name, operator, _rounded(sdr, 8), code)
        else:
            sdr = bt2446.rec709_code(nits, method="a" if operator == "bt2446a" else "c")
            yield Still(path.name, operator, _rounded(sdr, 8), clipped)


def shrink(light: F32, side: int) -> F32:
    """Means of whole blocks in linear light; up to a block's width is cut at the right and below."""
    step = -(-max(light.shape[:2]) // side)
    if step <= 1:
        return light
    height, width = (max(1, size // step) for size in light.shape[:2])
    light = light[: height * step, : width * step]
    blocks = light.reshape(height, min(step, light.shape[0]), width, min(step, light.shape[1]), 3)
    return np.asarray(blocks.mean((1, 3), dtype=np.float64), np.float32)


def _read(path: Path) -> F32 | None:
    """Linear light as it is in the file, read as BT.709, or None where there are no R, G and B."""
    import OpenImageIO as oiio

    source = oiio.ImageInput.open(str(path))
    if source is None:
        oiio.geterror()
        return None
    try:
        names = [str(name) for name in source.spec().channelnames]
        pixels = source.read_image(oiio.FLOAT) if {"R", "G", "B"} <= set(names) else None
    finally:
        source.close()
    if pixels is None:
        return None
    rgb = np.asarray(pixels, np.float32)[..., [names.index(name) for name in "RGB"]]
    return np.asarray(np.clip(np.nan_to_num(rgb, nan=0.0, posinf=_BRIGHTEST), 0, _BRIGHTEST), np.float32)


def _rounded(code: npt.NDArray[np.floating], bits: int) -> F32:
    top = (1 << bits) - 1
    return (np.round(np.clip(code.astype(np.float64), 0, 1) * top) / top).astype(np.float32)
