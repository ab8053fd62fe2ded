"""FCPXML timelines: storylines, connected clips, compounds, speeds, rates, and files that mean harm."""

from __future__ import annotations

import contextlib
import tempfile
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candela_engines.errors import CandelaError, InputError
from candela_engines.media.timeline import Timeline, find_media, read_timeline, resolve_media

FORMATS = """
<format id="r24" frameDuration="100/2400s" width="1920" height="1080"/>
<format id="r23" frameDuration="1001/24000s"/><format id="r29" frameDuration="1001/30000s"/>
<format id="r48" frameDuration="1/48s"/><format id="named" name="FFVideoFormat1080p2997"/>
<format id="odd" name="FFVideoFormatRateUndefined"/>
<asset id="a" name="A001" start="3600s" duration="100s" hasVideo="1" format="r24">
  <media-rep kind="proxy-media" src="file:///rushes/proxy/A001.mov"/>
  <media-rep kind="original-media" src="file:///rushes/A%20001.mov"/></asset>
<asset id="b" name="B001" start="0s" duration="50s" hasVideo="1" format="r24" src="file:///rushes/B001.mov"/>
<asset id="fast" name="F" start="0s" duration="50s" hasVideo="1" format="r48" src="file:///rushes/F.mov"/>
<asset id="near" name="N" start="0s" duration="50s" hasVideo="1" format="r23" src="file:///rushes/N.mov"/>
<asset id="n29" name="D" start="0s" duration="900s" hasVideo="1" format="r29" src="file:///rushes/D.mov"/>
<asset id="still" name="S" start="0s" duration="0s" hasVideo="1" format="odd" src="file:///rushes/S.png"/>
<asset id="sound" name="W" start="0s" duration="50s" hasAudio="1" hasVideo="0" src="file:///rushes/W.wav"/>
<effect id="gen" name="Custom" uid=".../Generators.localized/x"/>
"""


def xml(spine: str, *, sequence: str = 'format="r24" tcStart="3600s" tcFormat="NDF"', more: str = "") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n<fcpxml version="1.11">'
        f"<resources>{FORMATS}{more}</resources><library><event name='e'><project name='cut'>"
        f"<sequence {sequence}><spine>{spine}</spine></sequence></project></event></library></fcpxml>"
    )


def read(folder: Path, text: str | bytes, name: str = "cut.fcpxml") -> Timeline:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_timeline(path)


def rows(timeline: Timeline) -> list[tuple[str, int, int, int, int]]:
    return [(s.name, s.record_first, s.record_last, s.source_first, s.source_last) for s in timeline.shots]


def test_clips_gaps_and_a_transition(tmp_path: Path) -> None:
    timeline = read(
        tmp_path,
        xml(
            '<asset-clip ref="a" name="one" offset="3600s" start="3610s" duration="48/24s"/>'
            '<transition name="Cross Dissolve" offset="86436/24s" duration="1s"/>'
            '<asset-clip ref="b" name="two" offset="3602s" start="5s" duration="2s"/>'
            '<gap name="Gap" offset="3604s" start="3600s" duration="1s"/>'
            '<asset-clip ref="b" name="three" offset="3605s" duration="1s"/>'
        ),
    )
    assert (timeline.rate, timeline.start_timecode, timeline.name) == (24, "01:00:00:00", "cut")
    assert rows(timeline) == [
        ("one", 0, 47, 240, 287), ("two", 48, 95, 120, 167), ("three", 120, 143, 0, 23),
    ]  # fmt: skip
    one = timeline.shots[0]
    assert one.media == Path("/rushes/A 001.mov") and one.counting == "first", "the original, no proxy"
    assert one.handles == (240, 100 * 24 - 288)
    (fade,) = timeline.transitions
    assert (fade.kind, fade.record_first, fade.record_last, fade.cut) == ("dissolve", 36, 59, 48)
    assert (fade.outgoing, fade.incoming) == (0, 1) and fade.incoming_source == (108, 131)


