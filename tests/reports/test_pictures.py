"""Scopes count what the frame has, where it has it; pictures survive being kept, and damage to them."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import cbor2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.media.movies import HDR10, X265, encode
from tests.reports import results

from candela_engines.colour import pq
from candela_engines.colour.false_colour import BANDS
from candela_engines.colour.gamuts import GAMUTS, rgb_to_rgb
from candela_engines.errors import InputError
from candela_engines.media.codecs import imagecodecs_module
from candela_engines.media.open_clip import open_clip
from candela_engines.metrics import Rectangle
from candela_engines.qc.findings import Box
from candela_engines.qc.pictures import read_pictures, take_pictures
from candela_engines.qc.scopes import CIE_HIGH, CIE_SIZE, WAVE_HEIGHT, WAVE_WIDTH, chromaticities, waveform
from candela_engines.qc.shot_pictures import PictureStore, representative

TAKEN = results.picture()


@pytest.mark.parametrize("nits", [0.0, 0.1, 26.0, 203.0, 1000.0, 10_000.0])
def test_grey_is_a_line_at_its_code(nits: float) -> None:
    counts = waveform(np.full((90, 160, 3), nits, np.float32))
    rows = np.flatnonzero(counts.sum(axis=1))
    assert abs(rows.mean() - (1 - float(pq.inverse_eotf(nits))) * (WAVE_HEIGHT - 1)) <= 0.51
    assert counts.sum() == 90 * 160


def test_a_waveform_says_where_and_leaves_nan_out() -> None:
    nits = np.full((90, 160, 3), np.nan, np.float32)
    nits[:, :16] = 100
    counts = waveform(nits)
    assert counts.sum() == 90 * 16 and counts[:, WAVE_WIDTH // 10 :].sum() == 0


@pytest.mark.parametrize("name", ["bt2020", "p3d65", "bt709"])
@pytest.mark.parametrize("corner", ["red", "green", "blue"])
def test_primaries_are_at_their_chromaticity(name: str, corner: str) -> None:
    pure = np.eye(3, dtype=np.float32)[("red", "green", "blue").index(corner)] * 100
    light = np.asarray(rgb_to_rgb(name, "bt2020") @ pure, np.float32)  # type: ignore[arg-type]
    counts = chromaticities(np.tile(light, (8, 8, 1)))
    ((row, column),) = np.argwhere(counts)
    x, y = getattr(GAMUTS[name], corner)  # type: ignore[index]
    assert abs(column + 0.5 - x / CIE_HIGH[0] * CIE_SIZE) <= 1
    assert abs(CIE_SIZE - row - 0.5 - y / CIE_HIGH[1] * CIE_SIZE) <= 1


def test_the_dark_has_no_chromaticity() -> None:
    assert chromaticities(np.full((8, 8, 3), 0.4, np.float32)).sum() == 0
    assert chromaticities(np.full((8, 8, 3), np.inf, np.float32)).sum() == 0


def test_pictures_keep_their_size_and_false_colours_are_of_pixels() -> None:
    nits = np.full((1080, 1920, 3), 26, np.float32)
    nits[:, 960:] = 5000
    made = read_pictures(take_pictures(nits, area=Rectangle(0, 0, 1920, 1080), frame=7))
    assert made is not None and (made.frame, made.width, made.height) == (7, 480, 270)
    view = imagecodecs_module().jpeg8_decode(made.false_colour).astype(int)
    grey = next(b for b in reversed(BANDS) if b.nits <= 26)
    for place, band in ((100, grey), (400, BANDS[-1])):
        ratio = view[100, place] / np.maximum(band.colour, 1)
        assert ratio == pytest.approx(ratio.mean(), rel=0.15)
    wave = imagecodecs_module().png_decode(made.waveform)
    assert wave.shape == (WAVE_HEIGHT, WAVE_WIDTH, 2)
    assert imagecodecs_module().png_decode(made.cie).shape == (CIE_SIZE, CIE_SIZE, 4)


def test_odd_frames_are_no_trouble() -> None:
    for shape in ((1, 1, 3), (2, 3000, 3), (3000, 2, 3)):
        nits = np.full(shape, np.nan, np.float32)
        assert (
            read_pictures(take_pictures(nits, area=Rectangle(0, 0, shape[1], shape[0]), frame=0)) is not None
        )
    with pytest.raises(InputError, match="shape"):
        take_pictures(np.zeros((4, 4), np.float32), area=Rectangle(0, 0, 4, 4), frame=0)
    with pytest.raises(InputError, match="does not lie"):
        take_pictures(np.zeros((4, 4, 3), np.float32), area=Rectangle(1, 0, 4, 4), frame=0)


@given(st.integers(0, len(TAKEN) - 1), st.binary(max_size=8))
def test_damage_gives_pictures_or_none(place: int, put: bytes) -> None:
    for data in (TAKEN[:place], TAKEN[:place] + put + TAKEN[place + len(put) :], put):
        made = read_pictures(data)
        assert made is None or (made.thumbnail.startswith(b"\xff\xd8") and made.width > 0)


def test_other_documents_are_no_pictures() -> None:
    held = cbor2.loads(TAKEN)
    for change in (
        {"format": "x"},
        {"frame": "7"},
        {"thumbnail": b"<svg onload=1>"},
        {"more": 1},
        {"width": 0},
    ):
        assert read_pictures(cbor2.dumps(held | change)) is None
    assert read_pictures(cbor2.dumps([1])) is None


def test_the_locus_is_that_of_the_cie() -> None:
    text = resources.files("candela_server.reports").joinpath("page/locus.csv").read_text("ascii")
    held = {int(nm): (float(x), float(y)) for nm, x, y in (line.split(",") for line in text.splitlines()[1:])}
    assert list(held) == list(range(400, 701, 4))
    # CIE 15:2004 table T.3 (chromaticity co-ordinates of the spectrum), to four places.
    for nm, xy in {460: (0.1440, 0.0297), 500: (0.0082, 0.5384), 520: (0.0743, 0.8338), 580: (0.5125, 0.4866),
                   620: (0.6915, 0.3083), 700: (0.7347, 0.2653)}.items():  # fmt: skip
        assert held[nm] == pytest.approx(xy, abs=1.5e-4)


def test_a_shot_shows_a_key_frame_near_its_middle_and_keeps_it(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    encode(
        path,
        "libx265",
        "yuv420p10le",
        count=24,
        tags=HDR10,
        options={"x265-params": f"{X265}:keyint=7:bframes=0"},
    )
    store = PictureStore(tmp_path / "work")
    active = Box(0, 6, 64, 42)
    with open_clip(path) as clip:
        state = clip.info.state
        assert state is not None
        assert representative(clip, list(range(24))) == 7
        assert representative(clip, [15, 16, 17]) == 16
        assert representative(clip, []) is None
        data = store.pictures(clip, state, b"key", 7, active)
        assert data is not None
        made = read_pictures(data)
        assert made is not None and (made.frame, made.width, made.height) == (7, 64, 48)
        (kept,) = (tmp_path / "work/pictures").iterdir()
        assert store.pictures(clip, state, b"other", 7, active) == data
    # Kept: a closed clip is not asked. Damaged: made anew.
    assert store.pictures(clip, state, b"key", 7, active) == data
    kept.write_bytes(data[:100])
    with open_clip(path) as clip:
        assert store.pictures(clip, state, b"key", 7, active) == data == kept.read_bytes()
