"""OpenTimelineIO timelines, built with the library: what is seen, from which frames of which media."""

from __future__ import annotations

import json
import zipfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentimelineio import schema

from candela_engines.errors import CandelaError, InputError, MediaError
from candela_engines.media.timeline import Timeline, read_timeline

N24 = Fraction(24000, 1001)


def time(value: float, rate: float = 24) -> Any:
    return otio.opentime.RationalTime(value, rate)


def span(start: float, duration: float, rate: float = 24) -> Any:
    return otio.opentime.TimeRange(time(start, rate), time(duration, rate))


def movie(url: str = "a.mov", start: float = 0, count: float = 1000, rate: float = 24) -> Any:
    return schema.ExternalReference(url, span(start, count, rate))


def clip(
    name: str, first: float, count: float, media: Any = None, rate: float = 24, effects: Any = ()
) -> Any:
    made = schema.Clip(name, movie() if media is None else media, span(first, count, rate))
    made.effects.extend(effects)
    return made


def gap(count: float) -> Any:
    return schema.Gap(source_range=span(0, count))


def dissolve(before: float, after: float) -> Any:
    return schema.Transition("d", "SMPTE_Dissolve", time(before), time(after))


def track(*items: Any, kind: str = "Video", source: Any = None) -> Any:
    made = schema.Track("t", kind=kind, source_range=source)
    made.extend(items)
    return made


def save(tmp_path: Path, *tracks: Any, start: Any = None) -> Path:
    made = schema.Timeline("cut", global_start_time=start)
    made.tracks.extend(tracks)
    path = tmp_path / "cut.otio"
    otio.adapters.write_to_file(made, str(path))
    return path


def read(tmp_path: Path, *tracks: Any, start: Any = None, rate: float | None = None) -> Timeline:
    return read_timeline(save(tmp_path, *tracks, start=start), rate=rate)


def test_clips_gaps_and_handles(tmp_path: Path) -> None:
    media = movie("media/a.mov", start=86400, count=200)
    timeline = read(
        tmp_path,
        track(clip("one", 86410, 48, media), gap(12), clip("two", 86500, 24, media.clone())),
        track(clip("sound", 0, 84), kind="Audio"),
        start=time(86400),
    )
    assert (timeline.name, timeline.rate, timeline.start_timecode) == ("cut", 24, "01:00:00:00")
    one, two = timeline.shots
    # The media begins at 01:00:00:00, frame 86400, and movies count from 0.
    assert (one.source_first, one.source_last, one.counting) == (10, 57, "numbers")
    assert (one.record_first, one.record_last) == (0, 47)
    assert one.handles == (10, 142)
    assert one.media == tmp_path / "media" / "a.mov"
    assert (two.source_first, two.source_last, two.record_first, two.record_last) == (100, 123, 60, 83)
    assert timeline.where(two) == "event 2 at 01:00:02:12 (two)"
    assert timeline.notes == ()


def test_a_dissolve_says_which_frames_both_shots_use(tmp_path: Path) -> None:
    timeline = read(tmp_path, track(clip("a", 100, 48), dissolve(6, 10), clip("b", 500, 48)))
    (fade,) = timeline.transitions
    assert (fade.kind, fade.record_first, fade.record_last, fade.length) == ("dissolve", 42, 57, 16)
    assert (fade.cut, fade.centre) == (48, 50)
    # a is seen for 10 frames beyond its 147; b for 6 before its 500.
    assert fade.outgoing_source == (142, 157)
    assert fade.incoming_source == (494, 509)
    assert fade.notes == ()


def test_a_dissolve_that_needs_more_than_there_is(tmp_path: Path) -> None:
    short = movie(count=150)
    timeline = read(tmp_path, track(clip("a", 100, 48, short), dissolve(6, 10), clip("b", 2, 48)))
    assert timeline.transitions[0].notes == (
        "it needs 8 more frames of a than the timeline says there are",
        "it needs 4 more frames of b than the timeline says there are",
    )


