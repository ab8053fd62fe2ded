"""embed of sequences: what is written, and what is told of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from candela_engines.itm.carriers import find_payload, read_payload
from candela_engines.itm.payload import decode
from candela_engines.itm.reel import decode_reel
from candela_engines.itm.shot_model import ShotRenderer, decode_shot
from candela_engines.media import picture_hash, read_still
from candela_server.service.shots_job import job_folder

from .conftest import Candela
from .pictures import grade
from .shots import HEIGHT, WIDTH, Shots, frame_light, numbered

pytestmark = pytest.mark.usefixtures("short_schedules")

FAST = ("--effort", "fast")


class TestSequences:
    def test_every_file_names_its_own_place_and_picture(self, embedded: Path, shots: Shots) -> None:
        for number in range(1001, 1007):
            payload = decode(read_payload(numbered(embedded, number)))
            assert payload.place == number
            assert payload.frames == ((1001, 1003) if number < 1004 else (1004, 1006))
            assert payload.picture_hash == picture_hash(read_still(shots.file(number)))[:16]
            assert payload.checks == b""

    def test_pictures_stay_as_they_are(self, embedded: Path, shots: Shots, tmp_path: Path) -> None:
        for number in range(1001, 1007):
            codes = read_still(numbered(embedded, number)).codes
            assert np.array_equal(codes, grade(frame_light(number - 1001, int(number >= 1004))))

    def test_what_is_carried_renders_what_was_claimed(self, embedded: Path, shots: Shots) -> None:
        errors = []
        for number in (1001, 1003, 1006):
            path = numbered(embedded, number)
            data = read_payload(path)
            codes = read_still(path).codes
            nits = ShotRenderer(decode_shot(data), HEIGHT, WIDTH).render(number, codes, 8)
            errors.append(np.median(np.abs(nits / frame_light(number - 1001, int(number >= 1004)) - 1)))
        assert max(errors) < 0.05

    def test_any_file_alone_is_a_still_that_carries_its_hdr(self, candela: Candela, embedded: Path) -> None:
        said = candela("inspect", numbered(embedded, 1002), "--json")
        assert said.code == 0
        assert said.json["picture"] == "same" and said.json["frames"] == [1001, 1003]

    def test_figures_are_those_of_every_frame(self, candela: Candela, shots: Shots, tmp_path: Path) -> None:
        said = candela(
            "embed", shots.sdr, "--hdr", shots.hdr, "-o", tmp_path / "o", "--cuts", "1004", *FAST, "--json"
        )
        assert said.code == 0, said.out
        clip = said.json["clips"][0]
        assert [(s["first_frame"], s["last_frame"]) for s in clip["shots"]] == [(1001, 1003), (1004, 1006)]
        for shot in clip["shots"]:
            assert shot["worst_frame_pu_psnr_db"] <= shot["fidelity"]["pu_psnr_db"]
            assert shot["bytes_per_second"] == pytest.approx(shot["payload_bytes"] * 24 / 3, abs=0.01)
        assert said.json["payload_bytes"] == sum(s["payload_bytes"] for s in clip["shots"])
        assert said.json["worst_frame_pu_psnr_db"] == min(s["worst_frame_pu_psnr_db"] for s in clip["shots"])
        assert clip["growth_bytes"] == sum(
            (tmp_path / "o" / shots.file(n).name).stat().st_size - shots.file(n).stat().st_size
            for n in range(1001, 1007)
        )
        assert any("24 frames a second" in note for note in said.json["notes"])
        assert not job_folder(tmp_path / "o").exists()

    def test_in_place_and_again(self, candela: Candela, shots: Shots, tmp_path: Path) -> None:
        for path in shots.folder.iterdir():
            shutil.copy(path, tmp_path)
        sdr, hdr = tmp_path / shots.sdr.name, tmp_path / shots.hdr.name
        for seed in (0, 1):
            said = candela(
                "embed", sdr, "--hdr", hdr, "-o", sdr, "--no-cuts", *FAST, "--seed", seed, "--json"
            )
            assert said.code == 0, said.out
        assert candela("strip", sdr, "-o", sdr, "--json").json["files"] == 6
        for number in range(1001, 1007):
            name = shots.file(number).name
            assert (tmp_path / name).read_bytes() == shots.file(number).read_bytes()

    def test_part_of_a_sequence(self, candela: Candela, shots: Shots, tmp_path: Path) -> None:
        out = tmp_path / "out.####.png"
        said = candela(
            "embed", shots.sdr, "--hdr", shots.hdr, "-o", out, "--frames", "1002-1003", "--no-cuts", *FAST
        )
        assert said.code == 0, said.err
        carrying = [find_payload(numbered(out, n)) is not None for n in range(1001, 1007)]
        assert carrying == [False, True, True, False, False, False]
        assert numbered(out, 1001).read_bytes() == shots.file(1001).read_bytes()
        told = candela("inspect", out, "--json").json
        assert told["bare_frames"] == [1001, 1004, 1005, 1006]

    def test_a_sidecar_has_the_reel(self, candela: Candela, shots: Shots, tmp_path: Path) -> None:
        out = tmp_path / "o"
        said = candela(
            "embed", shots.sdr, "--hdr", shots.hdr, "-o", out, "--cuts", "1004", *FAST, "--sidecar", "--json"
        )
        assert said.code == 0, said.out
        beside = out / "grade.####.png.candela"
        assert Path(said.json["written"]) == beside
        found = find_payload(beside)
        assert found is not None
        reel = decode_reel(found.payload)
        assert [shot.frames for shot in reel.shots] == [(1001, 1003), (1004, 1006)]
        first = reel.shots[0]
        digests = [picture_hash(read_still(shots.file(n))) for n in (1001, 1002, 1003)]
        assert first.checks == b"".join(d[:2] for d in digests)
        for number in range(1001, 1007):
            assert (out / shots.file(number).name).read_bytes() == shots.file(number).read_bytes()
        assert candela("inspect", out, "--json").json["picture"] == "same"
        assert candela("verify", out, "--hdr", shots.hdr).code == 0
        alone = candela("inspect", beside, "--json")
        assert alone.code == 0 and alone.json["picture"] == "not checked"

    def test_a_dry_run_writes_nothing(self, candela: Candela, shots: Shots, tmp_path: Path) -> None:
        said = candela(
            "embed",
            shots.sdr,
            "--hdr",
            shots.hdr,
            "-o",
            tmp_path / "o",
            "--dry-run",
            "--no-cuts",
            *FAST,
            "--json",
        )
        assert said.code == 0 and said.json["written"] is None
        assert said.json["pu_psnr_db"] > 30
        assert list(tmp_path.iterdir()) == []

    def test_bytes_are_what_a_shot_may_have(self, candela: Candela, shots: Shots, tmp_path: Path) -> None:
        for flag, most in (("--bytes", 900), ("--bytes-per-second", 9000)):
            said = candela(
                "embed",
                shots.sdr,
                "--hdr",
                shots.hdr,
                "--dry-run",
                "--cuts",
                "1004",
                *FAST,
                flag,
                most,
                "--json",
            )
            assert said.code == 0, said.out
            limit = most if flag == "--bytes" else 9000 * 3 / 24
            assert all(s["payload_bytes"] <= limit for s in said.json["clips"][0]["shots"])

    def test_a_master_that_starts_elsewhere(self, candela: Candela, shots: Shots, tmp_path: Path) -> None:
        hdr = tmp_path / "late.####.exr"
        for number in range(1001, 1007):
            shutil.copy(shots.file(number, "hdr"), numbered(hdr, number + 100))
        base = ("embed", shots.sdr, "--hdr", hdr, "--dry-run", "--no-cuts", *FAST, "--json")
        told = candela(*base).json
        assert any("frame 1001 goes with frame 1101" in note for note in told["notes"])
        said = candela(*base, "--hdr-offset", 100).json
        assert said["pu_psnr_db"] == told["pu_psnr_db"]
        assert candela(*base, "--hdr-offset", 101).code == 2
        wrong = candela(*base, "--hdr-offset", 101, "--frames", "1001-1005").json
        assert wrong["pu_psnr_db"] < said["pu_psnr_db"] - 3

    def test_the_table_shows_every_shot(self, candela: Candela, shots: Shots) -> None:
        out = candela("embed", shots.sdr, "--hdr", shots.hdr, "--dry-run", "--cuts", "1004", *FAST).out
        rows = [line.split() for line in out.splitlines() if "1001-1003" in line or "1004-1006" in line]
        assert [row[0] for row in rows] == ["1", "2"]
        assert "nothing: this was a dry run" in out
