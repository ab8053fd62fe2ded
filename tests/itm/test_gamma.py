"""Model `gamma`: sizes, arithmetic against plain Python, where γ is well-posed, hostile payloads, the fit."""

import math
import zlib
from dataclasses import replace

import numpy as np
import pytest

from candela_engines.colour import bt2446, pq
from candela_engines.colour.names import NAMED
from candela_engines.errors import PayloadError
from candela_engines.itm.decode import decode_payload, render
from candela_engines.itm.fit_reference import fit_reference
from candela_engines.itm.gamma_mlp import (
    OFFSET,
    PARAMETERS,
    SHAPES,
    GammaModel,
    Norms,
    decode_gamma,
    encode_gamma,
    encoded,
    evaluate_sines,
    gamma_of,
    sdr_code,
    turns,
)
from candela_engines.itm.gamma_mlp_fit import fit_gamma, loss_and_gradient, random_gamma
from candela_engines.itm.payload import Fidelity, Payload, encode
from candela_engines.metrics import pu_psnr

STATE = NAMED["rec709"]
NORMS = Norms.from_bytes(Norms(0.31, 0.5, 0.7, 0.9).to_bytes())
HALF = random_gamma(np.random.default_rng(2)).astype(np.float16).astype(np.float32)
RNG = np.random.default_rng(6)


def payload_of(vector: np.ndarray = HALF, *, half: bool = True) -> Payload:
    numbers, blobs, _ = encode_gamma(vector, NORMS, half=half)
    return Payload(
        "gamma", 40, 30, 8, bytes(16), STATE, NAMED["rec2100-pq"],
        Fidelity(40, 1, 2, 30, 0, 0), numbers, blobs,
    )  # fmt: skip


def scene(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """(SDR signal, HDR nits) of a soft scene."""
    y, x = np.mgrid[0:height, 0:width] / max(height, width, 2)
    light = np.stack([20 + 60 * x, 30 + 50 * y, 60 - 30 * y], -1)
    nits = light + 600 * np.exp(-((x - 0.6) ** 2 + (y - 0.3) ** 2) / 0.02)[..., None]
    code = np.rint(bt2446.rec709_code(nits, method="a") * 255) / 255
    return code.astype(np.float32), nits.astype(np.float32)


def by_hand(inputs: list[float], vector: np.ndarray) -> list[float]:
    """Encoding and network, one number after the other."""
    x = [f(math.pi * 2**band * v) for v in inputs for band in range(12) for f in (math.sin, math.cos)]
    at = 0
    for i, (rows, columns) in enumerate(SHAPES):
        w = [float(v) for v in vector[at : at + rows * columns]]
        at += rows * columns
        x = [math.fsum(x[r] * w[r * columns + c] for r in range(rows)) for c in range(columns)]
        x = x if i == len(SHAPES) - 1 else [math.sin(v) for v in x]
    return x


def test_sizes() -> None:
    assert SHAPES == ((120, 16), (16, 16), (16, 3))
    assert PARAMETERS == 2224
    assert len(payload_of(half=False).blobs[0]) == 4 * 2224
    assert len(encode(payload_of())) <= 2 * 2224 + 16 + 130


def test_forward_is_that_of_plain_python() -> None:
    inputs = RNG.uniform(-1.2, 1.2, (5, 5))
    ours = evaluate_sines(encoded(inputs, np.float64), HALF)
    np.testing.assert_allclose(ours, [by_hand(list(row), HALF) for row in inputs], atol=1e-9)


def test_runtime_agrees_with_the_reference() -> None:
    inputs = RNG.uniform(-1.2, 1.2, (9000, 5))
    model = GammaModel(HALF, NORMS)
    exact = model.gamma(inputs, reference=True)
    assert np.abs(model.gamma(inputs) - exact).max() <= 2e-6 * np.abs(exact).max()


def test_gamma_gives_the_hdr_back_and_has_no_pole() -> None:
    signal = np.float32([[0, 0, 0], [1, 1, 1], [1, 0, 0], [0, 0, 1], [0.985, 0.99, 0.9], [0.5, 0.5, 0.5]])
    s = sdr_code(signal, STATE)
    assert s.max() == pytest.approx(pq.inverse_eotf(np.float64(100)), abs=1e-4)
    assert np.log(s + OFFSET).max() < -0.64
    for light in (0.0, 0.01, 100.0, 1000.0, 10000.0):
        nits = np.full(s.shape, light)
        gamma = gamma_of(s, nits)
        assert np.abs(gamma).max() < 7
        code = np.power(s + OFFSET, gamma) - OFFSET
        np.testing.assert_allclose(code, pq.inverse_eotf(nits), atol=1e-12)


def test_the_place_is_minus_1_to_1() -> None:
    ys, xs = np.mgrid[0:3, 0:5]
    place = turns(np.zeros((3, 5, 3)), ys, xs, 3, 5, NORMS)[:, 3:].reshape(3, 5, 2)
    np.testing.assert_array_equal(place[0, :, 0], [-1, -0.5, 0, 0.5, 1])
    np.testing.assert_array_equal(place[:, 0, 1], [-1, 0, 1])


@pytest.mark.twice
def test_strips_do_not_change_the_picture() -> None:
    signal = RNG.random((30, 40, 3)).astype(np.float32)
    model = GammaModel(HALF, NORMS)
    whole = np.concatenate([part for _, part in model.strips(signal, STATE)])
    thin = list(model.strips(signal, STATE, rows=(3, 28), strip=4))
    assert [top for top, _ in thin] == [3, 7, 11, 15, 19, 23, 27]
    np.testing.assert_allclose(np.concatenate([part for _, part in thin]), whole[3:28], rtol=2e-4, atol=1e-3)
    exact = np.concatenate([part for _, part in model.strips(signal, STATE, reference=True)])
    assert exact.dtype == np.float64
    assert np.abs(pq.inverse_eotf(whole) - pq.inverse_eotf(exact)).max() < 5e-6


def test_it_renders_through_the_payload_whatever_the_weights() -> None:
    codes = RNG.integers(0, 256, (30, 40, 3), dtype=np.uint8)
    for vector in (HALF, HALF * 0, np.full(PARAMETERS, 6e4, np.float32)):
        for half in (True, False):
            nits = render(decode_payload(encode(payload_of(vector, half=half))), codes)
            assert np.isfinite(nits).all() and nits.min() >= 0 and nits.max() <= 10000.1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"numbers": ()}, "one number"),
        ({"numbers": (3,)}, "0 to 2"),
        ({"blobs": (bytes(4448),)}, "two streams"),
        ({"blobs": (bytes(4447), NORMS.to_bytes()), "numbers": (0,)}, "4448 bytes"),
        ({"blobs": (bytes(4448), NORMS.to_bytes()), "numbers": (1,)}, "8896 bytes"),
        ({"blobs": (zlib.compress(bytes(1 << 24)), NORMS.to_bytes()), "numbers": (2,)}, "unpack"),
        ({"blobs": (b"no zlib", NORMS.to_bytes()), "numbers": (2,)}, "zlib"),
        ({"blobs": (np.full(2224, np.nan, "<f2").tobytes(), NORMS.to_bytes()), "numbers": (0,)}, "finite"),
        ({"blobs": (np.full(2224, 1e30, "<f4").tobytes(), NORMS.to_bytes()), "numbers": (1,)}, "sane"),
        ({"blobs": (bytes(4448), bytes(15)), "numbers": (0,)}, "four sane"),
        ({"blobs": (bytes(4448), bytes(16)), "numbers": (0,)}, "range of nothing"),
        ({"blobs": (bytes(4448), np.full(4, np.nan, "<f4").tobytes()), "numbers": (0,)}, "four sane"),
        ({"blobs": (bytes(4448), np.full(4, 1e9, "<f4").tobytes()), "numbers": (0,)}, "four sane"),
    ],
)
def test_a_payload_that_is_no_gamma_network_is_refused(change: dict, says: str) -> None:
    with pytest.raises(PayloadError, match=says):
        decode_payload(encode(replace(payload_of(), **change)))