def test_fades_have_one_side(tmp_path: Path) -> None:
    timeline = read(
        tmp_path, track(gap(10), dissolve(0, 6), clip("a", 0, 20), dissolve(5, 0), gap(5), clip("b", 0, 20))
    )
    into, out = timeline.transitions
    assert (into.outgoing, into.incoming, into.record_first, into.record_last) == (None, 0, 10, 15)
    assert (out.outgoing, out.incoming, out.record_first, out.record_last) == (0, None, 25, 29)


@pytest.mark.parametrize(
    ("effects", "speed", "first", "last"),
    [
        ([schema.LinearTimeWarp(time_scalar=2.0)], Fraction(2), 100, 118),
        ([schema.LinearTimeWarp(time_scalar=0.5)], Fraction(1, 2), 100, 104),
        ([schema.LinearTimeWarp(time_scalar=25 / 24)], Fraction(25, 24), 100, 109),
        ([schema.LinearTimeWarp(time_scalar=-1.0)], Fraction(-1), 100, 109),
        ([schema.LinearTimeWarp(time_scalar=-2.0)], Fraction(-2), 101, 119),
        ([schema.FreezeFrame()], Fraction(0), 100, 100),
        ([schema.LinearTimeWarp(time_scalar=s) for s in (2.0, 1.5)], Fraction(3), 100, 127),
        ([schema.Effect(effect_name="Blur")], Fraction(1), 100, 109),
    ],
)  # fmt: skip
def test_speeds(tmp_path: Path, effects: list[Any], speed: Fraction, first: int, last: int) -> None:
    (shot,) = read(tmp_path, track(clip("a", 100, 10, effects=[effect.clone() for effect in effects]))).shots
    assert (shot.speed, shot.source_first, shot.source_last) == (speed, first, last)
    assert shot.count == 10


def test_media_of_another_rate(tmp_path: Path) -> None:
    """Ten frames of 24 from the fourth second of a movie of 25: frame k shows floor(100 + k * 25 / 24)."""
    (shot,) = read(tmp_path, track(clip("a", 96, 30, movie(rate=25, count=500))), rate=24).shots
    assert (shot.step, shot.speed) == (Fraction(25, 24), 1)
    assert (shot.source_first, shot.source_last) == (100, 130)
    assert [shot.source_at(record) for record in (0, 23, 24)] == [100, 123, 125]
    assert shot.notes == ("media of 25 in a timeline of 24 frames a second",)


def test_rates_are_exact_fractions(tmp_path: Path) -> None:
    rate = 23.976023976023978
    many = [clip(f"c{n}", n * 1001, 1001, movie(count=10**6, rate=rate), rate) for n in range(50)]
    timeline = read(tmp_path, track(*many), start=time(86400, rate))
    assert timeline.rate == N24
    assert [shot.record_first for shot in timeline.shots] == [n * 1001 for n in range(50)]
    assert [shot.source_first for shot in timeline.shots] == [n * 1001 for n in range(50)]
    assert timeline.start_timecode == "01:00:00:00"
    drop = read(tmp_path, track(clip("a", 0, 10, movie(rate=29.97), 29.97)), start=time(107892, 29.97))
    assert (drop.rate, drop.start_timecode) == (Fraction(30000, 1001), "01:00:00;00")


def test_the_rate_that_was_given_wins(tmp_path: Path) -> None:
    timeline = read(tmp_path, track(clip("a", 0, 48)), rate=25)
    assert timeline.rate == 25
    assert timeline.notes == ("says 24 frames a second; read at 25 as asked",)
    assert timeline.count == 50


