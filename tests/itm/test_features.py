"""Fields, features and domains: one pixel at a time or a strip at a time, the same numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candela_engines.colour.names import NAMED
from candela_engines.itm.domain import base_of, nits_of, target_and_weight
from candela_engines.itm.features import feature_count, features_at, features_of_rows, surroundings
from candela_engines.itm.field import cell_means
from candela_engines.itm.lattice import KINDS, Kind, Lattice
from candela_engines.metrics import pu_psnr


@pytest.mark.twice
@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 70),
    st.integers(1, 70),
    st.integers(0, 3),
    st.sampled_from(KINDS),
    st.integers(0, 3),
    st.integers(0, 2**32),
)
def test_strips_and_single_pixels_agree(
    height: int, width: int, channels: int, kind: Kind, shift: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    signal = rng.random((height, width, 3)).astype(np.float32)
    around = surroundings(signal)
    if channels:
        lattice = Lattice(kind, shift)
        plane = rng.normal(size=(*lattice.shape(height, width), channels)).astype(np.float32)
        around = around.with_plane(plane, lattice, 0.3)
    whole = features_of_rows(signal, around, 0)
    assert whole.shape == (height, width, feature_count(channels))
    cut = height // 2
    if cut:
        strips = np.concatenate(
            [features_of_rows(signal[:cut], around, 0), features_of_rows(signal[cut:], around, cut)]
        )
        np.testing.assert_array_equal(strips, whole)
    ys, xs = rng.integers(0, height, 20), rng.integers(0, width, 20)
    np.testing.assert_allclose(features_at(signal[ys, xs], around, ys, xs), whole[ys, xs], atol=2e-5)


def test_cell_means_are_means_centred_on_their_nodes() -> None:
    values = np.arange(13 * 9, dtype=np.float32).reshape(13, 9, 1)
    means = cell_means(values, 4)
    assert means.shape == (4, 3, 1)
    assert means[1, 1, 0] == values[2:6, 2:6].mean()
    # At the corner the outermost pixels stand in for what lies outside.
    ys, xs = np.clip(np.arange(-2, 2), 0, 12), np.clip(np.arange(-2, 2), 0, 8)
    assert means[0, 0, 0] == values[np.ix_(ys, xs)].mean()


def test_a_plane_of_lower_density_lies_on_the_centres_of_its_pixels() -> None:
    ramp = np.arange(8, dtype=np.float32)
    plane = np.broadcast_to((ramp * 4 + 1.5)[None, :, None], (8, 8, 1)).astype(np.float32)
    row = Lattice("centred", 2).field(plane).rows(0, 1, 32)[0, :, 0]
    np.testing.assert_allclose(row[2:30], np.arange(2, 30), atol=1e-5)
    assert row[0] == row[1] == 1.5


@pytest.mark.parametrize("domain", ["pq", "gain", "ratio"])
@pytest.mark.parametrize("name", ["rec709", "srgb"])
def test_the_target_gives_the_light_and_the_weight_is_what_pu_psnr_sees(domain: str, name: str) -> None:
    rng = np.random.default_rng(2)
    signal = rng.random((4000, 3))
    nits = np.exp(rng.uniform(np.log(0.5), np.log(3000), (4000, 3)))
    base = base_of(signal, NAMED[name], domain)  # type: ignore[arg-type]
    target, weight = target_and_weight(base, nits, domain)  # type: ignore[arg-type]
    np.testing.assert_allclose(nits_of(target, base, domain), nits, rtol=1e-6)  # type: ignore[arg-type]
    error = rng.normal(size=target.shape) * 1e-4
    moved = nits_of(target + error, base, domain)  # type: ignore[arg-type]
    predicted = -10 * np.log10(np.mean(np.square(error * weight)))
    assert predicted == pytest.approx(pu_psnr(moved[None], nits[None]), abs=0.1)


def test_no_output_is_the_sdr_with_its_white_at_203_nit() -> None:
    white = np.ones((1, 3))
    for domain in ("pq", "gain"):
        base = base_of(white, NAMED["rec709"], domain)  # type: ignore[arg-type]
        np.testing.assert_allclose(nits_of(np.zeros((1, 3)), base, domain), 203, rtol=1e-6)  # type: ignore[arg-type]
