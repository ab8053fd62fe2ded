"""Hosts' calls over a real helper and a real sidecar, which the helper starts."""

# ruff: noqa: F811 (fixtures of tests/server)
from __future__ import annotations

import json
import os
import shutil
import signal
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Any

import pytest
from tests.server.conftest import Candela, candela, made  # noqa: F401

from candela_bridge.client import Bridge, CallError
from candela_bridge.helper.job import Job, Refused
from candela_bridge.helper.run import NAMES
from candela_bridge.helper.sidecar import SidecarLink
from candela_server.jobs.errors import UnreachableError

from .conftest import end_helper, lives, wait_for

LONG = 240.0
PQ = "Rec.2100-PQ - Display"


def told(found: dict[str, Any]) -> list[tuple[str, float]]:
    """Reasons and their severity, to what float32 of one way and another leaves the same."""
    return [(r["kind"], round(r["severity"], 2)) for r in found["result"]["shots"][0]["reasons"]]


def asked(shots: Path, name: str, **more: Any) -> dict[str, Any]:
    return {"grade": {"path": str(shots / name)}, "reference": {"path": str(shots / "sdr.png")}, **more}


class TestScores:
    def test_are_those_of_the_command_line(self, host: Bridge, shots: Path, candela: Candela) -> None:
        heard: list[Any] = []
        given = asked(shots, "clipped.exr", fresh=True)
        found = host.call("score", given, progress=heard.append).result(LONG)
        line = ("score", shots / "clipped.exr", "--reference", shots / "sdr.png")
        assert found["result"] == candela("--json", *line).json
        assert found["sidecar"]["version"] == host.helper["version"]  # type: ignore[index]
        assert not found["cached"] and found["host"] == "Nuke 15.1v1" and heard
        whole = json.loads(Path(found["document"]).read_text())
        assert whole["result"] == found["result"]

    def test_are_kept_until_a_file_changes(self, host: Bridge, shots: Path) -> None:
        shutil.copy(shots / "clipped.exr", shots / "kept.exr")
        given = asked(shots, "kept.exr")
        assert host.call("recall", given).result(LONG) == {"found": False}
        first = host.call("score", given).result(LONG)
        again = host.call("score", given).result(LONG)
        assert again["cached"] and again["result"] == first["result"] and again["scope"] == first["scope"]
        recalled = host.call("recall", given).result(LONG)
        assert recalled.pop("found") and recalled == again
        assert not host.call("score", {**given, "fresh": True}).result(LONG)["cached"]
        assert host.call("recall", {**given, "key_frames": 3}).result(LONG) == {"found": False}
        shutil.copy(shots / "grade.exr", shots / "kept.exr")
        assert host.call("recall", given).result(LONG) == {"found": False}
        other = host.call("score", given).result(LONG)
        assert not other["cached"] and other["result"] != first["result"]

    def test_the_scope_effect_can_draw_them(self, host: Bridge, shots: Path) -> None:
        """As docs/openfx.md has it; the plugin's own tests read the same form."""
        found = host.call("score", asked(shots, "clipped.exr")).result(LONG)
        drawn = json.loads(Path(found["scope"]).read_text())
        assert (drawn["width_px"], drawn["height_px"]) == (256, 144)
        (shot,) = drawn["shots"]
        clip = next(r for r in shot["reasons"] if r["kind"] == "highlights_clipped")
        said = next(r for r in found["result"]["shots"][0]["reasons"] if r["kind"] == "highlights_clipped")
        assert clip["sentence"] == said["text"] and clip["severity"] == "issue"
        left, top, right, bottom = clip["box"]
        assert (right - left, bottom - top) == (said["box_px"]["width"], said["box_px"]["height"])
        assert 0 <= left < right <= 256 and 0 <= top < bottom <= 144

    def test_of_two_grades(self, host: Bridge, shots: Path) -> None:
        given = {
            name: {"path": str(shots / f"{file}.exr")}
            for name, file in (("first", "grade"), ("second", "clipped"))
        }
        found = host.call("compare", {**given, "reference": {"path": str(shots / "sdr.png")}}).result(LONG)
        assert found["result"]["better"] == "first" and set(found["colours"]) == {
            "first",
            "second",
            "reference",
        }

    def test_colours_are_the_hosts(self, host: Bridge, shots: Path) -> None:
        """What Nuke calls a space is looked up in Nuke's config, though Candela has a colour of that name."""
        from candela_ocio import candela_config_path

        config = shutil.copy(candela_config_path(), str(shots / "house.ocio"))
        colour = {"config": config, "space": "Display/Linear Rec.2020 (nits)"}
        given = asked(shots, "grade.exr")
        given["grade"]["colour"] = colour
        found = host.call("score", given).result(LONG)
        record = found["colours"]["grade"]
        assert record["space"] == "Linear Rec.2020 (nits)" and record["found"] == "family"
        assert record["config"]["path"] == config and len(record["config"]["sha256"]) == 64
        assert found["result"]["grade_state"]["ocio_space"] == "Linear Rec.2020 (nits)"
        assert found["result"]["grade_state"]["ocio_config"] == record["config"]["identity"]
        plain = host.call("score", asked(shots, "grade.exr")).result(LONG)
        assert told(plain) == told(found)
        given["grade"]["colour"] = {"space": "linear-rec2020"}  # of no config: Candela's own
        own = host.call("score", given).result(LONG)
        assert told(own) == told(found)
        assert own["colours"]["grade"]["config"]["path"] == str(candela_config_path())