def test_drop_frame_counts_real_seconds(tmp_path: Path) -> None:
    """107892 frames is 01:00:00;00 of drop frame (SMPTE ST 12-1): 3599.9964 s of 30000/1001."""
    start = Fraction(107892 * 1001, 30000)
    timeline = read(
        tmp_path,
        xml(
            f'<asset-clip ref="n29" offset="{start}s" duration="{1800 * 1001}/30000s"/>'
            f'<asset-clip ref="n29" name="x" offset="{start + Fraction(1800 * 1001, 30000)}s" '
            f'start="1001/30000s" duration="1001/30000s"/>',
            sequence=f'format="named" tcStart="{start}s" tcFormat="DF"',
        ),
    )
    assert timeline.rate == Fraction(30000, 1001) and timeline.drop
    assert timeline.start_timecode == "01:00:00;00" and timeline.timecode(1800) == "01:01:00;02"
    assert rows(timeline)[1] == ("x", 1800, 1800, 1, 1)


def test_connected_clips_over_and_under(tmp_path: Path) -> None:
    """Where something hangs is counted in the local time of what it hangs on, not in the timeline's."""
    timeline = read(
        tmp_path,
        xml(
            '<asset-clip ref="a" name="base" offset="3600s" start="3610s" duration="4s">'
            '<asset-clip ref="b" name="above" lane="1" offset="3611s" start="2s" duration="1s"/>'
            '<asset-clip ref="b" name="top" lane="2" offset="86676/24s" start="3s" duration="12/24s"/>'
            '<asset-clip ref="b" name="under" lane="-1" offset="3613s" start="9s" duration="4s"/>'
            '<asset-clip ref="sound" lane="-2" offset="3610s" duration="4s"/>'
            '<title name="a title" lane="3" offset="3610s" duration="1s"/></asset-clip>'
            '<gap offset="3604s" start="3600s" duration="4s"><spine lane="1" offset="3602s">'
            '<asset-clip ref="a" name="story" offset="0s" start="3600s" duration="1s"/>'
            '<asset-clip ref="a" name="line" offset="1s" start="3605s" duration="1s"/></spine></gap>'
        ),
    )
    assert rows(timeline) == [
        ("base", 0, 23, 240, 263),
        ("above", 24, 35, 48, 59),
        ("top", 36, 47, 72, 83),
        ("base", 48, 95, 288, 335),
        ("under", 96, 143, 240, 311 - 24),
        ("story", 144, 167, 0, 23),
        ("line", 168, 191, 120, 143),
    ]
    assert any("uppermost" in note for note in timeline.notes)


def test_compounds_angles_and_picks(tmp_path: Path) -> None:
    more = (
        '<media id="m"><sequence format="r24" tcStart="10s" duration="6s"><spine>'
        '<asset-clip ref="a" name="in1" offset="10s" start="3600s" duration="3s"/>'
        '<asset-clip ref="b" name="in2" offset="13s" start="0s" duration="3s"/></spine></sequence></media>'
        '<media id="mc"><multicam format="r24"><mc-angle angleID="x" name="1"><asset-clip ref="b" name="no" '
        'offset="0s" duration="9s"/></mc-angle><mc-angle angleID="y" name="2"><gap offset="0s" '
        'duration="1s"/><asset-clip ref="a" name="angle" offset="1s" start="3600s" duration="9s"/>'
        "</mc-angle></multicam></media>"
    )
    timeline = read(
        tmp_path,
        xml(
            '<ref-clip ref="m" name="compound" offset="3600s" start="12s" duration="2s"/>'
            '<mc-clip ref="mc" offset="3602s" start="2s" duration="1s">'
            '<mc-source angleID="y" srcEnable="video"/><mc-source angleID="x" srcEnable="audio"/></mc-clip>'
            '<audition offset="3603s"><asset-clip ref="b" name="pick" start="1s" duration="1s"/>'
            '<asset-clip ref="a" name="other" duration="1s"/></audition>'
            '<clip name="old" offset="3604s" start="3s" duration="1s">'
            '<video ref="a" name="inner" offset="0s" start="3600s" duration="9s">'
            '<audio lane="-1" ref="a" offset="3600s" duration="9s"/></video></clip>'
            '<sync-clip name="sync" offset="3605s" start="1s" duration="1s"><spine>'
            '<asset-clip ref="b" name="synced" offset="0s" start="4s" duration="9s"/></spine></sync-clip>',
            more=more,
        ),
    )
    assert rows(timeline) == [
        ("in1", 0, 23, 48, 71),
        ("in2", 24, 47, 0, 23),
        ("angle", 48, 71, 24, 47),
        ("pick", 72, 95, 24, 47),
        ("inner", 96, 119, 72, 95),
        ("synced", 120, 143, 120, 143),
    ]