def test_what_is_on_top_is_seen(tmp_path: Path) -> None:
    timeline = read(
        tmp_path,
        track(clip("low", 0, 40), dissolve(2, 2), clip("low2", 0, 40)),
        track(gap(10), clip("top", 500, 10), gap(16), clip("hides the cut", 700, 10)),
    )
    assert [(s.name, s.record_first, s.record_last, s.source_first) for s in timeline.shots] == [
        ("low", 0, 9, 0), ("top", 10, 19, 500), ("low", 20, 35, 20), ("hides the cut", 36, 45, 700),
        ("low2", 46, 79, 6),
    ]  # fmt: skip
    assert timeline.transitions == ()
    assert timeline.notes == ("2 picture tracks over each other; the uppermost picture counts",)


def test_what_is_switched_off_is_not_seen(tmp_path: Path) -> None:
    off = clip("off", 500, 40)
    off.enabled = False
    hidden = track(clip("x", 0, 40))
    hidden.enabled = False
    timeline = read(tmp_path, track(clip("low", 0, 40)), track(off), hidden)
    assert [shot.name for shot in timeline.shots] == ["low"]
    assert timeline.notes == ("switched off and left out: off", "switched off and left out: t")


def test_compounds_are_taken_apart(tmp_path: Path) -> None:
    inner = schema.Stack("compound", source_range=span(10, 30))
    inner.append(track(clip("a", 100, 20), dissolve(1, 1), clip("b", 200, 5), clip("c", 300, 40)))
    timeline = read(tmp_path, track(clip("before", 0, 10), inner, clip("after", 0, 10)))
    assert [(s.name, s.record_first, s.record_last, s.source_first) for s in timeline.shots] == [
        ("before", 0, 9, 0), ("a", 10, 19, 110), ("b", 20, 24, 200), ("c", 25, 39, 300), ("after", 40, 49, 0),
    ]  # fmt: skip
    assert (timeline.transitions[0].record_first, timeline.transitions[0].record_last) == (19, 20)
    assert "holds compounds; the clips inside are taken" in timeline.notes
    inner.effects.append(schema.LinearTimeWarp(time_scalar=2.0))
    with pytest.raises(
        InputError, match=r"cut.otio: compound at 00:00:00:10: a change of speed on a whole stack"
    ):
        read(tmp_path, track(clip("before", 0, 10), inner.clone()))


def test_a_track_that_is_cut(tmp_path: Path) -> None:
    timeline = read(tmp_path, track(clip("a", 100, 20), clip("b", 200, 20), source=span(15, 10)))
    assert [(s.name, s.record_first, s.record_last, s.source_first) for s in timeline.shots] == [
        ("a", 0, 4, 115), ("b", 5, 9, 200)
    ]  # fmt: skip


def test_clips_between_frames_are_rounded_and_noted(tmp_path: Path) -> None:
    timeline = read(tmp_path, track(clip("a", 0, 10.4), clip("b", 0, 10.2), clip("dust", 0, 0.2), gap(2)))
    assert [(s.record_first, s.record_last) for s in timeline.shots] == [(0, 9), (10, 20)]
    assert timeline.shots[0].notes == ("does not begin and end on whole frames; rounded",)
    assert timeline.notes == ("event 3 (dust) is shorter than a frame; left out",)


def sequence(base: str = "plates", start: int = 1001, count: int = 100, step: int = 1, **more: Any) -> Any:
    return schema.ImageSequenceReference(
        target_url_base=base, name_prefix="sh.", name_suffix=".exr", start_frame=start, frame_step=step,
        rate=24, frame_zero_padding=4, available_range=span(more.get("begin", 0), count),
    )  # fmt: skip


def test_image_sequences_count_as_their_files(tmp_path: Path) -> None:
    shot = read(tmp_path, track(clip("a", 86410, 20, sequence(begin=86400)))).shots[0]
    assert (shot.source_first, shot.source_last, shot.counting, shot.handles) == (
        1011,
        1030,
        "numbers",
        (10, 70),
    )
    assert shot.media == tmp_path / "plates" / "sh.####.exr"
    twos = read(tmp_path, track(clip("a", 10, 20, sequence(step=2)))).shots[0]
    assert (twos.source_first, twos.source_last, twos.step) == (1021, 1059, 2)


