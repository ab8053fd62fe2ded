"""Model `paper`: sizes, arithmetic against plain Python, tiles, hostile payloads, the fit."""

import math
import zlib
from dataclasses import replace

import numpy as np
import pytest

from candela_engines.colour import bt2446, pq
from candela_engines.colour.names import NAMED
from candela_engines.errors import InputError, PayloadError
from candela_engines.itm.decode import decode_payload, render
from candela_engines.itm.fit_reference import fit_reference
from candela_engines.itm.payload import Fidelity, Payload, encode
from candela_engines.itm.siren import (
    LAYERS,
    PARAMETERS,
    SirenModel,
    decode_siren,
    encode_siren,
    evaluate_siren,
    places,
    views,
)
from candela_engines.itm.siren_fit import PLANS, Plan, adapt, fit_paper, loss_and_gradient, random_siren
from candela_engines.metrics import pu_psnr

STATE = NAMED["rec709"]
RNG = np.random.default_rng(5)
HALF = random_siren(np.random.default_rng(1)).astype(np.float16).astype(np.float32)


def payload_of(vector: np.ndarray, width: int = 40, height: int = 30) -> Payload:
    numbers, blobs, _ = encode_siren(vector)
    return Payload(
        "paper", width, height, 8, bytes(16), STATE, NAMED["rec2100-pq"],
        Fidelity(40, 1, 2, 30, 0, 0), numbers, blobs,
    )  # fmt: skip


def scene(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """(SDR signal, HDR nits) of a soft scene."""
    y, x = np.mgrid[0:height, 0:width] / max(height, width, 2)
    light = np.stack([20 + 60 * x, 30 + 50 * y, 60 - 30 * y], -1)
    nits = light + 600 * np.exp(-((x - 0.6) ** 2 + (y - 0.3) ** 2) / 0.02)[..., None]
    code = np.rint(bt2446.rec709_code(nits, method="a") * 255) / 255
    return code.astype(np.float32), nits.astype(np.float32)


def by_hand(rgb: list[float], place: list[float], vector: np.ndarray) -> list[float]:
    """The network as its paper writes it, one unit after the other."""
    numbers = [float(v) for v in vector]

    def take(n_in: int, n_out: int) -> tuple[list[list[float]], list[float]]:
        flat = [numbers.pop(0) for _ in range(n_in * n_out)]
        rows = [flat[i * n_out : (i + 1) * n_out] for i in range(n_in)]
        return rows, [numbers.pop(0) for _ in range(n_out)]

    def layer(x: list[float], w: list[list[float]], b: list[float]) -> list[float]:
        return [math.fsum([b[o], *(x[i] * w[i][o] for i in range(len(x)))]) for o in range(len(b))]

    def sine(x: list[float], n_out: int) -> list[float]:
        return [math.sin(30 * z) for z in layer(x, *take(len(x), n_out))]

    colour = sine(sine(rgb, 64), 32)
    spatial = sine(sine(place, 64), 32)
    fused = sine(colour + spatial, 64)
    out = layer(fused, *take(64, 3))
    assert not numbers
    return out


def test_the_published_number_of_parameters() -> None:
    assert PARAMETERS == 8963
    assert sum(array.size for array in views(HALF).values()) == 8963
    assert [name for name, _, _ in LAYERS] == ["colour0", "colour1", "place0", "place1", "fuse", "last"]


def test_the_payload_has_17926_bytes_of_weights() -> None:
    payload = payload_of(HALF)
    raw = payload.blobs[0] if payload.numbers == (0,) else zlib.decompress(payload.blobs[0])
    assert len(raw) == 17926
    assert len(payload.blobs[0]) <= 17926
    assert len(encode(payload)) < 17926 + 120
    np.testing.assert_array_equal(decode_siren(payload).vector, HALF)


def test_weights_that_pack_are_packed() -> None:
    payload = payload_of(np.zeros(PARAMETERS, np.float32))
    assert payload.numbers == (1,)
    assert len(payload.blobs[0]) < 100
    assert not decode_siren(payload).vector.any()


def test_forward_is_that_of_plain_python() -> None:
    colour, place = RNG.random((6, 3)), RNG.random((6, 2))
    ours = evaluate_siren(colour, place, HALF)
    theirs = [by_hand(list(c), list(p), HALF) for c, p in zip(colour, place, strict=True)]
    np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_place_runs_from_0_to_1_x_first() -> None:
    corners = places(5, 9, [0, 0, 4, 2], [0, 8, 8, 4])
    np.testing.assert_array_equal(corners, np.float32([[0, 0], [1, 0], [1, 1], [0.5, 0.5]]))
    np.testing.assert_array_equal(places(1, 1, [0], [0]), [[0, 0]])


def test_runtime_agrees_with_the_reference() -> None:
    colour, place = RNG.random((9000, 3)).astype(np.float32), RNG.random((9000, 2)).astype(np.float32)
    exact = evaluate_siren(colour, place, HALF)
    error = np.abs(SirenModel(HALF).codes(colour, place) - exact).max()
    assert error <= 2e-6 * np.abs(exact).max()


@pytest.mark.twice
def test_strips_do_not_change_the_picture() -> None:
    signal = RNG.random((30, 40, 3)).astype(np.float32)
    model = SirenModel(HALF)
    whole = np.concatenate([part for _, part in model.strips(signal, STATE)])
    thin = list(model.strips(signal, STATE, rows=(3, 28), strip=4))
    assert [top for top, _ in thin] == [3, 7, 11, 15, 19, 23, 27]
    np.testing.assert_allclose(np.concatenate([part for _, part in thin]), whole[3:28], rtol=2e-4, atol=1e-3)
    exact = np.concatenate([part for _, part in model.strips(signal, STATE, reference=True)])
    assert exact.dtype == np.float64
    assert np.abs(pq.inverse_eotf(whole) - pq.inverse_eotf(exact)).max() < 5e-6


def test_it_renders_through_the_payload() -> None:
    codes = RNG.integers(0, 256, (30, 40, 3), dtype=np.uint8)
    nits = render(decode_payload(encode(payload_of(HALF))), codes)
    assert nits.shape == (30, 40, 3) and np.isfinite(nits).all() and nits.min() >= 0


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"numbers": ()}, "one number"),
        ({"numbers": (2,)}, "0 or 1"),
        ({"numbers": (0, 0)}, "one number"),
        ({"blobs": ()}, "one stream"),
        ({"blobs": (bytes(17926), b"")}, "one stream"),
        ({"blobs": (bytes(17925),), "numbers": (0,)}, "17926 bytes"),
        ({"blobs": (bytes(17928),), "numbers": (0,)}, "17926 bytes"),
        ({"blobs": (b"no zlib",), "numbers": (1,)}, "zlib"),
        ({"blobs": (zlib.compress(bytes(17925)),), "numbers": (1,)}, "unpack"),
        ({"blobs": (zlib.compress(bytes(1 << 24)),), "numbers": (1,)}, "unpack"),
        ({"blobs": (zlib.compress(bytes(17926))[:-3],), "numbers": (1,)}, "unpack"),
        ({"blobs": (zlib.compress(bytes(17926)) + b"more",), "numbers": (1,)}, "unpack"),
        ({"blobs": (np.full(8963, np.inf, "<f2").tobytes(),), "numbers": (0,)}, "finite"),
        ({"blobs": (np.full(8963, np.nan, "<f2").tobytes(),), "numbers": (0,)}, "finite"),
    ],
)
def test_a_payload_that_is_no_siren_is_refused(change: dict, says: str) -> None:
    with pytest.raises(PayloadError, match=says):
        decode_payload(encode(replace(payload_of(HALF), **change)))


