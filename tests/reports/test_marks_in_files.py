"""Markers written into timelines that are there: OTIO, FCPXML and lists for Resolve; others' stay."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import opentimelineio as otio
import pytest

from candela_engines.errors import CandelaError, InputError
from candela_engines.media.timeline import Timeline, read_timeline
from candela_server.reports.markers import Mark
from candela_server.service import MarkRequest, MarkResult, frame_shown, mark_timeline

OURS = ("Candela: ",)
XML = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE fcpxml>
<!-- kept -->
<fcpxml version="1.11">
  <resources><format id="r" frameDuration="100/2400s"/>
    <asset id="a" name="A" start="3600s" duration="100s" hasVideo="1" format="r" src="file:///r/A.mov"/>
  </resources>
  <library><event><project name="cut"><sequence format="r" tcStart="3600s"><spine>
    <asset-clip ref="a" name="one > two" offset="3600s" start="3610s" duration="2s">
      <note>hi</note>
      <marker start="3610s" duration="100/2400s" value="Candela is nice"/>
      <filter-video ref="x" name="blur"/>
    </asset-clip>
    <asset-clip ref="a" name="self" offset="3602s" start="3650s" duration="2s"/>
    <asset-clip ref="a" name="fast" offset="3604s" start="0s" duration="2s"><timeMap>
      <timept time="0s" value="3600s" interp="linear"/><timept time="50s" value="3700s" interp="linear"/>
    </timeMap></asset-clip>
  </spine></sequence></project></event></library>
</fcpxml>
"""


def marks(*frames: int, name: str = "Candela: hue") -> tuple[Mark, ...]:
    return tuple(Mark(frame, 1, name, f'a "note" & <more> {frame}', "RED") for frame in frames)


def put(path: Path, *made: Mark, **more: object) -> MarkResult:
    return mark_timeline(MarkRequest(path, lambda timeline: made, OURS, **more))  # type: ignore[arg-type]


class TestFcpxml:
    @pytest.fixture
    def cut(self, tmp_path: Path) -> Path:
        path = tmp_path / "cut.fcpxml"
        path.write_bytes(XML.encode())
        return path

    def placed(self, path: Path) -> list[tuple[str, str]]:
        """Name of the clip and the marker's time, as another reader of XML sees them."""
        found = []
        for clip in ElementTree.parse(path).getroot().iter("asset-clip"):
            assert [child.tag for child in clip].count("filter-video") == 0 or clip[-1].tag == "filter-video"
            found += [
                (clip.get("name", ""), one.get("start", ""))
                for one in clip.findall("marker")
                if one.get("value", "").startswith("Candela: ")
            ]
        return found

    def test_they_stand_in_the_clip_that_shows_the_frame(self, cut: Path) -> None:
        before = read_timeline(cut)
        result = put(cut, *marks(0, 47, 48, 100))
        assert (result.written, result.removed, result.path) == (4, 0, cut)
        assert self.placed(cut) == [
            ("one > two", "3610s"), ("one > two", "86687/24s"), ("self", "3650s"), ("fast", "1/6s"),
        ]  # fmt: skip
        after = read_timeline(cut)
        assert (after.shots, after.rate, after.notes) == (before.shots, before.rate, before.notes)
        text = cut.read_text()
        assert "<!DOCTYPE fcpxml>\n<!-- kept -->" in text and 'value="Candela is nice"' in text
        notes = [one.get("note") for one in ElementTree.parse(cut).getroot().iter("marker")]
        assert 'a "note" & <more> 0' in notes

    def test_again_gives_the_same_file_and_without_any_the_first_one(self, cut: Path) -> None:
        put(cut, *marks(0, 47, 100))
        once = cut.read_bytes()
        assert put(cut, *marks(0, 47, 100)).removed == 3 and cut.read_bytes() == once
        assert put(cut).removed == 3 and cut.read_bytes() == XML.encode()

    def test_of_some_frames_alone(self, cut: Path) -> None:
        put(cut, *marks(0, 47, 48))
        result = put(cut, *marks(10), within=((0, 40),))
        assert result.removed == 1
        assert sorted(self.placed(cut)) == [
            ("one > two", "43325/12s"), ("one > two", "86687/24s"), ("self", "3650s"),
        ]  # fmt: skip

    def test_windows_line_ends_and_a_bundle(self, tmp_path: Path) -> None:
        bundle = tmp_path / "cut.fcpxmld"
        bundle.mkdir()
        inner = bundle / "Info.fcpxml"
        inner.write_bytes(XML.replace("\n", "\r\n").encode())
        put(bundle, *marks(3))
        assert self.placed(inner) == [("one > two", "28881/8s")]
        put(bundle)
        assert inner.read_bytes() == XML.replace("\n", "\r\n").encode()

    def test_another_encoding_is_refused_and_nothing_is_written(self, cut: Path) -> None:
        for data in (
            XML.replace("UTF-8", "UTF-16").encode("utf-16"),
            XML.replace("UTF-8", "latin-1").encode(),
        ):
            cut.write_bytes(data)
            with pytest.raises(InputError, match="UTF-8"):
                put(cut, *marks(0))
            assert cut.read_bytes() == data

    def test_a_copy_leaves_the_file(self, cut: Path, tmp_path: Path) -> None:
        out = tmp_path / "out.fcpxml"
        assert put(cut, *marks(5), out=out).path == out
        assert cut.read_bytes() == XML.encode() and self.placed(out) == [("one > two", "86645/24s")]


