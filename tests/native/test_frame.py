"""Whole frames of the native library against numpy in float64, on every instruction set there is."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.native.frame_reference import Case, rendered

from candela_engines.colour.gamuts import rgb_to_rgb
from candela_engines.native import native
from candela_engines.runtime.frame import Curve, Frame, FrameNumbers

library = native()
pytestmark = pytest.mark.skipif(library is None, reason="the native library is not built here")
SETS = [] if library is None else library.instruction_sets()
BOUND = 2e-6  # of PQ's full scale
P3 = np.asarray(rgb_to_rgb("p3d65", "bt2020"), np.float64)


def scene(rng: np.random.Generator, height: int, width: int, noise: float) -> np.ndarray:
    """A picture over full scale with a ramp, an edge, a black and a white part, and noise."""
    y, x = np.mgrid[0:height, 0:width] / max(height, width)
    ramp = np.stack([0.2 + 0.6 * x, 0.7 - 0.5 * y, 0.3 + 0.3 * x * y], -1)
    ramp[x + y > 0.9] *= [0.3, 0.9, 1.4]
    ramp += rng.normal(0, noise, ramp.shape)
    ramp[: height // 6] = 0
    ramp[:, : width // 8] = 1
    return np.clip(ramp, 0, 1)


def quantised(picture: np.ndarray, kind: str) -> tuple[np.ndarray, int]:
    """Samples and bits of a kind: u8, u10, u12, u16, f16, f32."""
    if kind == "f32":
        return picture.astype(np.float32), 10
    if kind == "f16":
        return picture.astype(np.float16), 10
    bits = int(kind[1:])
    codes = np.rint(picture * (2**bits - 1))
    return codes.astype(np.uint8 if bits == 8 else np.uint16), bits


def network(
    rng: np.random.Generator, inputs: int, hidden: list[int], gain: float
) -> dict[str, list[np.ndarray]]:
    sizes = [inputs, *hidden, 3]
    weights = [(rng.normal(size=(a, b)) / np.sqrt(a)).astype(np.float32) for a, b in pairwise(sizes)]
    biases = [rng.normal(0, 0.4, n).astype(np.float32) for n in sizes[1:]]
    weights[-1] *= np.float32(gain)
    biases[-1] *= np.float32(gain)
    return {"weights": weights, "biases": biases}


def case_of(
    seed: int,
    height: int,
    width: int,
    samples: str = "u8",
    hidden: tuple[int, ...] = (16, 16),
    channels: int = 0,
    lattice: str = "centred",
    shift: int = 1,
    noise: float = 0.01,
    **rest: object,
) -> Case:
    rng = np.random.default_rng(seed)
    codes, bits = quantised(scene(rng, height, width, noise), samples)
    domain = rest.get("domain", "pq")
    gain = 0.08 if domain == "pq" else 0.4
    net = network(rng, 7 + (channels + 1 if channels else 0), list(hidden), gain)
    plane = None
    if channels:
        shape = (-(-height >> shift), -(-width >> shift), channels)
        plane = rng.normal(0, gain / 2, shape).astype(np.float32)
    return Case(codes, bits, plane=plane, lattice=lattice, shift=shift, spread=gain / 2, **net, **rest)  # type: ignore[arg-type]


def frame_of(case: Case) -> Frame:
    curve = Curve(case.kind, case.exponent, case.scale, case.offset, case.matrix)  # type: ignore[arg-type]
    height, width = case.codes.shape[:2]
    numbers = FrameNumbers(
        case.weights, case.biases, case.plane, case.lattice, case.shift, case.spread, case.domain,
        case.strength, case.ceiling, curve,
    )  # fmt: skip
    return Frame(numbers, height, width)


def pq_of(case: Case, **options: object) -> np.ndarray:
    frame = frame_of(case)
    out = np.full((*case.codes.shape[:2], 3), np.nan, np.float32)
    frame.render(
        case.codes, case.bits, frame.surroundings(case.codes, case.bits), out, encoding="pq", **options
    )  # type: ignore[arg-type]
    return out


CASES = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 1 << 32),
        "height": st.integers(1, 40),
        "width": st.integers(1, 130),
        "samples": st.sampled_from(["u8", "u10", "u12", "u16", "f16", "f32"]),
        "hidden": st.lists(st.integers(1, 40), max_size=3).map(tuple),
        "channels": st.integers(0, 3),
        "lattice": st.sampled_from(["centred", "shepard"]),
        "shift": st.integers(0, 8),
        "noise": st.sampled_from([0.0, 0.003, 0.2]),
        "domain": st.sampled_from(["pq", "gain", "ratio"]),
        "strength": st.integers(0, 8),
        "ceiling": st.sampled_from([1.0, 0.75, 0.3]),
    }
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CASES)
def test_any_network_and_picture(what: dict[str, object]) -> None:
    case = case_of(**what)  # type: ignore[arg-type]
    exact, _ = rendered(case)
    for isa, fold in product(SETS, (True, False)):
        np.testing.assert_allclose(pq_of(case, isa=isa, fold=fold), exact, atol=BOUND, rtol=0)


@pytest.mark.parametrize("isa", SETS)
@pytest.mark.parametrize("domain", ["pq", "gain", "ratio"])
def test_light_is_that_of_the_codes(isa: str, domain: str) -> None:
    case = case_of(3, 33, 70, channels=1, domain=domain, ceiling=0.8)
    frame, (code, nits) = frame_of(case), rendered(case)
    out = np.empty((33, 70, 3), np.float32)
    frame.render(case.codes, 8, frame.surroundings(case.codes, 8), out, isa=isa)
    # Where PQ is steep a code's last digit is a large part of the light.
    np.testing.assert_allclose(out[code > 0.1], nits[code > 0.1], rtol=1e-4)
    assert out.max() <= 10000 * 1.0001
    assert (out >= 0).all()


@pytest.mark.parametrize(
    ("curve", "matrix"),
    [
        ({"kind": "srgb"}, P3),
        ({"exponent": 2.6}, P3),
        ({"scale": 255 / 219, "offset": -16 / 219}, np.asarray(rgb_to_rgb("bt709", "bt2020"))),
    ],
)
@pytest.mark.parametrize("isa", SETS)
def test_states_of_the_sdr(isa: str, curve: dict[str, object], matrix: np.ndarray) -> None:
    case = case_of(5, 30, 60, hidden=(12,), matrix=np.asarray(matrix, np.float64), **curve)
    np.testing.assert_allclose(pq_of(case, isa=isa), rendered(case)[0], atol=BOUND, rtol=0)


def test_every_dark_code_is_exact() -> None:
    """The steepest part of PQ: all codes of 16 bits near black, and between them."""
    ramp = np.arange(3 * 40 * 50, dtype=np.uint16).reshape(40, 50, 3)
    case = case_of(1, 40, 50, hidden=())
    case.codes, case.bits = ramp, 16
    case.weights, case.biases = [np.zeros((7, 3), np.float32)], [np.zeros(3, np.float32)]
    for isa in SETS:
        np.testing.assert_allclose(pq_of(case, isa=isa), rendered(case)[0], atol=5e-7, rtol=0)
        case.codes = np.geomspace(1e-30, 3, 6000).astype(np.float32).reshape(40, 50, 3)  # denormal light too
        np.testing.assert_allclose(pq_of(case, isa=isa), rendered(case)[0], atol=5e-7, rtol=0)
        case.codes = ramp


def test_what_is_left_of_the_sdr_in_shadows_is_seen_by_light() -> None:
    """Codes that PQ has no light for, and those just above, as nits."""
    case = case_of(1, 16, 48, hidden=())
    case.codes = np.zeros((16, 48, 3), np.uint8)
    case.weights = [np.zeros((7, 3), np.float32)]
    frame_codes = np.geomspace(1e-8, 1e-3, 60)
    for isa, code in product(SETS, frame_codes):
        case.biases = [np.full(3, code - 7.309559025783966e-07, np.float32)]
        frame = frame_of(case)
        out = np.empty((16, 48, 3), np.float32)
        frame.render(case.codes, 8, frame.surroundings(case.codes, 8), out, isa=isa)
        exact = rendered(case)[1]
        np.testing.assert_allclose(out, exact, rtol=2e-3, atol=1e-9)


def test_nothing_depends_on_threads_or_regions() -> None:
    case = case_of(9, 61, 203, channels=1, strength=3, noise=0.05)
    whole = pq_of(case, threads=1)
    frame = frame_of(case)
    for isa in SETS:
        whole = pq_of(case, threads=1, isa=isa)
        for threads in (2, 3, 0):
            np.testing.assert_array_equal(whole, pq_of(case, threads=threads, isa=isa))
        around = frame.surroundings(case.codes, case.bits, threads=3)
        for left, top, right, bottom in (
            (0, 0, 1, 1),
            (7, 3, 200, 4),
            (47, 8, 49, 61),
            (100, 60, 203, 61),
            (5, 5, 5, 9),
        ):
            part = np.full((bottom - top, right - left, 3), np.nan, np.float32)
            frame.render(
                case.codes, case.bits, around, part, region=(left, top, right, bottom), encoding="pq", isa=isa
            )
            np.testing.assert_array_equal(part, whole[top:bottom, left:right])


def test_strides_of_either_sign_and_more_channels() -> None:
    case = case_of(4, 37, 90, samples="u16", strength=2)
    whole = pq_of(case)
    height, width = whole.shape[:2]
    rgba = np.concatenate([case.codes, np.full((height, width, 1), 65535, np.uint16)], -1)
    padded = np.zeros((height, width + 5, 3), np.uint16)
    padded[:, 2:-3] = case.codes
    planar = np.ascontiguousarray(case.codes.transpose(2, 0, 1)).transpose(1, 2, 0)
    upside_down = np.ascontiguousarray(case.codes[::-1])[::-1]
    mirrored = np.ascontiguousarray(case.codes[:, ::-1])[:, ::-1]
    frame = frame_of(case)
    for codes in (rgba, padded[:, 2:-3], planar, upside_down, mirrored):
        around = frame.surroundings(codes, case.bits)
        guarded = np.full((height + 2, width + 2, 4), -7, np.float32)
        inside = guarded[1:-1, 1:-1][::-1]
        frame.render(codes, case.bits, around, inside, encoding="pq")
        np.testing.assert_array_equal(inside[..., :3], whole)
        # Nothing but R, G and B of the picture's own pixels is written.
        assert (guarded[..., 3] == -7).all()
        guarded[1:-1, 1:-1] = -7
        assert (guarded == -7).all()


@pytest.mark.parametrize("isa", SETS)
def test_integers_and_halves_are_the_rounded_floats(isa: str) -> None:
    case = case_of(6, 33, 100, channels=1)
    exact = pq_of(case, isa=isa)
    frame = frame_of(case)
    around = frame.surroundings(case.codes, 8)
    for bits in (10, 12, 16):
        codes = np.full((33, 100, 3), 7, np.uint16)
        frame.render(case.codes, 8, around, codes, out_bits=bits, encoding="pq", isa=isa)
        assert (
            np.abs(codes - exact.astype(np.float64) * (2**bits - 1)).max() <= 0.504
        )  # the product itself is rounded
    half = np.empty((33, 100, 3), np.float16)
    frame.render(case.codes, 8, around, half, encoding="pq", isa=isa)
    np.testing.assert_array_equal(half, exact.astype(np.float16))


@pytest.mark.parametrize("shift", [1, 4, 5, 6, 8])
def test_cells_wider_than_a_tile(shift: int) -> None:
    case = case_of(7, 40, 310, channels=1, lattice="shepard", shift=shift)
    for isa in SETS:
        np.testing.assert_allclose(pq_of(case, isa=isa), rendered(case)[0], atol=BOUND, rtol=0)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("channel", [0, 1, 2])
def test_a_bad_sample_counts_as_nothing_in_the_means(channel: int, bad: float) -> None:
    case = case_of(2, 90, 150, samples="f32")
    sound = case.codes.copy()
    sound[40, 60, channel] = 0
    expected = pq_of(Case(**{**vars(case), "codes": sound}))
    case.codes[40, 60, channel] = bad
    for isa in SETS:
        found = pq_of(case, isa=isa)
        found[40, 60] = expected[40, 60]
        np.testing.assert_allclose(found, expected, atol=BOUND)


@pytest.mark.parametrize("isa", SETS)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e30])
def test_a_bad_sample_stays_alone(isa: str, bad: float) -> None:
    """Cell means are those of the sound picture, as a payload belongs to a sound one."""
    case = case_of(2, 40, 120, samples="f32")
    frame = frame_of(case)
    around = frame.surroundings(case.codes, case.bits)
    clean, spoilt = np.empty((2, 40, 120, 3), np.float32)
    frame.render(case.codes, case.bits, around, clean, encoding="pq", isa=isa)
    codes = case.codes.copy()
    codes[20, 60, 1] = bad
    frame.render(codes, case.bits, around, spoilt, encoding="pq", isa=isa)
    others = np.ones((40, 120), bool)
    others[20, 60] = False
    np.testing.assert_allclose(spoilt[others], clean[others], atol=BOUND)
    if np.isnan(bad):
        assert np.isnan(spoilt[20, 60]).any()


def test_folding_leaves_little_where_a_picture_is_smooth() -> None:
    case = case_of(8, 80, 192, hidden=(32, 32), noise=0.0)
    frame = frame_of(case)
    around = frame.surroundings(case.codes, 8)
    out = np.empty((80, 192, 3), np.float32)
    work = frame.render(case.codes, 8, around, out)
    full = frame.render(case.codes, 8, around, out, fold=False)
    assert full.multiply_adds == full.pixels * (7 * 32 + 32 * 32 + 32 * 3)
    assert full.dense_tiles == full.tiles == 40
    assert work.multiply_adds < 0.6 * full.multiply_adds


def test_what_does_not_fit_is_refused() -> None:
    case = case_of(0, 20, 50)
    frame = frame_of(case)
    around = frame.surroundings(case.codes, 8)
    out = np.zeros((20, 50, 3), np.float32)
    other = case_of(0, 20, 51).codes
    for problem, call in {
        "is for 50x20": lambda: frame.render(other, 8, around, np.empty((20, 51, 3), np.float32)),
        "another picture's": lambda: frame.render(case.codes, 8, frame.surroundings(other, 8), out),
        "leaves the picture": lambda: frame.render(
            case.codes, 8, around, np.empty((20, 51, 3), np.float32), region=(0, 0, 51, 20)
        ),
        "size of the region": lambda: frame.render(case.codes, 8, around, out, region=(0, 0, 10, 10)),
        "nits in integers": lambda: frame.render(case.codes, 8, around, out.astype(np.uint16)),
        "too few": lambda: frame.render(case.codes, 8, around, out.astype(np.uint8), encoding="pq"),
        "no abacus": lambda: frame.render(case.codes, 8, around, out, isa="abacus"),
        "9 bits": lambda: frame.render(case.codes, 9, around, out),
        "samples are": lambda: frame.render(case.codes.astype(np.int32), 8, around, out),
        "3 or more": lambda: frame.render(case.codes[..., :2], 8, around, out),
    }.items():
        with pytest.raises(ValueError, match=problem):
            call()
    for problem, change in {
        "inputs": {"weights": [np.zeros((8, 3), np.float32)], "biases": [np.zeros(3, np.float32)]},
        "strength": {"strength": 9},
        "ceiling": {"ceiling": 1.5},
        "plane of": {**vars(case_of(0, 20, 70, channels=1)), "codes": case.codes},
    }.items():
        with pytest.raises(ValueError, match=problem):
            frame_of(Case(**{**vars(case), **change}))


@pytest.mark.parametrize("isa", SETS)
def test_halves_in_planes_are_the_packed_ones(isa: str) -> None:
    """As uncompressed OpenEXR has them: each line B, G and R behind each other, after eight bytes."""
    case = case_of(8, 21, 77, noise=0.2)
    frame = frame_of(case)
    around = frame.surroundings(case.codes, case.bits)
    packed, floats = np.empty((21, 77, 3), np.float16), np.empty((21, 77, 3), np.float32)
    frame.render(case.codes, case.bits, around, packed, isa=isa)
    frame.render(case.codes, case.bits, around, floats, isa=isa)
    np.testing.assert_array_equal(packed, floats.astype(np.float16))
    file = np.full(21 * (8 + 77 * 6), 0xAB, np.uint8)
    strides = (8 + 77 * 6, 2, -2 * 77)
    planes = np.ndarray((21, 77, 3), np.float16, file.data, 8 + 4 * 77, strides)
    frame.render(case.codes, case.bits, around, planes, isa=isa)
    np.testing.assert_array_equal(planes, packed)
    assert (file.reshape(21, -1)[:, :8] == 0xAB).all()
    region = (5, 3, 70, 17)
    planes[...] = 0
    frame.render(case.codes, case.bits, around, planes[3:17, 5:70], region=region, isa=isa)
    np.testing.assert_array_equal(planes[3:17, 5:70], packed[3:17, 5:70])
    assert not planes[:, :5].any()
    assert not planes[:, 70:].any()
