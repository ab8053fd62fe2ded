"""Alpha: a grade and a master that hold it differently are one picture all the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest

from candela_engines.colour.convert import from_nits_rec2020
from candela_engines.colour.names import NAMED
from candela_engines.media import read_still, write_hdr, write_sdr_png
from candela_server.service.pictures import read_master
from candela_server.service.said import SaidColour

from .conftest import Candela
from .pictures import QUICK, Pair

ALPHA = np.tile(np.linspace(0, 1, 96, dtype=np.float32), (64, 1))
ALPHA[:, :4], ALPHA[:, 90:] = 0, 1


def write_channels(path: Path, planes: dict[str, np.ndarray], kind: str, *, associated: bool = True) -> Path:
    """A file of these channels, with the tag that says how its alpha is meant."""
    first = next(iter(planes.values()))
    spec = oiio.ImageSpec(first.shape[1], first.shape[0], len(planes), kind)
    spec.channelnames = tuple(planes)
    spec["oiio:UnassociatedAlpha"] = int(not associated)
    out = oiio.ImageOutput.create(str(path))
    assert out.open(str(path), spec)
    assert out.write_image(np.ascontiguousarray(np.stack(list(planes.values()), axis=2))) and out.close()
    return path


def rgba(picture: np.ndarray, alpha: np.ndarray) -> dict[str, np.ndarray]:
    return {**dict(zip("RGB", np.moveaxis(picture, 2, 0), strict=True)), "A": alpha}


@pytest.fixture
def straight_sdr(pair: Pair, tmp_path: Path) -> Path:
    path = tmp_path / "sdr.png"
    codes = np.dstack([pair.codes, np.rint(ALPHA * 255).astype(np.uint8)])
    write_sdr_png(path, codes, state=NAMED["rec709"])
    return path


@pytest.fixture
def associated_sdr(pair: Pair, tmp_path: Path) -> Path:
    codes = pair.codes.astype(np.float32) / 255 * ALPHA[..., None]
    return write_channels(tmp_path / "sdr.exr", rgba(codes, ALPHA), "float")


@pytest.fixture
def associated_hdr(pair: Pair, tmp_path: Path) -> Path:
    path = tmp_path / "hdr.exr"
    glowing = pair.nits * ALPHA[..., None]
    glowing[:, :2] = 7.0  # light without coverage, as of a flare
    write_hdr(path, glowing, encoding=NAMED["linear-rec2020"], bits=32, alpha=ALPHA)
    return path


@pytest.fixture
def straight_hdr(pair: Pair, tmp_path: Path) -> Path:
    codes = from_nits_rec2020(pair.nits, NAMED["rec2100-pq"])
    planes = rgba(np.rint(codes * 65535).astype(np.uint16), np.rint(ALPHA * 65535).astype(np.uint16))
    return write_channels(tmp_path / "hdr.tif", planes, "uint16", associated=False)


def test_associated_light_is_divided_for_a_straight_grade(
    candela: Candela, pair: Pair, straight_sdr: Path, associated_hdr: Path, tmp_path: Path
) -> None:
    master = read_master(associated_hdr, SaidColour("hdr"), read_still(straight_sdr))
    covered = ALPHA > 0
    assert np.allclose(master.nits[covered], pair.nits[covered], rtol=1e-5)
    assert np.all(master.nits[:, :2] == 7.0)
    out = tmp_path / "out.png"
    said = candela("embed", straight_sdr, "--hdr", associated_hdr, "-o", out, "--json", *QUICK)
    assert said.code == 0, said.out
    assert any("HDR: light was divided by its alpha" in note for note in said.json["notes"])
    assert candela("verify", out, "--hdr", associated_hdr).code == 0
    assert any(
        "divided" in n for n in candela("verify", out, "--hdr", associated_hdr, "--json").json["notes"]
    )


def test_straight_light_is_multiplied_for_an_associated_grade(
    candela: Candela, pair: Pair, associated_sdr: Path, straight_hdr: Path, tmp_path: Path
) -> None:
    said = SaidColour("hdr", "rec2100-pq")
    master = read_master(straight_hdr, said, read_still(associated_sdr))
    assert np.allclose(master.nits, pair.nits * ALPHA[..., None], rtol=2e-3, atol=0.01)
    assert any("multiplied by its alpha" in note for note in master.notes)


def test_the_same_kind_on_both_sides_stays(
    associated_sdr: Path, straight_sdr: Path, associated_hdr: Path, straight_hdr: Path, pair: Pair
) -> None:
    both = read_master(associated_hdr, SaidColour("hdr"), read_still(associated_sdr))
    assert np.allclose(both.nits[:, 4:], (pair.nits * ALPHA[..., None])[:, 4:])
    straight = read_master(straight_hdr, SaidColour("hdr", "rec2100-pq"), read_still(straight_sdr))
    assert np.allclose(straight.nits, pair.nits, rtol=2e-3, atol=0.01)
    for master in (both, straight):
        assert any("alpha is not used" in note and "in both" in note for note in master.notes)


def test_a_grade_without_alpha_takes_light_as_it_is_stored(pair: Pair, associated_hdr: Path) -> None:
    master = read_master(associated_hdr, SaidColour("hdr"), read_still(pair.sdr))
    assert np.allclose(master.nits[:, 4:], (pair.nits * ALPHA[..., None])[:, 4:])
    assert any("over black" in note for note in master.notes)


def test_an_opaque_master_says_nothing(pair: Pair, straight_sdr: Path, tmp_path: Path) -> None:
    hdr = tmp_path / "opaque.exr"
    write_hdr(hdr, pair.nits, encoding=NAMED["linear-rec2020"], bits=32, alpha=np.ones_like(ALPHA))
    master = read_master(hdr, SaidColour("hdr"), read_still(straight_sdr))
    assert np.array_equal(master.nits, read_still(pair.hdr).pixels) and master.notes == ()


def test_an_opaque_grade_says_nothing_either(candela: Candela, pair: Pair, tmp_path: Path) -> None:
    sdr, out = tmp_path / "opaque.png", tmp_path / "out.png"
    write_sdr_png(sdr, np.dstack([pair.codes, np.full((64, 96), 255, np.uint8)]), state=NAMED["rec709"])
    assert candela("embed", sdr, "--hdr", pair.hdr, "-o", out, *QUICK).code == 0
    said = candela("reconstruct", out, "-o", tmp_path / "o.exr", "--json")
    assert said.code == 0 and said.json["notes"] == []
    assert read_still(tmp_path / "o.exr").alpha is not None


def test_notes_of_other_channels_stay_whatever_they_are_called(pair: Pair, tmp_path: Path) -> None:
    planes = {**rgba(pair.nits, ALPHA), "alphaMatte": ALPHA}
    hdr = write_channels(tmp_path / "matte.exr", planes, "float")
    master = read_master(hdr, SaidColour("hdr", "linear-rec2020"), read_still(pair.sdr))
    assert any("alphaMatte" in note for note in master.notes)


def test_an_associated_picture_is_divided_for_formats_with_straight_alpha(
    candela: Candela, associated_sdr: Path, associated_hdr: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.exr"
    colour = ("--sdr-colour", "rec709")
    said = candela("embed", associated_sdr, *colour, "--hdr", associated_hdr, "-o", out, *QUICK)
    assert said.code == 0, said.err
    for name, divided in (("o.exr", False), ("o.png", True), ("o.tif", True), ("o.dpx", False)):
        said = candela("reconstruct", out, "-o", tmp_path / name, "--encoding", "pq", "--json")
        assert said.code == 0, said.out
        assert any("divided by alpha" in note for note in said.json["notes"]) is divided
    flat, png = read_still(tmp_path / "o.exr"), read_still(tmp_path / "o.png")
    assert flat.associated and not png.associated
    half = (ALPHA > 0.4) & (ALPHA < 0.6)
    assert png.pixels[half].mean() > flat.pixels[half].mean() + 0.02
    assert np.allclose(png.pixels[:, 92:], flat.pixels[:, 92:], atol=2e-3)
