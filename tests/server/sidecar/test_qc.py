"""Quality control through the sidecar: the reports and exit codes of the local command."""

# ruff: noqa: F811 (fixtures)
from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.qc.test_references import with_model
from tests.qc.test_sequences import write as write_frames

from ..conftest import Candela, Said
from .conftest import Running
from .qc_reels import EDL, folder, reel, sdr  # noqa: F401


def timeless(text: str) -> str:
    """Without when it began and ended, which no two passes have in common."""
    return re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(Z| UTC)?", "WHEN", text)


def report_in(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): timeless(path.read_text()) for path in files}


class TestAsLocally:
    @pytest.fixture
    def same(
        self, candela: Candela, shared: Running, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> Callable[..., Said]:
        """What a command says and reports, here and there, which has to be the same to the letter."""
        monkeypatch.chdir(folder)  # paths come back as they were said

        def call(*line: object) -> Said:
            found = []
            for where, work in ((), "here"), (("--sidecar", shared.address), "there"):
                said = candela(*where, *line, "--work", work)
                report = report_in(Path("report")) if Path("report").is_dir() else {}
                err = re.sub(r"^.*, \d+%.*\n", "", said.err, flags=re.MULTILINE)  # how far it is, if slow
                found.append((said.code, timeless(said.out), err, report))
                shutil.rmtree("report", ignore_errors=True)
            assert found[0] == found[1]
            return said

        return call

    def test_a_movie_with_its_report(self, same: Callable[..., Said], folder: Path) -> None:
        said = same("qc", "reel.mp4", "-o", "report")
        assert said.code == 1 and "reel.mp4, hevc" in said.out and "report/qc.html" in said.out
        assert json.loads(same("qc", "reel.mp4", "--json").out)["inputs"] == ["reel.mp4"]
        assert same("qc", "reel.mp4", "--on-findings", "tell", "--no-score").code == 0
        assert same("qc", "reel.mp4", "--fail-on", "blocker", "--no-score").code == 0

    @with_model
    def test_beside_an_sdr_reference(self, same: Callable[..., Said], folder: Path, sdr: Path) -> None:
        (folder / "sdr").mkdir()
        shutil.copy(sdr, folder / "sdr" / "reel_sdr.mp4")
        said = same("qc", "reel.mp4", "--reference", "sdr/reel_sdr.mp4", "-o", "report")
        assert "sdr/reel_sdr.mp4, bt709 bt1886, narrow range" in said.out
        said = same("qc", "reel.mp4", "--reference", "sdr", "--reference-colour", "srgb", "--json")
        clip = json.loads(said.out)["clips"][0]
        assert clip["reference"]["path"] == "sdr/reel_sdr.mp4"
        assert clip["reference"]["colour"]["sources"]["transfer"] == "flag"
        assert all(shot["score"]["score"] is not None for shot in clip["shots"])
        (folder / "sdr" / "reel.mp4").symlink_to(folder / "sdr" / "reel_sdr.mp4")
        same("qc", "reel.mp4", "--reference", "sdr", "--shots", "1")  # one file by two names is one

    def test_waivers_and_own_profiles(
        self, same: Callable[..., Said], candela: Candela, folder: Path
    ) -> None:
        (folder / "house").mkdir()
        base = 'inherits = "hdr10-1000"\n[rules."gamut.p3"]\nseverity = "fyi"\n'
        (folder / "house" / "base.toml").write_text(base)
        (folder / "house" / "show.toml").write_text('title = "Show"\ninherits = "base.toml"\n')
        first = same("qc", "reel.mp4", "--profile", "house/show.toml", "--no-score", "--json")
        document = json.loads(first.out)
        assert document["profile"]["file"] == "house/show.toml" and document["profile"]["title"] == "Show"
        key = next(f["key"] for c in document["clips"] for f in c["findings"] if f["code"] == "light.max_cll")
        waive = ("waive", "reel.mp4", key, "--reason", "sun", "--author", "A", "--work", "here")
        assert candela(*waive).code == 0
        assert "let pass by A" in same("qc", "reel.mp4", "--no-score", "-o", "report").out

    def test_a_timeline_and_clips_that_cannot_be_read(self, same: Callable[..., Said], folder: Path) -> None:
        (folder / "plates").mkdir()
        (folder / "reel.mp4").rename(folder / "plates" / "reel.mp4")
        (folder / "cut.edl").write_text(EDL)
        (folder / "bad.mov").write_bytes(b"no movie")
        said = same("qc", "cut.edl", "--media", "plates", "--rate", "24", "-o", "report", "--no-score")
        assert "plates/reel.mp4" in said.out and "report/markers/" in said.out
        assert same("qc", "plates/reel.mp4", "bad.mov", "-o", "report", "--no-score").code == 2

    def test_frames_in_a_folder(self, same: Callable[..., Said], folder: Path) -> None:
        write_frames(folder / "frames", list(range(1001, 1013)))
        line = ("--colour", "linear-rec2020", "--profile", "archive", "--rate", "24", "--no-score")
        assert "frames" in same("qc", "frames", *line, "-o", "report").out
        same("qc", "frames/plate.####.exr", *line, "--json")

    def test_in_parts_as_on_a_farm(self, same: Callable[..., Said], candela: Candela, folder: Path) -> None:
        assert "2" in same("qc", "reel.mp4", "--find-shots").out
        parts = json.loads(same("qc", "reel.mp4", "--find-parts", "--json").out)["parts"]
        assert parts[0]["clip"] == "reel.mp4"
        assert "1 of 2 shots" in same("qc", "reel.mp4", "--shots", "2").out
        assert json.loads(same("qc", "reel.mp4", "--parts", "1", "--json").out)["frames"] == 20
        assert same("qc", "reel.mp4", "--measure-only").code == 0

    def test_errors(self, same: Callable[..., Said], candela: Candela, shared: Running, folder: Path) -> None:
        assert "did you mean hlg" in same("qc", "reel.mp4", "--profile", "hlgg").err
        assert same("qc", "reel.mp4", "--matrix", "none").code == 2
        there = candela("--sidecar", shared.address, "qc", "none.mov")
        assert there.code == 2 and "none.mov" in there.err
        assert candela("--sidecar", shared.address, "waive", "reel.mp4").code == 2