@pytest.mark.parametrize("half", [True, False])
def test_weights_come_back(half: bool) -> None:
    model = decode_gamma(payload_of(half=half))
    np.testing.assert_array_equal(model.vector, HALF)
    assert model.norms == NORMS


@pytest.mark.twice
def test_gradient_is_the_slope_of_the_loss() -> None:
    features = encoded(RNG.uniform(-1, 1, (300, 5)), np.float32)
    target = RNG.uniform(-1, 1, (300, 3)).astype(np.float32)
    loss, gradient = loss_and_gradient(HALF, np.asarray(features, np.float32), target)

    def at(vector: np.ndarray) -> float:
        return float(np.mean((evaluate_sines(features, vector) - target) ** 2))

    assert loss == pytest.approx(at(HALF), rel=1e-5)
    for i in [0, 700, 1919, 1920, 2100, 2176, 2223]:
        step = np.zeros(PARAMETERS)
        step[i] = 1e-5
        assert gradient[i] == pytest.approx((at(HALF + step) - at(HALF - step)) / 2e-5, rel=1e-3, abs=1e-5)


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1)])
def test_thin_pictures_are_fitted(shape: tuple[int, int]) -> None:
    signal, nits = scene(*shape)
    codes = np.rint(signal * 255).astype(np.uint8)
    fitted = fit_reference("gamma", codes, STATE, nits, effort="fast")
    assert np.isfinite(render(decode_payload(fitted.payload), codes)).all()


@pytest.mark.twice
def test_a_fit_holds_what_it_says() -> None:
    signal, nits = scene(48, 64)
    codes = np.rint(signal * 255).astype(np.uint8)
    fitted = fit_reference("gamma", codes, STATE, nits, effort="fast", seed=1)
    assert fitted.report.pu_psnr > 32
    decoded = decode_payload(fitted.payload)
    assert pu_psnr(render(decoded, codes), nits) == pytest.approx(fitted.report.pu_psnr, abs=0.01)


def test_a_seed_repeats_itself() -> None:
    signal, nits = scene(16, 24)
    first, second = (fit_gamma(signal, STATE, nits, effort="fast", seed=1)[:2] for _ in range(2))
    assert first == second
