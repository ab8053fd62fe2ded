"""Candela put into hosts and taken out: lines in others' files, lists of changes."""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.host_doubles.nuke_double import NukeDouble

from candela_bridge.install import InstallError, Machine, RightsError, apply, plan_for, undo
from candela_bridge.install.block import BlockError, with_block, without_block

LINES = ["import nuke", 'nuke.pluginAddPath("./candela")']


def machine(home: Path) -> Machine:
    return Machine("linux", str(home), {})


def everything(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


class TestLines:
    @settings(max_examples=200)
    @given(st.binary(max_size=200).filter(lambda b: b"\0" not in b and b"candela" not in b))
    def test_in_once_and_out_to_the_byte(self, before: bytes) -> None:
        within = with_block(before, LINES)
        assert with_block(within, LINES) == within and without_block(within) == before

    @pytest.mark.parametrize("before", [b"", b"a", b"a\n", b"a\r\nb", b"\xe4\n\n", b"#\xff\xfe\r\n"])
    def test_others_write_behind_it_and_it_still_comes_out(self, before: bytes) -> None:
        within = with_block(before, LINES) + b"more = 1\n"
        newer = with_block(within, ["import nuke", "nuke.other()"])
        assert newer.count(b"pluginAddPath") == 0 and newer.endswith(b"more = 1\n")
        out = without_block(newer)
        assert out.startswith(before) and out.endswith(b"more = 1\n") and b"candela" not in out

    def test_windows_line_ends_stay(self) -> None:
        within = with_block(b"import os\r\n", LINES)
        assert within.count(b"\r\n") == within.count(b"\n") == 5

    @pytest.mark.parametrize(
        "data",
        [
            "import nuke\n".encode("utf-16"),
            b"# >>> candela >>>\nx\n",
            b"x\n# <<< candela <<<\n",
            with_block(b"", LINES) * 2,
        ],
    )
    def test_what_cannot_be_edited_is_left_to_people(self, data: bytes) -> None:
        for work in (lambda: with_block(data, LINES), lambda: without_block(data)):
            with pytest.raises(BlockError):
                work()


class TestNuke:
    @pytest.fixture
    def home(self, tmp_path: Path) -> Path:
        (tmp_path / ".nuke").mkdir()
        (tmp_path / ".nuke" / "init.py").write_bytes(b"import nuke\r\nmine = 1")
        (tmp_path / ".nuke" / "menu.py").write_bytes(b"# the artist's\n")
        return tmp_path

    def test_there_and_back(self, home: Path) -> None:
        before = everything(home)
        plan = plan_for("nuke", machine(home), "/opt/candela")
        tried = apply(plan, dry_run=True)
        assert everything(home) == before and tried.dry_run and tried.done == "installed"
        done = apply(plan)
        assert [c.text for c in done.changes] == [c.text for c in tried.changes]
        assert {c.path for c in done.changes if c.what == "edited"} == {str(home / ".nuke" / "init.py")}
        within = everything(home)
        assert set(before) < set(within) and within[".nuke/menu.py"] == before[".nuke/menu.py"]
        again = apply(plan_for("nuke", machine(home), "/opt/candela"))
        assert again.done == "unchanged" and not again.changes and everything(home) == within
        assert undo("nuke", plan.folder, dry_run=True).changes and everything(home) == within
        taken = undo("nuke", plan.folder)
        assert everything(home) == before and not plan.folder.exists()
        assert any("byte for byte" in change.detail for change in taken.changes)
        with pytest.raises(InstallError, match="put nothing there"):
            undo("nuke", plan.folder)

    def test_where_nothing_was(self, tmp_path: Path) -> None:
        plan = plan_for("nuke", machine(tmp_path), None)
        apply(plan)
        assert (tmp_path / ".nuke" / "init.py").is_file()
        undo("nuke", plan.folder)
        assert list(tmp_path.iterdir()) == []

    def test_nuke_starts_with_it(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The user's init.py in the double of Nuke, which runs the init.py of folders that are added."""
        apply(plan_for("nuke", machine(home), "/opt/candela/bin/candela"))
        folder = home / ".nuke"
        double = NukeDouble()
        ran: list[str] = []

        def add(path: str, addToSysPath: bool = True) -> None:
            found = (folder / path).resolve() if path.startswith(".") else Path(path)
            ran.append(str(found))
            if (found / "init.py").is_file():
                runpy.run_path(str(found / "init.py"))
                runpy.run_path(str(found / "menu.py"))

        monkeypatch.setattr(double, "pluginAddPath", add)
        monkeypatch.setitem(sys.modules, "nuke", double)
        hidden = {n: sys.modules.pop(n) for n in list(sys.modules) if n.startswith("candela_bridge")}
        # An installation for development has a finder that leads to the sources; a host has none.
        own = [f for f in sys.meta_path if getattr(f, "__module__", "").startswith("_frozen_importlib")]
        monkeypatch.setattr(sys, "meta_path", own)
        try:
            runpy.run_path(str(folder / "init.py"))
            import candela_bridge
            from candela_bridge.client.launch import find_command

            assert Path(str(candela_bridge.__file__)).is_relative_to(folder / "candela" / "python")
            monkeypatch.delenv("CANDELA_COMMAND", raising=False)
            with pytest.raises(Exception, match="/opt/candela/bin/candela, which is no program"):
                find_command()
        finally:
            for name in [n for n in sys.modules if n.startswith("candela_bridge")]:
                del sys.modules[name]
            sys.modules.update(hidden)
        assert ran[0] == str(folder / "candela") and double.menu("Nodes").findItem("Candela")  # type: ignore[union-attr]

    def test_a_newer_one_takes_away_what_it_has_not(self, home: Path) -> None:
        plan = plan_for("nuke", machine(home), "/opt/candela")
        old = plan.folder / "gone.py"
        apply(type(plan)("nuke", plan.folder, {**plan.files, old: b"old"}, plan.lines))
        (plan.folder / "menu.py").write_text("# tinkered with")
        done = apply(plan)
        assert done.done == "replaced" and not old.exists()
        kept = list((plan.folder / "kept").glob("menu.py.*"))
        assert [path.read_text() for path in kept] == ["# tinkered with"]
        assert (plan.folder / "menu.py").read_bytes() == plan.files[plan.folder / "menu.py"]

    def test_what_was_changed_since_stays(self, home: Path) -> None:
        plan = plan_for("nuke", machine(home), None)
        apply(plan)
        (plan.folder / "menu.py").write_text("# tinkered with")
        init = home / ".nuke" / "init.py"
        init.write_bytes(init.read_bytes() + b"later = 2\r\n")
        done = undo("nuke", plan.folder)
        assert [c.path for c in done.changes if c.what == "left"] == [str(plan.folder / "menu.py")]
        assert init.read_bytes() == b"import nuke\r\nmine = 1\r\nlater = 2\r\n"
        assert (plan.folder / "menu.py").read_text() == "# tinkered with" and "not ours" in done.notes[-1]

    def test_links_lead_to_where_settings_are_kept(self, home: Path) -> None:
        init, kept = home / ".nuke" / "init.py", home / "dotfiles.py"
        init.rename(kept)
        init.symlink_to(kept)
        kept.chmod(0o640)
        plan = plan_for("nuke", machine(home), None)
        apply(plan)
        assert init.is_symlink() and b"pluginAddPath" in kept.read_bytes()
        assert kept.stat().st_mode & 0o777 == 0o640
        undo("nuke", plan.folder)
        assert init.is_symlink() and kept.read_bytes() == b"import nuke\r\nmine = 1"

    def test_a_folder_of_somebody_else_is_not_taken(self, home: Path) -> None:
        plan = plan_for("nuke", machine(home), None)
        plan.folder.mkdir()
        (plan.folder / "notes.txt").write_text("mine")
        before = everything(home)
        with pytest.raises(InstallError, match="move it away"):
            apply(plan)
        assert everything(home) == before

    def test_lines_that_were_torn_stop_it_before_anything_is_taken(self, home: Path) -> None:
        plan = plan_for("nuke", machine(home), None)
        apply(plan)
        init = home / ".nuke" / "init.py"
        init.write_bytes(init.read_bytes().replace(b"# <<< candela <<<", b""))
        before = everything(home)
        with pytest.raises(InstallError, match="by hand"):
            undo("nuke", plan.folder)
        assert everything(home) == before

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
    def test_no_rights(self, home: Path) -> None:
        (home / ".nuke").chmod(0o500)
        plan = plan_for("nuke", machine(home), None)
        try:
            assert "more rights" in apply(plan, dry_run=True).notes[0]
            with pytest.raises(RightsError, match="--to"):
                apply(plan)
        finally:
            (home / ".nuke").chmod(0o700)

    def test_a_file_that_is_write_protected_is_not_replaced(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Its folder would let it be: but a dry run says no, and somebody wants it to stay."""
        init, plan = home / ".nuke" / "init.py", plan_for("nuke", machine(home), None)
        before, real = everything(home), os.access

        def access(path: Path, mode: int) -> bool:  # an administrator, as tests may be run by, may all
            return path != init and real(path, mode)

        monkeypatch.setattr(os, "access", access)
        assert f"{init} cannot be written" in apply(plan, dry_run=True).notes[0]
        with pytest.raises(RightsError, match="write protection"):
            apply(plan)
        assert everything(home) == before
        monkeypatch.undo()
        apply(plan)
        there = everything(home)
        monkeypatch.setattr(os, "access", access)
        with pytest.raises(RightsError, match="write protection"):
            undo("nuke", plan.folder)
        assert everything(home) == there

    def test_what_was_kept_for_somebody_does_not_stop_the_next_one(self, home: Path) -> None:
        plan = plan_for("nuke", machine(home), None)
        apply(plan)
        (plan.folder / "menu.py").write_text("# mine")
        apply(plan)
        undo("nuke", plan.folder)
        assert [path.name for path in plan.folder.iterdir()] == ["kept"]
        assert apply(plan).done == "installed"
        undo("nuke", plan.folder)
        (kept,) = (plan.folder / "kept").iterdir()
        assert kept.read_text() == "# mine"

    def test_a_disk_that_refuses_can_be_taken_back(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        work = sys.modules["candela_bridge.install.apply"]
        real, before, count = work.write, everything(home), [0]  # type: ignore[attr-defined]

        def full(path: Path, data: bytes, like: Any = None) -> None:
            count[0] += 1
            if 10 < count[0] < 12:
                raise OSError(28, "No space left on device", str(path))
            real(path, data, like)

        monkeypatch.setattr(work, "write", full)
        plan = plan_for("nuke", machine(home), None)
        with pytest.raises(RightsError, match="No space"):
            apply(plan)
        undo("nuke", plan.folder)
        assert everything(home) == before

    def test_a_shared_folder_needs_no_line(self, tmp_path: Path) -> None:
        plan = plan_for("nuke", machine(tmp_path / "h"), "/c", to=tmp_path / "shared")
        done = apply(plan)
        assert plan.lines is None and f"NUKE_PATH={tmp_path / 'shared' / 'candela'}" in done.notes[0]
        assert (tmp_path / "shared" / "candela" / "init.py").is_file()
        damaged = plan.record
        damaged.write_text("{}")
        with pytest.raises(InstallError, match="damaged"):
            undo("nuke", plan.folder)
