"""The image that a kernel reads its grids from: OpenEXR of single precision, compressed without loss."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from candela_engines.media.atomic import atomic_path
from candela_engines.media.oiio_reader import oiio_module
from candela_engines.media.write_oiio import write_with_oiio

__all__ = ["write_grids"]


def write_grids(path: Path, pixels: npt.NDArray[np.float32]) -> None:
    """Write (H, W, 3) float32 as they are; the same bytes at any time. InfrastructureError for a disk that
    refuses."""
    spec = oiio_module().ImageSpec(pixels.shape[1], pixels.shape[0], 3, "float")
    spec.attribute("compression", "zip")
    spec.attribute("DateTime", "")  # or the library writes the time that it is
    with atomic_path(path) as temporary:
        write_with_oiio(temporary, spec, pixels, path)