@pytest.mark.twice
def test_gradient_is_the_slope_of_the_loss() -> None:
    colour, place = RNG.random((300, 3)).astype(np.float32), RNG.random((300, 2)).astype(np.float32)
    target = RNG.random((300, 3)).astype(np.float32)
    loss, gradient = loss_and_gradient(HALF, colour, place, target)

    def at(vector: np.ndarray) -> float:
        return float(np.mean((evaluate_siren(colour, place, vector) - target) ** 2))

    assert loss == pytest.approx(at(HALF), rel=1e-5)
    for i in [0, 191, 200, 300, 2400, 2700, 4700, 8700, 8962]:
        step = np.zeros(PARAMETERS)
        step[i] = 1e-5
        slope = (at(HALF + step) - at(HALF - step)) / 2e-5
        assert gradient[i] == pytest.approx(slope, rel=1e-3, abs=1e-5)


def test_the_published_schedule() -> None:
    plan = PLANS["normal"]
    assert (plan.steps, plan.rate, plan.last_rate, plan.sampling) == (200, 1e-4, 1e-4, "ohem")


@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 300), (300, 1), pytest.param((37, 53), marks=pytest.mark.twice)]
)
def test_any_shape_is_fitted(shape: tuple[int, int]) -> None:
    signal, nits = scene(*shape)
    vector = HALF.copy()
    plan = Plan(104, 1e-3, 1e-4)  # two resamplings
    assert list(adapt(vector, signal, pq.inverse_eotf(nits), plan, np.random.default_rng(0)))[-1] == 1.0
    assert np.isfinite(vector).all()
    assert not np.array_equal(vector, HALF)


def test_a_seed_repeats_itself() -> None:
    signal, nits = scene(12, 20)
    first, second = (fit_paper(signal, STATE, nits, effort="fast", seed=3)[:2] for _ in range(2))
    assert first == second


def test_the_shipped_start_adapts() -> None:
    signal, nits = scene(48, 64)
    model = fit_paper(signal, STATE, nits, effort="fast", seed=3)[2]
    fitted = np.concatenate([part for _, part in model.strips(signal, STATE)]).astype(np.float32)
    assert pu_psnr(fitted, nits) > 32


def test_time_ends_a_fit_and_what_is_written_is_what_was_measured() -> None:
    signal, nits = scene(60, 80)
    codes = np.rint(signal * 255).astype(np.uint8)
    told: list[str] = []
    fitted = fit_reference(
        "paper", codes, STATE, nits, seconds=0.2, progress=lambda stage, _: told.append(stage)
    )
    assert {"fit", "measure"} <= set(told)
    decoded = decode_payload(fitted.payload)
    assert decoded.payload.model == "paper"
    assert decoded.payload.fidelity.pu_psnr == pytest.approx(fitted.report.pu_psnr, abs=0.006)
    assert pu_psnr(render(decoded, codes), nits) == pytest.approx(fitted.report.pu_psnr, abs=0.01)
    with pytest.raises(InputError, match="known: default, paper, gamma"):
        fit_reference("other", codes, STATE, nits)
