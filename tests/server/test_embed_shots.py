"""embed of sequences: what is written, that it goes on after any kind of end, and reading it back."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from candela_engines.errors import CandelaError
from candela_engines.itm.carriers import find_payload, read_payload
from candela_engines.itm.payload import decode
from candela_engines.itm.reel import decode_reel
from candela_engines.itm.shot_model import ShotRenderer, decode_shot
from candela_engines.media import picture_hash, read_still
from candela_server.service import EmbedShotsRequest, Work, embed_shots
from candela_server.service.shots_embed import Cancelled
from candela_server.service.shots_job import job_folder

from .conftest import Candela
from .pictures import grade
from .shots import HEIGHT, WIDTH, Shots, frame_light, make_sequence

FAST = ("--effort", "fast")


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Shots:
    return make_sequence(tmp_path_factory.mktemp("shots"), count=6, cut=1004)


@pytest.fixture(scope="module")
def embedded(shots: Shots, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pattern of files that carry two shots."""
    out = tmp_path_factory.mktemp("embedded") / "out.####.png"
    embed_shots(EmbedShotsRequest(shots.sdr, out, shots.hdr, effort="fast", cuts=(1004,)))
    return out


def kept(out: Path) -> list[Path]:
    """Finished shots in the job folder; what is half-written begins with a dot."""
    return [p for p in job_folder(out).glob("*.shot") if not p.name.startswith(".")]


def numbered(pattern: Path, number: int) -> Path:
    return pattern.with_name(pattern.name.replace("####", f"{number:04d}"))


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


