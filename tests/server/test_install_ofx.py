"""`candela install-ofx`: bundles that are whole, and those that are not; what was there before."""

from __future__ import annotations

import importlib
import os
import platform
import shutil
import subprocess
from pathlib import Path

import pytest

from candela_server.service import ofx_bundle
from candela_server.service.install_ofx import plugin_folder
from candela_server.service.ofx_bundle import EXPORTS, elf_exports

from .conftest import Candela

CC = shutil.which("cc") or shutil.which("gcc")
pytestmark = pytest.mark.skipif(
    CC is None or platform.system() != "Linux" or platform.machine() != "x86_64",
    reason="a library is compiled for Linux on x86-64, with a C compiler",
)

SOURCE = """
struct Plugin { const char *api; int api_version; const char *id; unsigned major, minor; void *host, *main; };
static struct Plugin plugins[2] = {{"OfxImageEffectPluginAPI", 1, "com.example.One", 1, VERSION, 0, 0},
                                   {"OfxImageEffectPluginAPI", 1, "com.example.Two", 1, VERSION, 0, 0}};
int OfxGetNumberOfPlugins(void) { WHAT }
struct Plugin *OfxGetPlugin(int n) { return &plugins[n]; }
"""
LAYOUT = "Contents/Linux-x86-64/Candela.ofx"


def make_bundle(
    folder: Path, *, version: int = 0, what: str = "return 2;", extra: tuple[str, ...] = ()
) -> Path:
    assert CC is not None
    bundle = folder / "Candela.ofx.bundle"
    binary = bundle / LAYOUT
    binary.parent.mkdir(parents=True)
    source = folder / "plugin.c"
    source.write_text(SOURCE.replace("VERSION", str(version)).replace("WHAT", what))
    subprocess.run([CC, "-shared", "-fPIC", "-O0", *extra, str(source), "-o", str(binary)], check=True)
    return bundle


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return make_bundle(tmp_path / "first")


def test_install_replace_and_undo(candela: Candela, bundle: Path, tmp_path: Path) -> None:
    folder = tmp_path / "plugins"
    place = folder / "Candela.ofx.bundle"
    dry = candela("--json", "install-ofx", "--bundle", bundle, "--to", folder, "--dry-run")
    assert (dry.json["done"], dry.json["dry_run"], folder.exists()) == ("installed", True, False)
    said = candela("--json", "install-ofx", "--bundle", bundle, "--to", folder)
    assert said.code == 0 and said.json["done"] == "installed"
    assert said.json["plugins"] == [
        {"id": "com.example.One", "version": "1.0"},
        {"id": "com.example.Two", "version": "1.0"},
    ]
    assert any(f"OFX_PLUGIN_PATH={folder}" in note for note in said.json["notes"])
    first = (place / LAYOUT).read_bytes()
    assert first == (bundle / LAYOUT).read_bytes()
    assert candela("--json", "install-ofx", "--bundle", bundle, "--to", folder).json["done"] == "unchanged"

    newer = make_bundle(tmp_path / "second", version=1)
    said = candela("install-ofx", "--bundle", newer, "--to", folder)
    assert "replaced" in said.out and "--undo puts it back" in said.out and "com.example.One 1.1" in said.out
    assert (place / LAYOUT).read_bytes() == (newer / LAYOUT).read_bytes()
    # One bundle that hosts can find, whatever is kept.
    assert [p.name for p in folder.rglob("*.ofx.bundle")] == ["Candela.ofx.bundle"]

    assert candela("--json", "install-ofx", "--to", folder, "--undo", "--dry-run").json["done"] == "restored"
    assert candela("--json", "install-ofx", "--to", folder, "--undo").json["done"] == "restored"
    assert (place / LAYOUT).read_bytes() == first
    said = candela("install-ofx", "--to", folder, "--undo")
    assert said.code == 2 and "nothing was installed" in said.err


def test_undo_of_a_first_install_leaves_nothing(candela: Candela, bundle: Path, tmp_path: Path) -> None:
    folder = tmp_path / "plugins"
    assert candela("-q", "install-ofx", "--bundle", bundle, "--to", folder).code == 0
    assert candela("--json", "install-ofx", "--to", folder, "--undo").json["done"] == "removed"
    assert list(folder.iterdir()) == []


def test_what_was_changed_since_is_left_alone(candela: Candela, bundle: Path, tmp_path: Path) -> None:
    folder = tmp_path / "plugins"
    assert candela("-q", "install-ofx", "--bundle", bundle, "--to", folder).code == 0
    (folder / "Candela.ofx.bundle" / "note.txt").write_text("mine")
    said = candela("install-ofx", "--to", folder, "--undo")
    assert said.code == 2 and "changed since" in said.err
    assert (folder / "Candela.ofx.bundle" / "note.txt").is_file()