def timed(*points: tuple[str, str], interp: str = "linear") -> str:
    inner = "".join(f'<timept time="{t}" value="{v}" interp="{interp}"/>' for t, v in points)
    return f"<timeMap>{inner}</timeMap>"


def one(folder: Path, inside: str, *, ref: str = "b", more: str = 'start="0s" duration="1s"') -> Timeline:
    return read(folder, xml(f'<asset-clip ref="{ref}" name="x" offset="3600s" {more}>{inside}</asset-clip>'))


class TestSpeeds:
    def test_twice_as_fast(self, tmp_path: Path) -> None:
        (shot,) = one(tmp_path, timed(("0s", "0s"), ("25s", "50s"))).shots
        assert (shot.speed, shot.step) == (2, 2) and [shot.source_at(n) for n in (0, 1, 23)] == [0, 2, 46]

    def test_backwards_shows_its_last_frame_first(self, tmp_path: Path) -> None:
        (shot,) = one(tmp_path, timed(("0s", "50s"), ("50s", "0s"))).shots
        assert [shot.source_at(n) for n in (0, 1, 23)] == [1199, 1198, 1176]
        assert (shot.source_first, shot.source_last) == (1176, 1199) and "backwards" in shot.notes[-1]

    def test_backwards_at_half_shows_every_frame_twice(self, tmp_path: Path) -> None:
        (shot,) = one(tmp_path, timed(("0s", "50s"), ("100s", "0s"))).shots
        assert [shot.source_at(n) for n in range(5)] == [1199, 1199, 1198, 1198, 1197]

    def test_a_freeze_and_a_still(self, tmp_path: Path) -> None:
        (shot,) = one(tmp_path, timed(("0s", "2s"), ("9s", "2s"))).shots
        assert (shot.source_first, shot.source_last, shot.speed) == (48, 48, 0)
        (still,) = one(tmp_path, "", ref="still", more='duration="2s"').shots
        assert (still.source_first, still.source_last, still.count) == (0, 0, 48)

    def test_steps_of_speed_are_shots_and_ramps_are_told(self, tmp_path: Path) -> None:
        steps = timed(("0s", "0s"), ("12/24s", "1s"), ("2s", "60/24s"))
        slow, fast = one(tmp_path, steps).shots
        assert (slow.record_last, slow.speed, slow.source_at(11)) == (11, 2, 22)
        assert (fast.record_first, fast.speed, fast.source_at(12), fast.source_at(23)) == (12, 1, 24, 35)
        (ramp,) = one(tmp_path, steps.replace("linear", "smooth2")).shots
        assert "smoothly" in ramp.trouble
        timeline = one(tmp_path, steps.replace("linear", "smooth2"))
        assert find_media(timeline, [tmp_path])[1] == {0: ramp.trouble}
        with pytest.raises(CandelaError, match="smoothly"):
            resolve_media(timeline, [tmp_path])

    def test_a_whole_compound(self, tmp_path: Path) -> None:
        more = (
            '<media id="m"><sequence format="r24" duration="6s"><spine><asset-clip ref="b" name="i" '
            'offset="0s" start="1s" duration="3s"/><asset-clip ref="a" name="j" offset="3s" start="3600s" '
            'duration="3s"/></spine></sequence></media>'
        )
        text = '<ref-clip ref="m" name="c" offset="3600s" start="1s" duration="1s">{}</ref-clip>'
        timeline = read(tmp_path, xml(text.format(timed(("0s", "0s"), ("3s", "6s"))), more=more))
        assert rows(timeline) == [("i", 0, 11, 72, 94), ("j", 12, 23, 0, 22)]
        assert timeline.shots[0].step == 2
        for points in ((("0s", "6s"), ("6s", "0s")), (("0s", "0s"), ("36/24s", "1s"), ("6s", "6s"))):
            with pytest.raises(InputError, match=r"whole compound.*|c at 01:00:00:00"):
                read(tmp_path, xml(text.format(timed(*points)), more=more))

    def test_rates(self, tmp_path: Path) -> None:
        (shot,) = one(tmp_path, "", ref="fast").shots
        assert (shot.speed, shot.step, shot.source_at(3)) == (1, 2, 6) and "48" in shot.notes[0]
        (near,) = one(tmp_path, '<conform-rate srcFrameRate="23.98"/>', ref="near").shots
        assert "conform-rate" in near.trouble
        (sampled,) = one(tmp_path, '<conform-rate scaleEnabled="0" srcFrameRate="23.98"/>', ref="near").shots
        assert sampled.trouble == "" and sampled.step == Fraction(1000, 1001)


