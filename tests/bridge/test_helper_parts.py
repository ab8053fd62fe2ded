"""Parts of the helper by themselves: what hosts give, what is kept, which folders may be opened."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from candela_bridge.client.launch import find_command
from candela_bridge.helper.colour import host_colour
from candela_bridge.helper.given import Given
from candela_bridge.helper.job import Cancelled, Job, Refused
from candela_bridge.helper.roots import top_folders, usual_roots
from candela_bridge.helper.store import Store, default_folder, stamps
from candela_bridge.place import default_place
from candela_ocio import candela_config_path

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
READS = (
    "inner", "maybe", "text", "maybe_text", "path", "maybe_path", "paths", "flag", "number", "whole",
    "frames", "range", "fraction",
)  # fmt: skip


class TestGiven:
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(ANYTHING)
    def test_any_value_is_read_or_refused_by_its_name(self, value: Any) -> None:
        for name in READS:
            try:
                getattr(Given({"x": value}, "grade"), name)("x")
            except Refused as error:
                assert str(error).startswith(("grade.x: ", "grade.x[")) and error.exit_code == 2

    def test_what_is_right_comes_out(self) -> None:
        found = Given(
            {"p": "/a/b.exr", "n": 3, "f": [1, 9], "r": "full", "q": "24000/1001", "l": ["/a"], "t": True}
        )
        assert found.path("p") == Path("/a/b.exr") and found.whole("n") == 3 and found.frames("f") == (1, 9)
        assert found.range("r") == "full" and found.paths("l") == (Path("/a"),) and found.flag("t")
        assert float(found.fraction("q") or 0) == pytest.approx(23.976, abs=1e-3)
        assert "p" in found and "z" not in found and found.maybe("z") is None and found.number("z") is None

    @pytest.mark.parametrize(
        "given_", [{"space": "ACEScg"}, {"space": "Raw"}, {"space": ""}, {}, {"config": "/nowhere"}]
    )
    def test_colours_that_say_nothing_of_light(self, given_: dict[str, Any]) -> None:
        with pytest.raises(Refused):
            host_colour(Given({"colour": given_}))


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("scene_linear (Linear Rec.2020 (nits))", "Linear Rec.2020 (nits)"),
        ("Linear Rec.2020 (nits)", "Linear Rec.2020 (nits)"),
        ("Linear Rec.2020 (nit)", None),  # a slip, and no space `Linear Rec.2020` of other numbers
        ("nonsense (ACEScg)", None),
    ],
)
def test_a_space_with_a_slip_in_its_name_is_no_other_space(asked: str, found: str | None) -> None:
    colour = {"config": str(candela_config_path()), "space": asked, "white_nits": 100}
    if found is None:
        with pytest.raises(Refused, match="is in no form a space"):
            host_colour(Given({"colour": colour}))
    else:
        record = host_colour(Given({"colour": colour})).record
        assert record is not None and record["space"] == found


class TestJobs:
    def test_what_is_cancelled_stops_what_it_waits_for_once(self) -> None:
        said: list[Any] = []
        job, stopped = Job("h", {}, 5.0, said.append), []
        job.on_cancel(lambda: stopped.append(1))
        job.progress("fit", 0.5)
        job.progress("fit", 0.6)  # too soon
        job.progress("write", 7.0)
        assert [(one["stage"], one["fraction"]) for one in said] == [("fit", 0.5), ("write", 1.0)]
        job.cancel()
        job.cancel()
        job.on_cancel(lambda: stopped.append(2))
        assert stopped == [1, 2] and job.seconds_left and job.seconds_left <= 5
        with pytest.raises(Cancelled):
            job.progress("write", 1.0)


class TestStore:
    def test_what_is_damaged_or_another_counts_as_none(self, tmp_path: Path) -> None:
        store = Store(tmp_path / "new" / "folder")
        key, other = store.key("score", [1]), store.key("score", [2])
        assert key != other and store.get(key) is None
        path = store.put(key, {"result": {"a": "\udcff"}})
        assert path is not None and store.get(key) == {"key": key, "result": {"a": "\udcff"}}
        path.rename(store.path(other))
        assert store.get(other) is None, "it is of another key"
        for text in ("", "{", "[]", "[" * 100_000, '{"key": 1}'):
            store.path(key).write_text(text)
            assert store.get(key) is None

    def test_a_disk_that_refuses_costs_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        assert Store(tmp_path / "file").put("k", {}) is None

    def test_the_oldest_go(self, tmp_path: Path) -> None:
        store = Store(tmp_path, most=3)
        for number in range(5):
            path = store.put(f"k{number}", {})
            assert path is not None
            os.utime(path, (number, number))
        store._prune()
        assert sorted(p.name for p in tmp_path.iterdir()) == ["k2.json", "k3.json", "k4.json"]

    def test_several_at_once_leave_whole_files(self, tmp_path: Path) -> None:
        store = Store(tmp_path)
        threads = [threading.Thread(target=lambda: store.put("k", {"x": "y" * 50_000})) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert json.loads(store.path("k").read_text())["x"] == "y" * 50_000
        assert [p.name for p in tmp_path.iterdir()] == ["k.json"]

    @pytest.mark.parametrize("name", ["a.####.exr", "a.%04d.exr", "a.[1-9].exr", "a.$F4.exr", "a.@@@@.exr"])
    def test_stamps_are_of_the_frames_that_are_asked_for(self, name: str, tmp_path: Path) -> None:
        for number in range(1, 6):
            (tmp_path / f"a.{number:04}.exr").write_text("x" * number)
        (tmp_path / "b.0001.exr").touch()
        assert [one[0] for one in stamps(tmp_path / name, (2, 3))] == ["a.0002.exr", "a.0003.exr"]
        before = stamps(tmp_path / name)
        assert len(before) == 5 and stamps(tmp_path) != before
        (tmp_path / "a.0004.exr").write_text("other")
        assert stamps(tmp_path / name) != before and stamps(tmp_path / name, (1, 3)) == before[:3]
        assert stamps(tmp_path / "none.####.exr") == [] and stamps(tmp_path / "none.exr") == []
        (tmp_path / "take#2.exr").touch()
        assert [one[0] for one in stamps(tmp_path / "take#2.exr")] == ["take#2.exr"]


def test_roots_are_where_pictures_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CANDELA_ROOTS", f"{tmp_path}{os.pathsep}/shots")
    assert usual_roots() == [tmp_path, Path("/shots")]
    monkeypatch.delenv("CANDELA_ROOTS")
    found = usual_roots()
    assert found and Path.home().resolve() in found and Path("/") not in found
    assert not {Path(p).resolve() for p in ("/etc", "/usr", "/proc", "/dev", "/sys")} & set(found)


def test_the_command_that_an_installation_noted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import candela_bridge.client.launch as launch

    package = tmp_path / "candela_bridge"
    (package / "client").mkdir(parents=True)
    monkeypatch.setattr(launch, "__file__", str(package / "client" / "launch.py"))
    monkeypatch.delenv("CANDELA_COMMAND", raising=False)
    (package / "candela_command.txt").write_text("/bin/sh\n")
    assert find_command() == ("/bin/sh", "bridge")
    (package / "candela_command.txt").write_text("/nowhere/candela\n")
    with pytest.raises(launch.HelperMissingError, match=r"candela_command\.txt"):
        find_command()


def test_places_on_windows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where there are no Unix sockets it is a port, and a card with its token in the user's own folder."""
    monkeypatch.setattr("candela_bridge.place.has_unix_sockets", lambda: False)
    monkeypatch.delenv("CANDELA_BRIDGE_DIR", raising=False)
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    place = default_place()
    assert place.folder == tmp_path / "Candela" and not place.unix and place.card.suffix == ".json"
    assert default_folder("win32") == tmp_path / "Candela" / "cache" / "bridge"
    for name in ("Windows", "Program Files", "$Recycle.Bin", "shots", "Users"):
        (tmp_path / "drive" / name).mkdir(parents=True)
    found = top_folders(tmp_path / "drive", windows=True)
    assert sorted(path.name for path in found) == ["Users", "shots"]
    assert top_folders(tmp_path / "no drive", windows=True) == []
