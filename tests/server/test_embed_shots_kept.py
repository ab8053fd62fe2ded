"""embed of sequences goes on where it was, after any kind of end."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from candela_engines.errors import CandelaError
from candela_engines.itm.carriers import find_payload
from candela_server.service import EmbedShotsRequest, Work, embed_shots
from candela_server.service.shots_embed import Cancelled
from candela_server.service.shots_job import job_folder

from .conftest import Candela
from .shots import Shots, make_sequence, numbered

pytestmark = pytest.mark.usefixtures("short_schedules")

FAST = ("--effort", "fast")


def kept(out: Path) -> list[Path]:
    """Finished shots in the job folder; what is half-written begins with a dot."""
    return [p for p in job_folder(out).glob("*.shot") if not p.name.startswith(".")]


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
        shots = make_sequence(tmp_path / "in", first=1, count=12)
        out = tmp_path / "out.####.png"
        cuts = ",".join(str(n) for n in range(3, 13, 2))
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
        assert 2 <= finished < 6
        told = candela(*arguments)
        assert told.code == 0, told.out
        assert told.json["resumed_shots"] == finished
        assert not folder.exists() and len(list(tmp_path.glob("out.*.png"))) == 12
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


def vars_of(request: EmbedShotsRequest) -> dict[str, object]:
    return {name: getattr(request, name) for name in request.__dataclass_fields__}
