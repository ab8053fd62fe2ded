"""The bench is no installed package: it is run from the root of the checkout."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))


@pytest.fixture
def scene() -> np.ndarray:
    """Linear light with a smooth ground, some texture, colour, and a lamp 4000 times the median."""
    height, width = 48, 64
    v, u = np.mgrid[0:height, 0:width] / 48.0
    light = 0.02 + 0.3 * v + 0.1 * u + 0.02 * np.random.default_rng(3).random((height, width))
    rgb = np.stack([light * 1.2, light, light * (0.5 + 0.4 * u)], axis=-1)
    rgb += 800 * np.exp(-40 * ((u - 0.9) ** 2 + (v - 0.3) ** 2))[..., None] ** 3
    return rgb.astype(np.float32)


@pytest.fixture
def write_exr(tmp_path: Path):
    def write(
        name: str, pixels: np.ndarray, names: tuple[str, ...] = ("R", "G", "B"), **attributes: object
    ) -> Path:
        path = tmp_path / name
        spec = oiio.ImageSpec(pixels.shape[1], pixels.shape[0], pixels.shape[2], "float")
        spec.channelnames = names
        if "chromaticities" in attributes:
            spec.attribute("chromaticities", oiio.TypeDesc("float[8]"), attributes["chromaticities"])
        out = oiio.ImageOutput.create(str(path))
        assert out.open(str(path), spec) and out.write_image(np.ascontiguousarray(pixels, np.float32)), (
            out.geterror()
        )
        out.close()
        return path

    return write