class TestNames:
    def names(self, host: Bridge, *spaces: object, **more: Any) -> list[dict[str, Any]]:
        return host.call("resolve", {"spaces": list(spaces), **more}).result(LONG)["spaces"]

    def test_as_hosts_show_them(self, host: Bridge) -> None:
        found = self.names(
            host, "ACEScg", "scene_linear (ACEScg)", "ACES/ACEScg", "acescg", "scene_linear", white_nits=100
        )
        assert {one["name"] for one in found} == {"ocio:ACEScg@100"}
        assert [one["found"] for one in found] == ["name", "role", "family", "name", "name"]
        assert {one["reference"] for one in found} == {"scene"}
        assert self.names(host, PQ, white_nits=100)[0]["name"] == f"ocio:{PQ}", "display light is absolute"

    def test_what_is_none_says_so_and_guesses_nothing(self, host: Bridge) -> None:
        found = self.names(host, "ACEScg", "Wrong/ACEScg", "ACEScgg", "Raw", "", 7, "../" * 50)
        assert all("error" in one and "name" not in one for one in found)
        assert "white_nits" in found[0]["error"] and "'ACEScg'" in found[2]["error"]
        assert "data" in found[3]["error"]

    @pytest.mark.parametrize("config", ["/nowhere/config.ocio", "relative.ocio", "ocio://nonsense", 5])
    def test_a_config_that_is_none_is_an_error_and_never_another(self, host: Bridge, config: object) -> None:
        with pytest.raises(CallError) as error:
            host.call("resolve", {"config": config, "spaces": ["ACEScg"]}).result(LONG)
        assert error.value.kind in ("ColourStateError", "InputError")
        assert "config" in str(error.value)