def test_for_oneself(candela: Candela, bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    folder = tmp_path / "data" / "OFX" / "Plugins"
    assert plugin_folder("user") == folder and plugin_folder("system") == Path("/usr/OFX/Plugins")
    monkeypatch.setenv("OFX_PLUGIN_PATH", f"/other{os.pathsep}{folder}")
    said = candela("--json", "install-ofx", "--user", "--bundle", bundle)
    assert said.json["path"] == str(folder / "Candela.ofx.bundle")
    assert not any("OFX_PLUGIN_PATH" in note for note in said.json["notes"])  # it is named there already


def test_exports_are_read_from_the_file(bundle: Path, tmp_path: Path) -> None:
    data = (bundle / LAYOUT).read_bytes()
    assert set(EXPORTS) <= elf_exports(data)
    hidden = make_bundle(tmp_path / "hidden", extra=("-fvisibility=hidden",))
    assert not set(EXPORTS) & elf_exports((hidden / LAYOUT).read_bytes())
    for cut in range(0, len(data), 997):  # whatever is missing, there is an answer
        elf_exports(data[:cut])


class TestRefused:
    def said(self, candela: Candela, bundle: Path, tmp_path: Path) -> tuple[int, str]:
        said = candela("install-ofx", "--bundle", bundle, "--to", tmp_path / "plugins")
        assert not (tmp_path / "plugins").exists()
        return said.code, " ".join(said.err.split())

    def test_no_bundle(self, candela: Candela, tmp_path: Path) -> None:
        assert "no such folder" in self.said(candela, tmp_path / "none", tmp_path)[1]
        (tmp_path / "other").mkdir()
        assert "does not end in .ofx.bundle" in self.said(candela, tmp_path / "other", tmp_path)[1]

    def test_another_platform(self, candela: Candela, tmp_path: Path) -> None:
        bundle = tmp_path / "Candela.ofx.bundle"
        (bundle / "Contents" / "Win64").mkdir(parents=True)
        code, text = self.said(candela, bundle, tmp_path)
        assert code == 2 and "it is for Win64" in text

    def test_another_machine(self, candela: Candela, bundle: Path, tmp_path: Path) -> None:
        data = bytearray((bundle / LAYOUT).read_bytes())
        data[18] = 183
        (bundle / LAYOUT).write_bytes(data)
        assert "a library for ARM 64" in self.said(candela, bundle, tmp_path)[1]
        (bundle / LAYOUT).write_bytes(b"#!/bin/sh\n")
        assert "is no ELF library" in self.said(candela, bundle, tmp_path)[1]

    def test_what_exports_nothing(self, candela: Candela, tmp_path: Path) -> None:
        hidden = make_bundle(tmp_path / "hidden", extra=("-fvisibility=hidden",))
        assert "does not export OfxGetNumberOfPlugins" in self.said(candela, hidden, tmp_path)[1]

    @pytest.mark.parametrize(
        ("what", "text"),
        [
            ("return 0;", "says that it has 0 effects"),
            ("return *(volatile int *)0;", "does not load here"),
            ("for (;;) {}", "did not answer within"),
        ],
    )
    def test_what_does_not_answer(
        self, candela: Candela, tmp_path: Path, what: str, text: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(ofx_bundle, "_TIMEOUT_SECONDS", 1)
        code, said = self.said(candela, make_bundle(tmp_path / "bad", what=what), tmp_path)
        assert code == 3 and text in said

    def test_a_library_that_lacks_another(self, candela: Candela, tmp_path: Path) -> None:
        # Undefined until it is loaded, as with a run-time library that is not there.
        bad = make_bundle(
            tmp_path / "bad", what="extern int nowhere(void); return nowhere();", extra=("-Wl,-z,now",)
        )
        code, text = self.said(candela, bad, tmp_path)
        assert code == 3 and "does not load here" in text and "nowhere" in text

    def test_no_permission(self, candela: Candela, bundle: Path) -> None:
        """In /sys nobody makes folders, not even root."""
        said = candela("install-ofx", "--bundle", bundle, "--to", "/sys/ofx")
        assert said.code == 3 and "/sys/ofx" in said.err
        assert "sudo" in said.err or "read-only" in said.err.lower().replace("\n", " ")

    def test_a_folder_that_is_a_file(self, candela: Candela, bundle: Path, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        said = candela("install-ofx", "--bundle", bundle, "--to", tmp_path / "file")
        assert said.code == 3 and "cannot be written" in said.err

    def test_flags_that_contradict(self, candela: Candela, bundle: Path, tmp_path: Path) -> None:
        assert "exclude one another" in candela("install-ofx", "--user", "--system").err
        assert (
            "leave --bundle out" in candela("install-ofx", "--undo", "--to", tmp_path, "--bundle", bundle).err
        )

    def test_nothing_was_built(
        self, candela: Candela, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        module = importlib.import_module("candela_server.service.install_ofx")
        monkeypatch.setattr(module, "NAME", "Nowhere.ofx.bundle")
        said = candela("install-ofx", "--to", tmp_path)
        assert said.code == 2 and "make plugin" in said.err
