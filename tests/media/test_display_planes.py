"""Small pictures of decoded planes, held against the way through R'G'B' at full size."""

from __future__ import annotations

import numpy as np
import pytest

from candela_engines.colour.convert import to_nits_rec2020
from candela_engines.colour.names import NAMED
from candela_engines.media.display_lut import codes_false_colour, codes_lut, fast_false_colour
from candela_engines.media.display_planes import can_show, planes_picture
from candela_engines.media.movie_rgb import VideoModel, planes_to_rgb, video_model

HEIGHT, WIDTH = 96, 160


def planes(model: VideoModel, bits: int, seed: int = 5) -> list[np.ndarray]:
    """Smooth waves of luma and chroma over most of the range, as pictures have them."""
    dtype = np.uint8 if bits == 8 else np.uint16
    unit = 1 << (bits - 8)
    rng = np.random.default_rng(seed)

    def wave(height: int, width: int, low: float, high: float) -> np.ndarray:
        down, right = np.mgrid[0:height, 0:width]
        a, b, phase = rng.uniform(1, 3), rng.uniform(1, 3), rng.uniform(0, 6)
        share = 0.5 + 0.5 * np.sin(a * down / height * 6 + b * right / width * 6 + phase)
        return np.rint((low + (high - low) * share) * unit).astype(dtype)

    small = (-(-HEIGHT // model.down), -(-WIDTH // model.across))
    if not model.ycc:
        return [wave(HEIGHT, WIDTH, 20, 230) for _ in range(3)]
    return [wave(HEIGHT, WIDTH, 60, 190), wave(*small, 112, 144), wave(*small, 112, 144)]


@pytest.mark.parametrize("step", [2, 3, 4, 5, 12])
@pytest.mark.parametrize(
    ("name", "bits", "kind"),
    [
        ("rec2100-pq", 10, {"across": 2, "down": 2, "siting": (0.0, 0.0)}),
        ("rec2100-pq", 12, {"across": 2, "down": 1, "siting": (0.0, 0.5)}),
        ("rec2100-hlg", 10, {"across": 2, "down": 2, "siting": (0.0, 0.5)}),
        ("rec709", 8, {"across": 2, "down": 2, "siting": (0.5, 0.5)}),
        ("rec2100-pq", 16, {"across": 1, "down": 1}),
    ],
)
def test_it_is_near_the_long_way(name: str, bits: int, kind: dict, step: int) -> None:
    state = NAMED[name]
    model = video_model("bt709" if name == "rec709" else "bt2020nc", "narrow", bits, **kind)
    given = planes(model, bits)
    found = planes_picture(given, model, state, hdr=state.is_hdr, step=step).astype(int)
    rgb = planes_to_rgb(given, model)
    height, width = HEIGHT // step, WIDTH // step
    assert found.shape == (height, width, 3)
    places = (step // 4, step - 1 - step // 4)
    mean = sum(rgb[a::step, b::step][:height, :width] for a in places for b in places) / 4
    off = np.abs(found - codes_lut(state, state.is_hdr, None)(mean.astype(np.float32)))
    coarse = step > 5  # chroma of a waving picture, of which two samples in six are taken
    assert off.mean() < (3.5 if coarse else 1.5)
    assert np.percentile(off, 99) <= (18 if coarse else 11)


def test_planes_of_red_green_and_blue() -> None:
    state, model = NAMED["rec2100-pq"], video_model("rgb", "full", 12)
    given = planes(model, 12)
    found = planes_picture(given, model, state, hdr=True, step=2).astype(int)
    rgb = planes_to_rgb(given, model)
    mean = sum(rgb[a::2, b::2] for a in (0, 1) for b in (0, 1)) / 4
    off = np.abs(found - codes_lut(state, True, None)(mean.astype(np.float32)))
    assert off.mean() < 1.5
    assert np.percentile(off, 99) <= 8


def test_what_has_no_cube_is_said() -> None:
    assert can_show(NAMED["rec2100-pq"], 2)
    assert not can_show(NAMED["rec2100-pq"], 1)
    assert not can_show(NAMED["linear-rec2020"], 4)


@pytest.mark.parametrize("name", ["rec2100-pq", "rec2100-hlg", "p3-pq", "rec709"])
def test_false_colour_of_codes(name: str) -> None:
    """As of their light, but for pixels within 5e-4 of an edge; codes over white and under black too."""
    state = NAMED[name]
    codes = np.random.default_rng(3).uniform(-0.05, 1.08, (90, 120, 3)).astype(np.float32)
    found = codes_false_colour(codes, state)
    assert found is not None
    light = np.asarray(to_nits_rec2020(codes.astype(np.float64), state), np.float32)
    off = np.abs(found.astype(int) - fast_false_colour(light)).max(axis=2)
    assert np.mean(off > 2) < 0.002
    assert codes_false_colour(codes, NAMED["linear-rec2020"]) is None
