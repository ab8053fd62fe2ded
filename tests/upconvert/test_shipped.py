"""The network that ships: it opens, and does what its model card says of pictures that anybody can make."""

from __future__ import annotations

import numpy as np

from candela_engines.colour.names import NAMED
from candela_engines.upconvert.chart import chart_levels
from candela_engines.upconvert.engine import ENGINES, open_engine
from candela_engines.upconvert.learnt import LearntEngine

REC709 = NAMED["rec709"]


def codes(height: int = 90, width: int = 160) -> np.ndarray:
    y, x = np.mgrid[:height, :width].astype(np.float32)
    wave = np.stack([np.sin(x / 17) + y / height, np.cos(y / 11) + x / width, np.sin((x + y) / 23)], 2)
    return np.asarray(np.clip(wave / 2 * 255, 0, 255).astype(np.uint8))


def test_agcm_ships_and_hdcfm_does_not() -> None:
    assert ENGINES["agcm"].available and not ENGINES["hdcfm"].available


def test_the_same_twice_and_light_of_a_display() -> None:
    picture = codes()
    light = open_engine("agcm").light(picture, 8, REC709)
    assert light.shape == picture.shape and light.dtype == np.float32
    assert np.isfinite(light).all() and light.min() >= 0 and light.max() <= 1000.5
    assert np.array_equal(light, open_engine("agcm").light(picture, 8, REC709))


def test_a_region_is_as_in_the_whole_frame() -> None:
    engine = open_engine("agcm")
    assert isinstance(engine, LearntEngine)
    picture = codes()
    shot = engine.of_shot([(picture, 8)], REC709)
    whole, part = shot.light(picture, 8, REC709), shot.light(picture[20:60, 30:110], 8, REC709)
    assert np.array_equal(part, whole[20:60, 30:110])


def test_black_stays_black_and_greys_rise() -> None:
    engine = open_engine("agcm")
    ramp = np.repeat(np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 16, 0), 3, 2)
    light = engine.light(ramp, 8, REC709)[0]
    assert (light[0] == 0).all()
    assert (np.diff(light @ np.array([0.2627, 0.678, 0.0593])) > -0.02).all()
    assert {level.patch for level in chart_levels(engine)} >= {"graphics white", "light skin"}
