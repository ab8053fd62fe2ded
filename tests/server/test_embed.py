"""embed: what is written, how much a file grows, and outputs that cannot be."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import imagecodecs
import numpy as np
import pytest

from candela_engines.colour.names import NAMED
from candela_engines.errors import CarrierError, InputError
from candela_engines.itm.carriers import read_payload, sidecar_path, strip_payload
from candela_engines.itm.payload import decode
from candela_engines.media import picture_hash, read_still
from candela_server.service import EmbedRequest, EmbedResult, embed

from .conftest import Candela
from .pictures import QUICK, Pair, write_plain


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


@pytest.mark.twice
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


@pytest.mark.twice
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
