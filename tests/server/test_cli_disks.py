"""Disks and folders that refuse."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest

from .conftest import Candela
from .pictures import QUICK, Pair
from .programs import call


def small_files_only() -> None:
    """As on a full disk: no file may grow beyond 2 KB."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048))


class TestDisks:
    def test_full_at_embedding(self, pair: Pair, tmp_path: Path) -> None:
        out = tmp_path / "out.png"
        out.write_bytes(b"what was there before")
        done = call("embed", pair.sdr, "--hdr", pair.hdr, "-o", out, *QUICK, before=small_files_only)
        assert done.returncode == 3, done.stderr
        assert "Traceback" not in done.stderr and done.stderr.count("\n") == 1
        assert [path.name for path in tmp_path.iterdir()] == ["out.png"]
        assert out.read_bytes() == b"what was there before"

    @pytest.mark.parametrize("name", ["o.exr", "o.png", "o.tif", "o.dpx", "o.avif", "o.jpg"])
    def test_full_at_reconstructing(self, carrying: Path, tmp_path: Path, name: str) -> None:
        done = call("reconstruct", carrying, "-o", tmp_path / name, before=small_files_only)
        assert done.returncode == 3, done.stderr
        assert f"{tmp_path / name}: cannot be written" in done.stderr and ".part" not in done.stderr
        assert [path.name for path in tmp_path.iterdir()] == ["carrying.png"]

    def test_full_at_stripping_in_place(self, carrying: Path) -> None:
        before = carrying.read_bytes()
        done = call("strip", carrying, "-o", carrying, before=small_files_only)
        assert done.returncode == 3, done.stderr
        assert carrying.read_bytes() == before

    @pytest.mark.skipif(
        not Path("/proc/self").is_dir(), reason="/proc is a folder that not even root writes to"
    )
    @pytest.mark.parametrize("command", ["embed", "reconstruct", "strip"])
    def test_a_folder_that_takes_no_files(
        self, candela: Candela, carrying: Path, pair: Pair, command: str
    ) -> None:
        master = ["--hdr", pair.hdr] if command == "embed" else []
        said = candela(command, carrying, *master, "-o", "/proc/o.png")
        assert said.code in (2, 3) and said.err.startswith("candela: ")

    @pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
    def test_a_read_only_folder(self, candela: Candela, carrying: Path, pair: Pair, tmp_path: Path) -> None:
        locked = tmp_path / "locked"
        locked.mkdir(mode=0o500)
        assert candela("embed", pair.sdr, "--hdr", pair.hdr, "-o", locked / "o.png").code == 3
        assert candela("reconstruct", carrying, "-o", locked / "o.exr").code == 3
        assert candela("strip", carrying, "-o", locked / "o.png").code == 3

    def test_no_permission(
        self, candela: Candela, carrying: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("candela_server.service.outputs.os.access", lambda path, mode: False)
        said = candela("reconstruct", carrying, "-o", tmp_path / "o.exr")
        assert said.code == 3 and "no permission" in said.err
