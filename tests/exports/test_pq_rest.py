"""What single precision leaves out of a PQ code, compiled as generated code is."""

from __future__ import annotations

import ctypes
from pathlib import Path

import numpy as np
import pytest

from candela_engines.colour import pq
from candela_engines.itm.export.curves import PQ_BOTH_WAYS
from candela_engines.itm.export.dialect import DCTL
from candela_engines.itm.export.pq_rest import LEAST, pq_rest

from .compiled import COMPILER, library

RUN = """
#include "dctl.hpp"
CODE
extern "C" void run(const float* light, float* s, float* rest, int count) {
    for (int i = 0; i < count; i++) {
        s[i] = candela_pq(light[i]);
        rest[i] = candela_pq_rest(light[i], s[i]);
    }
    (void)candela_nits, (void)TIMELINE_FRAME_INDEX;
}
"""


@pytest.mark.skipif(COMPILER is None, reason="no C++ compiler")
def test_a_code_and_its_rest_are_right_to_a_hundred_millionth(tmp_path: Path) -> None:
    source = RUN.replace("CODE", DCTL.text(PQ_BOTH_WAYS + pq_rest()))
    code = np.concatenate([np.linspace(0, 0.56, 20011), [0, 1]])
    light = np.asarray(pq.eotf(code), np.float32)
    s, rest = np.empty_like(light), np.empty_like(light)
    pointers = [a.ctypes.data_as(ctypes.POINTER(ctypes.c_float)) for a in (light, s, rest)]
    library(source, tmp_path, "rest").run(*pointers, len(light))
    wanted = np.asarray(pq.inverse_eotf(light.astype(np.float64)))
    served = (wanted > LEAST) & (wanted < 0.53)
    error = s.astype(np.float64) + rest - wanted
    assert np.abs(s - wanted)[served].max() > 5e-8  # what is to be mended
    assert np.abs(error)[served].max() < 1e-8
    assert np.abs(error)[wanted <= LEAST].max() < 5e-8
    assert np.isfinite(rest).all() and not rest[wanted > 0.55].any()
