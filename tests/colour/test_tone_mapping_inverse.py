"""BT.2446 A and C from SDR to HDR: figures worked out apart from the code, round trips, odd values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candela_engines.colour import bt2446, gamma
from candela_engines.colour.bt2446_inverse import METHOD_C_LARGEST, method_a_inverse, method_c_inverse
from candela_engines.errors import InputError

# Worked with `bc -l` at 40 digits from the printed equations of table 4.
METHOD_A = [
    ((1.0, 1.0, 1.0), (999.524661418859354,) * 3),
    ((0.5, 0.5, 0.5), (76.280935072667723,) * 3),
    ((0.2, 0.2, 0.2), (6.509715502551689,) * 3),
    ((0.02, 0.02, 0.02), (0.010202734280896,) * 3),
    ((0.9, 0.5, 0.3), (365.595875512661730, 81.163086513647258, 20.523290158947764)),
    ((0.1, 0.3, 0.8), (0.950147220541123, 18.940182629645724, 220.618365921060900)),
    ((0.274, 0.274, 0.274), (14.982618488080192,) * 3),
    ((0.275, 0.275, 0.275), (15.130890770138192,) * 3),
    ((0.0, 0.0, 0.0), (0.0,) * 3),
]
# Likewise from §5, with the luminance weights of BT.2020's primaries (0.26270021, 0.67799807, 0.05930172).
METHOD_C = [
    ((100, 100, 100), (332.382875958506192,) * 3),
    ((18, 18, 18), (21.479200973723777,) * 3),
    ((90, 40, 20), (107.396004868218877, 47.731557719386172, 23.865778859693086)),
    ((10, 20, 80), (11.932889429846543, 23.865778859693086, 95.463115438772344)),
    ((59, 59, 59), (70.370495322127710,) * 3),
    ((METHOD_C_LARGEST,) * 3, (1000.0,) * 3),
    ((90.664391419662552,) * 3, (203.0,) * 3),
    ((0, 0, 0), (0.0,) * 3),
]


@pytest.mark.parametrize(("code", "nits"), METHOD_A)
def test_method_a_golden(code, nits) -> None:
    np.testing.assert_allclose(method_a_inverse(np.array(code, float)), nits, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("light", "nits"), METHOD_C)
def test_method_c_golden(light, nits) -> None:
    np.testing.assert_allclose(method_c_inverse(np.array(light, float)), nits, rtol=1e-8, atol=1e-12)


def test_greys_rise_and_join() -> None:
    """The exponents of table 4 meet within 0.07 nit at Y'' = 70; method C's branches are held together."""
    codes = np.repeat(np.linspace(0, 1, 20001)[:, None], 3, axis=1)
    up = method_a_inverse(codes)[:, 0]
    assert np.diff(up).min() > -1e-12 and np.diff(up).max() < 0.4
    up = method_c_inverse(codes * METHOD_C_LARGEST)[:, 0]
    assert np.diff(up).min() > -1e-12 and np.diff(up).max() < 0.4


def test_method_a_down_and_up_again() -> None:
    """The two printed curves are each other's inverse only about: within 9 % of light up to white of SDR."""
    nits = np.repeat(np.geomspace(1, 900, 400)[:, None], 3, axis=1)
    again = method_a_inverse(bt2446.method_a(nits))
    assert np.abs(again / nits - 1).max() < 0.09


_channel = st.floats(0.01, 1000.0)


@settings(max_examples=60, deadline=None)
@given(st.tuples(_channel, _channel, _channel))
def test_method_c_is_undone(rgb: tuple[float, float, float]) -> None:
    """Down by `bt2446.method_c` and up again is the same light: to the 0.1 % of the step at the joint."""
    nits = np.array(rgb)
    np.testing.assert_allclose(method_c_inverse(bt2446.method_c(nits)), nits, rtol=1.5e-3)


def test_method_a_keeps_neutral_and_more_code_is_more_light() -> None:
    codes = np.repeat(np.linspace(0, 1, 101)[:, None], 3, axis=1)
    out = method_a_inverse(codes)
    np.testing.assert_allclose(out, out[:, :1].repeat(3, axis=1), atol=1e-2)
    assert method_a_inverse(gamma.inverse_eotf(np.full(3, 0.18), 2.4))[0] == pytest.approx(71.85, abs=0.1)


@pytest.mark.parametrize("method", [method_a_inverse, method_c_inverse])
def test_odd_values(method) -> None:
    rows = np.array([[np.nan, 0.1, 0.1], [-5, 0, 0], [0.1, 0.2, 0.3], [5000, 5000, 5000], [np.inf, 0, 0]])
    out = method(rows)
    assert np.isnan(out[0]).all() and (out[1] == 0).all() and np.isfinite(out[2:4]).all()
    assert out[2:4].max() <= 1000.0001
    assert method(np.ones((2, 5, 3), np.float32)).dtype == np.float32
    assert method(np.ones((1, 1, 3))).shape == (1, 1, 3)
    with pytest.raises(InputError, match=r"\(…, 3\)"):
        method(np.ones((4, 2)))
    with pytest.raises(InputError, match="float32"):
        method(np.ones((4, 3), np.uint8))


def test_alpha_is_checked() -> None:
    with pytest.raises(InputError, match=r"alpha 0\.5"):
        method_c_inverse(np.ones(3), alpha=0.5)
