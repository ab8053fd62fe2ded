"""The binary as hosts find it: little in sight, nothing beside the C library needed."""

from __future__ import annotations

import platform
import plistlib
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from tests.ofx_host.build import Built
from tests.ofx_host.driver import OK, Host
from tests.plugin.clips import clip, made, pixels

from candela_server.cli.run import run

pytestmark = pytest.mark.skipif(shutil.which("readelf") is None, reason="readelf is not here")
SYSTEM = {"libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "ld-linux-x86-64.so.2", "librt.so.1"}


@pytest.fixture(scope="module")
def binary(built: Built) -> str:
    if built.sanitizers:
        pytest.skip("sanitizers bring libraries and symbols of their own")
    return str(built.bundle / "Contents/Linux-x86-64/Candela.ofx")


def listed(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_the_bundle_has_what_hosts_look_for(built: Built) -> None:
    contents = built.bundle / "Contents"
    assert [p.name for p in sorted(contents.glob("*/*.ofx"))] == ["Candela.ofx"]
    info = plistlib.loads((contents / "Info.plist").read_bytes())
    assert info["CFBundlePackageType"] == "BNDL"
    assert info["CFBundleExecutable"] == "Candela.ofx"


def test_nothing_but_the_entry_points_is_exported(binary: str) -> None:
    symbol = r"^\s*\d+:\s+\S+\s+\d+\s+\w+\s+(?:GLOBAL|WEAK|UNIQUE)\s+DEFAULT\s+(\w+)\s+(\S+)"
    rows = re.findall(symbol, listed("readelf", "--dyn-syms", "-W", binary), re.M)
    exported = {name.split("@")[0] for section, name in rows if section != "UND"}
    assert exported - {"CANDELA_OFX"} == {"OfxGetNumberOfPlugins", "OfxGetPlugin", "OfxSetHost"}


def test_no_library_beside_the_systems_own_is_needed(binary: str) -> None:
    needed = set(re.findall(r"NEEDED.*\[(.*)\]", listed("readelf", "-d", binary)))
    assert needed
    assert needed <= SYSTEM


@pytest.mark.skipif(platform.machine() != "x86_64", reason="other processors have no older names")
def test_the_c_library_of_old_systems_is_enough(binary: str) -> None:
    """Rocky Linux 8, on which hosts of these years run, has glibc 2.28."""
    asked = re.findall(r"Name: GLIBC_(\d+)\.(\d+)", listed("readelf", "-V", binary))
    assert asked
    assert max((int(major), int(minor)) for major, minor in asked) <= (2, 17)


def test_it_is_installed_checked_works_there_and_is_taken_out(
    binary: str, built: Built, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "plugins"
    assert run(["install-ofx", "--bundle", str(built.bundle), "--to", str(folder)]) == 0
    said = capfd.readouterr().out
    assert "candela.Reconstruct" in said and "candela.Scope" in said
    place = folder / "Candela.ofx.bundle"
    assert (place / "Contents/Linux-x86-64/Candela.ofx").read_bytes() == Path(binary).read_bytes()
    with Host(built, "plain-1.5") as host:
        effect = clip(host, place, tmp_path, made("default", 0)).effect(pixels(np.float32))
        assert effect.render().one.status == OK
    assert run(["install-ofx", "--to", str(folder), "--undo"]) == 0
    assert list(folder.iterdir()) == []
