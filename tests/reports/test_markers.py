"""Markers land on the frame where the fault is seen, and a later run takes back ours alone."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.reports import results

from candela_engines.errors import InputError
from candela_engines.media.timecode import timecode_of
from candela_engines.media.timeline import Timeline, TimelineShot, read_timeline
from candela_engines.qc.findings import Severity
from candela_engines.qc.result import ClipResult, QcResult, Record
from candela_server.reports.marker_edl import marker_edl
from candela_server.reports.marker_otio import new_timeline, otio_text, with_markers
from candela_server.reports.markers import (
    OTIO_COLOURS,
    PREFIX,
    RESOLVE_COLOURS,
    Marked,
    _shown,
    marked,
    timeline_timecode,
)

DROP = Fraction(30000, 1001)
BARE = results.clip(shots=())


def time(frames: float, rate: float = 30000 / 1001) -> otio.opentime.RationalTime:
    return otio.opentime.RationalTime(frames, rate)


def edit(folder: Path) -> Path:
    """29.97 drop frame from 01:00:00;00: as shot with handles, twice as fast, backwards, a freeze."""
    timeline = otio.schema.Timeline("edit", global_start_time=time(107892))
    track = otio.schema.Track("V1", kind="Video")
    plan = [("a", 40, 50, None), ("b", 0, 50, 2.0), ("c", 10, 30, -1.0), ("d", 7, 20, 0.0)]
    for name, first, count, speed in plan:
        media = otio.schema.ExternalReference(f"{name}.mov", otio.opentime.TimeRange(time(0), time(200)))
        made = otio.schema.Clip(name, media, otio.opentime.TimeRange(time(first), time(count)))
        if speed is not None:
            made.effects.append(otio.schema.LinearTimeWarp(time_scalar=speed))
        made.markers.append(otio.schema.Marker(name=f"note on {name}", marked_range=made.source_range))
        track.append(made)
    timeline.tracks.append(track)
    timeline.tracks.markers.append(otio.schema.Marker(name="Candela is a nice word", color="PINK"))
    timeline.metadata["someone"] = {"else": [1, 2.5, "ö"]}
    path = folder / "edit.otio"
    otio.adapters.write_to_file(timeline, str(path))
    return path


def record_of(timeline: Timeline, shot: TimelineShot) -> Record:
    return Record(
        str(timeline.path), "V1", shot.event, shot.record_first, shot.record_last,
        timeline.timecode(shot.record_first), timeline.timecode(shot.record_last),
        str(shot.source_start), str(shot.step), str(timeline.rate), timeline.drop, timeline.start,
    )  # fmt: skip


def passed_over(path: Path, faults: dict[str, tuple[int, int]]) -> tuple[QcResult, Timeline]:
    """A result of a timeline with a fault in some clips, in frames of their media."""
    timeline = read_timeline(path)
    clips: list[ClipResult] = []
    for shot in timeline.shots:
        found = ()
        if shot.name in faults:
            span = dict(zip(("first", "last"), faults[shot.name], strict=True))
            found = (results.finding("light.max_cll", Severity.BLOCKER, shot=shot.name, **span),)
        one = results.shot(shot.name, shot.source_first, shot.source_last, record=record_of(timeline, shot))
        clips.append(results.clip(f"{shot.name}.mov", shots=(one,), findings=found, rate="30000/1001"))
    return results.result(*clips), timeline


def test_markers_land_in_the_timeline_and_others_stay(tmp_path: Path) -> None:
    path = edit(tmp_path)
    before = json.loads(path.read_text())
    faults = {"a": (45, 47), "b": (21, 30), "c": (12, 15), "d": (7, 7)}
    result, timeline = passed_over(path, faults)
    (of,) = marked(result)
    text = otio_text(path)
    assert text is not None
    written = with_markers(text, of)
    made = otio.adapters.read_from_string(written, "otio_json")
    ours = [m for m in made.tracks.markers if m.name.startswith(PREFIX)]
    spans = [(m.marked_range.start_time.value, m.marked_range.duration.value) for m in ours]
    # a shows 40 at 0; b shows 2n at 50+n; c shows 39-n at 100+n; d shows 7 throughout.
    assert spans == [(5, 3), (61, 5), (124, 4), (130, 20)]
    for (first, count), (name, (low, high)) in zip(spans, faults.items(), strict=True):
        shot = next(s for s in timeline.shots if s.name == name)
        seen = [shot.source_at(int(first) + n) for n in range(int(count))]
        assert all(low <= frame <= high for frame in seen)
    assert all(m.color == "RED" and m.metadata["candela_qc"]["findings"][0]["limit"] == 1000 for m in ours)
    told = [timeline_timecode(c.findings[0], c.shots[0]) for c in result.clips]
    assert told == ["01:00:00;05", "01:00:02;01", "01:00:04;04", "01:00:04;10"]
    # A marker on the stack is on the frame of the clip that OpenTimelineIO itself finds there.
    clip = made.find_clips()[0]
    assert made.tracks.transformed_time(time(5), clip).value == 45

    again = with_markers(written, replace(of, markers=of.markers[:1]))
    names = [m.name for m in otio.adapters.read_from_string(again, "otio_json").tracks.markers]
    assert names == ["Candela is a nice word", ours[0].name]
    gone = json.loads(with_markers(again, replace(of, markers=())))
    assert gone == before


def test_markers_that_moved_into_clips_are_taken_back(tmp_path: Path) -> None:
    timeline = otio.adapters.read_from_file(str(edit(tmp_path)))
    timeline.find_clips()[2].markers.append(otio.schema.Marker(name=f"{PREFIX}Issue old"))
    (of,) = marked(passed_over(tmp_path / "edit.otio", {})[0])
    made = otio.adapters.read_from_string(with_markers(timeline.to_json_string(), of), "otio_json")
    assert [m.name for m in made.find_clips()[2].markers] == ["note on c"]


def test_a_trimmed_stack_and_a_collection(tmp_path: Path) -> None:
    timeline = otio.adapters.read_from_file(str(edit(tmp_path)))
    timeline.tracks.source_range = otio.opentime.TimeRange(time(10), time(60))
    path = tmp_path / "edit.otio"
    otio.adapters.write_to_file(timeline, str(path))
    result, _ = passed_over(path, {"a": (55, 55)})
    (of,) = marked(result)
    bin_ = otio.schema.SerializableCollection("bin", [timeline])
    made = otio.adapters.read_from_string(with_markers(bin_.to_json_string(), of), "otio_json")[0]
    (start,) = [m.marked_range.start_time.value for m in made.tracks.markers if m.name.startswith(PREFIX)]
    assert start == 15  # of the stack's own time; the timeline shows it as its frame 5


@given(
    start=st.fractions(-50, 500, max_denominator=60),
    step=st.fractions(-4, 4, max_denominator=12),
    length=st.integers(1, 60),
    low=st.integers(-60, 400),
    more=st.integers(0, 40),
)
def test_shown_is_where_the_reader_of_timelines_sees_it(
    start: Fraction, step: Fraction, length: int, low: int, more: int
) -> None:
    record = results.retimed(100, 99 + length, source_start=str(start), step=str(step))
    shot = TimelineShot("s", "1", None, 0, 0, 100, 99 + length, start, step)
    seen = [r for r in range(100, 100 + length) if low <= shot.source_at(r) <= low + more]
    found = _shown(record, low, low + more)
    assert found == ((seen[0], seen[-1]) if seen else None)


def test_a_fast_shot_says_that_a_frame_is_left_out(tmp_path: Path) -> None:
    result, _ = passed_over(edit(tmp_path), {"b": (21, 21)})
    (marker,) = marked(result)[0].markers
    assert marker.first == 61 and "leaves its frames out" in marker.note


def test_resolves_edl_has_its_exact_form(tmp_path: Path) -> None:
    result, _ = passed_over(edit(tmp_path), {"a": (45, 47)})
    assert marker_edl(marked(result)[0]) == (
        "TITLE: edit.otio\nFCM: DROP FRAME\n\n"
        "001  001      V     C        01:00:00;05 01:00:00;06 01:00:00;05 01:00:00;06  \n"
        "Blocker: light.max_cll is broken |C:ResolveColorRed |M:Candela QC: Blocker light.max_cll |D:3\n\n"
    )


def test_the_edl_goes_over_dropped_labels() -> None:
    clip = results.clip(
        rate="30000/1001", start_timecode="00:00:58;00", drop_frame=True, last=100,
        shots=(results.shot("1", 0, 99),),
        findings=(results.finding("time.jump", Severity.ISSUE, first=60, last=60),),
    )  # fmt: skip
    text = marker_edl(marked(results.result(clip))[0])
    assert "00:01:00;02 00:01:00;03" in text  # ;00 and ;01 do not exist at a minute


@given(st.text(max_size=60))
def test_no_text_breaks_an_edl(text: str) -> None:
    found = results.finding("light.max_cll", Severity.FYI, sentence=text)
    clip = replace(BARE, path=f"/a/{text}", findings=(found,))
    lines = marker_edl(marked(results.result(clip))[0]).splitlines()
    assert len(lines) == 6 and lines[4].count("|") == 3
    assert re.match(r"FYI:.* \|C:ResolveColorBlue \|M:Candela QC: FYI light.max_cll \|D:3$", lines[4])


def test_one_frame_has_one_marker() -> None:
    of = marked(results.result(results.clip()))[0]
    assert [m.first for m in of.markers] == [0, 10, 60]  # the waived one has none
    both = of.markers[2]
    assert both.name == "Candela QC: Issue levels.black +1" and both.count == 21
    assert both.note == "Issue: levels.black is broken FYI: gamut.outside_p3 is broken"


def test_a_clip_gets_a_timeline_of_its_shots() -> None:
    of = marked(results.result(results.clip()))[0]
    made = otio.adapters.read_from_string(new_timeline(of), "otio_json")
    assert made.global_start_time.value == 24 * 3600
    assert [c.range_in_parent().start_time.value for c in made.find_clips()] == [0, 48, 96]
    assert len(made.tracks.markers) == 3


def test_an_edl_becomes_a_timeline_that_shows_the_same_frames(tmp_path: Path) -> None:
    result, before = passed_over(edit(tmp_path), {"b": (21, 30)})
    (of,) = marked(result)
    path = tmp_path / "made.otio"
    path.write_text(new_timeline(of))
    after = read_timeline(path)
    assert (after.rate, after.start, after.count) == (before.rate, before.start, before.count)
    for old, new in zip(before.shots, after.shots, strict=True):
        assert (new.name, new.record_first, new.record_last) == (old.name, old.record_first, old.record_last)
        seen = [[s.source_at(r) for r in range(old.record_first, old.record_last + 1)] for s in (old, new)]
        assert seen[0] == seen[1], old.name


def test_a_clip_without_a_rate_has_no_timecode_to_mark() -> None:
    assert marked(results.result(results.clip(rate=None, start_timecode=None))) == ()


def test_colours_are_those_of_both() -> None:
    assert set(RESOLVE_COLOURS) == {n for n in vars(otio.schema.MarkerColor) if n.isupper()}
    both = "Blue Cyan Green Yellow Red Pink Purple Fuchsia"
    resolve = f"{both} Rose Lavender Sky Mint Lemon Sand Cocoa Cream"
    assert set(RESOLVE_COLOURS.values()) <= set(resolve.split())
    assert len(set(RESOLVE_COLOURS.values())) == 11 and set(OTIO_COLOURS.values()) <= set(RESOLVE_COLOURS)


def test_what_is_no_timeline_is_said(tmp_path: Path) -> None:
    of = Marked("x", None, Fraction(24), 0, False, 10, (), ())
    odd = '{"OTIO_SCHEMA": "Timeline.1", "tracks": 3}'
    for text in ("{", "[]", '{"OTIO_SCHEMA": "Clip.2"}', "null", odd):
        with pytest.raises(InputError, match="x: "):
            with_markers(text, of)
    with pytest.raises(InputError, match="cannot be read"):
        otio_text(tmp_path / "none.otio")
    assert timecode_of(107892, DROP, drop=True) == "01:00:00;00"
