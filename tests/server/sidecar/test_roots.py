"""Paths: nothing outside the roots, whatever it is called."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from candela_engines.errors import CandelaError, InputError, MediaError
from candela_ocio import candela_config_path
from candela_server.frames.roots import Roots
from candela_server.jobs.errors import PathRefusedError


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name in ("in", "in/deep", "out", "in-beside"):
        (tmp_path / name).mkdir()
    for name in ("in/a.png", "in/deep/b.png", "out/secret.png", "in-beside/c.png"):
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


@pytest.fixture
def roots(place: Path) -> Roots:
    return Roots([place / "in"])


def test_files_inside_are_found(roots: Roots, place: Path) -> None:
    assert roots.source(f"{place}/in/a.png") == place / "in/a.png"
    assert roots.source(f"{place}/in/deep/../deep/b.png") == place / "in/deep/b.png"
    assert roots.target(f"{place}/in/new.exr") == place / "in/new.exr"


def test_links_inside_are_followed(roots: Roots, place: Path) -> None:
    (place / "in/link.png").symlink_to(place / "in/deep/b.png")
    assert roots.source(f"{place}/in/link.png") == place / "in/deep/b.png"


@pytest.mark.parametrize(
    "path",
    [
        "{0}/out/secret.png",
        "{0}/in/../out/secret.png",
        "{0}/in-beside/c.png",
        "{0}/in",
        "{0}/in/",
        "in/a.png",
        "{0}/in/a.png/../../out/secret.png",
        "/etc/passwd",
        "/dev/zero",
        "/proc/self/mem",
        "",
        "{0}/in/a\0.png",
        "{0}/in/a\n.png",
        "{0}/in/" + "x" * 5000,
        "~/a.png",
        "//etc/passwd",
        "{0}/in/deep",
    ],
)
def test_everything_else_is_refused(roots: Roots, place: Path, path: str) -> None:
    with pytest.raises(PathRefusedError):
        roots.source(path.replace("{0}", str(place)))


def test_links_out_are_refused(roots: Roots, place: Path) -> None:
    (place / "in/to_file.png").symlink_to(place / "out/secret.png")
    (place / "in/to_folder").symlink_to(place / "out")
    (place / "in/loop.png").symlink_to(place / "in/loop.png")
    (place / "in/dangling.png").symlink_to(place / "out/none.png")
    for name in ("to_file.png", "to_folder/secret.png", "loop.png", "dangling.png"):
        with pytest.raises(CandelaError):
            roots.source(f"{place}/in/{name}")
        with pytest.raises(PathRefusedError):
            roots.target(f"{place}/in/{name}")


def test_a_payload_file_that_leads_out_is_refused(roots: Roots, place: Path) -> None:
    (place / "in/a.png.candela").symlink_to(place / "out/secret.png")
    with pytest.raises(PathRefusedError):
        roots.source(f"{place}/in/a.png")
    with pytest.raises(PathRefusedError):
        roots.target(f"{place}/in/a.png")


def test_pipes_sockets_and_folders_are_no_files(
    roots: Roots, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(place / "in/pipe.png")
    monkeypatch.chdir(place / "in")
    with socket.socket(socket.AF_UNIX) as served:
        served.bind("socket.png")
    for name in ("pipe.png", "socket.png", "deep"):
        with pytest.raises(PathRefusedError):
            roots.source(f"{place}/in/{name}")
        with pytest.raises(PathRefusedError):
            roots.target(f"{place}/in/{name}")


def test_what_is_missing_is_said(roots: Roots, place: Path) -> None:
    with pytest.raises(MediaError, match="no such file"):
        roots.source(f"{place}/in/none.png")
    with pytest.raises(MediaError, match="no such file or folder"):
        roots.target(f"{place}/in/none/new.exr")


def test_outside_nothing_is_told_of_what_exists(roots: Roots, place: Path) -> None:
    said = []
    for name in ("secret.png", "none.png"):
        with pytest.raises(PathRefusedError) as refused:
            roots.source(f"{place}/out/{name}")
        said.append(str(refused.value).replace(name, ""))
    assert said[0] == said[1]


def test_a_root_that_is_replaced_by_a_link_does_not_move(roots: Roots, place: Path) -> None:
    (place / "in").rename(place / "was")
    (place / "in").symlink_to(place / "out")
    with pytest.raises(PathRefusedError):
        roots.source(f"{place}/in/secret.png")


def test_without_roots_nothing_opens(place: Path) -> None:
    with pytest.raises(PathRefusedError, match="--root"):
        Roots([]).source(f"{place}/in/a.png")


@pytest.mark.parametrize("root", ["/", "none", "a.png"])
def test_roots_are_folders(place: Path, root: str) -> None:
    with pytest.raises(InputError, match="--root"):
        Roots([Path(root) if root == "/" else place / "in" / root])


def test_sequences_are_refused(roots: Roots, place: Path) -> None:
    with pytest.raises(InputError, match="numbered"):
        roots.target(f"{place}/in/out.####.exr")


def test_configs_are_candelas_own_or_inside(roots: Roots, place: Path) -> None:
    """A host has $OCIO at the config that Candela ships, wherever that is installed."""
    own = candela_config_path()
    (place / "link.ocio").symlink_to(own)
    for text in (str(own), f"{own.parent}/../{own.parent.name}/{own.name}", str(place / "link.ocio")):
        assert roots.config(text) == os.path.realpath(own)
        assert Roots([]).environment(text) == os.path.realpath(own)
    assert roots.config("ocio://default") == "ocio://default" and roots.config("") is None
    for text in (str(own.with_name("__init__.py")), str(place / "out" / "secret.png"), f"{own}\0"):
        with pytest.raises(PathRefusedError):
            roots.config(text)
