"""Files are written whole or not at all, with the rights they should have."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import textwrap
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from candela_engines.errors import CarrierError, InfrastructureError, InputError, MediaError
from candela_engines.itm.carriers import _write, embed_payload, find_payload, read_payload, strip_payload
from candela_engines.itm.carriers._source import open_source
from candela_engines.itm.carriers.isobmff import ISOBMFF

Make = Callable[[str], Path]
posix = pytest.mark.skipif(os.name != "posix", reason="POSIX permissions and special files")
not_root = pytest.mark.skipif(
    hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write anywhere, whatever the permissions"
)


@posix
@pytest.mark.parametrize("kind", ["missing", "refused", "refused later", "nothing done"])
def test_what_the_system_does_not_copy_is_copied(
    kind: str, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make("tiff_pages")
    out = path.with_name("out.tif")
    embed_payload(path, path, b"payload")
    calls = []

    def copy(source: int, to: int, count: int, start: int) -> int:
        calls.append(count)
        if kind == "nothing done":
            return 0
        if kind == "refused" or len(calls) > 1:
            raise OSError(errno.EXDEV, "across file systems")
        return os.write(to, os.pread(source, min(3, count), start))

    if kind == "missing":
        monkeypatch.delattr(os, "copy_file_range", raising=False)
    else:
        monkeypatch.setattr(os, "copy_file_range", copy, raising=False)
    strip_payload(path, out)
    assert bool(calls) == (kind != "missing")
    monkeypatch.undo()
    strip_payload(path, path)
    assert out.read_bytes() == path.read_bytes()


def test_a_size_limit_leaves_everything_as_it_was(make: Make) -> None:
    path = make("tiff")
    original = path.read_bytes()
    script = f"""
        import resource
        from candela_engines.errors import InfrastructureError
        from candela_engines.itm.carriers import embed_payload
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        try:
            embed_payload({str(path)!r}, {str(path)!r}, bytes(2048))
        except InfrastructureError as error:
            assert error.exit_code == 3
            print(error)
    """
    if os.name != "posix":
        pytest.skip("limits of file sizes are POSIX")
    call = [sys.executable, "-c", textwrap.dedent(script)]
    done = subprocess.run(call, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"cannot write {path}: {os.strerror(errno.EFBIG)}"
    assert path.read_bytes() == original
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full exists on Linux only")
def test_a_full_disk(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make("png")
    original = path.read_bytes()
    really_open = os.open

    def on_a_full_disk(name: Path, flags: int, mode: int = 0o777) -> int:
        if not flags & os.O_CREAT:
            return really_open(name, flags, mode)
        os.close(really_open(name, flags, mode))
        return really_open("/dev/full", os.O_WRONLY)

    monkeypatch.setattr(_write.os, "open", on_a_full_disk)
    for destination in (path, path.with_name("new.png")):
        with pytest.raises(InfrastructureError) as caught:
            embed_payload(path, destination, bytes(2048))
        assert str(caught.value) == f"cannot write {destination}: {os.strerror(errno.ENOSPC)}"
    assert path.read_bytes() == original
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_any_step_may_fail(step: str, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make("exr")
    original = path.read_bytes()

    def fail(*_: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(*((_write.os, "fsync") if step == "fsync" else (Path, "replace")), fail)
    with pytest.raises(InfrastructureError, match="Read-only file system"):
        embed_payload(path, path, bytes(2048))
    assert path.read_bytes() == original
    assert list(path.parent.iterdir()) == [path]


def test_an_interrupt_leaves_nothing(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make("png")
    monkeypatch.setattr(_write, "_write_all", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        embed_payload(path, path, b"x")
    assert list(path.parent.iterdir()) == [path]


def test_a_sidecar_that_cannot_be_written_leaves_the_picture(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make("png")
    embed_payload(path, path, b"in the file")
    before = path.read_bytes()

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(InfrastructureError, match="No space left"):
        embed_payload(path, path, b"beside", carrier="sidecar")
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


@posix
@not_root
def test_a_folder_without_write_permission(make: Make) -> None:
    path = make("png")
    path.parent.chmod(0o555)
    try:
        with pytest.raises(InfrastructureError, match="Permission denied"):
            embed_payload(path, path, b"x")
    finally:
        path.parent.chmod(0o755)


def test_a_folder_that_refuses(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make("png")
    really_open = os.open

    def refuse(name: Path, flags: int, mode: int = 0o777) -> int:
        if flags & os.O_CREAT:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return really_open(name, flags, mode)

    monkeypatch.setattr(_write.os, "open", refuse)
    with pytest.raises(InfrastructureError, match=r"cannot write .*picture\.png: Permission denied"):
        embed_payload(path, path, b"x")


@posix
def test_a_write_protected_file_is_kept(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make("png")
    path.chmod(0o444)
    monkeypatch.setattr(_write.os, "access", lambda name, mode: False)  # root may, and access says so
    with pytest.raises(InfrastructureError, match="write-protected"):
        embed_payload(path, path, b"x")


@posix
def test_permissions(make: Make) -> None:
    path = make("png")
    path.chmod(0o640)
    embed_payload(path, path, b"x")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    out = path.with_name("out.png")
    path.chmod(0o600)
    embed_payload(path, out, b"y")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    path.chmod(0o400)
    out.chmod(0o664)
    strip_payload(path, out)
    assert stat.S_IMODE(out.stat().st_mode) == 0o664


@posix
def test_symbolic_links_stay(make: Make) -> None:
    path = make("png")
    link = path.with_name("link.png")
    link.symlink_to(path)
    embed_payload(link, link, b"x")
    assert link.is_symlink() and read_payload(path) == b"x"
    hdr = make("hdr")
    link = path.with_name("other.hdr")
    link.symlink_to(hdr)
    report = embed_payload(link, link, b"y")
    assert report.path == hdr.with_name("picture.hdr.candela")
    assert read_payload(link) == read_payload(hdr) == b"y"


@posix
def test_what_is_no_file_is_refused(make: Make) -> None:
    path = make("png")
    pipe = path.with_name("pipe")
    os.mkfifo(pipe)
    for wrong in (pipe, path.parent, Path("/dev/zero")):
        with pytest.raises(MediaError, match="not a regular file"):
            read_payload(wrong)
        with pytest.raises(MediaError, match="not a regular file"):
            embed_payload(wrong, path, b"x")
    for wrong in (pipe, path.parent, Path("/dev/null")):
        with pytest.raises(InputError, match="there is something of that name that is not a file"):
            embed_payload(path, wrong, b"x")
    assert find_payload(path) is None


def test_names_that_lead_nowhere(make: Make, tmp_path: Path) -> None:
    path = make("png")
    with pytest.raises(MediaError, match=r"nothing\.png: there is no such file"):
        read_payload(tmp_path / "nothing.png")
    with pytest.raises(InputError, match="is the folder there"):
        embed_payload(path, tmp_path / "no folder" / "out.png", b"x")
    with pytest.raises(InputError, match="is not a file name"):
        read_payload("zero\0byte")
    with pytest.raises(InputError, match="is not a file name"):
        embed_payload(path, "zero\0byte", b"x")
    (tmp_path / "empty.png").touch()
    with pytest.raises(MediaError, match="is empty"):
        embed_payload(tmp_path / "empty.png", path, b"x")


@posix
@not_root
def test_an_unreadable_file(make: Make) -> None:
    path = make("png")
    path.chmod(0)
    with pytest.raises(MediaError, match="cannot be read: Permission denied"):
        read_payload(path)


def test_a_file_that_changes_while_it_is_read(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make("png")
    out = path.with_name("out.png")
    really_write = _write._write_all

    def write_and_meddle(descriptor: int, data: bytes) -> None:
        really_write(descriptor, data)
        with path.open("ab") as file:
            file.write(b"more")

    monkeypatch.setattr(_write, "_write_all", write_and_meddle)
    with pytest.raises(MediaError, match="changed by another program"):
        embed_payload(path, out, b"x")
    assert list(path.parent.iterdir()) == [path]


def test_memory_does_not_grow_with_the_file(tmp_path: Path, sample_bytes: Callable[[str], bytes]) -> None:
    path = tmp_path / "large.tif"
    path.write_bytes(sample_bytes("tiff"))
    os.truncate(path, 48 << 20)
    tracemalloc.start()
    try:
        embed_payload(path, path, bytes(2048))
        assert read_payload(path) == bytes(2048)
        strip_payload(path, path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 6 << 20


def test_a_movie_of_many_gigabytes_is_planned_at_once(
    tmp_path: Path, sample_bytes: Callable[[str], bytes]
) -> None:
    path = tmp_path / "large.mp4"
    head, size = sample_bytes("mp4"), 40 << 30
    with path.open("wb") as file:
        file.write(head + b"\x00\x00\x00\x01mdat" + size.to_bytes(8, "big"))
        file.truncate(len(head) + size)
    assert find_payload(path) is None
    with open_source(path) as source:
        view = source.edited(ISOBMFF.insert(source, b"payload"))
        assert [held.payload for held in ISOBMFF.find(view)] == [b"payload"]
        undo = ISOBMFF.remove(view)
        assert undo is not None and view.edited(undo.edits).same_as(source)
    with path.open("r+b") as file:
        file.seek(len(head))
        file.write(bytes(4))  # an open end, which 32 bits could not close
    with open_source(path) as source, pytest.raises(CarrierError, match='use carrier="sidecar"'):
        ISOBMFF.insert(source, b"payload")
