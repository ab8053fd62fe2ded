"""The native count of a frame and its twin in numpy: the same numbers, whatever the samples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candela_engines.colour.names import NAMED
from candela_engines.media.movie_rgb import video_model
from candela_engines.metrics import Rectangle
from candela_engines.native import native
from candela_engines.qc.count import Counts, LevelLimits, count_picture, count_video
from candela_engines.qc.count_numpy import picture_numbers, video_numbers
from candela_engines.qc.light import light_of
from candela_engines.qc.measure import FrameMeasurer
from candela_engines.qc.reading import Picture
from candela_engines.qc.sampled import _isolated_by_numpy, isolated_pixels

library = native()
needs_native = pytest.mark.skipif(
    library is None or not hasattr(library, "count_video"), reason="the native library is not built here"
)


def same(counted: Counts, numbers: dict[str, object]) -> None:
    for name in Counts.__slots__:
        assert np.array_equal(getattr(counted, name), numbers[name]), name


@needs_native
@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["rec2100-pq", "rec2100-pq", "rec2100-hlg", "rec709", "p3-pq"]),
    st.sampled_from([8, 10, 12]),
    st.sampled_from([(2, 2), (2, 1), (1, 1)]),
    st.integers(3, 60),
    st.integers(3, 160),
    st.sampled_from(["narrow", "full"]),
    st.sampled_from(["any", "even", "whole"]),
    st.sampled_from(["noise", "inside", "clipped"]),
    st.integers(1, 3),
    st.integers(0, 1 << 32),
)
def test_planes(
    name: str, bits: int, factors: tuple[int, int], h: int, w: int, range_: str, where: str, kind_of: str,
    threads: int, seed: int,
) -> None:  # fmt: skip
    rng = np.random.default_rng(seed)
    kind = np.uint8 if bits == 8 else np.uint16
    small = (-(-h // factors[1]), -(-w // factors[0]))
    planes = [rng.integers(0, 1 << bits, size, dtype=kind) for size in ((h, w), small, small)]
    if kind_of != "noise":
        # Colours well inside the gamut: most rows are looked at but quickly; and a plateau of one level.
        middle = 1 << (bits - 1)
        planes[1:] = [(middle + (p.astype(int) - middle) // 40).astype(kind) for p in planes[1:]]
        planes[0] = (middle // 2 + planes[0] // 4).astype(kind)
        if kind_of == "clipped":
            planes[0] = np.minimum(planes[0], planes[0].dtype.type(planes[0].max() * 0.8))
    model = video_model("bt2020nc", range_, bits, across=factors[0], down=factors[1])
    light = light_of(NAMED[name], video=True, kind="u", bits=bits)
    limits = LevelLimits.narrow(bits) if range_ == "narrow" else LevelLimits()
    area = Rectangle(w // 5, h // 7, w - w // 3, h - h // 4)
    if where == "whole":
        area = Rectangle(0, 0, w, h)
    elif where == "even" and w >= 4:
        area = Rectangle(2, 0, (w - 2) // 2 * 2, h)
    before = rng.integers(0, 1 << 14, (h, w), dtype=np.uint16)
    codes, twin = np.zeros((h, w), np.uint16), np.zeros((h, w), np.uint16)
    counted = count_video(planes, model, light, limits, area, codes, before, threads=threads)
    same(counted, video_numbers(planes, model, light.tables, limits, area, twin, before))
    assert np.array_equal(codes, twin)


@needs_native
@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(["rec2100-pq", "rec2100-hlg", "linear-rec2020", "display-p3"]),
    st.sampled_from(["u1", "u2", "f2", "f4"]),
    st.integers(3, 40),
    st.integers(3, 40),
    st.integers(0, 1 << 32),
)
def test_pictures(name: str, kind: str, h: int, w: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    if kind[0] == "u":
        bits = 8 if kind == "u1" else 10
        picture = rng.integers(0, 1 << bits, (h, w, 3)).astype(kind)
    else:
        bits = 16
        picture = (rng.normal(size=(h, w, 3)) * rng.choice([0.5, 400.0])).astype(kind)
        picture.reshape(-1)[rng.integers(0, picture.size, 3)] = [np.nan, np.inf, -np.inf]
    light = light_of(NAMED[name], video=False, kind=kind[0], bits=bits)
    area = Rectangle(0, 0, w, h)
    codes, twin = np.zeros((h, w), np.uint16), np.zeros((h, w), np.uint16)
    counted = count_picture(picture, light, LevelLimits(), area, codes, None, threads=2)
    same(counted, picture_numbers(picture, light.tables, LevelLimits(), area, twin, None))
    assert np.array_equal(codes, twin)


@needs_native
@settings(max_examples=20, deadline=None)
@given(st.integers(1, 30), st.integers(1, 30), st.integers(0, 1 << 32))
def test_isolated_pixels(h: int, w: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    codes = rng.choice(np.array([100, 300, 500], np.uint16), (h, w), p=[0.8, 0.1, 0.1])
    area = Rectangle(w // 4, h // 5, w - w // 3, h - h // 3)
    assert np.array_equal(isolated_pixels(codes, area), _isolated_by_numpy(codes, area))


def test_an_area_outside_the_picture_is_refused() -> None:
    if library is None or not hasattr(library, "count_picture"):
        pytest.skip("the native library is not built here")
    light = light_of(NAMED["rec2100-pq"], video=False, kind="u", bits=8)
    picture = np.zeros((4, 4, 3), np.uint8)
    with pytest.raises(ValueError, match="area"):
        count_picture(picture, light, LevelLimits(), Rectangle(2, 2, 3, 2), np.zeros((4, 4), np.uint16), None)


@needs_native
@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(
        [("rec2100-pq", "bt2020nc"), ("rec2100-hlg", "bt2020nc"), ("rec709", "bt709"), ("rec709", "rgb")]
    ),
    st.sampled_from([8, 10]),
    st.sampled_from([(2, 2), (2, 1), (1, 1)]),
    st.integers(2, 200),
    st.integers(2, 700),
    st.integers(0, 1 << 32),
)
def test_the_proxy_of_a_movie(
    said: tuple[str, str], bits: int, factors: tuple[int, int], h: int, w: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    factors = (1, 1) if said[1] == "rgb" else factors
    small = (-(-h // factors[1]), -(-w // factors[0]))
    kind = np.uint8 if bits == 8 else np.uint16
    planes = [rng.integers(0, 1 << bits, size, dtype=kind) for size in ((h, w), small, small)]
    model = video_model(said[1], "narrow", bits, across=factors[0], down=factors[1])  # type: ignore[arg-type]
    measurer = FrameMeasurer(NAMED[said[0]], model, bits, False)
    picture = Picture(0, [plane[:, ::-1][:, ::-1] for plane in planes], None)
    fast = measurer.proxy(picture)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("candela_engines.qc.measure.native", lambda: None)
        assert np.array_equal(fast, measurer.proxy(picture))