class TestFiles:
    def test_what_they_carry_and_what_a_host_needs_for_it(
        self,
        host: Bridge,
        shots: Path,
        made: Any,
        candela: Candela,
    ) -> None:
        shutil.copy(made[1], shots / "out.png")
        path = str(shots / "out.png")
        document = host.call("inspect", {"path": path}).result(LONG)
        assert document == candela("--json", "inspect", path).json
        found = host.call("setup", {"path": path, "frame": 3}).result(LONG)
        assert (found["carrier"], found["picture"], found["file"]) == ("png", "same", path)
        assert found["shots"] is None and found["sdr_transfer"] == "bt1886"
        assert found["provenance"] == "fitted" and found["distilled"] is None
        with pytest.raises(CallError) as none:
            host.call("setup", {"path": str(shots / "sdr.png")}).result(LONG)
        assert none.value.kind == "NoPayloadError"
        there = host.call("reconstruct", {"path": path, "out": str(shots / "a.exr")}).result(LONG)
        here = candela("--json", "reconstruct", path, "-o", shots / "b.exr").json
        assert (shots / "a.exr").read_bytes() == (shots / "b.exr").read_bytes()
        assert {**there, "out": 0} == {**here, "out": 0}

    @pytest.mark.parametrize(
        ("call", "given", "kind", "words"),
        [
            ("score", {}, "InputError", "grade: an object"),
            ("score", {"grade": {"path": "a.exr"}}, "InputError", "grade.path: a.exr: is no absolute path"),
            ("score", {"grade": {"path": "/x/\0"}}, "InputError", "grade.path"),
            ("score", {"grade": {"path": "/etc/passwd"}}, "PathRefusedError", "is not inside the folders"),
            ("score", {"grade": {"path": "/a.exr", "range": "wide"}}, "InputError", "grade.range"),
            ("score", {"grade": {"path": "/a.exr"}, "frames": [2, 1]}, "InputError", "frames: 2 to 1"),
            ("score", {"grade": {"path": "/a.exr"}, "key_frames": True}, "InputError", "key_frames"),
            ("score", {"grade": {"path": "/a.exr", "colour": "PQ"}}, "InputError", "grade.colour: an object"),
            (
                "embed",
                {"sdr": {"path": "/a"}, "hdr": {"path": "/b"}, "effort": "all"},
                "InputError",
                "effort",
            ),
            ("reconstruct", {"path": "/a.png"}, "InputError", "out: a path is missing"),
            ("shots", {"path": "/a.edl", "media": [3]}, "InputError", r"media\[0\]"),
        ],
    )
    def test_what_is_wrong_is_said_by_its_name(
        self, host: Bridge, call: str, given: dict[str, Any], kind: str, words: str
    ) -> None:
        with pytest.raises(CallError, match=words) as error:
            host.call(call, given).result(LONG)
        assert (error.value.kind, error.value.exit_code) == (kind, 2)

    def test_the_names_of_calls_are_those_that_there_are(self, home: Path) -> None:
        from candela_bridge.helper.calls import Calls, default_link
        from candela_bridge.helper.store import Store

        link = default_link(home, f"unix:{home}/none.sock", [])
        assert tuple(Calls(link, Store(home)).table()) == NAMES


class TestEnds:
    def embedding(self, host: Bridge, shots: Path, made: Any) -> Any:
        """A call that takes long."""
        pair = made[0]
        for source, name in ((pair.sdr, "long.png"), (pair.hdr, "long.exr")):
            shutil.copy(source, shots / name)
        given = {
            "sdr": {"path": str(shots / "long.png")}, "hdr": {"path": str(shots / "long.exr")},
            "out": str(shots / "done.png"), "effort": "best",
        }  # fmt: skip
        call = host.call("embed", given)
        wait_for(lambda: call.last.get("stage") in ("choose", "fit") or call.done())
        assert not call.done()
        return call

    def jobs(self, host: Bridge) -> list[Any]:
        return host.call("status").result(LONG)["jobs"]

    def test_what_is_cancelled_stops_at_the_sidecar(self, host: Bridge, shots: Path, made: Any) -> None:
        call = self.embedding(host, shots, made)
        assert [job["call"] for job in self.jobs(host)] == ["Embed"]
        assert call.cancel()
        with pytest.raises(CancelledError):
            call.result(0)
        wait_for(lambda: not self.jobs(host))
        assert not (shots / "done.png").exists()

    def test_a_sidecar_that_dies_is_told_and_the_next_call_starts_another(
        self,
        host: Bridge,
        shots: Path,
        made: Any,
    ) -> None:
        call = self.embedding(host, shots, made)
        process = host.ping().result(LONG)["sidecar"]["process"]
        os.kill(process, signal.SIGKILL)
        with pytest.raises(CallError, match="call again") as error:
            call.result(LONG)
        assert (error.value.kind, error.value.exit_code) == ("UnreachableError", 3)
        end_helper(host)  # and with it what it knew
        assert host.call("status").result(LONG)["process_id"] != process

    def test_a_sidecar_that_hangs_is_told_and_ended(self, host: Bridge, home: Path) -> None:
        """As the helper sees it, with more patience than this test has: its sleep tells it, not the time."""
        process = host.call("status").result(LONG)["process_id"]
        link = SidecarLink(f"unix:{home}/s.sock", [], home, start=False, patience=1e6)
        job = Job("test", {}, None, lambda said: None)

        def hang(sidecar: Any) -> None:
            os.kill(process, signal.SIGSTOP)
            sidecar.status()

        with pytest.raises(UnreachableError, match="does not answer"):
            link.use(job, hang)
        with pytest.raises(Refused, match="no sidecar answers"):
            link.ready(job)
        wait_for(lambda: not lives(process))
        link.close()
