"""upconvert --distil: payloads that say what they are, and never take the place of a master's."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from candela_engines.colour.names import NAMED
from candela_engines.itm.carriers import find_payload
from candela_engines.itm.payload import decode
from candela_engines.itm.reel import decode_reel
from candela_engines.media import read_still, write_hdr, write_sdr_png
from candela_engines.metrics import pu_psnr
from candela_engines.native import native
from candela_engines.upconvert.engine import open_engine

from .conftest import Candela
from .pictures import QUICK, Pair
from .shot_clips import MadeShots, codes_at, light_at, write_movie, write_sequence
from .test_upconvert import flat_codes, text_of

pytestmark = pytest.mark.usefixtures("short_schedules")


def write_masters(folder: Path) -> Path:
    folder.mkdir()
    for number in range(1, 5):
        write_hdr(folder / f"m.{number:04d}.exr", light_at(number), encoding=NAMED["linear-rec2020"], bits=32)
    return folder / "m.####.exr"


DISTIL = ("--distil", "--engine", "bt2446c", "--effort", "fast")


@pytest.fixture
def distilled(candela: Candela, pair: Pair, tmp_path: Path) -> Path:
    out = tmp_path / "distilled.png"
    said = candela("upconvert", pair.sdr, "-o", out, *DISTIL, "--seconds", "0.05", "--bytes", "1400")
    assert said.code == 0, said.err
    return out


def test_still_carries_the_engines_light(candela: Candela, pair: Pair, tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    said = candela("upconvert", pair.sdr, "-o", out, *DISTIL, "--bytes", "1400", "--json")
    assert said.code == 0, said.err
    document = said.json
    found = find_payload(out)
    assert found is not None and len(found.payload) == document["payload_bytes"]
    payload = decode(found.payload)
    assert payload.provenance == "distilled" == document["provenance"]
    if (library := native()) is not None:  # what the OpenFX plugin reads with
        assert library.decode_payload(found.payload)["provenance"] == "distilled"
    assert "hdr" not in document and document["speed"]["times_faster"] > 0
    assert out.stat().st_size - pair.sdr.stat().st_size == document["growth_bytes"] <= 1400
    np.testing.assert_array_equal(read_still(out).codes, pair.codes)
    made = tmp_path / "made.exr"
    assert candela("reconstruct", out, "-o", made, "--bit-depth", 32).code == 0
    teacher = open_engine("bt2446c").light(pair.codes, 8, NAMED["rec709"])
    measured = pu_psnr(np.maximum(read_still(made).pixels, 0), teacher)
    assert measured == pytest.approx(document["fidelity"]["pu_psnr_db"], abs=0.02) and measured > 45


def test_quality_control_says_so(candela: Candela, distilled: Path, pair: Pair, tmp_path: Path) -> None:
    work = tmp_path / "work"
    said = candela("qc", distilled, "--profile", "web", "--work", work, "--json")
    found = [f for f in said.json["clips"][0]["findings"] if f["code"] == "network.distilled"]
    assert [f["severity"] for f in found] == ["fyi"] and "without a master" in found[0]["sentence"]
    said = candela("qc", pair.sdr, "--profile", "web", "--work", work, "--json")
    assert not [f for f in said.json["clips"][0]["findings"] if f["group"] == "network"]


def test_every_reader_says_so(candela: Candela, distilled: Path, pair: Pair, tmp_path: Path) -> None:
    hdr = tmp_path / "hdr.exr"
    said = candela("reconstruct", distilled, "-o", hdr, "--json")
    assert said.json["provenance"] == "distilled" and any("no HDR master" in n for n in said.json["notes"])
    assert text_of(hdr)["candela_provenance"] == "distilled"
    said = candela("inspect", distilled)
    assert "distilled, without an HDR master" in said.out
    assert "to the up-conversion that it was distilled from" in said.out
    said = candela("verify", distilled, "--hdr", pair.hdr, "--json")
    assert said.code == 0 and any("no HDR master" in n for n in said.json["notes"])


def test_a_masters_payload_stays(candela: Candela, carrying: Path, distilled: Path, tmp_path: Path) -> None:
    before = carrying.read_bytes()
    said = candela("upconvert", carrying, "-o", carrying, *DISTIL)
    assert said.code == 2 and "fitted to a master" in said.err and "candela strip" in said.err
    assert carrying.read_bytes() == before
    one = tmp_path / "one.png"
    write_sdr_png(one, np.full((1, 1, 3), 180, np.uint8), state=NAMED["rec709"])
    assert candela("upconvert", one, "-o", one, *DISTIL).code == 0
    again = candela("upconvert", distilled, "-o", distilled, *DISTIL, *QUICK[2:], "--json")
    assert again.code == 0 and again.json["replaced"]


def test_what_is_no_grade_or_no_option(candela: Candela, pair: Pair, tmp_path: Path) -> None:
    out = tmp_path / "o.png"
    log = tmp_path / "log.png"
    write_sdr_png(log, flat_codes(), state=NAMED["rec709"])
    assert "log footage" in candela("upconvert", log, "-o", out, *DISTIL).err
    assert "no SDR" not in candela("upconvert", pair.hdr, "-o", out, *DISTIL).err
    said = candela("upconvert", pair.sdr, "-o", out, *DISTIL, "--peak", "600")
    assert said.code == 2 and "--peak" in said.err
    said = candela("upconvert", pair.sdr, "-o", out, "--bytes", "600")
    assert said.code == 2 and "--bytes: only for --distil" in said.err
    said = candela("upconvert", pair.sdr, "-o", out, *DISTIL, "--frames", "1-2")
    assert said.code == 2 and "--frames" in said.err
    assert not out.exists()


def test_sequence_gets_a_network_a_shot(candela: Candela, tmp_path: Path) -> None:
    pattern = write_sequence(tmp_path / "in", MadeShots((), ()), 1, 4)
    out = tmp_path / "out" / "shot.####.png"
    out.parent.mkdir()
    said = candela("upconvert", pattern, "-o", out, *DISTIL, "--bytes", "1500", "--json")
    assert said.code == 0, said.err
    found = find_payload(out.with_name("shot.0003.png"))
    assert found is not None and decode(found.payload).provenance == "distilled"
    hdr = tmp_path / "hdr.####.exr"
    said = candela("reconstruct", out, "-o", hdr, "--json")
    assert said.json["distilled_shots"] == 1 and any("no HDR master" in n for n in said.json["notes"])
    teacher = open_engine("bt2446c").light(codes_at(3), 8, NAMED["rec709"])
    assert pu_psnr(np.maximum(read_still(tmp_path / "hdr.0003.exr").pixels, 0), teacher) > 40
    said = candela("inspect", out, "--json")
    assert said.json["shots"][0]["provenance"] == "distilled"
    said = candela("verify", out, "--hdr", write_masters(tmp_path / "masters"), "--json")
    assert said.code == 0 and any("no HDR master" in n for n in said.json["notes"])


def test_movie_of_a_master_is_left_alone(candela: Candela, tmp_path: Path) -> None:
    movie = write_movie(tmp_path / "shot.mov", ((0, 3),), 4)
    said = candela("upconvert", movie, "-o", tmp_path / "o.mov", *DISTIL)
    assert said.code == 2 and "fitted to a master" in said.err
    bare = Path(shutil.copy(tmp_path / "plain-shot.mov", tmp_path / "bare.mov"))
    out = tmp_path / "o.mov"
    said = candela("upconvert", bare, "-o", out, *DISTIL, "--bytes", "1500", "--json")
    assert said.code == 0, said.err
    found = find_payload(out)
    assert found is not None
    assert [decode(data).provenance for data in decode_reel(found.payload).data] == ["distilled"]
    assert said.json["engine"] == "bt2446c" and said.json["speed"]["distilled_seconds_a_frame"] > 0
