"""embed: what goes in, what is refused, and how much a file grows."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import imagecodecs
import numpy as np
import OpenImageIO as oiio
import pytest

from candela_engines.colour.names import NAMED
from candela_engines.errors import CarrierError, InputError
from candela_engines.itm.carriers import read_payload, sidecar_path, strip_payload
from candela_engines.itm.payload import decode
from candela_engines.media import picture_hash, read_still, write_hdr, write_sdr_png
from candela_server.service import EmbedRequest, EmbedResult, embed

from .conftest import Candela
from .pictures import QUICK, Pair, grade, light, make_pair


def write_plain(path: Path, codes: np.ndarray) -> Path:
    """A picture without any colour tag."""
    out = oiio.ImageOutput.create(str(path))
    kind = {"uint8": "uint8", "uint16": "uint16", "float32": "float"}[codes.dtype.name]
    spec = oiio.ImageSpec(codes.shape[1], codes.shape[0], codes.shape[2], kind)
    spec["oiio:UnassociatedAlpha"] = 1
    assert out.open(str(path), spec) and out.write_image(np.ascontiguousarray(codes)) and out.close()
    return path


def test_the_payload_knows_its_picture_and_states(carrying: Path, pair: Pair) -> None:
    payload = decode(read_payload(carrying))
    assert (payload.width, payload.height, payload.bits) == (96, 64, 8)
    assert payload.picture_hash == picture_hash(read_still(pair.sdr))[:16]
    assert payload.sdr == NAMED["rec709"]
    assert payload.hdr == NAMED["linear-rec2020"]


def test_the_rest_of_the_file_is_untouched(carrying: Path, pair: Pair, tmp_path: Path) -> None:
    back = tmp_path / "back.png"
    assert strip_payload(carrying, back).exact
    assert back.read_bytes() == pair.sdr.read_bytes()
    assert np.array_equal(read_still(carrying).codes, pair.codes)


@pytest.mark.parametrize("asked", [700, 1400])
def test_bytes_is_what_the_file_grows_by(candela: Candela, pair: Pair, tmp_path: Path, asked: int) -> None:
    out = tmp_path / "out.png"
    said = candela("embed", pair.sdr, "--hdr", pair.hdr, "-o", out, "--json", *QUICK[:4], "--bytes", asked)
    assert said.code == 0, said.err
    growth = out.stat().st_size - pair.sdr.stat().st_size
    assert said.json["growth_bytes"] == growth == said.json["payload_bytes"] + 12
    assert growth <= asked


@pytest.mark.parametrize("suffix", [".jpg", ".tif", ".dpx", ".exr"])
def test_bytes_holds_in_every_carrier(candela: Candela, pair: Pair, tmp_path: Path, suffix: str) -> None:
    sdr, out = tmp_path / f"sdr{suffix}", tmp_path / f"out{suffix}"
    if suffix == ".jpg":
        sdr.write_bytes(imagecodecs.jpeg8_encode(pair.codes, 95))
    else:
        codes = pair.codes / np.float32(255) if suffix == ".exr" else pair.codes
        write_plain(sdr, codes.astype(np.float32) if suffix == ".exr" else codes)
    said = candela(
        "embed", sdr, "--sdr-colour", "rec709", "--hdr", pair.hdr, "-o", out, "--json", *QUICK[:4],
        "--bytes", 800,
    )  # fmt: skip
    assert said.code == 0, said.out
    assert out.stat().st_size - sdr.stat().st_size == said.json["growth_bytes"] <= 800
    assert candela("inspect", out, "--json").json["picture"] == "same"


def test_too_few_bytes_say_how_many_are_needed(candela: Candela, pair: Pair, tmp_path: Path) -> None:
    said = candela("embed", pair.sdr, "--hdr", pair.hdr, "-o", tmp_path / "o.png", "--bytes", 520)
    assert said.code == 2
    assert "--bytes 520" in said.err and "524" in said.err


def test_embedding_again_replaces(candela: Candela, carrying: Path, pair: Pair, tmp_path: Path) -> None:
    said = candela("embed", carrying, "--hdr", pair.hdr, "-o", carrying, "--json", "--seed", 7, *QUICK)
    assert said.code == 0, said.out
    assert said.json["replaced"] is True
    assert carrying.stat().st_size - pair.sdr.stat().st_size == said.json["growth_bytes"]
    assert strip_payload(carrying, tmp_path / "back.png").exact
    assert (tmp_path / "back.png").read_bytes() == pair.sdr.read_bytes()


def test_a_dry_run_writes_nothing(candela: Candela, pair: Pair, tmp_path: Path) -> None:
    said = candela(
        "embed", pair.sdr, "--hdr", pair.hdr, "-o", tmp_path / "o.png", "--dry-run", "--json", *QUICK
    )
    assert said.code == 0
    assert said.json["written"] is None and said.json["growth_bytes"] is None
    assert said.json["fidelity"]["pu_psnr_db"] > 20
    assert list(tmp_path.iterdir()) == []


def test_figures_are_told_before_the_file_is_there(pair: Pair, tmp_path: Path) -> None:
    out, seen = tmp_path / "out.png", []

    def measured(result: EmbedResult) -> None:
        seen.append((result.fidelity.pu_psnr > 20, out.exists()))

    embed(EmbedRequest(pair.sdr, out, pair.hdr, bytes=1400, effort="fast", seconds=0.01), measured=measured)
    assert seen == [(True, False)] and out.exists()


def test_a_format_without_a_carrier_gets_a_sidecar(candela: Candela, pair: Pair, tmp_path: Path) -> None:
    sdr = tmp_path / "sdr.hdr"
    write_plain(sdr, pair.codes.astype(np.float32) / 255)
    out = tmp_path / "out.hdr"
    said = candela("embed", sdr, "--sdr-colour", "rec709", "--hdr", pair.hdr, "-o", out, "--json", *QUICK)
    assert said.code == 0, said.out
    assert said.json["carrier"] == "sidecar"
    assert any("out.hdr.candela" in note for note in said.json["notes"])
    assert sidecar_path(out).stat().st_size == said.json["growth_bytes"] <= 1400
    assert out.read_bytes() == sdr.read_bytes()
    assert candela("reconstruct", out, "-o", tmp_path / "hdr.exr").code == 0
    assert candela("inspect", sidecar_path(out), "--json").json["picture"] == "same"


def test_a_sidecar_on_request(candela: Candela, pair: Pair, tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    assert candela("embed", pair.sdr, "--hdr", pair.hdr, "-o", out, "--sidecar", *QUICK).code == 0
    assert out.read_bytes() == pair.sdr.read_bytes()
    assert candela("reconstruct", out, "-o", tmp_path / "hdr.exr").code == 0
    alone = Path(shutil.move(sidecar_path(out), tmp_path / "alone.candela"))
    said = candela("inspect", alone, "--json")
    assert said.code == 0 and said.json["picture"] == "not checked"


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

    @pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 40), (40, 1), (3, 2)])
    def test_pictures_of_few_pixels(self, candela: Candela, tmp_path: Path, height: int, width: int) -> None:
        small = make_pair(tmp_path / "pair", height, width)
        out, hdr = tmp_path / "out.png", tmp_path / "out.exr"
        said = candela("embed", small.sdr, "--hdr", small.hdr, "-o", out, *QUICK)
        assert said.code == 0, said.err
        assert candela("reconstruct", out, "-o", hdr).code == 0
        assert read_still(hdr).size == (width, height)
        assert candela("verify", out, "--hdr", small.hdr).code == 0

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


class TestOutputs:
    def test_another_format_is_refused(self, candela: Candela, pair: Pair, tmp_path: Path) -> None:
        said = candela("embed", pair.sdr, "--hdr", pair.hdr, "-o", tmp_path / "o.jpg")
        assert said.code == 2 and "o.png" in said.err

    def test_the_master_is_never_overwritten(self, candela: Candela, pair: Pair, tmp_path: Path) -> None:
        master = Path(shutil.copy(pair.hdr, tmp_path / "m.png"))
        before = master.read_bytes()
        said = candela("embed", pair.sdr, "--hdr", master, "-o", master)
        assert said.code == 2 and master.read_bytes() == before

    def test_no_output(self, candela: Candela, pair: Pair) -> None:
        said = candela("embed", pair.sdr, "--hdr", pair.hdr)
        assert said.code == 2 and "-o OUT" in said.err

    @pytest.mark.parametrize("bad", [("--seconds", "0"), ("--seed", "-1"), ("--bytes", "300000"),
                                     ("--model", "large"), ("--effort", "more")])  # fmt: skip
    def test_values_out_of_range(
        self, candela: Candela, pair: Pair, tmp_path: Path, bad: tuple[str, str]
    ) -> None:
        said = candela("embed", pair.sdr, "--hdr", pair.hdr, "-o", tmp_path / "o.png", *bad)
        assert said.code == 2 and bad[0] in said.err


def test_a_file_whose_structure_has_no_room_gets_a_sidecar(
    candela: Candela, pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> None:
        raise CarrierError("the user data of this file is full")

    monkeypatch.setattr("candela_server.service.outputs.embed_payload", full)
    out = tmp_path / "out.png"
    said = candela("embed", pair.sdr, "--hdr", pair.hdr, "-o", out, "--json", *QUICK)
    assert said.code == 0 and said.json["carrier"] == "sidecar"
    assert any("is full" in note and "out.png.candela" in note for note in said.json["notes"])
    assert out.read_bytes() == pair.sdr.read_bytes() and sidecar_path(out).exists()


@pytest.mark.parametrize(("model", "parameters"), [("paper", 8963), ("gamma", 2224)])
def test_the_published_networks(
    candela: Candela, pair: Pair, tmp_path: Path, model: str, parameters: int
) -> None:
    out = tmp_path / "out.png"
    asked = ("embed", pair.sdr, "--hdr", pair.hdr, "-o", out, "--model", model, *QUICK[:4])
    for few in (1000, 4096):
        said = candela(*asked, "--bytes", few)
        assert said.code == 2 and f"--bytes {few}" in said.err and not out.exists()
    needed = int(re.search(r"takes up to (\d+)", said.err)[1])  # type: ignore[index]
    said = candela(*asked, "--bytes", needed, "--json")
    assert said.code == 0 and needed * 0.8 < said.json["growth_bytes"] <= needed
    said = candela(*asked, "--json")
    assert said.code == 0, said.out
    assert out.stat().st_size - pair.sdr.stat().st_size == said.json["growth_bytes"]
    seen = candela("inspect", out, "--json").json
    assert seen["model"] == model and seen["architecture"]["parameters"] == parameters
    assert sum(seen["parts_bytes"].values()) == seen["payload_bytes"]
    assert candela("reconstruct", out, "-o", tmp_path / "o.exr").code == 0
    assert candela("verify", out, "--hdr", pair.hdr).code == 0


@pytest.mark.parametrize("model", ["paper", "gamma"])
def test_a_network_that_has_no_room_is_not_even_fitted(pair: Pair, tmp_path: Path, model: str) -> None:
    stages = set()
    request = EmbedRequest(pair.sdr, tmp_path / "o.png", pair.hdr, model=model, bytes=4096)
    with pytest.raises(InputError, match=r"--bytes 4096.*one size"):
        embed(request, lambda stage, fraction: stages.add(stage))
    assert stages == {"read"}
