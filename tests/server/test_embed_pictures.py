"""embed: colour states and pictures of every kind, and which of them are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from candela_engines.colour.names import NAMED
from candela_engines.itm.carriers import read_payload
from candela_engines.itm.payload import decode
from candela_engines.media import read_still, write_hdr, write_sdr_png

from .conftest import Candela
from .pictures import QUICK, Pair, grade, light, make_pair, write_plain


class TestColourStates:
    def test_an_untagged_sdr_names_the_flag(self, candela: Candela, pair: Pair, tmp_path: Path) -> None:
        sdr = write_plain(tmp_path / "sdr.tif", pair.codes)
        said = candela("embed", sdr, "--hdr", pair.hdr, "-o", tmp_path / "o.tif", *QUICK)
        assert said.code == 2
        assert "--sdr-colour" in said.err and "rec709" in said.err
        assert not (tmp_path / "o.tif").exists()

    def test_an_untagged_hdr_names_the_flag(self, candela: Candela, pair: Pair, tmp_path: Path) -> None:
        hdr = write_plain(tmp_path / "hdr.exr", pair.nits)
        said = candela("embed", pair.sdr, "--hdr", hdr, "-o", tmp_path / "o.png", *QUICK)
        assert said.code == 2 and "--hdr-colour" in said.err
        colour = ("--hdr-colour", "linear-rec2020")
        assert candela("embed", pair.sdr, "--hdr", hdr, *colour, "--dry-run", *QUICK).code == 0

    def test_an_hdr_picture_as_sdr(self, candela: Candela, pair: Pair, tmp_path: Path) -> None:
        pq = tmp_path / "pq.png"
        write_hdr(pq, pair.nits, encoding=NAMED["rec2100-pq"])
        said = candela("embed", pq, "--hdr", pair.hdr, "-o", tmp_path / "o.png")
        assert said.code == 2 and "no SDR picture" in said.err and "rec2100-pq" in said.err

    def test_an_sdr_picture_as_hdr(self, candela: Candela, pair: Pair, tmp_path: Path) -> None:
        said = candela("embed", pair.sdr, "--hdr", pair.sdr, "-o", tmp_path / "o.png")
        assert said.code == 2 and "no HDR picture" in said.err and "--hdr-colour" in said.err

    def test_an_unknown_name(self, candela: Candela, pair: Pair, tmp_path: Path) -> None:
        said = candela(
            "embed", pair.sdr, "--sdr-colour", "rec790", "--hdr", pair.hdr, "-o", tmp_path / "o.png"
        )
        assert said.code == 2 and "rec709" in said.err

    @pytest.mark.parametrize("name", ["rec2100-pq", "rec2100-hlg", "p3-pq"])
    def test_masters_by_tag(self, candela: Candela, pair: Pair, tmp_path: Path, name: str) -> None:
        hdr = tmp_path / "hdr.png"
        write_hdr(hdr, pair.nits, encoding=NAMED[name])
        said = candela("embed", pair.sdr, "--hdr", hdr, "--dry-run", "--json", *QUICK)
        assert said.code == 0, said.out
        assert said.json["hdr_colour"]["name"] == name

    def test_an_ocio_space_is_recorded_with_its_config(
        self, candela: Candela, pair: Pair, tmp_path: Path
    ) -> None:
        sdr = write_plain(tmp_path / "sdr.tif", pair.codes)
        said = candela(
            "embed", sdr, "--sdr-colour", "ocio:Rec.1886 Rec.709 - Display", "--hdr", pair.hdr,
            "-o", tmp_path / "o.tif", "--json", *QUICK,
        )  # fmt: skip
        assert said.code == 0, said.out
        assert "candela-config" in said.json["sdr_colour"]["ocio_config"]
        assert candela("reconstruct", tmp_path / "o.tif", "-o", tmp_path / "o.exr").code == 0
        seen = candela("inspect", tmp_path / "o.tif", "--json").json
        assert seen["sdr_colour"]["ocio_config"] == said.json["sdr_colour"]["ocio_config"]


class TestPictures:
    def test_sizes_that_differ(self, candela: Candela, pair: Pair, tmp_path: Path) -> None:
        other = make_pair(tmp_path / "other", 32, 48)
        said = candela("embed", pair.sdr, "--hdr", other.hdr, "-o", tmp_path / "o.png")
        assert said.code == 2 and "96x64" in said.err and "48x32" in said.err

    @pytest.mark.twice
    @pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
    def test_light_that_is_no_number(
        self, candela: Candela, pair: Pair, tmp_path: Path, value: float
    ) -> None:
        nits = pair.nits.copy()
        nits[5, 7, 1] = nits[60, 3] = value
        hdr = tmp_path / "hdr.exr"
        write_hdr(hdr, nits, encoding=NAMED["linear-rec2020"], bits=32)
        said = candela("embed", pair.sdr, "--hdr", hdr, "-o", tmp_path / "o.png")
        assert said.code == 2
        assert "4 samples are NaN or infinite, the first at x=7, y=5" in said.err
        assert not (tmp_path / "o.png").exists()

    def test_negative_light_is_clipped_and_told(self, candela: Candela, pair: Pair, tmp_path: Path) -> None:
        nits = pair.nits.copy()
        nits[:2, :8] = -3
        hdr = tmp_path / "hdr.exr"
        write_hdr(hdr, nits, encoding=NAMED["linear-rec2020"], bits=32)
        said = candela("embed", pair.sdr, "--hdr", hdr, "--dry-run", "--json", *QUICK)
        assert said.code == 0, said.out
        assert any("48 samples" in n and "negative" in n for n in said.json["notes"])

    @pytest.mark.twice
    @pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 40), (40, 1), (3, 2)])
    def test_pictures_of_few_pixels(self, candela: Candela, tmp_path: Path, height: int, width: int) -> None:
        small = make_pair(tmp_path / "pair", height, width)
        out, hdr = tmp_path / "out.png", tmp_path / "out.exr"
        said = candela("embed", small.sdr, "--hdr", small.hdr, "-o", out, *QUICK)
        assert said.code == 0, said.err
        assert candela("reconstruct", out, "-o", hdr).code == 0
        assert read_still(hdr).size == (width, height)
        assert candela("verify", out, "--hdr", small.hdr).code == 0

    @pytest.mark.twice
    def test_a_picture_16k_wide(self, candela: Candela, tmp_path: Path) -> None:
        wide = make_pair(tmp_path / "pair", 3, 16384)
        out, hdr = tmp_path / "out.png", tmp_path / "out.png.exr"
        assert candela("embed", wide.sdr, "--hdr", wide.hdr, "-o", out, *QUICK).code == 0
        assert candela("reconstruct", out, "-o", hdr).code == 0
        assert candela("verify", out, "--hdr", wide.hdr).code == 0

    def test_alpha_stays_and_passes_through(self, candela: Candela, pair: Pair, tmp_path: Path) -> None:
        alpha = np.linspace(0, 255, 96 * 64).astype(np.uint8).reshape(64, 96, 1)
        sdr, out = tmp_path / "sdr.png", tmp_path / "out.png"
        write_sdr_png(sdr, np.concatenate([pair.codes, alpha], axis=2), state=NAMED["rec709"])
        said = candela("embed", sdr, "--hdr", pair.hdr, "-o", out, "--json", *QUICK)
        assert said.code == 0 and any("alpha" in note for note in said.json["notes"])
        assert candela("reconstruct", out, "-o", tmp_path / "hdr.png").code == 0
        got = read_still(tmp_path / "hdr.png")
        assert got.alpha is not None
        assert np.allclose(got.alpha, alpha[:, :, 0] / 255, atol=1e-4)

    def test_grey(self, candela: Candela, pair: Pair, tmp_path: Path) -> None:
        sdr = write_plain(tmp_path / "sdr.tif", pair.codes[:, :, :1])
        out = tmp_path / "out.tif"
        said = candela("embed", sdr, "--sdr-colour", "rec709", "--hdr", pair.hdr, "-o", out, "--json", *QUICK)
        assert said.code == 0, said.out
        assert any("grey" in note for note in said.json["notes"])
        assert candela("verify", out, "--hdr", pair.hdr).code == 0

    @pytest.mark.twice
    def test_16_bits(self, candela: Candela, pair: Pair, tmp_path: Path) -> None:
        sdr, out = tmp_path / "sdr.png", tmp_path / "out.png"
        write_sdr_png(sdr, pair.codes.astype(np.uint16) * 257, state=NAMED["rec709"])
        assert candela("embed", sdr, "--hdr", pair.hdr, "-o", out, *QUICK).code == 0
        assert decode(read_payload(out)).bits == 16
        assert candela("verify", out, "--hdr", pair.hdr).code == 0

    def test_narrow_range(self, candela: Candela, pair: Pair, tmp_path: Path) -> None:
        from dataclasses import replace

        sdr = tmp_path / "sdr.png"
        codes = np.rint(16 + pair.codes * (219 / 255)).astype(np.uint8)
        write_sdr_png(sdr, codes, state=replace(NAMED["rec709"], range="narrow"))
        assert candela("embed", sdr, "--hdr", pair.hdr, "--dry-run", *QUICK).code == 0


class TestUltraHdr:
    def make(self, folder: Path) -> Path:
        path = folder / "phone.jpg"
        write_hdr(path, light(), encoding=NAMED["rec2100-pq"])
        return path

    @pytest.mark.twice
    def test_its_own_hdr_is_the_master(self, candela: Candela, tmp_path: Path) -> None:
        phone, out = self.make(tmp_path), tmp_path / "out.jpg"
        said = candela("embed", phone, "-o", out, "--json", *QUICK)
        assert said.code == 0, said.out
        assert said.json["growth_bytes"] == out.stat().st_size - phone.stat().st_size <= 1400
        assert any("gain map" in note for note in said.json["notes"])
        assert candela("verify", out).code == 0

    def test_as_a_master(self, candela: Candela, tmp_path: Path) -> None:
        phone, sdr = self.make(tmp_path), tmp_path / "sdr.png"
        write_sdr_png(sdr, grade(light()), state=NAMED["rec709"])
        assert candela("embed", sdr, "--hdr", phone, "--dry-run", *QUICK).code == 0

    def test_another_picture_needs_a_master(self, candela: Candela, pair: Pair, tmp_path: Path) -> None:
        said = candela("embed", pair.sdr, "-o", tmp_path / "o.png")
        assert said.code == 2 and "--hdr" in said.err and "Ultra HDR" in said.err