class TestGoingOn:
    def test_finished_shots_are_not_done_again(self, shots: Shots, tmp_path: Path) -> None:
        request = EmbedShotsRequest(
            shots.sdr, tmp_path / "o", shots.hdr, effort="fast", cuts=(1002, 1003, 1004, 1005)
        )

        def interrupt(work: Work) -> None:
            if work.stage == "fit" and work.done >= 3:
                raise KeyboardInterrupt

        with pytest.raises(Cancelled, match=r"of 5 shots are finished and kept in .*o\.candela-job"):
            embed_shots(request, interrupt)
        assert not (tmp_path / "o").exists()
        finished = len(kept(tmp_path / "o"))
        assert finished >= 2
        seen: list[Work] = []
        result = embed_shots(request, seen.append)
        assert result.resumed == finished
        fitted = [work.done for work in seen if work.stage == "fit"]
        assert min(fitted) >= finished
        assert any("earlier run" in note for note in result.notes)
        plain = embed_shots(EmbedShotsRequest(shots.sdr, tmp_path / "p", shots.hdr, effort="fast",
                                              cuts=(1002, 1003, 1004, 1005)))  # fmt: skip
        assert [s.fidelity for s in plain.shots] == [s.fidelity for s in result.shots]
        for number in range(1001, 1007):
            name = shots.file(number).name
            assert (tmp_path / "o" / name).read_bytes() == (tmp_path / "p" / name).read_bytes()

    def test_other_options_or_inputs_begin_anew(self, shots: Shots, tmp_path: Path) -> None:
        for path in shots.folder.iterdir():
            shutil.copy(path, tmp_path)
        sdr, hdr = tmp_path / shots.sdr.name, tmp_path / shots.hdr.name
        request = EmbedShotsRequest(sdr, tmp_path / "o", hdr, effort="fast", cuts=(1004,))

        def stop(work: Work) -> None:
            if work.stage == "write":
                raise KeyboardInterrupt

        def resumed(request: EmbedShotsRequest) -> tuple[int, str]:
            told: list[tuple[int, str]] = []
            with pytest.raises(Cancelled):
                embed_shots(request, stop, lambda r: told.append((r.resumed, " ".join(r.notes))))
            return told[0]

        assert resumed(request)[0] == 0
        assert resumed(request)[0] == 2
        other = EmbedShotsRequest(sdr, tmp_path / "o", hdr, effort="fast", cuts=(1004,), seed=3)
        count, notes = resumed(other)
        assert count == 0 and "--seed" in notes
        shutil.copy(shots.file(1001), tmp_path / shots.file(1002).name)
        count, notes = resumed(other)
        assert count == 1 and "SDR files of a finished shot changed" in notes
        # A cut more: the shot that stays is kept.
        moved = EmbedShotsRequest(sdr, tmp_path / "o", hdr, effort="fast", cuts=(1004, 1005), seed=3)
        assert resumed(moved)[0] == 1
        assert resumed(EmbedShotsRequest(**{**vars_of(moved), "resume": False}))[0] == 0

    def test_a_damaged_shot_is_done_again(self, shots: Shots, tmp_path: Path) -> None:
        request = EmbedShotsRequest(shots.sdr, tmp_path / "o", shots.hdr, effort="fast", cuts=(1004,))

        def stop(work: Work) -> None:
            if work.stage == "write":
                raise KeyboardInterrupt

        with pytest.raises(Cancelled):
            embed_shots(request, stop)
        entry = kept(tmp_path / "o")[0]
        entry.write_bytes(entry.read_bytes()[:-9])
        result = embed_shots(request)
        assert result.resumed == 1
        assert any("damaged" in note and entry.name in note for note in result.notes)

    def test_writing_goes_on_where_it_was(self, shots: Shots, tmp_path: Path) -> None:
        for path in shots.folder.iterdir():
            shutil.copy(path, tmp_path)
        sdr = tmp_path / shots.sdr.name
        request = EmbedShotsRequest(sdr, sdr, tmp_path / shots.hdr.name, effort="fast", cuts=(1004,))

        def stop(work: Work) -> None:
            if work.stage == "write" and work.done == 3:
                raise KeyboardInterrupt

        with pytest.raises(Cancelled, match="while writing"):
            embed_shots(request, stop)
        written = numbered(sdr, 1002)
        before = written.stat()
        assert find_payload(numbered(sdr, 1003)) is not None
        assert find_payload(numbered(sdr, 1004)) is None
        result = embed_shots(request)
        assert result.resumed == 2 and find_payload(numbered(sdr, 1006)) is not None
        after = written.stat()
        assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
        assert not job_folder(sdr).exists()

    @pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
    def test_a_killed_job_goes_on(self, candela: Candela, tmp_path: Path, end: int) -> None:
        shots = make_sequence(tmp_path / "in", first=1, count=24)
        out = tmp_path / "out.####.png"
        cuts = ",".join(str(n) for n in range(3, 25, 2))
        arguments = ["embed", shots.sdr, "--hdr", shots.hdr, "-o", out, "--cuts", cuts, *FAST, "--json"]
        process = subprocess.Popen(
            [sys.executable, "-m", "candela_server.cli", *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ},
            text=True,
        )
        folder = job_folder(out)
        deadline = time.monotonic() + 60
        while len(kept(out)) < 2 and process.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.002)
        process.send_signal(end)
        said, _ = process.communicate(timeout=60)
        assert process.returncode == (-end if end == signal.SIGKILL else 130)
        if end != signal.SIGKILL:
            error = json.loads(said)["error"]
            assert error["exit_code"] == 130 and "kept in" in error["message"]
        assert list(tmp_path.glob("out.*.png")) == []
        finished = len(kept(out))
        assert 2 <= finished < 12
        told = candela(*arguments)
        assert told.code == 0, told.out
        assert told.json["resumed_shots"] == finished
        assert not folder.exists() and len(list(tmp_path.glob("out.*.png"))) == 24
        assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith(".")) == []

    def test_two_jobs_on_one_output(self, shots: Shots, tmp_path: Path) -> None:
        request = EmbedShotsRequest(shots.sdr, tmp_path / "o", shots.hdr, effort="fast", no_cuts=True)
        errors: list[str] = []

        def another(work: Work) -> None:
            if work.stage == "fit" and not errors:
                with pytest.raises(CandelaError) as caught:
                    embed_shots(request)
                errors.append(str(caught.value))

        embed_shots(request, another)
        assert "another process works on this output" in errors[0]


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


def vars_of(request: EmbedShotsRequest) -> dict[str, object]:
    return {name: getattr(request, name) for name in request.__dataclass_fields__}
