from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from candela_engines.colour import bt1886
from candela_engines.media import read_still
from candela_engines.samples import sample_paths

Picture = NDArray[np.float32]


def thinned(name: str) -> tuple[Picture, Picture]:
    """Every fourth pixel of a sample, 480x270: its grade in nits, its SDR as BT.709 light, white at 100."""
    pair = sample_paths()[name]
    grade = read_still(pair.hdr).pixels[::4, ::4]
    sdr = bt1886.eotf(read_still(pair.sdr).pixels[::4, ::4], white_nits=100.0)
    return np.ascontiguousarray(grade, np.float32), np.ascontiguousarray(sdr, np.float32)


@pytest.fixture(scope="session")
def evening() -> tuple[Picture, Picture]:
    """Sky with the sun, sea and rocks: gradients, highlights and colour."""
    return thinned("low_sun")


@pytest.fixture(scope="session")
def room() -> tuple[Picture, Picture]:
    """A dark interior: shadows and wood."""
    return thinned("interior")
