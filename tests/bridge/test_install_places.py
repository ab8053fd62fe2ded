"""Where hosts look for what is put into them, on three systems."""

from __future__ import annotations

from pathlib import Path

import pytest

from candela_bridge.install import InstallError, Machine, target_of
from candela_bridge.install.places import nuke_folder, resolve_fusion, resolve_luts

from .test_install import machine


class TestPlaces:
    """As Foundry's guide and the README of Resolve's scripting folder have them."""

    def test_nuke(self) -> None:
        assert str(nuke_folder(Machine("linux", "/home/a", {}))) == "/home/a/.nuke"
        assert str(nuke_folder(Machine("darwin", "/Users/a", {}))) == "/Users/a/.nuke"
        values = {"USERPROFILE": "C:\\Users\\a"}
        assert str(nuke_folder(Machine("win32", "C:\\x", values))) == "C:\\Users\\a\\.nuke"
        assert str(nuke_folder(Machine("win32", "C:\\x", {**values, "HOME": "D:\\h"}))) == "D:\\h\\.nuke"

    @pytest.mark.parametrize(
        ("platform", "home", "scope", "wanted"),
        [
            ("linux", "/home/a", "user", "/home/a/.local/share/DaVinciResolve/Fusion"),
            ("linux", "/home/a", "system", "/opt/resolve/Fusion"),
            (
                "darwin", "/Users/a", "user",
                "/Users/a/Library/Application Support/Blackmagic Design/DaVinci Resolve/Fusion",
            ),
            (
                "darwin", "/Users/a", "system",
                "/Library/Application Support/Blackmagic Design/DaVinci Resolve/Fusion",
            ),
            (
                "win32", "C:\\Users\\a", "user",
                "C:\\Users\\a\\AppData\\Roaming\\Blackmagic Design\\DaVinci Resolve\\Support\\Fusion",
            ),
            (
                "win32", "C:\\Users\\a", "system",
                "C:\\ProgramData\\Blackmagic Design\\DaVinci Resolve\\Fusion",
            ),
        ],
    )  # fmt: skip
    def test_resolve(self, platform: str, home: str, scope: str, wanted: str) -> None:
        values = {"RESOLVE_SCRIPT_API": "/opt/resolve/Developer/Scripting"}
        assert str(resolve_fusion(Machine(platform, home, values), scope)) == wanted

    def test_luts_lie_in_the_one_master_folder(self) -> None:
        values = {"RESOLVE_SCRIPT_API": "/mnt/r/Developer/Scripting", "PROGRAMDATA": "D:\\P"}
        assert str(resolve_luts(Machine("linux", "/home/a", values))) == "/mnt/r/LUT"
        assert str(resolve_luts(Machine("win32", "C:\\x", values))).startswith("D:\\P\\Blackmagic Design\\")
        assert str(resolve_luts(Machine("darwin", "/x", values))).endswith("DaVinci Resolve/LUT")

    def test_what_there_is_none_of(self) -> None:
        with pytest.raises(InstallError, match="NUKE_PATH"):
            target_of("nuke", machine(Path("/h")), scope="system")
        with pytest.raises(InstallError, match="nuke, resolve"):
            target_of("flame", machine(Path("/h")))