@pytest.mark.parametrize(
    ("url", "media", "first"),
    [
        ("file:///m/a%20b.mov", "/m/a b.mov", 10),
        ("file://localhost/m/a.mov", "/m/a.mov", 10),
        ("file://server/m/a.mov", "//server/m/a.mov", 10),
        ("file:///C:/m/a.mov", "REL/C:/m/a.mov", 10),
        ("FILE:///m/%C3%A4.mov", "/m/ä.mov", 10),
        ("/m/100%/a.mov", "/m/100%/a.mov", 10),
        ("../m/a b.mov", "REL/../m/a b.mov", 10),
        ("m\\a.mov", "REL/m/a.mov", 10),
        ("file:///m/sh.[1001-1100].exr", "/m/sh.[1001-1100].exr", 1011),
        ("file:///m/sh.1001-1100%23%23%23%23.exr", "/m/sh.1001-1100####.exr", 1011),
        ("/m/sh.0101.exr", "/m/sh.####.exr", 111),
        ("/m/sh.1001-1100####.exr", "/m/sh.1001-1100####.exr", 1011),
    ],
)
def test_how_media_is_named(tmp_path: Path, url: str, media: str, first: int) -> None:
    (shot,) = read(tmp_path, track(clip("a", 10, 5, movie(url)))).shots
    assert str(shot.media) == media.replace("REL", str(tmp_path))
    assert shot.source_first == first
    assert shot.counting == "numbers"


def test_a_pattern_that_does_not_say_its_first_frame(tmp_path: Path) -> None:
    for url in ("file:///m/sh.%04d.exr", "/m/sh.####.exr"):
        (shot,) = read(tmp_path, track(clip("a", 10, 5, movie(url)))).shots
        assert (shot.source_first, shot.counting, shot.media) == (
            10,
            "first",
            Path(url.removeprefix("file://")),
        )


def test_a_path_with_percent_signs_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "a%20b.mov").write_bytes(b"")
    assert read(tmp_path, track(clip("a", 0, 5, movie("a%20b.mov")))).shots[0].media == tmp_path / "a%20b.mov"
    (tmp_path / "a%20b.mov").unlink()
    assert read(tmp_path, track(clip("a", 0, 5, movie("a%20b.mov")))).shots[0].media == tmp_path / "a b.mov"


def test_media_that_is_not_there_or_no_file(tmp_path: Path) -> None:
    missing = schema.Clip("lost", schema.MissingReference(), span(0, 10))
    web = clip("web", 0, 10, movie("https://x/a.mov"))
    bars = schema.Clip("bars", schema.GeneratorReference("bars", "SMPTEBars", span(0, 10)), span(0, 10))
    nul = clip("nul", 0, 10, movie("a\tb.mov"))
    timeline = read(tmp_path, track(missing, web, bars, nul))
    lost, far, odd = timeline.shots
    assert (lost.media, lost.notes, lost.counting) == (None, ("its media is missing",), "timecode")
    assert (far.media, far.notes) == (None, ("names media that is no file: https://x/a.mov",))
    assert (odd.media, odd.record_first) == (None, 30)
    assert timeline.notes == ("generated and no shot: bars",)


def test_a_clip_without_a_length_is_named_with_its_timecode(tmp_path: Path) -> None:
    endless = schema.Clip("endless", schema.ExternalReference("a.mov"))
    with pytest.raises(InputError, match=r"cut.otio: endless at 01:00:00:10: neither the clip nor its media"):
        read(tmp_path, track(clip("a", 0, 10), endless), start=time(86400))
    whole = schema.Clip("whole", movie(start=50, count=20))
    (shot,) = read(tmp_path, track(whole)).shots
    assert (shot.source_first, shot.source_last, shot.handles) == (0, 19, (0, 0))


