"""What is said of a picture's numbers by flags: name and range, against tags and without them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from candela_engines.colour.convert import from_nits_rec2020
from candela_engines.colour.names import NAMED
from candela_engines.itm.carriers import read_payload
from candela_engines.itm.payload import decode
from candela_engines.media import write_hdr
from candela_ocio import candela_config_path

from .conftest import Candela
from .pictures import QUICK, Pair, light, write_plain


class TestRange:
    """Narrow-range codes without a tag that says so."""

    @staticmethod
    def narrow(codes: np.ndarray) -> np.ndarray:
        return np.rint(16 + codes * (219 / 255)).astype(np.uint8)

    @pytest.mark.parametrize("suffix", [".png", ".tif", ".dpx"])
    def test_said_of_the_sdr(self, candela: Candela, pair: Pair, tmp_path: Path, suffix: str) -> None:
        sdr = write_plain(tmp_path / f"sdr{suffix}", self.narrow(pair.codes))
        out = tmp_path / f"out{suffix}"
        colour = ("--sdr-colour", "rec709", "--sdr-range", "narrow")
        said = candela("embed", sdr, *colour, "--hdr", pair.hdr, "-o", out, *QUICK)
        assert said.code == 0, said.err
        assert "rec709 (narrow range)" in said.out
        assert decode(read_payload(out)).sdr == replace(NAMED["rec709"], range="narrow")
        assert "rec709 (narrow range)" in candela("inspect", out).out
        seen = candela("inspect", out, "--json").json["sdr_colour"]
        assert (seen["name"], seen["range"]) == ("rec709", "narrow")
        assert candela("verify", out, "--hdr", pair.hdr).code == 0
        assert candela("reconstruct", out, "-o", tmp_path / "o.png").code == 0
        assert b"rec709 (narrow range)" in (tmp_path / "o.png").read_bytes()

    def test_said_of_the_master(self, candela: Candela, pair: Pair, tmp_path: Path) -> None:
        state = replace(NAMED["rec2100-pq"], range="narrow")
        codes = np.rint(from_nits_rec2020(pair.nits.astype(np.float64), state, bits=16) * 65535)
        hdr = write_plain(tmp_path / "hdr.tif", codes.astype(np.uint16))
        out, master = tmp_path / "out.png", ("--hdr", hdr, "--hdr-colour", "rec2100-pq")
        said = candela("embed", pair.sdr, *master, "--hdr-range", "narrow", "-o", out, "--json", *QUICK)
        assert said.code == 0, said.out
        assert said.json["hdr_colour"]["range"] == "narrow"
        assert candela("verify", out, *master, "--hdr-range", "narrow").code == 0
        assert candela("verify", out, "--hdr", pair.hdr).code == 0  # the same light
        assert candela("verify", out, *master).code == 1  # lifted blacks, read as full
        assert "rec2100-pq (narrow range)" in candela("verify", out, "--hdr", hdr).err

    @pytest.mark.parametrize("name", [(), ("--sdr-colour", "srgb")])
    def test_it_wins_over_the_tag_and_is_noted(
        self, candela: Candela, pair: Pair, tmp_path: Path, name: tuple[str, ...]
    ) -> None:
        asked = ("--hdr", pair.hdr, "--dry-run", "--json", "--sdr-range", "narrow", *name, *QUICK)
        said = candela("embed", pair.sdr, *asked)
        assert said.code == 0 and said.json["sdr_colour"]["range"] == "narrow"
        assert any("narrow range" in note and "as asked" in note for note in said.json["notes"])

    def test_a_dpx_header_that_says_half_of_it(self, candela: Candela, pair: Pair, tmp_path: Path) -> None:
        sdr = write_plain(tmp_path / "sdr.dpx", self.narrow(pair.codes))
        data = bytearray(sdr.read_bytes())
        data[784:788], data[792:796] = (16).to_bytes(4, "little"), (235).to_bytes(4, "little")
        sdr.write_bytes(data)
        asked = ("embed", sdr, "--sdr-colour", "rec709", "--hdr", pair.hdr, "--dry-run", "--json", *QUICK)
        assert any("--sdr-range narrow" in note for note in candela(*asked).json["notes"])
        for range_ in ("full", "narrow"):
            assert not any("header" in n for n in candela(*asked, "--sdr-range", range_).json["notes"])

    @pytest.mark.parametrize("name", ["rec2100-pq", "ocio:Rec.2100-PQ - Display"])
    def test_where_it_cannot_be(self, candela: Candela, pair: Pair, tmp_path: Path, name: str) -> None:
        hdr = write_plain(tmp_path / "hdr.exr", pair.nits)
        asked = ("--hdr-colour", name, "--hdr-range", "narrow", "--dry-run")
        said = candela("embed", pair.sdr, "--hdr", hdr, *asked)
        assert said.code == 2 and "narrow range" in said.err and "full" in said.err

    @pytest.mark.parametrize(("model", "code"), [("paper", 0), ("gamma", 2)])
    def test_for_the_published_networks(
        self, candela: Candela, pair: Pair, tmp_path: Path, model: str, code: int
    ) -> None:
        sdr, out = write_plain(tmp_path / "sdr.tif", self.narrow(pair.codes)), tmp_path / "out.tif"
        colour = ("--sdr-colour", "rec709", "--sdr-range", "narrow", "--model", model)
        said = candela("embed", sdr, *colour, "--hdr", pair.hdr, "-o", out, *QUICK[:4])
        assert said.code == code, said.err
        assert code == 0 or "narrow" in said.err
        assert code == 2 or candela("verify", out, "--hdr", pair.hdr).code == 0

    def test_without_a_master(self, candela: Candela, tmp_path: Path) -> None:
        phone = tmp_path / "phone.jpg"
        write_hdr(phone, light(), encoding=NAMED["rec2100-pq"])
        said = candela("embed", phone, "--hdr-range", "narrow", "--dry-run")
        assert said.code == 2 and "--hdr-range" in said.err
        said = candela("embed", phone, "--hdr", phone, "--hdr-range", "narrow", "--dry-run")
        assert said.code == 2 and "--hdr-range" in said.err


def test_an_unknown_name_names_the_flag_it_came_with(candela: Candela, pair: Pair) -> None:
    for flag, other in (("--sdr-colour", "--hdr-colour"), ("--hdr-colour", "--sdr-colour")):
        said = candela("embed", pair.sdr, "--hdr", pair.hdr, flag, "rec2100pq", "--dry-run")
        assert said.code == 2 and flag in said.err and other not in said.err


def test_an_sdr_texture_of_ocio(candela: Candela, pair: Pair, tmp_path: Path) -> None:
    sdr, out = write_plain(tmp_path / "sdr.tif", pair.codes), tmp_path / "out.tif"
    asked = ("embed", sdr, "--sdr-colour", "sRGB - Texture@100", "--hdr", pair.hdr, "-o", out)
    said = candela(*asked, *QUICK)
    assert said.code == 0, said.err
    assert candela("verify", out, "--hdr", pair.hdr).code == 0
    said = candela("embed", sdr, "--sdr-colour", "ACEScg@100", "--hdr", pair.hdr, "-o", out)
    assert said.code == 2 and "rec709" in said.err


class TestConfigsOfAHouse:
    @pytest.fixture
    def house(self, tmp_path: Path) -> Path:
        """The bundled config under another name, as a facility has its own."""
        path = tmp_path / "config.ocio"
        text = candela_config_path().read_text(encoding="utf-8")
        path.write_text(re.sub(r"^name: .*$", "name: house-show-7", text, flags=re.MULTILINE))
        return path

    def test_it_is_needed_again_and_embed_says_so(
        self, candela: Candela, pair: Pair, house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("candela_engines.colour.ocio._met", {})
        sdr, out = write_plain(tmp_path / "sdr.tif", pair.codes), tmp_path / "out.tif"
        colour = ("--sdr-colour", "ocio:sRGB - Display", "--ocio", house)
        said = candela("embed", sdr, *colour, "--hdr", pair.hdr, "-o", out, "--json", *QUICK)
        assert said.code == 0, said.out
        assert any("house-show-7#" in note and "--ocio" in note for note in said.json["notes"])
        monkeypatch.setattr("candela_engines.colour.ocio._met", {})
        alone = candela("reconstruct", out, "-o", tmp_path / "o.exr")
        assert alone.code == 2 and "house-show-7#" in alone.err and "--ocio" in alone.err
        assert candela("reconstruct", out, "-o", tmp_path / "o.exr", "--ocio", house).code == 0
        assert "needed to reconstruct" in candela("inspect", out).out

    def test_that_of_a_master_is_not(
        self, candela: Candela, pair: Pair, house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        out = tmp_path / "out.png"
        hdr = write_plain(tmp_path / "hdr.exr", pair.nits)
        colour = ("--hdr-colour", "Linear Rec.2020 (nits)", "--ocio", house)
        said = candela("embed", pair.sdr, "--hdr", hdr, *colour, "-o", out, "--json", *QUICK)
        assert said.code == 0 and not any("house-show-7" in note for note in said.json["notes"])
        monkeypatch.setattr("candela_engines.colour.ocio._met", {})
        assert candela("reconstruct", out, "-o", tmp_path / "o.exr").code == 0

    @pytest.mark.parametrize("config", [None, "ocio://studio-config-v2.2.0_aces-v1.3_ocio-v2.4"])
    def test_those_that_everybody_has_are_found(
        self,
        candela: Candela,
        pair: Pair,
        house: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        config: str | None,
    ) -> None:
        sdr, out = write_plain(tmp_path / "sdr.tif", pair.codes), tmp_path / "out.tif"
        asked = ["embed", sdr, "--sdr-colour", "ocio:sRGB - Display", "--hdr", pair.hdr, "-o", out, *QUICK]
        said = candela(*asked, "--json", *(["--ocio", config] if config else []))
        assert said.code == 0 and not any("OCIO config" in note for note in said.json["notes"])
        monkeypatch.setattr("candela_engines.colour.ocio._met", {})
        monkeypatch.setenv("OCIO", str(house))
        assert candela("reconstruct", out, "-o", tmp_path / "o.exr").code == 0
        assert candela("verify", out, "--hdr", pair.hdr).code == 0


class TestOcio:
    def test_a_config_that_is_not_there_is_never_passed_over(self, candela: Candela, pair: Pair) -> None:
        said = candela("embed", pair.sdr, "--hdr", pair.hdr, "--ocio", "/none.ocio", "--dry-run", *QUICK)
        assert said.code == 2 and "/none.ocio" in said.err and "--ocio" in said.err

    @pytest.mark.parametrize("name", ["Rec.1886", "P3", "Rec.2100-PQ", "Rec.2100-HLG"])
    def test_short_names_of_the_config_that_comes_along(self, name: str) -> None:
        from candela_engines.colour.ocio import state_of

        assert state_of(name).ocio_space is not None

    @pytest.mark.parametrize(("name", "primaries"), [("ACEScg", "ap1"), ("ACES2065-1", "ap0")])
    def test_linear_spaces_are_tagged_for_everybody(
        self, candela: Candela, carrying: Path, pair: Pair, tmp_path: Path, name: str, primaries: str
    ) -> None:
        import OpenImageIO as oiio

        from candela_engines.colour.gamuts import GAMUTS

        out = tmp_path / "o.exr"
        assert candela("reconstruct", carrying, "-o", out, "--encoding", f"{name}@100").code == 0
        spec = oiio.ImageInput.open(str(out)).spec()
        gamut = GAMUTS[primaries]  # type: ignore[index]
        expected = (*gamut.red, *gamut.green, *gamut.blue, *gamut.white)
        assert spec.getattribute("chromaticities") == pytest.approx(expected, abs=1e-5)
        assert spec.getattribute("whiteLuminance") == 100
        # So it is a master that needs no flag.
        said = candela("embed", pair.sdr, "--hdr", out, "--dry-run", *QUICK)
        assert said.code == 0, said.err

    def test_a_space_that_is_not_linear_gets_no_gamut(
        self, candela: Candela, carrying: Path, tmp_path: Path
    ) -> None:
        import OpenImageIO as oiio

        out = tmp_path / "o.exr"
        assert candela("reconstruct", carrying, "-o", out, "--encoding", "ACEScct@100").code == 0
        assert oiio.ImageInput.open(str(out)).spec().getattribute("chromaticities") is None