class TestWhatIsRefused:
    BOMB = (
        '<!DOCTYPE fcpxml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
        '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><fcpxml version="1.9">&c;</fcpxml>'
    )

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("", "no element found"),
            ("<fcpxml", "damaged or cut short"),
            ("<xmeml version='5'/>", "Final Cut Pro 7"),
            ("<svg/>", "no FCPXML"),
            ("<fcpxml version='1.9'/>", "holds 0 projects"),
            (BOMB, "declares entities"),
            (
                '<!DOCTYPE f [<!ENTITY x SYSTEM "file:///etc/passwd">]><fcpxml>&x;</fcpxml>',
                "declares entities",
            ),
            ('<!DOCTYPE f SYSTEM "http://x.invalid/a.dtd"><fcpxml>&x;</fcpxml>', "entity 'x'"),
            ("<a>" * 300 + "</a>" * 300, "too deeply"),
            (xml(""), "no shot"),
            (xml('<gap offset="0s" duration="1s"/>'), "no shot"),
            (xml('<asset-clip ref="a" duration="1/0s"/>'), "no time"),
            (xml('<asset-clip ref="a" duration="1e9s"/>'), "no time"),
            (xml('<asset-clip ref="a" duration="-1s"/>'), "damaged"),
            (xml('<clip offset="0s"/>'), "how long"),
            (xml('<ref-clip ref="zz" duration="1s"/>'), "does not have"),
            (xml('<whatever duration="1s"/>'), "is not known"),
            (xml('<asset-clip ref="a" lane="x" duration="1s"><gap lane="y"/></asset-clip>'), "no number"),
            (xml('<asset-clip ref="a" duration="1s"/>', sequence='format="odd"'), "--rate"),
            (
                xml('<asset-clip ref="a" offset="0s" duration="2s"/><asset-clip ref="a" offset="1s"/>'),
                "before the clip in front",
            ),
        ],
    )
    def test_plainly(self, tmp_path: Path, text: str, words: str) -> None:
        with pytest.raises(InputError, match=words):
            read(tmp_path, text)

    def test_a_ring_of_compounds(self, tmp_path: Path) -> None:
        ring = (
            '<media id="m"><sequence format="r24" duration="9s"><spine><ref-clip ref="m" offset="0s" '
            'duration="9s"/></spine></sequence></media>'
        )
        with pytest.raises(InputError, match="deep"):
            read(tmp_path, xml('<ref-clip ref="m" offset="3600s" duration="9s"/>', more=ring))

    def test_several_projects(self, tmp_path: Path) -> None:
        text = xml('<asset-clip ref="a" offset="3600s" duration="1s"/>')
        begin, end = text.index("<project"), text.index("</event>")
        with pytest.raises(InputError, match="holds 2 projects"):
            read(tmp_path, text[:end] + text[begin:end] + text[end:])

    @settings(max_examples=150, deadline=None)
    @given(st.data())
    def test_damage_is_an_error_and_no_crash(self, data: st.DataObject) -> None:
        good = xml(
            '<asset-clip ref="a" name="one" offset="3600s" start="3610s" duration="2s">'
            + timed(("0s", "0s"), ("9s", "18s"))
            + '<asset-clip ref="b" lane="1" offset="3611s" duration="1s"/></asset-clip>'
        ).encode()
        at = data.draw(st.integers(0, len(good) - 1))
        bad = good[:at] + data.draw(st.binary(max_size=4)) + good[at + data.draw(st.integers(0, 6)) :]
        with tempfile.TemporaryDirectory() as folder, contextlib.suppress(CandelaError):
            read(Path(folder), bad)


