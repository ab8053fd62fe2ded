"""Candela put into Resolve and taken out, its entries as processes; and the command that installs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from candela_bridge.client.launch import HOSTS_OWN
from candela_bridge.install import apply, plan_for, undo
from candela_server.cli.app import app

from .conftest import wait_for
from .test_install import everything, machine


class TestResolve:
    def test_there_and_back_and_a_script_of_that_name_is_given_back(self, tmp_path: Path) -> None:
        plan = plan_for("resolve", machine(tmp_path), "/opt/candela")
        script, lua = plan.files
        assert lua.parent == script.parent and lua.name == "Candela (timeline files).lua"
        assert script == tmp_path / ".local/share/DaVinciResolve/Fusion/Scripts/Utility/Candela.py"
        script.parent.mkdir(parents=True)
        script.write_text("print('mine')")
        before = everything(tmp_path)
        assert "is kept" in apply(plan).changes[0].detail
        assert "/opt/candela" in script.read_text()
        apply(plan_for("resolve", machine(tmp_path), "/opt/other"))
        assert "/opt/other" in script.read_text()
        assert sorted(c.what for c in undo("resolve", plan.folder).changes) == ["removed", "restored"]
        assert everything(tmp_path) == before and not plan.folder.exists()

    @pytest.fixture
    def started(self, tmp_path: Path) -> Iterator[Path]:
        """A program that notes how it was started."""
        program = tmp_path / "candela"
        program.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$@\" > {tmp_path}/said\nenv >> {tmp_path}/said\n")
        program.chmod(0o755)
        yield program

    @pytest.mark.skipif(sys.platform == "win32", reason="the program is a shell's")
    def test_the_entry_starts_the_panel_without_resolves_own_things(
        self, tmp_path: Path, started: Path
    ) -> None:
        plan = plan_for("resolve", machine(tmp_path), str(started))
        apply(plan)
        script, _ = plan.files
        values = {"PATH": os.environ["PATH"], "PYTHONHOME": "/resolve", "TMPDIR": str(tmp_path), "KEPT": "1"}
        begin = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-S", "-E", str(script)],
            env=values, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0 and "is being started" in done.stdout, done.stderr
        wait_for(lambda: (tmp_path / "said").exists() and "KEPT=1" in (tmp_path / "said").read_text())
        said = (tmp_path / "said").read_text().splitlines()
        assert said[:2] == ["panel", "--resolve"] and not any("PYTHONHOME" in line for line in said)
        assert "PYTHONHOME" in HOSTS_OWN and time.monotonic() - begin < 60
        started.unlink()
        again = subprocess.run(
            [sys.executable, "-S", "-E", str(script)],
            env=values, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert again.returncode == 0 and "cannot be started" in again.stdout

    @pytest.mark.skipif(sys.platform == "win32", reason="the program is a shell's")
    def test_the_entry_in_lua_does_so_too(
        self, tmp_path: Path, started: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lua = pytest.importorskip("lupa", reason="lupa, which has Lua in it, is not installed")
        odd = tmp_path / 'it\'s a "folder" ä'
        odd.mkdir()
        program = started.rename(odd / "candela")
        plan = plan_for("resolve", machine(tmp_path), str(program))
        _, script = plan.files
        monkeypatch.setenv("PYTHONHOME", "/resolve")
        monkeypatch.delenv("CANDELA_COMMAND", raising=False)
        said: list[str] = []
        runtime = lua.LuaRuntime(unpack_returned_tuples=True, encoding="latin-1")
        runtime.globals()["print"] = said.append
        runtime.execute(plan.files[script].decode("ascii"))
        assert said == ["Candela's panel is being started."]
        wait_for(lambda: (tmp_path / "said").exists() and "PATH=" in (tmp_path / "said").read_text())
        heard = (tmp_path / "said").read_text().splitlines()
        assert heard[0] == "panel" and not any("PYTHONHOME" in line for line in heard)


class TestCommand:
    def run(self, home: Path, *arguments: str) -> Any:
        values = {"HOME": str(home), "USERPROFILE": str(home)}
        return CliRunner().invoke(app, arguments, env=values)

    def test_says_what_it_changed(self, tmp_path: Path) -> None:
        tried = self.run(tmp_path, "install", "nuke", "--dry-run")
        assert tried.exit_code == 0 and "would be installed" in tried.stdout and not list(tmp_path.iterdir())
        done = json.loads(self.run(tmp_path, "install", "nuke", "--json").stdout)
        assert done["done"] == "installed" and done["host"] == "nuke"
        for change in done["changes"]:
            assert Path(change["path"]).is_file(), change
        out = self.run(tmp_path, "install", "nuke", "--undo")
        assert out.exit_code == 0 and "removed" in out.stdout and not list(tmp_path.iterdir())

    def test_without_any_network(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        import socket

        def none(*_: object, **__: object) -> None:
            raise AssertionError("a network was asked for")

        monkeypatch.setattr(socket, "socket", none)
        monkeypatch.setattr(socket, "getaddrinfo", none)
        for host in ("nuke", "resolve"):
            for command in ("install", "uninstall"):
                assert self.run(tmp_path, command, host).exit_code == 0
        assert not list(tmp_path.iterdir())

    def test_a_host_of_no_name_and_a_command_that_is_none(self, tmp_path: Path) -> None:
        assert self.run(tmp_path, "install", "flame").exit_code == 2
        found = self.run(tmp_path, "install", "resolve", "--command", "/nowhere/candela")
        assert found.exit_code and "no program" in str(found.exception)
