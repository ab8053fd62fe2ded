"""Small pictures of decoded planes, held against the way through R'G'B' at full size."""

from __future__ import annotations

import numpy as np
import pytest

from candela_engines.colour.convert import to_nits_rec2020
from candela_engines.colour.names import NAMED
from candela_engines.media import display_planes
from candela_engines.media.display_lut import codes_false_colour, codes_lut, fast_false_colour
from candela_engines.media.display_planes import can_show, planes_picture
from candela_engines.media.movie_rgb import VideoModel, planes_to_rgb, video_model
from candela_engines.native import native

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


@pytest.mark.skipif(native() is None, reason="the native library is not built")
@pytest.mark.parametrize("step", [2, 3, 4, 7])
@pytest.mark.parametrize("bits", [8, 10, 16])
@pytest.mark.parametrize("layout", ["420", "422", "444", "rgb", "strides", "reversed"])
def test_one_pass_is_its_twin(layout: str, bits: int, step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Noise, odd sizes and strides of all kinds: the same codes, and colours within two of 255."""
    across, down = {"422": (2, 1), "444": (1, 1), "rgb": (1, 1)}.get(layout, (2, 2))
    siting = (0.5, 1.0) if layout == "reversed" else (0.0, 0.5)
    matrix = "rgb" if layout == "rgb" else "bt2020nc"
    model = video_model(matrix, "narrow", bits, across=across, down=down, siting=siting)
    rng, dtype = np.random.default_rng(bits), np.uint8 if bits == 8 else np.uint16
    sizes = [(61, 83)] + [(-(-61 // down), -(-83 // across))] * 2
    given = [rng.integers(0, 1 << bits, size).astype(dtype) for size in sizes]
    if layout == "strides":  # two planes in one, as NV12 and P010 have chroma
        given = [np.repeat(plane, 2, axis=1)[:, ::2] for plane in given]
    if layout == "reversed":
        given = [np.ascontiguousarray(plane[::-1])[::-1] for plane in given]
    state = NAMED["rec2100-pq"]
    found = planes_picture(given, model, state, hdr=True, step=step)
    monkeypatch.setattr(display_planes, "native", lambda: None)
    slow = planes_picture(given, model, state, hdr=True, step=step)
    off = np.abs(found.astype(int) - slow)
    assert found.shape == (61 // step, 83 // step, 3)
    assert off.max() <= 2 and off.mean() < 0.2


@pytest.mark.skipif(native() is None, reason="the native library is not built")
def test_one_pass_refuses_what_lies_outside() -> None:
    model = video_model("bt2020nc", "narrow", 10, across=2, down=2)
    given = planes(model, 10)
    out, cube = np.empty((48, 80, 3), np.uint8), np.zeros(65**3, np.uint64)
    rows, columns = (np.arange(count, dtype=np.int32) for count in (48, 80))

    def shown(
        planes: list, out: np.ndarray, down: tuple, across: tuple, cube: np.ndarray = cube, bits: int = 10
    ) -> None:
        native().planes_shown(planes, out, True, bits, 2, down, across, cube)  # type: ignore[union-attr]

    good = ((rows, rows, 0), (columns, columns, 2))
    shown(given, out, *good)
    wrong = [
        (given, np.empty((49, 80, 3), np.uint8), *good), (given[:2], out, *good),
        (given, out, (rows + 1, rows + 1, 0), good[1]), (given, out, (rows - 1, rows, 0), good[1]),
        (given, out, (rows[::-1].copy(), rows, 0), good[1]), (given, out, (rows, rows, 5), good[1]),
        (given, out, good[0], (columns[:-1], columns, 2)), (given, out, *good, cube[:-1]),
        (given, out, *good, cube, 7), ([given[0], given[1].astype(np.uint8), given[2]], out, *good),
        ([plane.astype(np.float32) for plane in given], out, *good),
    ]  # fmt: skip
    for one in wrong:
        with pytest.raises(ValueError):
            shown(*one)