def test_other_forms(tmp_path: Path) -> None:
    text = xml('<asset-clip ref="a" name="x" offset="3600s" start="3600s" duration="1s"/>')
    bundle = tmp_path / "cut.fcpxmld"
    bundle.mkdir()
    (bundle / "Info.fcpxml").write_text(text)
    assert rows(read_timeline(bundle)) == rows(read(tmp_path, text, "cut.xml"))
    assert rows(read(tmp_path, text.replace("UTF-8", "UTF-16").encode("utf-16"))) == [("x", 0, 23, 0, 23)]
    from_zero = text.replace('offset="3600s"', 'offset="0s"')
    assert rows(read(tmp_path, from_zero)) == [("x", 0, 23, 0, 23)]
    assert read_timeline(tmp_path / "cut.fcpxml", rate=48).count == 48


def test_what_opentimelineio_writes_is_read_as_it_was_meant(tmp_path: Path) -> None:
    """Against another's writer: OpenTimelineIO's adapter, where it is installed."""
    pytest.importorskip("otio_fcpx_xml_adapter", reason="otio-fcpx-xml-adapter is not installed")
    import opentimelineio as otio

    def span(first: int, count: int) -> otio.opentime.TimeRange:
        return otio.opentime.TimeRange(
            otio.opentime.RationalTime(first, 24), otio.opentime.RationalTime(count, 24)
        )

    timeline = otio.schema.Timeline("cut")
    for name in ("V1", "V2"):
        track = otio.schema.Track(name, kind="Video")
        for clip, first, count in ((f"{name}a", 10, 24), (f"{name}b", 100, 12)):
            if name == "V2" and clip.endswith("a"):
                track.append(otio.schema.Gap(source_range=span(0, 6)))
            reference = otio.schema.ExternalReference(f"file:///rushes/{clip}.mov", span(0, 500))
            track.append(otio.schema.Clip(clip, reference, span(first, count)))
            if name == "V2":
                break
        timeline.tracks.append(track)
    otio.adapters.write_to_file(timeline, str(tmp_path / "a.otio"))
    text = otio.adapters.write_to_string(timeline, "fcpx_xml")
    found, wanted = read(tmp_path, text), read_timeline(tmp_path / "a.otio")
    assert rows(found) == rows(wanted) and found.rate == wanted.rate
    assert [s.media for s in found.shots] == [s.media for s in wanted.shots]


def test_a_compound_that_says_no_start_begins_with_its_own_timecode(tmp_path: Path) -> None:
    more = (
        '<media id="m"><sequence format="r24" tcStart="3600s" duration="3s"><spine><asset-clip ref="b" '
        'name="i" offset="3600s" start="1s" duration="3s"/></spine></sequence></media>'
    )
    timeline = read(tmp_path, xml('<ref-clip ref="m" offset="3600s" duration="1s"/>', more=more))
    assert rows(timeline) == [("i", 0, 23, 24, 47)]
