"""The rival is a real one: it recovers smooth ratios, fills its bytes and never takes more."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from bench import gainmap
from bench.gainmap_codecs import CODECS, Filler
from bench.gainmap_maths import Picture, Sampler, calm, gains_of, range_of
from bench.gainmap_search import best_gain_maps
from bench.pairs import Pair

from candela_engines.colour import pq
from candela_engines.colour.convert import to_nits_rec2020
from candela_engines.colour.names import NAMED
from candela_engines.metrics import pu_psnr


def pair_of(gain: np.ndarray, state: str = "srgb", seed: int = 0) -> Pair:
    """A textured SDR picture, and HDR that is its light times 2**gain, white at 203 nit."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(20, 250, (*gain.shape[:2], 3)).astype(np.uint8)
    light = to_nits_rec2020(codes / 255.0, NAMED[state]) / 100
    hdr = np.round(pq.inverse_eotf(np.maximum(light * 2**gain * 203, 0)) * 65535).astype(np.uint16)
    return Pair("made.jpg", "phone", codes, NAMED[state], hdr)


def bump(height: int = 64, width: int = 80) -> np.ndarray:
    v, u = np.mgrid[0:height, 0:width] / 64
    return (0.2 + 2 * np.exp(-6 * ((u - 0.6) ** 2 + (v - 0.5) ** 2)))[..., None]


@pytest.mark.parametrize("state", ["srgb", "rec709", "display-p3"])
def test_smooth_ratio_is_recovered_with_the_true_transfer(state: str) -> None:
    rivals = best_gain_maps(pair_of(bump(), state), (1024, 4096))
    assert rivals[1024].pu_psnr > 55
    assert rivals[4096].pu_psnr > rivals[1024].pu_psnr - 0.5
    assert rivals[4096].delta_e_itp < 0.5
    assert all(rival.bytes <= budget for budget, rival in rivals.items())
    assert set(rivals[1024].by_codec) == {"jpeg", "jpegxl", "jpeg2000"}


def test_a_ratio_of_colours_needs_three_channels() -> None:
    gain = bump() * np.array([1.0, 0.6, 0.2])
    assert "3ch" in best_gain_maps(pair_of(gain), (4096,))[4096].name


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("budget", [1500, 4000])
def test_budgets_are_filled_and_never_exceeded(codec: str, budget: int) -> None:
    rng = np.random.default_rng(1)
    shape = (64, 96, 3) if CODECS[codec].colour_only else (64, 96)
    noise = np.cumsum(rng.normal(size=shape), axis=1)
    noise = (noise - noise.min()) / np.ptp(noise) * CODECS[codec].top
    kind = np.uint8 if CODECS[codec].bits == 8 else np.uint16
    filled = Filler(CODECS[codec], noise.astype(kind)).fill(budget)
    assert filled is not None
    _, data = filled
    assert 0.85 * budget < len(data) <= budget
    decoded = np.asarray(CODECS[codec].decode(data))
    assert decoded.shape == shape
    assert np.abs(decoded.astype(float) - noise).mean() < 0.1 * CODECS[codec].top


def test_no_encoding_is_that_small() -> None:
    noise = np.random.default_rng(2).integers(0, 256, (64, 64), np.uint8)
    assert Filler(CODECS["jpeg"], noise).fill(20) is None


@pytest.mark.parametrize("sampling", ["centred", "libultrahdr"])
@pytest.mark.parametrize(("shape", "factor"), [((24, 36), 2), ((25, 37), 4), ((17, 9), 8), ((5, 7), 1)])
def test_sampler_down_inverts_up(shape: tuple[int, int], factor: int, sampling: str) -> None:
    rng = np.random.default_rng(4)
    sampler = Sampler(shape, factor, sampling)
    small = rng.random((*sampler.small, 2)).astype(np.float32)
    large = sampler.up(small)
    assert large.shape == (*shape, 2)
    back = sampler.up(sampler.down(large, np.ones_like(large), rounds=200))
    assert np.abs(back - large).max() < 0.02
    assert np.allclose(sampler.up(np.full_like(small, 0.7)), 0.7, atol=1e-5)


@pytest.mark.parametrize("sampling", ["centred", "libultrahdr"])
def test_adjoint_is_the_transpose(sampling: str) -> None:
    rng = np.random.default_rng(5)
    sampler = Sampler((21, 30), 4, sampling)
    small = rng.random((*sampler.small, 3)).astype(np.float32)
    large = rng.random((21, 30, 3)).astype(np.float32)
    assert np.vdot(sampler.up(small), large) == pytest.approx(
        np.vdot(small, sampler._adjoint(large)), rel=1e-4
    )


@pytest.mark.parametrize("space", ["bt2020", "base"])
def test_gains_rebuild_the_master(space: str) -> None:
    pair = pair_of(bump() * np.array([1.0, 0.9, 0.8]), "display-p3")
    picture = Picture(pair)
    three = gains_of(picture, channels=3, offset=1 / 64, space=space)
    assert picture.pu_psnr(picture.apply(three.log2, 1 / 64, space)) > 60
    one = gains_of(picture, channels=1, offset=1e-7, space="bt2020")
    best = picture.pu_psnr(picture.apply(one.log2, 1e-7, "bt2020"))
    for shift in (-0.01, 0.01):
        assert picture.pu_psnr(picture.apply(one.log2 + np.float32(shift), 1e-7, "bt2020")) < best


def test_quick_score_agrees_with_the_metric() -> None:
    pair = pair_of(bump())
    picture = Picture(pair)
    rng = np.random.default_rng(6)
    for noise in (0.3, 0.03, 0.005):
        nits = pair.hdr_nits * rng.normal(1, noise, pair.hdr_nits.shape).astype(np.float32).clip(0.1)
        assert picture.pu_psnr(nits) == pytest.approx(pu_psnr(nits, pair.hdr_nits), abs=0.05)


def test_calming_follows_the_weight() -> None:
    picture = Picture(pair_of(bump()))
    gains = gains_of(picture, channels=1, offset=1e-7, space="bt2020")
    gains.log2[10, 10] += 5
    gains.weight[10, 10] = 0
    assert calm(gains, 0.0) is gains.log2
    calmed = calm(gains, 0.1)
    assert abs(calmed[10, 10, 0] - calmed[10, 12, 0]) < 0.5
    assert np.abs(calmed - bump()).mean() < 0.05
    _, high = range_of(gains)
    assert high[0] < 2.5


def test_more_bytes_are_never_worse() -> None:
    pair = pair_of(bump(16, 16))
    found = gainmap.cached_gain_maps(pair, (512, 1024, 4096), cache=None)
    quality = [found[budget].pu_psnr for budget in (512, 1024, 4096)]
    assert quality == sorted(quality)
    assert [rival.budget for rival in found.values()] == [512, 1024, 4096]


def test_cache_is_used_and_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = pair_of(bump(16, 16))
    first = gainmap.cached_gain_maps(pair, (1024,), cache=tmp_path)
    asked: list[tuple[int, ...]] = []
    monkeypatch.setattr(
        gainmap, "best_gain_maps", lambda p, b: asked.append(tuple(b)) or best_gain_maps(p, b)
    )
    both = gainmap.cached_gain_maps(pair, (1024, 2048), cache=tmp_path)
    assert asked == [(2048,)]
    assert both[1024] == first[1024]
    (stored,) = (tmp_path / "gainmap").iterdir()
    assert set(json.loads(stored.read_text())["rivals"]) == {"1024", "2048"}
