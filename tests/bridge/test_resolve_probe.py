"""Whether Resolve can be scripted, and how it counts frames."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.host_doubles.resolve_double import (
    ResolveDouble,
)

from candela_bridge.resolve.probe import connect, environment, probe
from candela_bridge.resolve.timecode import Clock

from .conftest import LONG


class TestTimecode:
    def test_drop_frame_skips_its_numbers(self) -> None:
        """SMPTE ST 12-1: two numbers are left out at each minute but every tenth."""
        clock = Clock("29.97 DF", "00:00:00;00")
        assert clock.timecode(1799) == "00:00:59;29" and clock.timecode(1800) == "00:01:00;02"
        assert clock.timecode(17981) == "00:09:59;29" and clock.timecode(17982) == "00:10:00;00"
        assert Clock("59.94", "01:00:00;00", True).timecode(3600) == "01:01:00;04"
        assert Clock("29.97", "00:00:00:00").timecode(1800) == "00:01:00:00"

    @settings(max_examples=40)
    @given(
        st.sampled_from(["24", "25", "29.97 DF", "29.97", "59.94 DF", "23.976"]), st.integers(0, 1_900_000)
    )
    def test_there_and_back(self, rate: str, offset: int) -> None:
        clock = Clock(rate, "01:00:00:00")
        day = round(clock.rate) * 86400
        assert (clock.offset(clock.timecode(offset)) - offset) % day == 0 or (
            "DF" in rate and offset > day // 2
        )

    def test_drop_frame_against_opentimelineio(self) -> None:
        from opentimelineio.opentime import RationalTime, to_timecode

        for rate, exact in (("29.97 DF", 30000 / 1001), ("59.94 DF", 60000 / 1001)):
            clock = Clock(rate, "00:00:00;00")
            for frame in [*range(0, 40_000, 7), *range(1790, 1810), *range(107_800, 107_920)]:
                assert clock.timecode(frame) == to_timecode(RationalTime(frame, exact), exact, True), (
                    rate,
                    frame,
                )

    @pytest.mark.parametrize(
        ("rate", "start"), [("", "01:00:00:00"), ("24", "01:00:00:24"), ("24", None), ("0", "0")]
    )
    def test_what_is_none(self, rate: str, start: Any) -> None:
        with pytest.raises(ValueError, match="is no"):
            Clock(rate, start)


class TestProbe:
    """In another process, which finds a module of the vendor's name."""

    def tried(self, folder: Path, module: str | None) -> Any:
        modules = folder / "Modules"
        modules.mkdir()
        if module is not None:
            (modules / "DaVinciResolveScript.py").write_text(module)
        return probe([sys.executable, "-S"], {**os.environ, "RESOLVE_SCRIPT_API": str(folder)}, seconds=20)

    STUDIO = """
class R:
    def GetProductName(self): return "DaVinci Resolve Studio"
    def GetVersionString(self): return "20.1.0"
def scriptapp(name):
    print("Fusion says something")
    return R()
"""

    def test_there(self, tmp_path: Path) -> None:
        found = self.tried(tmp_path, self.STUDIO)
        assert found.ok and found.studio and found.version == "20.1.0"

    @pytest.mark.parametrize(
        ("module", "words"),
        [
            (None, "RESOLVE_SCRIPT_API"),
            ("def scriptapp(name): return None", "External scripting"),
            ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "crashes this Python"),
            ("raise ImportError('libfoo.so: cannot open')", "libfoo.so"),
        ],
    )
    def test_in_the_way(self, tmp_path: Path, module: str | None, words: str) -> None:
        found = self.tried(tmp_path, module)
        assert not found.ok and words in found.why

    def test_one_that_hangs(self, tmp_path: Path) -> None:
        (tmp_path / "Modules").mkdir()
        (tmp_path / "Modules" / "DaVinciResolveScript.py").write_text("import time; time.sleep(60)")
        found = probe([sys.executable, "-S"], {**os.environ, "RESOLVE_SCRIPT_API": str(tmp_path)}, seconds=1)
        assert not found.ok and "1 s" in found.why
        assert not probe(["/nowhere/python"]).ok

    def test_usual_places_and_connecting(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert environment("linux", {})["RESOLVE_SCRIPT_LIB"] == "/opt/resolve/libs/Fusion/fusionscript.so"
        assert environment("win32", {"PROGRAMDATA": "D:\\P"})["RESOLVE_SCRIPT_API"].startswith(
            "D:\\P\\Blackmagic Design\\"
        )
        assert environment("linux", {"RESOLVE_SCRIPT_API": "/x"})["RESOLVE_SCRIPT_API"] == "/x"
        resolve = ResolveDouble()
        monkeypatch.setitem(sys.modules, "DaVinciResolveScript", resolve.module())
        for name in ("RESOLVE_SCRIPT_API", "RESOLVE_SCRIPT_LIB"):
            monkeypatch.setenv(name, "/x")
        monkeypatch.setattr(sys, "path", list(sys.path))
        assert connect() is resolve
        ended = threading.Event()
        monkeypatch.setattr(sys.modules["DaVinciResolveScript"], "scriptapp", lambda name: ended.wait(LONG))
        assert connect(seconds=0.1) is None, "one that hangs is no reason to hang with it"
        ended.set()
        monkeypatch.setattr(sys.modules["DaVinciResolveScript"], "scriptapp", lambda name: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            connect()
