"""Files are named in results and errors as they were typed: never made absolute, never cut to their names."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from candela_engines.itm.carriers import sidecar_path

from .conftest import Candela
from .pictures import QUICK, Pair


@pytest.fixture
def desk(pair: Pair, carrying: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder `shots` below the one we are in, with a grade, its master and a picture carrying its HDR."""
    (tmp_path / "shots").mkdir()
    shutil.copy(pair.sdr, tmp_path / "shots" / "grade.png")
    shutil.copy(pair.hdr, tmp_path / "shots" / "master.exr")
    carrying.rename(tmp_path / "shots" / "out.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_results(candela: Candela, desk: Path) -> None:
    master = ("--hdr", "shots/master.exr")
    runs = [
        candela("embed", "shots/grade.png", *master, "-o", "shots/a.png", *QUICK),
        candela("embed", "shots/grade.png", *master, "-o", "shots/b.png", "--sidecar", *QUICK),
        candela("inspect", "shots/a.png"),
        candela("inspect", "shots/b.png"),
        candela("reconstruct", "shots/a.png", "-o", "shots/a.exr"),
        candela("verify", "shots/a.png", *master),
        candela("strip", "shots/b.png", "-o", "shots/b.png"),
    ]
    for said in runs:
        assert said.code == 0 and str(desk) not in said.out + said.err
    assert "SDR          shots/grade.png," in runs[0].out and "HDR          shots/master.exr," in runs[0].out
    assert "shots/b.png.candela" in runs[1].out and "file         shots/b.png.candela," in runs[3].out
    assert "shots/b.png.candela" in runs[6].out


def test_errors(candela: Candela, desk: Path) -> None:
    (desk / "shots" / "folder.png").mkdir()
    runs = [
        (candela("reconstruct", "shots/grade.png", "-o", "o.exr"), "candela embed shots/grade.png"),
        (candela("reconstruct", "shots/out.png", "-o", "none/o.exr"), "the folder none does not exist"),
        (candela("strip", "shots/out.png", "-o", "none/o.png"), "the folder none does not exist"),
        (candela("strip", "shots/none.png", "-o", "o.png"), "shots/none.png"),
        (candela("strip", "shots/out.png", "-o", "shots/folder.png"), "shots/folder.png"),
        (candela("inspect", "shots"), "shots: holds no sequence"),
    ]
    for said, part in runs:
        assert said.code == 2 and part in said.err and str(desk) not in said.err, said.err


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_disk_that_refuses(candela: Candela, desk: Path) -> None:
    (desk / "shots" / "locked.png").touch(mode=0o400)
    said = candela("strip", "shots/out.png", "-o", "shots/locked.png")
    assert said.code == 3 and "shots/locked.png" in said.err and str(desk) not in said.err


def test_a_link_has_its_sidecar_beside_the_file_it_leads_to(desk: Path) -> None:
    Path("link.png").symlink_to("shots/grade.png")
    assert sidecar_path(Path("link.png")) == desk.resolve() / "shots" / "grade.png.candela"
    assert sidecar_path(Path("shots/grade.png")) == Path("shots/grade.png.candela")
