"""Small made pairs: an SDR grade and the HDR master that it is a tone-mapped copy of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import OpenImageIO as oiio

from candela_engines.colour.convert import from_nits_rec2020
from candela_engines.colour.names import NAMED
from candela_engines.media import write_hdr, write_sdr_png

WIDTH, HEIGHT = 96, 64
#: As little fitting as there is: these tests are about everything else.
QUICK = ("--effort", "fast", "--seconds", "0.01", "--bytes", "1400")


@dataclass(frozen=True)
class Pair:
    sdr: Path
    hdr: Path
    codes: npt.NDArray[np.uint8]
    nits: npt.NDArray[np.float32]


def light(height: int = HEIGHT, width: int = WIDTH) -> npt.NDArray[np.float32]:
    """Nits of a soft ramp with a lamp in it, up to about 900."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    y, x = y / max(height - 1, 1), x / max(width - 1, 1)
    base = 2 + 150 * x[..., None] * np.array([1.0, 0.8, 0.6]) + 20 * y[..., None] * np.array([0.3, 0.5, 1.0])
    lamp = 750 * np.exp(-40 * ((x - 0.7) ** 2 + (y - 0.4) ** 2))[..., None]
    return (base + lamp).astype(np.float32)


def grade(nits: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """8-bit BT.1886 codes of a simple shoulder."""
    mapped = 100 * (1 - np.exp(-nits / 150))
    codes = from_nits_rec2020(mapped.astype(np.float64), NAMED["rec709"])
    return np.clip(np.rint(codes * 255), 0, 255).astype(np.uint8)


def make_pair(folder: Path, height: int = HEIGHT, width: int = WIDTH) -> Pair:
    folder.mkdir(parents=True, exist_ok=True)
    nits = light(height, width)
    codes = grade(nits)
    sdr, hdr = folder / "sdr.png", folder / "hdr.exr"
    write_sdr_png(sdr, codes, state=NAMED["rec709"])
    write_hdr(hdr, nits, encoding=NAMED["linear-rec2020"], bits=32)
    return Pair(sdr, hdr, codes, nits)


def write_plain(path: Path, codes: np.ndarray) -> Path:
    """A picture without any colour tag."""
    out = oiio.ImageOutput.create(str(path))
    kind = {"uint8": "uint8", "uint16": "uint16", "float32": "float"}[codes.dtype.name]
    spec = oiio.ImageSpec(codes.shape[1], codes.shape[0], codes.shape[2], kind)
    spec["oiio:UnassociatedAlpha"] = 1
    assert out.open(str(path), spec) and out.write_image(np.ascontiguousarray(codes)) and out.close()
    return path