def test_more_than_the_media_has(tmp_path: Path) -> None:
    (shot,) = read(tmp_path, track(clip("a", 90, 20, movie(count=100)))).shots
    assert shot.notes == ("shows frames 90-109 of media that has 0-99 by the timeline's word",)
    assert shot.handles == (90, 0)


def test_reels_of_edls(tmp_path: Path) -> None:
    made = clip("a", 0, 10)
    made.metadata["cmx_3600"] = {"reel": "A001C003"}
    assert read(tmp_path, track(made)).shots[0].reel == "A001C003"


def test_bundles_and_collections(tmp_path: Path) -> None:
    path = save(tmp_path, track(clip("a", 0, 10)))
    bundle = tmp_path / "cut.otioz"
    with zipfile.ZipFile(bundle, "w") as archive:
        archive.write(path, "content.otio")
    (shot,) = read_timeline(bundle).shots
    assert (shot.media, shot.files[0]) == (None, "a.mov")
    assert "inside the bundle" in shot.notes[-1]
    folder = tmp_path / "cut.otiod"
    folder.mkdir()
    path.rename(folder / "content.otio")
    assert read_timeline(folder).shots[0].media == folder / "a.mov"
    with zipfile.ZipFile(bundle, "w") as archive:
        archive.writestr("other.txt", "x")
    with pytest.raises(InputError, match=r"without content\.otio"):
        read_timeline(bundle)
    bundle.write_bytes(b"PK\x03\x04 and nothing")
    with pytest.raises(InputError, match=r"cannot be read as an \.otioz"):
        read_timeline(bundle)


def test_a_collection_holds_one_timeline(tmp_path: Path) -> None:
    one = otio.adapters.read_from_file(str(save(tmp_path, track(clip("a", 0, 10)))))
    path = tmp_path / "many.otio"
    otio.adapters.write_to_file(schema.SerializableCollection("bin", [one]), str(path))
    assert len(read_timeline(path).shots) == 1
    otio.adapters.write_to_file(schema.SerializableCollection("bin", [one, one.clone()]), str(path))
    with pytest.raises(InputError, match=r"holds 2 timelines \('cut', 'cut'\)"):
        read_timeline(path)
    otio.adapters.write_to_file(clip("a", 0, 10), str(path))
    with pytest.raises(InputError, match="holds a Clip, no timeline"):
        read_timeline(path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", r"damaged or cut short"),
        ("{", r"line 1: is damaged or cut short"),
        ("{}", r"OpenTimelineIO cannot read it|holds a"),
        ("3", r"holds a|cannot read"),
        ("null", r"holds a NoneType"),
        ("[" * 500_000, r"nested too deeply"),
        ('{"OTIO_SCHEMA":"Timeline.1","x":' + "[" * 300 + "]" * 300 + "}", r"nested more than 200"),
        ('{"OTIO_SCHEMA": "Track.99"}', r"unsupported schema version"),
        ('{"OTIO_SCHEMA": "Reel.1"}', r"holds a UnknownSchema"),
        ('{"OTIO_SCHEMA": "Timeline.1", "tracks": 5}', r"OpenTimelineIO cannot read it"),
        (
            '{"OTIO_SCHEMA":"Timeline.1","tracks":{"OTIO_SCHEMA":"Stack.1","OTIO_REF_ID":"S",'
            '"children":[{"OTIO_SCHEMA":"SerializableObjectRef.1","id":"S"}]}}',
            r"references between its objects",
        ),
        ("9" * 5000, r"is damaged"),
        # The library ends the process over these.
        ('{"OTIO_SCHEMA": "UnknownSchema.1"}', r"type 'UnknownSchema.1', which is not for files"),
        ('{"OTIO_SCHEMA": "Timeline.1", "metadata": {"a": {"OTIO_SCHEMA": "Test.1"}}}', r"type 'Test.1'"),
        ('{"OTIO_SCHEMA": "Clip.1"}', r"clip as 'Clip.1' without its media_reference"),
        ('{"OTIO_SCHEMA": "Clip.-1"}', r"clip as 'Clip.-1' without its media_reference"),
        ('{"OTIO_SCHEMA": "Clip.2", "OTIO_SCHEMA": "Test.1"}', r"type 'Test.1'"),
    ],
)
def test_damaged_files(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "cut.otio"
    path.write_text(text)
    with pytest.raises(InputError, match=words):
        read_timeline(path)


def test_a_timeline_without_tracks(tmp_path: Path) -> None:
    tree = json.loads(WHOLE)
    tree["tracks"] = None
    (tmp_path / "cut.otio").write_text(json.dumps(tree))
    with pytest.raises(InputError, match="without tracks"):
        read_timeline(tmp_path / "cut.otio")


def test_a_clip_of_an_older_version(tmp_path: Path) -> None:
    tree = json.loads(save(tmp_path, track(clip("a", 10, 20))).read_text())
    old = tree["tracks"]["children"][0]["children"][0]
    old["OTIO_SCHEMA"] = "Clip.1"
    old["media_reference"] = old.pop("media_references")[old.pop("active_media_reference_key")]
    (tmp_path / "cut.otio").write_text(json.dumps(tree))
    (shot,) = read_timeline(tmp_path / "cut.otio").shots
    assert (shot.source_first, shot.media) == (10, tmp_path / "a.mov")


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="no such file"):
        read_timeline(tmp_path / "gone.otio")
    (tmp_path / "x").mkdir()
    with pytest.raises(MediaError, match="no such file"):
        read_timeline(tmp_path / "x")
    (tmp_path / "a.otio").write_bytes(b"{\xff\xfe")
    with pytest.raises(InputError):
        read_timeline(tmp_path / "a.otio")
    (tmp_path / "a.edl").write_bytes(b"\x00\x01\x02")
    with pytest.raises(InputError, match="is no text"):
        read_timeline(tmp_path / "a.edl", rate=24)


