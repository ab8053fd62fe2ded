"""Sequences whose files carry their own payloads: renumbered, out of place, missing, rewritten, damaged."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from candela_engines.media import read_still
from candela_server.cli.run import run

from .conftest import Candela
from .shots import Shots, make_sequence

pytestmark = pytest.mark.usefixtures("short_schedules")

FAST = ("--effort", "fast", "--quiet")
NUMBERS = range(1001, 1007)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Shots]:
    """A folder of six frames that carry two shots, 1001 to 1003 and 1004 to 1006; and what they came from."""
    shots = make_sequence(tmp_path_factory.mktemp("made"), count=6, cut=1004)
    out = shots.folder / "out"
    asked = ["embed", shots.sdr, "--hdr", shots.hdr, "-o", out, "--cuts", "1004", *FAST]
    assert run([str(word) for word in asked]) == 0
    return out, shots


@pytest.fixture
def clip(made: tuple[Path, Shots], tmp_path: Path) -> Path:
    """A copy of the folder, to do with as one likes."""
    return Path(shutil.copytree(made[0], tmp_path / "clip"))


def rendered(candela: Candela, clip: Path, out: Path) -> dict[int, np.ndarray]:
    """The HDR of every file, by its number."""
    assert candela("reconstruct", clip, "-o", out / "hdr.####.exr", "--quiet").code == 0
    return {int(path.name.split(".")[1]): read_still(path).pixels for path in sorted(out.glob("hdr.*.exr"))}


def commands(clip: Path, master: Path, out: Path) -> dict[str, tuple[object, ...]]:
    """Every command that looks at a clip."""
    return {
        "verify": ("verify", clip, "--hdr", master),
        "inspect": ("inspect", clip),
        "shots": ("shots", clip),
        "reconstruct": ("reconstruct", clip, "-o", out / "o.####.exr", "--missing", "sdr"),
    }


def renumber(clip: Path, by: int) -> None:
    for number in reversed(NUMBERS) if by > 0 else NUMBERS:
        (clip / f"grade.{number}.png").rename(clip / f"grade.{number + by:04d}.png")


def swap(clip: Path, one: int, other: int) -> None:
    a, b = clip / f"grade.{one}.png", clip / f"grade.{other}.png"
    a.rename(clip / "x")
    b.rename(a)
    (clip / "x").rename(b)


class TestRenumbered:
    @pytest.mark.parametrize("by", [2, -1000])
    def test_as_a_whole_it_works_and_is_said_once(
        self, candela: Candela, made: tuple[Path, Shots], clip: Path, tmp_path: Path, by: int
    ) -> None:
        renumber(clip, by)
        for name, asked in commands(clip, made[1].hdr, tmp_path).items():
            said = candela(*asked, "--json")
            assert said.code == 0, (name, said.out)
            told = [note for note in said.json["notes"] if "renumbered" in note]
            first, last = 1001 + by, 1006 + by
            assert told == [f"renumbered: frames {first} to {last} were 1001 to 1006 at embedding"], name
            assert said.json["misplaced_frames"] == []
        row = candela("shots", clip, "--json").json["shots"][0]
        assert row["first_frame"] <= row["worst_frame"] <= row["last_frame"]

    def test_the_light_stays_that_of_the_frame(
        self, candela: Candela, made: tuple[Path, Shots], clip: Path, tmp_path: Path
    ) -> None:
        for folder in ("a", "b"):
            (tmp_path / folder).mkdir()
        before = rendered(candela, made[0], tmp_path / "a")
        renumber(clip, 3)
        after = rendered(candela, clip, tmp_path / "b")
        assert all(np.array_equal(before[n], after[n + 3]) for n in NUMBERS)

    def test_with_the_reel_beside_it(
        self, candela: Candela, made: tuple[Path, Shots], tmp_path: Path
    ) -> None:
        shots, out = made[1], tmp_path / "o"
        asked = ("--frames", "1001-1003", "--no-cuts", "--sidecar", *FAST)
        for number in (1001, 1002, 1003):
            (tmp_path / "s").mkdir(exist_ok=True)
            shutil.copy(shots.file(number), tmp_path / "s" / f"grade.{number}.png")
        assert candela("embed", tmp_path / "s", "--hdr", shots.hdr, "-o", out, *asked).code == 0
        for number in (1003, 1002, 1001):
            (out / f"grade.{number}.png").rename(out / f"grade.{number + 2}.png")
        told = candela("verify", out, "--hdr", shots.hdr, "--hdr-offset", "-2", "--json").json
        assert told["passed"] and told["shots"][0]["whole"]
        assert "renumbered: frames 1003 to 1005 were 1001 to 1003 at embedding" in told["notes"]


class TestOutOfPlace:
    @pytest.mark.parametrize(("one", "other"), [(1001, 1002), (1002, 1005)])
    def test_every_command_names_the_files(
        self, candela: Candela, made: tuple[Path, Shots], clip: Path, tmp_path: Path, one: int, other: int
    ) -> None:
        swap(clip, one, other)
        for name, asked in commands(clip, made[1].hdr, tmp_path).items():
            told = candela(*asked, "--json").json
            assert [(f["frame"], f["belongs_at"]) for f in told["misplaced_frames"]] == [
                (one, other),
                (other, one),
            ], name
            said = candela(*asked)
            for number in (one, other):
                assert f"grade.{number}.png" in said.out, name
            assert said.code == (1 if name == "verify" else 0)

    def test_verify_finds_them(self, candela: Candela, made: tuple[Path, Shots], clip: Path) -> None:
        swap(clip, 1002, 1003)
        told = candela("verify", clip, "--hdr", made[1].hdr, "--json").json
        assert [(f["code"], f["first_frame"]) for f in told["findings"]] == [
            ("out-of-place", 1002),
            ("out-of-place", 1003),
        ]
        assert candela("verify", clip, "--hdr", made[1].hdr, "--frames", "1004-1006").code == 0

    def test_the_payload_decides_which_moment_is_rendered(
        self, candela: Candela, made: tuple[Path, Shots], clip: Path, tmp_path: Path
    ) -> None:
        for folder in ("a", "b"):
            (tmp_path / folder).mkdir()
        before = rendered(candela, made[0], tmp_path / "a")
        swap(clip, 1002, 1005)
        after = rendered(candela, clip, tmp_path / "b")
        assert np.array_equal(after[1005], before[1002]) and np.array_equal(after[1002], before[1005])


def test_missing_files_are_said(
    candela: Candela, made: tuple[Path, Shots], clip: Path, tmp_path: Path
) -> None:
    for number in (1002, 1006):
        (clip / f"grade.{number}.png").unlink()
    for name, asked in commands(clip, made[1].hdr, tmp_path).items():
        said = candela(*asked, *(("--hdr-offset", "0") if name == "verify" else ()), "--json")
        assert said.code == 0, (name, said.out)
        assert said.json["missing_frames"] == [1002]
        notes = " | ".join(said.json["notes"])
        assert "1 frame is missing: 1002" in notes and "frame 1006 as well" in notes, name


def test_a_file_that_another_program_has_rewritten(
    candela: Candela, made: tuple[Path, Shots], clip: Path, tmp_path: Path
) -> None:
    shutil.copy(made[1].file(1005), clip / "grade.1005.png")
    for name, asked in commands(clip, made[1].hdr, tmp_path).items():
        said = candela(*asked)
        if name in ("inspect", "shots"):
            assert said.code == 0 and "frame 1005 carries no payload" in said.out
        else:
            assert said.code == 2 and "grade.1005.png, frame 1005: carries no payload" in said.err
            assert ("--force" in said.err) is (name == "reconstruct")


def test_a_damaged_file_concerns_its_own_frame_alone(
    candela: Candela, made: tuple[Path, Shots], clip: Path, tmp_path: Path
) -> None:
    path = clip / "grade.1005.png"
    path.write_bytes(path.read_bytes()[:900])
    for name, asked in commands(clip, made[1].hdr, tmp_path).items():
        said = candela(*asked)
        assert (said.code, name) in [(0, "inspect"), (0, "shots"), (2, "verify"), (2, "reconstruct")]
        assert f"frame 1005: {path}" in said.out + said.err
        if name in ("verify", "reconstruct"):
            assert candela(*asked, "--frames", "1001-1004").code == 0
    said = candela("shots", clip, "--detect")
    assert said.code == 2 and said.err.startswith(f"candela: frame 1005: {path}: the PNG ends inside")
