"""verify and strip of sequences that carry their HDR."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from candela_engines.itm.carriers import read_payload
from candela_engines.media import read_still
from candela_server.service import EmbedShotsRequest, embed_shots

from .conftest import Candela
from .shots import Shots, numbered

pytestmark = pytest.mark.usefixtures("short_schedules")


class TestVerify:
    def test_every_shot_passes(self, candela: Candela, embedded: Path, shots: Shots) -> None:
        said = candela("verify", embedded, "--hdr", shots.hdr, "--json")
        assert said.code == 0, said.out
        assert [s["whole"] for s in said.json["shots"]] == [True, True]
        for shot in said.json["shots"]:
            assert shot["measured"]["pu_psnr_db"] == pytest.approx(shot["claimed"]["pu_psnr_db"], abs=0.02)

    def test_limits_are_findings_with_their_frames(
        self, candela: Candela, embedded: Path, shots: Shots
    ) -> None:
        said = candela(
            "verify", embedded, "--hdr", shots.hdr, "--min-psnr", 99, "--frames", "1002-1004", "--json"
        )
        assert said.code == 1
        places = [(f["code"], f["first_frame"], f["last_frame"]) for f in said.json["findings"]]
        assert places == [("below-min-psnr", 1002, 1003), ("below-min-psnr", 1004, 1004)]

    def test_another_master_is_a_finding(
        self, candela: Candela, embedded: Path, shots: Shots, tmp_path: Path
    ) -> None:
        hdr = tmp_path / shots.hdr.name
        for number in range(1001, 1007):
            shutil.copy(shots.file(2007 - number, "hdr"), numbered(hdr, number))
        said = candela("verify", embedded, "--hdr", hdr, "--json")
        assert said.code == 1 and {f["code"] for f in said.json["findings"]} == {"claim-differs"}

    def test_the_first_frame_that_differs_is_named(
        self, candela: Candela, embedded: Path, shots: Shots, tmp_path: Path
    ) -> None:
        for number in range(1001, 1007):
            shutil.copy(numbered(embedded, number), tmp_path)
        from candela_engines.colour.names import NAMED
        from candela_engines.itm.carriers import embed_payload
        from candela_engines.media import write_sdr_png

        path = numbered(tmp_path / embedded.name, 1005)
        data, codes = read_payload(path), read_still(path).codes.copy()
        codes[3, 5, 1] ^= 1
        write_sdr_png(path, codes, state=NAMED["rec709"])
        embed_payload(path, path, data)
        said = candela("verify", tmp_path / embedded.name, "--hdr", shots.hdr)
        assert said.code == 2
        assert "1005" in said.err and "re-graded or re-encoded" in said.err
        # Ends of shots are what inspect looks at; a frame between is not.
        assert candela("inspect", tmp_path / embedded.name, "--json").json["picture"] == "same"


class TestStrip:
    def test_every_file_is_the_original(
        self, candela: Candela, embedded: Path, shots: Shots, tmp_path: Path
    ) -> None:
        said = candela("strip", embedded, "-o", tmp_path / "back", "--json")
        assert said.code == 0 and said.json["files"] == 6 and said.json["exact"] is None
        for number in range(1001, 1007):
            back = tmp_path / "back" / numbered(embedded, number).name
            assert back.read_bytes() == shots.file(number).read_bytes()

    def test_nothing_to_strip(self, candela: Candela, shots: Shots, tmp_path: Path) -> None:
        said = candela("strip", shots.sdr, "-o", tmp_path / "back.####.png")
        assert said.code == 2 and "nothing to strip" in said.err
        assert list(tmp_path.iterdir()) == []

    def test_a_sidecar_goes_in_place(self, candela: Candela, shots: Shots, tmp_path: Path) -> None:
        out = tmp_path / "o"
        embed_shots(EmbedShotsRequest(shots.sdr, out, shots.hdr, effort="fast", no_cuts=True, sidecar=True))
        said = candela("strip", out, "-o", out, "--json")
        assert said.code == 0, said.out
        assert not (out / "grade.####.png.candela").exists()
        assert said.json["removed_bytes"] > 500
