"""Frames to look at: what the views show, held against the exact ways of the same, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from candela_engines.colour.convert import from_nits_rec2020, to_nits_rec2020
from candela_engines.colour.false_colour import BANDS, false_colour
from candela_engines.colour.names import NAMED
from candela_engines.errors import ColourStateError, InputError, NoPayloadError
from candela_engines.media import read_still, write_hdr
from candela_engines.media.display_lut import codes_lut, fast_false_colour, light_lut
from candela_engines.media.thumbnails import display_of_hdr, display_of_sdr
from candela_engines.qc.scopes import chromaticities, waveform
from candela_server.service import (
    LookRequest,
    LookResult,
    ReconstructRequest,
    SaidSide,
    look,
    look_light,
    reconstruct,
)
from candela_server.service.look import LookPicture
from candela_server.service.look_samples import averaged, size_of, thinned
from candela_server.service.results import DISTILLED

from .pictures import Pair
from .test_score import exr, sdr, texture

NOTHING = SaidSide("--colour")


def looked(path: Path, *views: str, said: SaidSide = NOTHING, **more: object) -> LookResult:
    request = LookRequest(path, said, None, SaidSide("--reference-colour"), views=views, **more)  # type: ignore[arg-type]
    return look(request)


def pixels(picture: LookPicture) -> np.ndarray:
    return np.frombuffer(picture.pixels, np.uint8).reshape(picture.height, picture.width, 3)


def test_pictures_are_those_of_the_exact_way(tmp_path: Path) -> None:
    nits = np.minimum(texture(), 990)
    found = looked(exr(tmp_path / "a.exr", nits), "picture", "nits", width=256)
    assert (found.size, found.first, found.last, found.rate) == ((256, 144), 0, 0, None)
    shown, coloured = map(pixels, found.pictures)
    assert np.abs(shown.astype(int) - display_of_hdr(nits)).max() <= 5
    assert np.mean(coloured != false_colour(nits)) < 0.002
    assert [entry.words for entry in found.pictures[1].legend] == [band.words for band in BANDS]
    assert found.pictures[1].legend[-1].colour == "#ffffff"
    assert not found.pictures[0].legend


def test_white_of_an_sdr_picture_stays_white(tmp_path: Path) -> None:
    path = sdr(tmp_path / "s.png", np.full((40, 60, 3), 1e6, np.float32))
    assert pixels(looked(path, "picture").pictures[0]).min() >= 254


def test_cubes_are_near_what_they_stand_for() -> None:
    ramp = np.linspace(0, 1, 500, dtype=np.float32)
    grey = np.repeat(ramp[None, :, None], 3, axis=2)
    tinted = grey * np.array([1.0, 0.9, 0.8], np.float32)
    for name in ("rec2100-pq", "rec2100-hlg", "rec709"):
        state = NAMED[name]
        for codes in (grey, tinted):
            nits = np.asarray(to_nits_rec2020(codes, state), np.float32)
            exact = display_of_hdr(nits) if state.is_hdr else display_of_sdr(nits, state.peak_nits)
            off = np.abs(codes_lut(state, state.is_hdr, None)(codes).astype(int) - exact)
            assert off.max() <= 4, name
            assert off.mean() < 0.5, name
    assert light_lut(np.array([[[np.nan, -5.0, 1e9]]], np.float32)).shape == (1, 1, 3)


def test_bands_begin_where_they_say() -> None:
    for band in BANDS[1:]:
        edge = np.float32(band.nits)
        for light, where in ((edge * np.float32(1.0002), 1), (edge * np.float32(0.9998), 0)):
            found = fast_false_colour(np.full((1, 1, 3), light, np.float32))[0, 0].astype(int)
            exact = false_colour(np.full((1, 1, 3), light, np.float32))[0, 0]
            assert np.abs(found - exact).max() <= 1, (band, where)
    odd = np.array([[[np.nan] * 3, [np.inf] * 3, [-3.0] * 3, [0.0] * 3]], np.float32)
    assert np.array_equal(fast_false_colour(odd)[0, 2], fast_false_colour(odd)[0, 3])
    assert fast_false_colour(odd)[0, 1].min() > 200


def test_scopes_are_of_the_whole_frame(tmp_path: Path) -> None:
    nits = np.minimum(texture(), 990)
    nits[7, 9] = 4321.0  # one pixel, which thinning may leave out
    found = looked(exr(tmp_path / "a.exr", nits), "nits", width=64, scopes=True).scopes
    assert found is not None
    assert found.max_nits == pytest.approx(4321.0)
    assert found.mean_nits == pytest.approx(float(nits.max(axis=2).mean()), rel=1e-5)
    counts = np.frombuffer(found.waveform, np.uint8).reshape(found.waveform_height, found.waveform_width)
    assert np.array_equal(counts > 0, waveform(nits) > 0)
    plane = np.frombuffer(found.cie, np.uint8).reshape(found.cie_height, found.cie_width)
    assert np.array_equal(plane > 0, chromaticities(nits) > 0)


def test_light_outside_p3_is_counted(tmp_path: Path) -> None:
    green = np.zeros((64, 64, 3), np.float32)
    green[:, :16, 1] = 100.0  # BT.2020's own green
    green[:, 16:] = 100.0
    found = looked(exr(tmp_path / "g.exr", green), "nits", scopes=True).scopes
    assert found is not None
    assert found.outside_p3 == pytest.approx(0.25)
    assert found.outside_709 == pytest.approx(0.25)


def test_a_reconstruction_is_what_reconstruct_writes(made: tuple[Pair, Path], tmp_path: Path) -> None:
    path = made[1]
    found = looked(path, "reconstruction_nits", "reconstruction", "picture", width=96)
    reconstruct(ReconstructRequest(path, tmp_path / "out.exr", encoding="linear-rec2020", bits=32))
    nits = read_still(tmp_path / "out.exr").pixels
    coloured, shown, plain = map(pixels, found.pictures)
    assert np.mean(coloured != false_colour(np.asarray(nits, np.float32))) < 0.005
    assert np.abs(shown.astype(int) - display_of_hdr(np.asarray(nits, np.float32))).mean() < 0.5
    assert not np.array_equal(shown, plain)
    with pytest.raises(NoPayloadError):
        looked(made[0].sdr, "reconstruction")


def test_a_reconstruction_without_a_master_says_so(
    made: tuple[Pair, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert DISTILLED not in looked(made[1], "reconstruction", width=64).notes
    read = look_light.load_payload

    def distilled(path: Path) -> tuple[object, object]:
        carried, decoded = read(path)
        return carried, replace(decoded, payload=replace(decoded.payload, provenance="distilled"))

    monkeypatch.setattr(look_light, "load_payload", distilled)
    assert DISTILLED in looked(made[1], "reconstruction", width=64).notes
    assert DISTILLED not in looked(made[1], "picture", width=64).notes


def test_faults_are_masks_over_grey(tmp_path: Path) -> None:
    nits = np.minimum(texture(), 990)
    request = LookRequest(
        exr(tmp_path / "clipped.exr", np.minimum(nits, 150)), NOTHING, sdr(tmp_path / "s.png", nits),
        SaidSide("--reference-colour"), views=("faults",), width=256,
    )  # fmt: skip
    picture = look(request).pictures[0]
    assert "highlights clipped" in [entry.words for entry in picture.legend]
    shown = pixels(picture).astype(int)
    masked = np.ptp(shown, axis=2) > 20
    clipped = nits.max(axis=2) > 200
    assert masked[clipped].mean() > 0.8
    assert masked[nits.max(axis=2) < 75].mean() < 0.1


def test_frames_of_a_sequence(tmp_path: Path) -> None:
    for number in (5, 6, 8, 9):
        light = np.full((36, 64, 3), 10.0 * number, np.float32)
        codes = np.asarray(from_nits_rec2020(light, NAMED["linear-rec2020"]), np.float32)
        write_hdr(tmp_path / f"a.{number:04}.exr", codes, encoding=NAMED["linear-rec2020"], bits=32)
    found = looked(tmp_path / "a.####.exr", "nits", frames=(5, 9), width=64)
    assert [picture.frame for picture in found.pictures] == [5, 6, 8, 9]
    assert (found.first, found.last) == (5, 9)
    third = looked(tmp_path / "a.####.exr", "nits", frames=(5, 9), step=3)
    assert [p.frame for p in third.pictures] == [5, 8]
    assert [p.frame for p in looked(tmp_path / "a.####.exr", "nits").pictures] == [5]
    with pytest.raises(InputError, match="none of 20 to 30"):
        looked(tmp_path / "a.####.exr", "nits", frames=(20, 30))


def test_sizes_are_whole_blocks() -> None:
    assert size_of((1920, 1080), 960) == (2, 540, 960)
    assert size_of((720, 1280), 960) == (2, 640, 360)  # upright: as high as a picture of 16:9 is
    assert size_of((3840, 2160), 160) == (24, 90, 160)
    assert size_of((5, 1), 16) == (1, 1, 5)
    picture = np.arange(8 * 16 * 3, dtype=np.float32).reshape(8, 16, 3)
    assert np.array_equal(averaged(picture, 8), picture.reshape(4, 2, 8, 2, 3).mean(axis=(1, 3)))
    assert np.array_equal(thinned(picture, 8), picture[1::2, 1::2])


def test_what_is_refused(tmp_path: Path) -> None:
    path = exr(tmp_path / "a.exr", np.minimum(texture(), 990))
    with pytest.raises(InputError, match="no view"):
        looked(path)
    with pytest.raises(InputError, match="at least are needed"):
        looked(path, "nits", step=0)
    big = np.zeros((1600, 3000, 3), np.float32)
    with pytest.raises(InputError, match="ask for fewer"):
        looked(exr(tmp_path / "big.exr", big), "picture", width=3000)
    bare = tmp_path / "bare.png"
    from imagecodecs import imwrite

    imwrite(str(bare), np.zeros((20, 20, 3), np.uint8))
    with pytest.raises(ColourStateError, match="--colour"):
        looked(bare, "picture")
    broken = tmp_path / "nan.exr"
    exr(broken, np.full((20, 20, 3), np.nan, np.float32))
    with pytest.raises(InputError, match="NaN"):
        looked(broken, "nits")