class TestOtio:
    @pytest.fixture
    def cut(self, tmp_path: Path) -> Path:
        def span(first: int, count: int) -> otio.opentime.TimeRange:
            return otio.opentime.TimeRange(
                otio.opentime.RationalTime(first, 24), otio.opentime.RationalTime(count, 24)
            )

        timeline = otio.schema.Timeline("cut", global_start_time=otio.opentime.RationalTime(86400, 24))
        track = otio.schema.Track("V1", kind="Video")
        reference = otio.schema.ExternalReference("file:///r/A.mov", span(0, 500))
        track.append(otio.schema.Clip("a", reference, span(0, 48)))
        timeline.tracks.append(track)
        timeline.tracks.markers.append(otio.schema.Marker("Candela is nice", span(3, 1)))
        timeline.tracks.markers.append(otio.schema.Marker("Candela QC: Issue x", span(3, 1)))
        path = tmp_path / "cut.otio"
        otio.adapters.write_to_file(timeline, str(path))
        return path

    def test_in_and_out_by_the_library_itself(self, cut: Path) -> None:
        before = otio.adapters.read_from_file(str(cut)).to_json_string()
        put(cut, *marks(0, 20, 40))
        result = put(cut, *marks(21), within=((10, 30),))
        assert result.removed == 1
        made = otio.adapters.read_from_file(str(cut))
        found = {m.marked_range.start_time.value: m.name for m in made.tracks.markers}
        assert found == {0: "Candela: hue", 3: "Candela QC: Issue x", 21: "Candela: hue", 40: "Candela: hue"}
        assert len(made.tracks.markers) == 5 and made.tracks.markers[-1].color == "RED"
        assert put(cut).removed == 3
        assert otio.adapters.read_from_file(str(cut)).to_json_string() == before

    def test_a_bundle_gets_a_file_beside_it(self, cut: Path, tmp_path: Path) -> None:
        import zipfile

        bundle = tmp_path / "b.otioz"
        with zipfile.ZipFile(bundle, "w") as made:
            made.write(cut, "content.otio")
        data = bundle.read_bytes()
        assert put(bundle, *marks(0)).path == tmp_path / "b.markers.otio" and bundle.read_bytes() == data


class TestEdl:
    CUT = (
        "TITLE: cut\nFCM: DROP FRAME\n\n001  AX V C 00:00:00;00 00:02:00;04 01:00:00;00 01:02:00;04\n"
        "* FROM CLIP NAME: a.mov\n"
    )

    def test_a_list_for_resolve_beside_it_and_others_lines_stay(self, tmp_path: Path) -> None:
        path = tmp_path / "cut.edl"
        path.write_text(self.CUT)
        result = put(path, *marks(0, 1800))
        assert result.path == tmp_path / "cut.markers.edl" and path.read_text() == self.CUT
        text = result.path.read_text()
        assert "01:01:00;02 01:01:00;03" in text and text.count("|M:Candela: hue") == 2
        theirs = "his note |C:ResolveColorGreen |M:his |D:1"
        head, begin, rest = text.partition("002  001")
        result.path.write_text(
            f"{head}002  001      V     C        01:00:10;00 01:00:10;01 01:00:10;00 01:00:10;01  \n"
            f"{theirs}\n\n{begin.replace('002', '003')}{rest}"
        )
        again = put(path, *marks(30), within=((0, 900),))
        text = result.path.read_text()
        assert again.removed == 1 and theirs in text
        events = [line.split()[4] for line in text.splitlines() if line[:3].isdigit()]
        assert events == ["01:00:01;00", "01:00:10;00", "01:01:00;02"]
        assert put(path).removed == 2 and theirs in result.path.read_text()

    def test_a_file_of_another_kind_is_not_overwritten(self, tmp_path: Path) -> None:
        path = tmp_path / "cut.edl"
        path.write_text(self.CUT)
        for text in (self.CUT, "my notes\n"):
            (tmp_path / "cut.markers.edl").write_text(text)
            with pytest.raises(InputError, match="move it away"):
                put(path, *marks(0))
            assert (tmp_path / "cut.markers.edl").read_text() == text


def test_the_frame_at_which_a_file_s_frame_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "cut.fcpxml"
    path.write_text(XML)
    timeline: Timeline = read_timeline(path)
    fast = timeline.shots[2]
    assert fast.step == Fraction(2)
    for at in range(fast.record_first, fast.record_last + 1):
        after = fast.source_at(at) - fast.source_first
        assert frame_shown(timeline, fast.record_first, fast.record_last, after) == at
    assert frame_shown(timeline, 0, 47, 10**6) == 47 and frame_shown(timeline, 0, 46, 0) is None


def test_what_is_no_timeline(tmp_path: Path) -> None:
    for name, text in (("a.otio", "{}"), ("a.fcpxml", "<a/>"), ("a.edl", "nothing"), ("a.txt", "")):
        (tmp_path / name).write_text(text)
        with pytest.raises(CandelaError):
            put(tmp_path / name, *marks(0))
        assert (tmp_path / name).read_text() == text
