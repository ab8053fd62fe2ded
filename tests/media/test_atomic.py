"""A file appears whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from candela_engines.errors import InfrastructureError, InputError
from candela_engines.media import atomic_path, write_atomic


def test_replaces_and_leaves_nothing_behind(tmp_path: Path) -> None:
    target = tmp_path / "a.exr"
    target.write_bytes(b"old")
    target.chmod(0o640)
    with atomic_path(target) as temporary:
        assert temporary.suffix == ".exr"
        assert temporary.parent == tmp_path
        temporary.write_bytes(b"new")
        assert target.read_bytes() == b"old"
    assert target.read_bytes() == b"new"
    assert target.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_failure_keeps_the_old_file(tmp_path: Path, error: type[BaseException]) -> None:
    target = tmp_path / "a.png"
    target.write_bytes(b"old")
    with pytest.raises(error), atomic_path(target) as temporary:
        temporary.write_bytes(b"half")
        raise error
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_mode_of_a_new_file_follows_the_umask(tmp_path: Path) -> None:
    write_atomic(tmp_path / "atomic", b"x")
    (tmp_path / "plain").write_bytes(b"x")
    assert (tmp_path / "atomic").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_atomic(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def test_places_that_cannot_be_a_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder"):
        write_atomic(tmp_path, b"x")
    with pytest.raises(InputError, match="does not exist"):
        write_atomic(tmp_path / "no" / "a.png", b"x")


def test_a_refusing_disk_is_infrastructure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "a.png"
    target.write_bytes(b"old")

    def refuse(*_: object) -> int:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(InfrastructureError, match=r"a\.png.*Read-only.*nothing was changed"):
        write_atomic(target, b"new")
    monkeypatch.undo()
    assert target.read_bytes() == b"old"


_FULL_DISK = """
import resource, signal, sys
from pathlib import Path
import numpy as np
from candela_engines.colour.names import NAMED
from candela_engines.errors import InfrastructureError
from candela_engines.media import write_hdr
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
nits = np.random.default_rng(0).random((200, 200, 3)).astype(np.float32) * 500
for name in ("a.png", "a.exr", "a.tif", "a.dpx", "a.avif"):
    encoding = NAMED["linear-rec2020" if name == "a.exr" else "rec2100-pq"]
    try:
        write_hdr(Path(sys.argv[1]) / name, nits, encoding=encoding)
    except InfrastructureError as error:
        assert error.exit_code == 3
    else:
        raise SystemExit(f"{name} was written to a full disk")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX")
def test_every_writer_on_a_disk_that_fills_up(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"old")
    subprocess.run([sys.executable, "-c", _FULL_DISK, str(tmp_path)], check=True)
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]
    assert (tmp_path / "a.png").read_bytes() == b"old"
