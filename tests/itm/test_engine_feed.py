"""The default network's graph, fed with networks of every shape, against numpy in float64."""

from __future__ import annotations

import functools
from itertools import pairwise

import numpy as np
import onnxruntime as ort
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.native.frame_reference import Case, rendered
from tests.native.test_frame import CASES, case_of

from candela_engines.colour import pq
from candela_engines.itm.default_model import DefaultModel
from candela_engines.itm.engine_feed import DefaultFeed, widened
from candela_engines.itm.features import surroundings
from candela_engines.itm.field import over_full_scale
from candela_engines.itm.lattice import Lattice
from candela_engines.itm.network import Layers, evaluate
from candela_engines.itm.timed_model import PlainLayers
from candela_engines.runtime.engines import check_feed, default_engine
from candela_engines.runtime.frame import Curve
from candela_engines.runtime.graph_default import Encoding
from candela_engines.runtime.profiles import MAX_ROWS, profiles

BOUND = 2e-6  # of PQ's full scale


@functools.cache
def session(depth: int, encoding: Encoding) -> ort.InferenceSession:
    return ort.InferenceSession(default_engine(depth, encoding).model(), providers=["CPUExecutionProvider"])


def feed_of(case: Case) -> DefaultFeed:
    layers = PlainLayers(Layers(case.weights, case.biases))
    lattice = Lattice(case.lattice, case.shift)  # type: ignore[arg-type]
    model = DefaultModel(
        case.domain, layers, case.plane, lattice, case.spread, case.strength, case.bits,
        round(case.ceiling * 4096),
    )  # type: ignore[arg-type] # fmt: skip
    curve = Curve(case.kind, case.exponent, case.scale, case.offset, case.matrix)  # type: ignore[arg-type]
    return DefaultFeed.of(model, curve, surroundings(case.codes, case.bits), *case.codes.shape[:2])


def result(case: Case, encoding: Encoding, rows: int) -> np.ndarray:
    feed, signal = feed_of(case), over_full_scale(case.codes, case.bits)
    height, strips = len(signal), []
    for top in range(0, height, rows):
        strip = feed.strip(signal, top, min(top + rows, height))
        check_feed(default_engine(feed.depth, encoding), strip)
        strips.append(session(feed.depth, encoding).run(None, dict(strip))[0])
    return np.concatenate(strips)


def exact_case(**what: object) -> Case:
    case = case_of(**what)  # type: ignore[arg-type]
    case.ceiling = round(case.ceiling * 4096) / 4096  # as a payload holds it
    return case


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CASES, st.integers(1, 45))
def test_any_network_and_picture(what: dict[str, object], rows: int) -> None:
    case = exact_case(**what)
    code, _ = rendered(case)
    np.testing.assert_allclose(result(case, "pq", rows), code, atol=BOUND, rtol=0)
    np.testing.assert_allclose(
        pq.inverse_eotf(result(case, "nits", rows).astype(np.float64)), code, atol=BOUND, rtol=0
    )


@pytest.mark.parametrize(
    "curve", [{"kind": "srgb"}, {"exponent": 2.6}, {"scale": 255 / 219, "offset": -16 / 219}]
)
@pytest.mark.parametrize("domain", ["pq", "gain"])
def test_states_of_the_sdr(curve: dict[str, object], domain: str) -> None:
    case = exact_case(seed=5, height=30, width=60, hidden=(12,), domain=domain, **curve)
    np.testing.assert_allclose(result(case, "pq", 30), rendered(case)[0], atol=BOUND, rtol=0)


@pytest.mark.parametrize("encoding", ["pq", "nits"])
def test_strips_do_not_change_the_result(encoding: Encoding) -> None:
    case = exact_case(seed=2, height=40, width=50, channels=3, lattice="shepard", shift=3, strength=5)
    whole = result(case, encoding, 40)
    np.testing.assert_allclose(result(case, encoding, 7), whole, rtol=3e-6, atol=1e-7)


@pytest.mark.parametrize(("hidden", "depth"), [((), 2), ((5,), 2), ((5, 7), 2), ((), 4), ((5, 7, 3), 4)])
def test_more_layers_are_the_same_function(hidden: tuple[int, ...], depth: int) -> None:
    rng = np.random.default_rng(1)
    sizes = [11, *hidden, 3]
    layers = Layers(
        [rng.normal(size=(a, b)) for a, b in pairwise(sizes)],
        [rng.normal(size=n) for n in sizes[1:]],
    )
    x = rng.normal(size=(50, 11))
    wide = widened(layers, depth)
    assert len(wide.weights) == depth + 1
    np.testing.assert_allclose(evaluate(x, wide), evaluate(x, layers), atol=1e-12)


@pytest.mark.parametrize("shift", [0, 2])
@pytest.mark.parametrize("channels", [0, 1])
def test_the_largest_strip_is_within_what_tensorrt_compiles_for(channels: int, shift: int) -> None:
    case = exact_case(seed=4, height=MAX_ROWS + 3, width=9, channels=channels, shift=shift, hidden=(9, 9))
    feed = feed_of(case)
    limits = [
        {name: [int(n) for n in sizes.split("x")] for name, sizes in (p.split(":") for p in text.split(","))}
        for text in profiles(default_engine(2, "pq"))
    ]
    for top, bottom in ((1, MAX_ROWS + 1), (7, 8)):
        for name, array in feed.strip(over_full_scale(case.codes, case.bits), top, bottom).items():
            for size, low, usual, high in zip(array.shape, *(each[name] for each in limits), strict=True):
                assert low <= size <= high
                assert low <= usual <= high


def test_only_the_nodes_that_a_strip_reads_travel() -> None:
    case = exact_case(seed=3, height=40, width=50, channels=1, shift=1)
    signal = over_full_scale(case.codes, case.bits)
    strip = feed_of(case).strip(signal, 20, 24)
    assert strip["mean4"].shape[0] <= 3
    assert strip["plane"].shape[0] <= 4
    assert strip["codes"].shape == (6, 52, 3)
