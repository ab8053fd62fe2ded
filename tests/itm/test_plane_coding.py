"""Wavelet, quantiser and plane coder: exact both ways, bounded on bytes that nobody wrote."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candela_engines.errors import PayloadError
from candela_engines.itm.coding.quantise import (
    MAX_SAMPLES,
    UNIT,
    decode_planes,
    dequantise,
    encode_planes,
    quantise_planes,
    split_planes,
)
from candela_engines.itm.coding.wavelet import NORMS, Bands, band_shapes, forward, inverse, levels_for

SIZES = [(1, 1), (1, 30), (17, 1), (5, 7), (12, 12), (13, 50), (33, 24), (64, 64), (97, 70)]


def smooth(height: int, width: int, channels: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    planes = [
        np.sin(x / 9 + c) * np.cos(y / 7) + 0.05 * rng.normal(size=(height, width)) for c in range(channels)
    ]
    planes[0] = planes[0] + (x > width / 2) * 0.7
    return np.stack(planes, -1)


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_the_integer_inverse_undoes_the_forward_transform(height: int, width: int) -> None:
    x = np.random.default_rng(1).normal(size=(height, width)) * 1000
    bands = forward(x)
    low, details = band_shapes(height, width)
    assert bands.low.shape == low
    assert [[b.shape for b in level] for level in bands.details] == details
    scaled = Bands(
        np.rint(bands.low * 256).astype(np.int64),
        [tuple(np.rint(b * 256).astype(np.int64) for b in level) for level in bands.details],
    )
    assert np.abs(inverse(scaled) / 256 - x).max() < 0.03


def test_norms_are_the_lengths_of_the_synthesis_functions() -> None:
    one = 1 << 24
    for level in range(1, 5):
        size = 24
        measured = []
        for which in range(3):
            low = np.zeros((size, size), np.int64)
            details = []
            n = size
            for _ in range(level):
                details.append([np.zeros((n, n), np.int64) for _ in range(3)])
                n *= 2
            (low if which == 0 else details[0][0 if which == 1 else 2])[size // 2, size // 2] = one
            response = inverse(Bands(low, [tuple(d) for d in details]))
            measured.append(float(np.sqrt(np.square(response / one).sum())) * 1024)
        assert measured == pytest.approx(NORMS[level - 1], rel=0.002)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(("height", "width"), SIZES)
def test_bands_come_back_exactly(height: int, width: int, channels: int) -> None:
    planes = smooth(height, width, channels)
    for step in (3, UNIT // 256, UNIT // 8, UNIT * 3):
        bands = quantise_planes(split_planes(planes), step)
        data = encode_planes(bands, height, width)
        again = decode_planes(data, height, width, channels)
        for a, b in zip(bands, again, strict=True):
            assert all(np.array_equal(p, q) for p, q in zip(a, b, strict=True))


@pytest.mark.twice
@settings(max_examples=25, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 3), st.integers(0, 2**32), st.floats(0.01, 300))
def test_any_integers_come_back(height: int, width: int, channels: int, seed: int, size: float) -> None:
    rng = np.random.default_rng(seed)
    low, details = band_shapes(height, width)
    shapes = [low] + [s for level in details for s in level]
    bands = [[np.rint(rng.laplace(size=s) * size).astype(np.int64) for s in shapes] for _ in range(channels)]
    again = decode_planes(encode_planes(bands, height, width), height, width, channels)
    assert all(
        np.array_equal(p, q) for a, b in zip(bands, again, strict=True) for p, q in zip(a, b, strict=True)
    )


@pytest.mark.twice
def test_a_finer_step_is_closer_and_the_error_is_of_its_size() -> None:
    planes = smooth(96, 128, 1)
    split = split_planes(planes)
    last = np.inf
    for step in (UNIT // 2, UNIT // 8, UNIT // 64, UNIT // 1024):
        out = dequantise(quantise_planes(split, step), 96, 128, step) / UNIT
        rms = float(np.sqrt(np.mean(np.square(out - planes))))
        assert rms < last
        assert rms < step / UNIT * 0.75  # the widest interval, around zero, is 1.24 steps
        last = rms


def test_an_empty_plane_costs_next_to_nothing() -> None:
    bands = quantise_planes(split_planes(np.zeros((1080, 1920, 1))), UNIT)
    assert len(encode_planes(bands, 1080, 1920)) < 24


@pytest.mark.twice
@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=600), st.sampled_from(SIZES), st.integers(1, 3))
def test_bytes_that_nobody_wrote_decode_or_raise(data: bytes, size: tuple[int, int], channels: int) -> None:
    try:
        bands = decode_planes(data, *size, channels)
    except PayloadError:
        return
    low, details = band_shapes(*size)
    assert [b.shape for b in bands[0]] == [low] + [s for level in details for s in level]
    planes = dequantise(bands, *size, UNIT)
    assert planes.shape == (*size, channels)


@pytest.mark.parametrize(
    ("height", "width", "channels"),
    [(0, 5, 1), (5, 0, 1), (5, 5, 0), (5, 5, 9), (1 << 12, 1 << 12, 1), (1 << 40, 1, 1)],
)
def test_sizes_beyond_a_payload_are_refused_before_anything_is_made(
    height: int, width: int, channels: int
) -> None:
    with pytest.raises(PayloadError, match="bounds"):
        decode_planes(b"abc", height, width, channels)
    assert MAX_SAMPLES <= 1 << 22


def test_levels_do_not_split_small_planes() -> None:
    assert levels_for(11, 400) == 0
    assert levels_for(12, 400) == 1
    assert levels_for(4096, 4096) == 6