def whole() -> str:
    made = schema.Timeline("cut", global_start_time=time(86400))
    made.tracks.append(
        track(clip("a", 10, 48), dissolve(6, 6), clip("b", 10, 48, effects=[schema.FreezeFrame()]), gap(5),
              clip("c", 0, 10, sequence()))
    )  # fmt: skip
    return str(made.to_json_string(indent=0))


WHOLE = whole()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(WHOLE) - 1))
def test_a_file_that_is_cut_short(tmp_path_factory: pytest.TempPathFactory, length: int) -> None:
    path = tmp_path_factory.mktemp("otio") / "cut.otio"
    path.write_text(WHOLE[:length])
    with pytest.raises(InputError):
        read_timeline(path)


def leaves(tree: Any) -> list[tuple[Any, Any]]:
    """Every place in a JSON tree where something can be put instead."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [place for key, value in list(items) for place in [(tree, key), *leaves(value)]]


ODD = st.sampled_from(
    [None, "", "x", 0, -1, 1e308, -1e308, float("nan"), float("inf"), 10**30, [], {}, True, "Clip.1",
     {"OTIO_SCHEMA": "RationalTime.1", "rate": 0, "value": 5},
     {"OTIO_SCHEMA": "TimeRange.1", "start_time": None, "duration": None},
     {"OTIO_SCHEMA": "TimeEffect.1"}, {"OTIO_SCHEMA": "Stack.1"}, {"OTIO_SCHEMA": "Gap.1"}]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_odd_values_are_a_timeline_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    tree = json.loads(WHOLE)
    places = leaves(tree)
    for _ in range(data.draw(st.integers(1, 3))):
        owner, key = places[data.draw(st.integers(0, len(places) - 1))]
        owner[key] = data.draw(ODD)
    path = tmp_path_factory.mktemp("otio") / "cut.otio"
    path.write_text(json.dumps(tree))
    try:
        timeline = read_timeline(path)
    except CandelaError:
        return
    assert all(shot.record_first <= shot.record_last for shot in timeline.shots)
