"""What single precision leaves out of light and of its PQ code, compiled as generated code is."""

from __future__ import annotations

import ctypes
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.itm.networks import codes_of, gamma_payload

from candela_engines.colour import gamuts, pq, srgb
from candela_engines.colour.names import NAMED
from candela_engines.colour.state import ColourState
from candela_engines.itm.decode import model_of, to_signal
from candela_engines.itm.export.curves import PQ_BOTH_WAYS, sdr_light
from candela_engines.itm.export.dialect import DCTL
from candela_engines.itm.export.light_rest import light_rest, two_number_matrix
from candela_engines.itm.export.moment import Subject
from candela_engines.itm.export.output import Output
from candela_engines.itm.export.pq_rest import pq_rest
from candela_engines.itm.export.prepare import write_dctl
from candela_engines.itm.gamma_mlp import PARAMETERS, Norms, encode_gamma
from candela_engines.itm.whole_frame import curve_of

from .compiled import COMPILER, CompiledDctl, library

pytestmark = pytest.mark.skipif(COMPILER is None, reason="no C++ compiler")

STATES = {
    "rec709": NAMED["rec709"],
    "srgb": NAMED["srgb"],
    "p3-gamma26": NAMED["p3-gamma26"],
    "narrow": ColourState("bt2020", "bt1886", range="narrow"),
}
RUN = """
#include "dctl.hpp"
CODE
extern "C" void run(const float* codes, float* out, int count) {
    for (int i = 0; i < count; i++) {
        const float* code = codes + 3 * i;
        const float v0 = candela_light(code[0]), v1 = candela_light(code[1]), v2 = candela_light(code[2]);
        const float left0 = candela_light_rest(code[0], v0), left1 = candela_light_rest(code[1], v1);
        const float left2 = candela_light_rest(code[2], v2);
        MATRIX
        const float light[3] = {s0, s1, s2}, left[3] = {z0, z1, z2};
        for (int c = 0; c < 3; c++) {
            float* to = out + 3 * (3 * i + c);
            to[0] = light[c] + left[c];
            to[1] = candela_pq(to[0]);
            to[2] = candela_pq_rest(light[c], left[c], to[1]);
        }
    }
    (void)candela_nits, (void)TIMELINE_FRAME_INDEX;
}
"""
# Hosts may have powers and exponentials of less than C's exactness.


@pytest.mark.parametrize("inexact", [False, True])
@pytest.mark.parametrize("name", STATES)
def test_a_code_and_its_rest_are_right_to_two_hundred_millionths(
    name: str, inexact: bool, tmp_path: Path
) -> None:
    state = STATES[name]
    curve = curve_of(state, 10)
    assert curve is not None
    functions = "\n".join([PQ_BOTH_WAYS, sdr_light(curve, 100), light_rest(curve, 100), pq_rest()])
    source = RUN.replace("MATRIX", DCTL.text(two_number_matrix(curve.matrix, 100)))
    source = source.replace("CODE", DCTL.text(functions))
    if inexact:
        source = re.sub(r"(_powf|_expf)\(", r"1.000002f * \1(", source)
    rng = np.random.default_rng(2)
    grey = np.repeat(np.arange(256)[:, None] / 255, 3, axis=1)
    codes = np.concatenate([grey, rng.random((20000, 3)), rng.random((5000, 3)) ** 4])
    codes = (np.rint(codes * 65535) / 65535).astype(np.float32)
    if state.range == "narrow":
        codes = (codes * 876 + 64) / np.float32(1023)
    out = np.empty((len(codes), 3, 3), np.float32)
    pointers = [a.ctypes.data_as(ctypes.POINTER(ctypes.c_float)) for a in (codes, out)]
    library(source, tmp_path, "rests").run(*pointers, len(codes))
    s, rest = (out[..., k].astype(np.float64) for k in (1, 2))
    linear = (codes.astype(np.float64) * curve.scale + curve.offset).clip(0)
    linear = srgb.eotf(linear) if curve.kind == "srgb" else linear**curve.exponent
    wanted = np.asarray(pq.inverse_eotf(100 * np.clip(gamuts.apply_matrix(linear, curve.matrix), 0, None)))
    assert np.abs(s - wanted).max() > 5e-8  # what is to be mended
    # The second number mends the host's powers, too, all but those of the darkest codes.
    error = np.abs(s + rest - wanted)
    assert error.max() < 1e-7
    assert error[wanted > (1 / 64 if inexact else 1 / 256)].max() < 2e-8


@pytest.mark.parametrize("inexact", [False, True])
@pytest.mark.parametrize("name", ["rec709", "srgb", "p3-gamma26"])
def test_a_network_that_looks_at_the_last_bit(name: str, inexact: bool, tmp_path: Path) -> None:
    """All weight on colours' highest octaves, which is what photographs bring out."""
    rng = np.random.default_rng(4)
    vector = rng.normal(0, 0.05, PARAMETERS)
    first = vector[: 120 * 16].reshape(5, 24, 16)
    first[:3, 18:] = rng.normal(0, 0.15, (3, 6, 16))
    numbers, blobs, _ = encode_gamma(vector, Norms(0.43, 0.12, 0.7, 0.9))
    payload = replace(gamma_payload(), sdr=STATES[name], numbers=numbers, blobs=blobs)
    signal = to_signal(codes_of(), 8)
    strips = model_of(payload).strips(signal.astype(np.float64), payload.sdr, reference=True)
    wanted = Output("pq").apply(np.concatenate([nits for _, nits in strips]))
    text = write_dctl(Subject(payload), Output("pq"), []).text
    if inexact:
        head = text.index("float3 transform(")
        text = re.sub(r"(_powf|_expf)\(", r"1.000002f * \1(", text[:head]) + text[head:]
    made = CompiledDctl(text, tmp_path).run(signal)
    # Powers that are off by 2e-6 are in the result as they are, and no more than that.
    assert np.abs(made - wanted).max() <= (4e-6 if inexact else 1e-6)
