"""What is written and what its tags say of its peak agree, and options that do nothing are refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from candela_engines.colour import pq
from candela_engines.colour.names import NAMED
from candela_engines.itm import payload as payload_format
from candela_engines.itm.carriers import embed_payload, read_payload
from candela_engines.media import read_still
from candela_server.service.levels import brightest, roll_off

from .conftest import Candela


@pytest.mark.parametrize("name", ["o.png", "o.tif", "o.avif", "o.dpx", "o.exr"])
@pytest.mark.parametrize("encoding", ["rec2100-pq", "p3-pq"])
def test_a_pq_encoding_that_names_its_peak(
    candela: Candela, carrying: Path, tmp_path: Path, name: str, encoding: str
) -> None:
    out = tmp_path / name
    said = candela("reconstruct", carrying, "-o", out, "--encoding", f"{encoding}@400", "--json")
    assert said.code == 0, said.out
    assert said.json["encoding"]["name"] == f"{encoding}@400" and said.json["peak_nits"] == 400
    assert said.json["rolled_off_from_nits"] > 500
    assert said.json["max_cll_nits"] == pytest.approx(400, rel=1e-4)
    assert any("rolled off" in note and f"--encoding {encoding}@400" in note for note in said.json["notes"])
    still = read_still(out)
    assert still.state is not None and still.state.peak_nits == 400
    code = 2 / 255 if name == "o.avif" else 1 / 1023
    assert still.pixels.max() <= pq.inverse_eotf(400.0) + code
    assert pq.inverse_eotf(400.0) - code <= still.pixels.max()


def test_a_peak_of_its_own_is_told_to_readers(candela: Candela, carrying: Path, tmp_path: Path) -> None:
    for name in ("o.png", "o.dpx", "o.avif"):
        said = candela("reconstruct", carrying, "-o", tmp_path / name, "--peak", 300, "--json")
        assert said.json["encoding"]["name"] == "rec2100-pq@300"
        assert read_still(tmp_path / name).state == replace(NAMED["rec2100-pq"], peak_nits=300.0)


def test_two_peaks(candela: Candela, carrying: Path, tmp_path: Path) -> None:
    asked = ("reconstruct", carrying, "-o", tmp_path / "o.png", "--encoding", "rec2100-pq@400", "--json")
    below = candela(*asked, "--peak", 200)
    assert below.code == 0 and below.json["max_cll_nits"] == pytest.approx(200, rel=1e-4)
    above = candela(*asked, "--peak", 600)
    assert above.code == 2 and "--peak 600" in above.out and "rec2100-pq@400" in above.out


@pytest.mark.parametrize("encoding", ["rec2100-pq@0.5", "rec2100-pq@20000"])
def test_peaks_that_pq_has_not(candela: Candela, carrying: Path, tmp_path: Path, encoding: str) -> None:
    said = candela("reconstruct", carrying, "-o", tmp_path / "o.png", "--encoding", encoding)
    assert said.code == 2 and f"--encoding {encoding}" in said.err and "10000" in said.err


def test_the_roll_off_is_in_the_primaries_of_the_encoding() -> None:
    red = np.full((4, 4, 3), (500.0, 5.0, 0.0), np.float32)
    assert brightest(red, "p3d65") > 550
    assert roll_off(red.copy(), 520.0) is None
    assert roll_off(red, 520.0, "p3d65") == pytest.approx(brightest(np.array([[[500, 5, 0]]], "f4"), "p3d65"))
    assert brightest(red, "p3d65") == pytest.approx(520, rel=1e-4)
    assert red[0, 0, 1] / red[0, 0, 0] == pytest.approx(0.01, rel=1e-3)


def test_light_above_the_masters_own_peak_is_noted(candela: Candela, carrying: Path, tmp_path: Path) -> None:
    payload = payload_format.decode(read_payload(carrying))
    modest = replace(payload, hdr=replace(NAMED["rec2100-pq"], peak_nits=300.0))
    embed_payload(carrying, carrying, payload_format.encode(modest))
    said = candela("reconstruct", carrying, "-o", tmp_path / "o.png", "--json")
    assert said.json["max_cll_nits"] > 500
    assert any("mastering peak of 300 nit" in note and "--peak" in note for note in said.json["notes"])
    assert said.json["encoding"]["name"] == "rec2100-pq@300"
    said = candela("reconstruct", carrying, "-o", tmp_path / "o.png", "--peak", 250, "--json")
    assert not any("mastering peak" in note for note in said.json["notes"])


@pytest.mark.parametrize("encoding", ["rec2100-hlg@300", "rec709", "sRGB - Display"])
def test_floats_above_the_peak_of_a_display_are_noted(
    candela: Candela, carrying: Path, tmp_path: Path, encoding: str
) -> None:
    asked = ("reconstruct", carrying, "--encoding", encoding, "--json", "-o")
    said = candela(*asked, tmp_path / "o.exr")
    assert said.json["max_cll_nits"] > 500
    assert any("values above 1.0" in note for note in said.json["notes"])
    assert not any("values above" in note for note in candela(*asked, tmp_path / "o.png").json["notes"])


def test_clipping_says_what_would_be_instead(candela: Candela, carrying: Path, tmp_path: Path) -> None:
    asked = ("reconstruct", carrying, "-o", tmp_path / "o.png", "--encoding", "rec709", "--json")
    assert any("clipped; --peak 100" in note for note in candela(*asked).json["notes"])
    said = candela(*asked, "--peak", 100)
    assert not any("clipped" in note for note in said.json["notes"])
    assert said.json["max_cll_nits"] == pytest.approx(100, rel=1e-3)


@pytest.mark.parametrize("encoding", ["hlg", "rec709"])
def test_a_peak_beyond_the_display_is_noted(
    candela: Candela, carrying: Path, tmp_path: Path, encoding: str
) -> None:
    asked = ("reconstruct", carrying, "-o", tmp_path / "o.png", "--encoding", encoding, "--peak", 2000)
    assert any("@2000" in note for note in candela(*asked, "--json").json["notes"])


class TestOptionsThatDoNothing:
    @pytest.mark.parametrize("name", ["o.png", "o.exr", "o.tif", "o.dpx"])
    def test_quality_of_a_lossless_format(
        self, candela: Candela, carrying: Path, tmp_path: Path, name: str
    ) -> None:
        said = candela("reconstruct", carrying, "-o", tmp_path / name, "--quality", 80)
        assert said.code == 2 and "--quality 80" in said.err and ".avif" in said.err and ".jpg" in said.err
        assert not (tmp_path / name).exists()

    @pytest.mark.parametrize("name", ["o.avif", "o.jpg"])
    def test_quality_out_of_range(self, candela: Candela, carrying: Path, tmp_path: Path, name: str) -> None:
        for quality in (0, 101):
            said = candela("reconstruct", carrying, "-o", tmp_path / name, "--quality", quality)
            assert said.code == 2 and f"--quality {quality}" in said.err
        assert candela("reconstruct", carrying, "-o", tmp_path / name, "--quality", 60).code == 0

    def test_a_depth_is_refused_by_its_flag(self, candela: Candela, carrying: Path, tmp_path: Path) -> None:
        said = candela("reconstruct", carrying, "-o", tmp_path / "o.png", "--bit-depth", 12)
        assert said.code == 2 and "--bit-depth 12" in said.err and "16 or 8" in said.err


def test_an_unknown_encoding_names_its_own_flag(candela: Candela, carrying: Path, tmp_path: Path) -> None:
    said = candela("reconstruct", carrying, "-o", tmp_path / "o.png", "--encoding", "rec2100-qp")
    assert said.code == 2 and "--encoding rec2100-qp" in said.err
    assert "--sdr-colour" not in said.err and "--hdr-colour" not in said.err
