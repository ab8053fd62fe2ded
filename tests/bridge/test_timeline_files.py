"""Timelines as files: an OTIO and an EDL opened and judged, over a real helper and a real sidecar."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import opentimelineio as otio
import pytest
from tests.server.test_embed_movies import edl
from tests.server.test_score import exr, texture

from candela_bridge.client import Bridge, CallError
from candela_bridge.shot import OPENING
from candela_bridge.shot_scores import score_shots
from candela_bridge.timeline import TimelineFile, open_timeline, remove_markers, write_markers
from candela_bridge.timeline import marks as marks_module

from .conftest import LONG


@pytest.fixture
def folder(shots: Path) -> Iterator[Path]:
    """Eight frames of a grade, from 1001 on, that clips from 1005 on."""
    made = shots / "cut"
    made.mkdir()
    nits = np.minimum(texture(), 990)
    for number in range(8):
        exr(made / f"a.{1001 + number}.exr", nits if number < 4 else np.minimum(nits, 150))
    yield made
    shutil.rmtree(made)


def opened(host: Bridge, path: Path, **more: Any) -> TimelineFile:
    found: list[Any] = []
    ended = threading.Event()
    open_timeline(host, str(path), lambda file, error: (found.append(error or file), ended.set()), **more)
    assert ended.wait(LONG)
    if isinstance(found[0], BaseException):
        raise found[0]
    assert isinstance(found[0], TimelineFile)
    return found[0]


def otio_of(folder: Path, *cuts: tuple[str, int, int]) -> Path:
    """A timeline of (name, first frame of the sequence, frames), as OpenTimelineIO itself writes it."""
    track = otio.schema.Track("V1", kind="Video")
    for name, first, count in cuts:
        reference = otio.schema.ImageSequenceReference(
            target_url_base=str(folder), name_prefix="a.", name_suffix=".exr", start_frame=1001, rate=24,
            frame_zero_padding=4,
            available_range=otio.opentime.TimeRange(
                otio.opentime.RationalTime(1001, 24), otio.opentime.RationalTime(8, 24)
            ),
        )  # fmt: skip
        at = otio.opentime.TimeRange(
            otio.opentime.RationalTime(first, 24), otio.opentime.RationalTime(count, 24)
        )
        track.append(otio.schema.Clip(name, media_reference=reference, source_range=at))
    timeline = otio.schema.Timeline("cut")
    timeline.tracks.append(track)
    path = folder / "cut.otio"
    otio.adapters.write_to_file(timeline, str(path))
    return path


def test_an_otio_is_opened_and_its_shots_are_judged(host: Bridge, shots: Path, folder: Path) -> None:
    timeline = opened(host, otio_of(folder, ("good", 1001, 4), ("bad", 1005, 4)))
    assert timeline.rate == 24 and [shot.name for shot in timeline.shots] == ["good", "bad"]
    assert [(s.first, s.last, s.media) for s in timeline.shots] == [
        (0, 3, (1001, 1004)),
        (4, 7, (1005, 1008)),
    ]
    found: dict[str, Any] = {}
    ended = threading.Event()

    def done(shot: Any, result: Any, error: Any) -> None:
        found[shot.name] = error or result
        if len(found) == 2:
            ended.set()

    score_shots(host, timeline.shots, done, colour={"name": "linear-rec2020"})
    assert ended.wait(LONG)
    for name in ("good", "bad"):
        assert isinstance(found[name], dict), found[name]
    assert found["bad"]["result"]["shots"][0]["first"] == 1005


def test_shots_are_listed_before_their_media_are_looked_for(host: Bridge, shots: Path, folder: Path) -> None:
    told: list[Any] = []
    timeline = opened(host, otio_of(folder, ("good", 1001, 4), ("lost", 2001, 4)), listed=told.append)
    (early,) = told
    assert [(s.key, s.name, s.first, s.last) for s in early.shots] == [
        (s.key, s.name, s.first, s.last) for s in timeline.shots
    ]
    assert [(s.media, s.trouble) for s in early.shots] == 2 * [(None, OPENING)]
    assert timeline.shots[0].media == (1001, 1004) and timeline.shots[1].media is None
    assert timeline.shots[1].trouble != OPENING
    failed: list[Any] = []
    with pytest.raises(CallError, match=r"nothing\.otio"):
        opened(host, folder / "nothing.otio", listed=failed.append)
    assert not failed


def test_an_edl_needs_its_rate_and_says_what_is_not_there(host: Bridge, shots: Path) -> None:
    cut = edl(shots / "lost.edl", [("lost.mkv", 0, 4)])
    timeline = opened(host, cut, rate="24", media=[str(shots)])
    (shot,) = timeline.shots
    assert shot.media is None and "lost.mkv" in shot.trouble
    with pytest.raises(CallError, match="rate"):
        opened(host, cut, rate="nonsense")
    with pytest.raises(CallError, match=r"nothing\.edl"):
        opened(host, shots / "nothing.edl", rate="24")


def test_long_timelines_come_in_parts(host: Bridge, folder: Path) -> None:
    timeline = opened(host, otio_of(folder, *((f"s{n}", 1001 + n % 8, 1) for n in range(250))))
    assert len(timeline.shots) == 250 and len({shot.key for shot in timeline.shots}) == 250
    assert [timeline.shots[n].name for n in (0, 199, 200, 249)] == ["s0", "s199", "s200", "s249"]


def fcpxml_of(folder: Path) -> Path:
    """Two shots of the sequence: its first four frames as they are, its last four at twice the speed."""
    path = folder / "cut.fcpxml"
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n<fcpxml version="1.10">\n<resources>'
        '<format id="r" frameDuration="1/24s"/><asset id="a" name="a" start="0s" duration="8/24s" '
        f'hasVideo="1" format="r" src="{(folder / "a.1001.exr").as_uri()}"/></resources>\n'
        '<library><event><project name="cut">\n<sequence format="r" tcStart="3600s"><spine>\n'
        '  <asset-clip ref="a" name="good" offset="3600s" start="0s" duration="4/24s"/>\n'
        '  <asset-clip ref="a" name="bad" offset="86404/24s" start="2/24s" duration="2/24s"><timeMap>'
        '<timept time="0s" value="0s" interp="linear"/><timept time="4/24s" value="8/24s" interp="linear"/>'
        "</timeMap></asset-clip>\n</spine></sequence></project></event></library>\n</fcpxml>\n"
    )
    return path


class Heard:
    """What a callback with (found, error) is given."""

    def __init__(self) -> None:
        self.found: Any = None
        self._ended = threading.Event()

    def __call__(self, found: Any, error: Any) -> None:
        self.found = error or found
        self._ended.set()

    def wait(self) -> Any:
        assert self._ended.wait(LONG)
        if isinstance(self.found, BaseException):
            raise self.found
        return self.found


def judged(first: int, *reasons: tuple[str, int]) -> dict[str, Any]:
    """As `candela score` has it, of what markers need."""
    told = [{"class": "violation", "kind": kind, "text": kind, "frames": [at]} for kind, at in reasons]
    return {"shots": [{"score": 3.0, "first": first, "reasons": told}]}


class TestWritingBack:
    def test_opened_scored_and_written_back(self, host: Bridge, shots: Path, folder: Path) -> None:
        """FCPXML through all of it: the shot that clips has a marker where its fault begins."""
        path = fcpxml_of(folder)
        before = path.read_bytes()
        timeline = opened(host, path)
        assert [(s.name, s.first, s.last, s.media) for s in timeline.shots] == [
            ("good", 0, 3, (1001, 1004)), ("bad", 4, 5, (1005, 1007)),
        ]  # fmt: skip
        results: dict[str, Any] = {}
        ended = threading.Event()

        def done(shot: Any, result: Any, error: Any) -> None:
            results[shot.key] = result["result"] if error is None else error
            if len(results) == 2:
                ended.set()

        for number in range(1001, 1009):
            shutil.copy(shots / "sdr.png", folder / f"sdr.{number}.png")
        reference = str(folder / "sdr.####.png")
        score_shots(host, timeline.shots, done, colour={"name": "linear-rec2020"}, reference=reference)
        assert ended.wait(LONG)
        heard = Heard()
        write_markers(host, timeline, results, heard)
        report = heard.wait()
        assert report["path"] == str(path) and report["written"] >= 2 and report["removed"] == 0
        found = opened(host, path)
        assert [(s.name, s.first, s.media) for s in found.shots] == [
            (s.name, s.first, s.media) for s in timeline.shots
        ]
        text = path.read_text()
        assert text.count('value="Candela: ') == report["written"] and "Candela: highlights clipped" in text
        again = Heard()
        write_markers(host, timeline, results, again)
        assert again.wait()["removed"] == report["written"]
        gone = Heard()
        remove_markers(host, str(path), gone)
        assert gone.wait()["removed"] == report["written"]
        left = opened(host, path)
        assert "Candela" not in path.read_text() and left.shots == timeline.shots and before

    def test_at_another_speed_a_marker_lands_where_the_frame_is_seen(
        self, host: Bridge, folder: Path
    ) -> None:
        """The second shot shows 1005 and 1007: a fault of 1007 is on the timeline's frame 5."""
        path = fcpxml_of(folder)
        timeline = opened(host, path)
        heard = Heard()
        write_markers(host, timeline, {timeline.shots[1].key: judged(1005, ("clipped", 1007))}, heard)
        assert heard.wait()["written"] == 2
        text = path.read_text()
        assert 'start="1/12s"' in text and 'start="1/8s"' in text, text

    def test_one_shot_s_markers_are_its_own(self, host: Bridge, folder: Path) -> None:
        path = otio_of(folder, ("good", 1001, 4), ("bad", 1005, 4))
        timeline = opened(host, path)
        both = {
            shot.key: judged(shot.media[0], ("hue", shot.media[0])) for shot in timeline.shots if shot.media
        }
        for results in (both, {timeline.shots[1].key: judged(1005, ("noise", 1006))}):
            heard = Heard()
            write_markers(host, timeline, results, heard)
            heard.wait()
        found = otio.adapters.read_from_file(str(path)).tracks.markers
        assert [(m.marked_range.start_time.value, m.name) for m in found] == [
            (0, "Candela: hue +1"), (4, "Candela: score 3.0"), (5, "Candela: noise"),
        ]  # fmt: skip

    def test_an_edl_has_its_list_beside_it_at_the_rate_it_was_opened_with(
        self, host: Bridge, folder: Path
    ) -> None:
        path = folder / "cut.edl"
        path.write_text(
            "TITLE: cut\nFCM: NON-DROP FRAME\n\n"
            "001  A001 V C 00:00:41:17 00:00:41:21 01:00:00:00 01:00:00:04\n"
            f"* FROM FILE: {folder}/a.####.exr\n"
        )
        timeline = opened(host, path, rate="24")
        (shot,) = timeline.shots
        assert shot.media == (1001, 1004)
        for work in (
            lambda heard: write_markers(host, timeline, {shot.key: judged(1001, ("hue", 1003))}, heard),
            lambda heard: remove_markers(host, str(path), heard),
        ):
            heard = Heard()
            work(heard)
            report = heard.wait()
            text = Path(report["path"]).read_text()
            assert report["path"] == str(folder / "cut.markers.edl")
            assert ("01:00:00:02" in text and "|M:Candela: hue" in text) == (report["written"] == 2)
        assert "Candela: " not in text

    def test_long_ones_go_in_parts(self, host: Bridge, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = otio_of(folder, *((f"s{n}", 1001 + n % 8, 1) for n in range(30)))
        timeline = opened(host, path)
        monkeypatch.setattr(marks_module, "_ROOM", 1000)
        heard = Heard()
        write_markers(
            host, timeline, {shot.key: judged(1001) for shot in timeline.shots}, heard,
            out=str(folder / "out.otio"),
        )  # fmt: skip
        report = heard.wait()
        assert report["written"] == 30 and report["path"] == str(folder / "out.otio")
        assert len(otio.adapters.read_from_file(report["path"]).tracks.markers) == 30
        assert not otio.adapters.read_from_file(str(path)).tracks.markers

    def test_what_cannot_be_is_told(self, host: Bridge, folder: Path) -> None:
        path = fcpxml_of(folder)
        timeline = opened(host, path)
        path.write_text(path.read_text().replace('duration="4/24s"', 'duration="3/24s"'))
        heard = Heard()
        write_markers(host, timeline, {timeline.shots[0].key: judged(1001)}, heard)
        with pytest.raises(CallError, match="open it again"):
            heard.wait()
        for given, words in (
            ({"path": "/nowhere.otio", "shots": []}, "nowhere"),
            ({"path": str(path), "shots": [{}]}, "first"),
            ({"path": str(path), "shots": [{"first": 0, "last": 1, "result": 7}]}, "result"),
            ({"path": str(path), "shots": "x"}, "list"),
        ):
            with pytest.raises(CallError, match=words) as error:
                host.call("mark", given).result(LONG)
            assert error.value.exit_code == 2
