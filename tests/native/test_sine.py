"""The published networks against numpy in double and ONNX Runtime, on every instruction set there is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candela_engines.colour import pq
from candela_engines.colour.gamuts import rgb_to_rgb
from candela_engines.colour.names import NAMED
from candela_engines.itm import gamma_mlp, siren
from candela_engines.itm.gamma_mlp import OFFSET, GammaModel, Norms, sdr_code, turns
from candela_engines.itm.gamma_mlp_fit import loss_and_gradient as gamma_gradient
from candela_engines.itm.siren import SirenModel, evaluate_siren, places
from candela_engines.itm.siren_fit import loss_and_gradient as siren_gradient
from candela_engines.itm.siren_fit import random_siren
from candela_engines.native import native
from candela_engines.weights import load_weights

library = native()
pytestmark = pytest.mark.skipif(library is None, reason="the native library is not built here")
SETS = [] if library is None else library.instruction_sets()
STATE = NAMED["rec709"]
NORMS = Norms(0.2, 0.5, 0.95, 0.6)
MATRIX = rgb_to_rgb("bt709", "bt2020").ravel().tolist()
PAPER = load_weights("siren_start.npz")["vector"].astype(np.float16).astype(np.float32)
GAMMA = load_weights("gamma_start.npz")["vector"].astype(np.float16).astype(np.float32)


def rendered(network, picture, region=None, encoding="pq", bits=8, dtype=np.float32, threads=0, isa=""):
    left, top, right, bottom = region or (0, 0, picture.shape[1], picture.shape[0])
    out = np.empty((bottom - top, right - left, 3), dtype)
    out_bits = 8 * out.itemsize
    network.render(picture, bits, out, out_bits, (left, top, right, bottom), encoding, threads, isa)
    return out


def gamma_network(vector, height, width, norms=NORMS):
    return library.GammaMlp(vector, norms.to_list(), height, width, "power", 2.4, 1.0, 0.0, MATRIX)


def exact_paper(picture: np.ndarray, vector: np.ndarray) -> np.ndarray:
    height, width = picture.shape[:2]
    ys, xs = np.mgrid[0:height, 0:width]
    place = places(height, width, ys.ravel(), xs.ravel())
    signal = (picture.astype(np.float32) / np.float32(255)).reshape(-1, 3)
    return np.clip(evaluate_siren(signal, place, vector), 0, 1).reshape(picture.shape)


def exact_gamma(picture: np.ndarray, vector: np.ndarray) -> np.ndarray:
    height, width = picture.shape[:2]
    s = sdr_code(picture.astype(np.float32) / np.float32(255), STATE)
    ys, xs = np.mgrid[0:height, 0:width]
    inputs = turns(s, ys, xs, height, width, NORMS)
    gamma = np.clip(GammaModel(vector, NORMS).gamma(inputs, reference=True), -20, 20).reshape(s.shape)
    return np.clip(np.power(s + OFFSET, gamma) - OFFSET, 0, 1)


EXACT = {"paper": exact_paper, "gamma": exact_gamma}
TRAINED = {"paper": PAPER, "gamma": GAMMA}


def network_of(model: str, height: int, width: int):
    return library.Siren(PAPER, height, width) if model == "paper" else gamma_network(GAMMA, height, width)


def picture_of(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("isa", SETS)
@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(width=32), min_size=1, max_size=70))
def test_sines_of_any_number(isa: str, numbers: list[float]) -> None:
    x = np.array(numbers, np.float32)
    exact = x.astype(np.float64)
    with np.errstate(invalid="ignore"):
        exact = np.sin(np.pi * (exact - 2 * np.rint(exact / 2)))
    np.testing.assert_allclose(library.sines(x, isa), exact, atol=1.6e-7)


@pytest.mark.parametrize("isa", SETS)
def test_sines_within_the_networks_range(isa: str) -> None:
    x = np.random.default_rng(0).uniform(-3200, 3200, 400_000).astype(np.float32)  # ±10,000 radians
    error = library.sines(x, isa) - np.sin(np.pi * (x - 2 * np.rint(x / 2)).astype(np.float64))
    assert np.abs(error).max() < 1.6e-7


@pytest.mark.parametrize("model", ["paper", "gamma"])
@pytest.mark.parametrize("shape", [(1, 1), (3, 95), (2, 97), (5, 700), (2, 2500)])
def test_pictures_are_those_of_the_reference(model: str, shape: tuple[int, int]) -> None:
    picture = picture_of(*shape)
    exact = EXACT[model](picture, TRAINED[model])
    network = network_of(model, *shape)
    for isa in SETS:
        found = rendered(network, picture, isa=isa)
        assert np.abs(found - exact).max() <= 2e-6
        nits = rendered(network, picture, encoding="nits", isa=isa)
        np.testing.assert_allclose(nits, pq.eotf(found.astype(np.float64)), rtol=1e-6, atol=1e-7)


def test_the_place_branch_is_interpolated_where_it_pays() -> None:
    assert library.Siren(PAPER, 1080, 100).nodes == 0
    full_hd, ultra_hd = library.Siren(PAPER, 1080, 1920).nodes, library.Siren(PAPER, 2160, 3840).nodes
    assert 0 < ultra_hd < full_hd <= 20
    assert library.Siren(PAPER * np.float32(500), 2160, 3840).nodes == 0


@settings(max_examples=20, deadline=None)
@given(st.floats(0.2, 6), st.integers(400, 3000), st.integers(0, 1 << 32))
def test_interpolation_holds_its_bound_whatever_the_weights(scale: float, width: int, seed: int) -> None:
    vector = random_siren(np.random.default_rng(seed))
    layers = siren.views(vector)
    layers["place0.w"][:] *= np.float32(scale)
    picture = picture_of(1, width, seed)
    sum_of_last = np.abs(layers["last.w"]).sum(0).max()
    error = np.abs(rendered(library.Siren(vector, 1, width), picture) - exact_paper(picture, vector)).max()
    points = library.Siren(vector).points(
        picture.reshape(-1, 3).astype(np.float32) / np.float32(255),
        places(1, width, np.zeros(width, int), np.arange(width)),
    )
    direct = np.abs(np.clip(points, 0, 1) - exact_paper(picture, vector).reshape(-1, 3)).max()
    assert error <= 2.5 * direct + 4e-7 * sum_of_last


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_neither_region_nor_threads_nor_strides_change_a_bit(data: st.DataObject) -> None:
    model = data.draw(st.sampled_from(["paper", "gamma"]))
    height, width = data.draw(st.integers(1, 9)), data.draw(st.sampled_from([1, 96, 130, 701]))
    picture = picture_of(height, width, 3)
    network = network_of(model, height, width)
    left = data.draw(st.integers(0, width - 1))
    top = data.draw(st.integers(0, height - 1))
    right, bottom = data.draw(st.integers(left, width)), data.draw(st.integers(top, height))
    whole = rendered(network, picture, threads=1)
    wide = np.zeros((height, width, 5), np.uint8)
    wide[:, :, :3] = picture
    sixteen = picture.astype(np.uint16)[::-1, ::-1].copy()[::-1, ::-1]
    signal = picture.astype(np.float32) / np.float32(255)
    for given_picture, bits in ((picture, 8), (wide, 8), (sixteen, 8), (signal, 32)):
        threads = data.draw(st.integers(1, 5))
        part = rendered(network, given_picture, (left, top, right, bottom), bits=bits, threads=threads)
        np.testing.assert_array_equal(part, whole[top:bottom, left:right])


def test_integers_and_halves_come_out_rounded() -> None:
    picture = picture_of(4, 200)
    network = network_of("paper", 4, 200)
    codes = rendered(network, picture)
    for dtype, most in ((np.uint8, 255), (np.uint16, 65535)):
        found = rendered(network, picture, dtype=dtype)
        np.testing.assert_array_equal(found, np.rint(codes * np.float32(most)))
    np.testing.assert_array_equal(rendered(network, picture, dtype=np.float16), codes.astype(np.float16))


@pytest.mark.parametrize("model", ["paper", "gamma"])
@pytest.mark.parametrize("isa", SETS)
def test_a_bad_pixel_stays_alone(model: str, isa: str) -> None:
    signal = np.random.default_rng(1).random((3, 300, 3)).astype(np.float32)
    network = network_of(model, 3, 300)
    clean = rendered(network, signal, isa=isa)
    bad = signal.copy()
    bad[1, 50, 0], bad[1, 60, 2], bad[2, 7, 1], bad[0, 100] = np.nan, np.inf, 1e30, 1e-40
    found = rendered(network, bad, isa=isa)
    assert np.isnan(found[1, 50]).any()
    for y, x in ((1, 50), (1, 60), (2, 7), (0, 100)):
        found[y, x] = clean[y, x]
    np.testing.assert_array_equal(found, clean)


@pytest.mark.parametrize("isa", SETS)
def test_wild_weights_stay_finite(isa: str) -> None:
    picture = picture_of(3, 400)
    for factor in (0, 1e3, 65504):
        paper = rendered(library.Siren(np.sign(PAPER) * np.float32(factor), 3, 400), picture, isa=isa)
        gamma = rendered(gamma_network(np.sign(GAMMA) * np.float32(factor), 3, 400), picture, isa=isa)
        assert np.isfinite(paper).all() and np.isfinite(gamma).all()


def test_onnx_runtime_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    colour, place = rng.random((9001, 3)).astype(np.float32), rng.random((9001, 2)).astype(np.float32)
    inputs = rng.uniform(-1.2, 1.2, (9001, 5))
    paper, gamma = SirenModel(PAPER), GammaModel(GAMMA, NORMS)
    ours = paper.codes(colour, place), gamma.gamma(inputs)
    monkeypatch.setenv("CANDELA_NATIVE", "0")
    np.testing.assert_allclose(ours[0], paper.codes(colour, place), atol=2e-6)
    np.testing.assert_allclose(ours[1], gamma.gamma(inputs), atol=2e-6)


@pytest.mark.parametrize("name", ["rec709", "srgb"])
def test_strips_are_those_without_the_library(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    signal = picture_of(40, 130).astype(np.float32) / np.float32(255)
    signal[0, :20] = 0  # black, and light below what the curve's polynomials serve
    signal[0, 20:40] = 1e-6
    for model in (SirenModel(PAPER), GammaModel(GAMMA, NORMS)):
        ours = np.concatenate([part for _, part in model.strips(signal, NAMED[name], strip=7)])
        monkeypatch.setenv("CANDELA_NATIVE", "0")
        theirs = np.concatenate([part for _, part in model.strips(signal, NAMED[name])])
        monkeypatch.delenv("CANDELA_NATIVE")
        assert np.abs(pq.inverse_eotf(ours) - pq.inverse_eotf(theirs)).max() < 3e-6


def test_light_that_python_has_computed_gives_the_same_picture() -> None:
    picture = picture_of(5, 130)
    network = network_of("gamma", 5, 130)
    s = sdr_code(picture.astype(np.float32) / np.float32(255), STATE)
    out = np.empty((3, 120, 3), np.float32)
    network.render_codes(np.ascontiguousarray(s[1:4, 4:124]), out, 32, (4, 1, 124, 4), "pq")
    np.testing.assert_allclose(out, rendered(network, picture, (4, 1, 124, 4)), atol=3e-7)


def test_what_does_not_fit_is_refused() -> None:
    network, picture = library.Siren(PAPER, 4, 6), picture_of(4, 6)
    out = np.zeros((4, 6, 3), np.float32)
    for arguments, message in (
        ((picture[:, :5], 8, out[:, :5], 32, (0, 0, 5, 4), "pq"), "5x4 for a network of 6x4"),
        ((picture, 8, out, 32, (1, 0, 7, 4), "pq"), r"no pixels 1\.\.7"),
        ((picture, 8, out, 32, (0, 0, 5, 4), "pq"), "another size than the region"),
        ((picture, 8, out.astype(np.uint8), 8, (0, 0, 6, 4), "nits"), "floats"),
        ((picture, 10, out, 32, (0, 0, 6, 4), "pq"), "10 bits"),
        ((picture, 8, out, 32, (0, 0, 6, 4), "hlg"), "hlg"),
        ((picture, 8, out, 32, (0, 0, 6, 4), "pq", 1, "abacus"), "no abacus"),
        ((picture.astype(np.float64), 8, out, 32, (0, 0, 6, 4), "pq"), "float32"),
    ):
        with pytest.raises(ValueError, match=message):
            network.render(*arguments)
    for make, message in (
        (lambda: library.Siren(PAPER[1:]), "8963 numbers, not 8962"),
        (lambda: library.Siren(PAPER, 0, 5), "5x0"),
        (lambda: library.GammaMlp(GAMMA[1:], [0.0] * 4), "2224 numbers"),
        (lambda: library.GammaMlp(GAMMA, [0.0] * 3), "four numbers"),
        (lambda: library.Siren(PAPER).points(out[0], out[0, :, :2].copy()[1:]), r"\(n, 3\)"),
        (lambda: gamma_mlp.GammaModel(GAMMA, NORMS).gamma(np.zeros((5, 4))), r"\(n, 5\)"),
    ):
        with pytest.raises(ValueError, match=message):
            make()


@pytest.mark.parametrize("isa", SETS)
@pytest.mark.parametrize("count", [1, 95, 577, 2000])
def test_the_gradient_is_that_of_numpy(isa: str, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(count)
    samples = [rng.random((count, n)).astype(np.float32) for n in (3, 2, 3)]
    loss, gradient = library.siren_gradient(PAPER, *samples, 1, isa)
    again = library.siren_gradient(PAPER, *samples, 3, isa)
    assert loss == again[0]
    np.testing.assert_array_equal(gradient, again[1])
    monkeypatch.setenv("CANDELA_NATIVE", "0")
    exact = siren_gradient(PAPER, *samples)
    assert loss == pytest.approx(exact[0], rel=1e-5)
    np.testing.assert_allclose(gradient, exact[1], atol=1e-5 * np.abs(exact[1]).max())


@pytest.mark.parametrize("isa", SETS)
def test_the_gradient_of_gamma_is_that_of_numpy(isa: str) -> None:
    rng = np.random.default_rng(9)
    inputs, target = rng.uniform(-1.2, 1.2, (1500, 5)), rng.uniform(-1, 1, (1500, 3)).astype(np.float32)
    samples = library.GammaSamples(inputs, target, 2, isa)
    features = np.asarray(gamma_mlp.encoded(inputs, np.float32), np.float32)
    assert len(samples) == 1500
    for first, count in ((0, 1500), (0, 1), (95, 2), (190, 1000), (1499, 1)):
        part = slice(first, first + count)
        loss, gradient = samples.gradient(GAMMA, first, count, 1, isa)
        again = samples.gradient(GAMMA, first, count, 4, isa)
        assert loss == again[0]
        np.testing.assert_array_equal(gradient, again[1])
        exact = gamma_gradient(GAMMA, features[part], target[part])
        assert loss == pytest.approx(exact[0], rel=1e-5)
        np.testing.assert_allclose(gradient, exact[1], atol=1e-5 * np.abs(exact[1]).max())
    with pytest.raises(ValueError, match="no samples 1000 to 1501"):
        samples.gradient(GAMMA, 1000, 501)
