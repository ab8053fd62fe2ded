"""CMX 3600 EDLs: values worked out by hand, and refusals that name the line."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import opentimelineio as otio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candela_engines.errors import CandelaError, InputError
from candela_engines.media.timeline import Timeline, cuts_of, read_timeline

N24, N30 = Fraction(24000, 1001), Fraction(30000, 1001)

PLAIN = """TITLE: Reel 1
FCM: NON-DROP FRAME

001  A001C003 V     C        01:02:03:04 01:02:05:04 01:00:00:00 01:00:02:00
* FROM CLIP NAME: sh010
* SOURCE FILE: A001C003_201126_R1AB.mov
002  A001C004 V     C        00:00:10:00 00:00:11:12 01:00:02:00 01:00:03:12
* FROM CLIP NAME: sh020
003  AX       AA    C        00:00:00:00 00:00:03:12 01:00:00:00 01:00:03:12
004  A002C001 V     C        02:00:00:00 02:00:00:12 01:00:04:00 01:00:04:12
"""


def read(tmp_path: Path, text: str, rate: float | Fraction | None = 24) -> Timeline:
    path = tmp_path / "cuts.edl"
    path.write_text(text)
    return read_timeline(path, rate=rate)


def event(
    number: int, source: str, record: str, *, reel: str = "R", kind: str = "C", channel: str = "V"
) -> str:
    """An event whose in and out lie where `source` and `record` say, `SS:FF-SS:FF` after hour 1."""
    codes = [f"01:00:{code}" for code in (*source.split("-"), *record.split("-"))]
    return f"{number:03d}  {reel} {channel} {kind} {' '.join(codes)}\n"


def test_plain_cuts(tmp_path: Path) -> None:
    timeline = read(tmp_path, PLAIN)
    assert (timeline.name, timeline.rate, timeline.start_timecode) == ("Reel 1", 24, "01:00:00:00")
    first, second, third = timeline.shots
    # 01:02:03:04 is ((62 * 60) + 3) * 24 + 4 frames.
    assert (first.source_first, first.source_last) == (89356, 89403)
    assert (first.record_first, first.record_last, first.count) == (0, 47, 48)
    assert (first.name, first.event, first.reel, first.speed) == ("sh010", "001", "A001C003", 1)
    assert first.files == ("A001C003_201126_R1AB.mov", "sh010")
    assert first.counting == "timecode"
    assert first.handles is None
    assert (second.source_first, second.source_last) == (240, 275)
    assert (second.record_first, second.record_last) == (48, 83)
    # Twelve frames of nothing between: 84 to 95.
    assert (third.record_first, third.record_last, third.event) == (96, 107, "004")
    assert timeline.count == 108
    assert timeline.where(third) == "event 004 at 01:00:04:00 (A002C001)"
    assert timeline.transitions == ()
    assert cuts_of(timeline) == [0, 48, 84, 96]


def test_cuts_in_a_movie(tmp_path: Path) -> None:
    timeline = read(tmp_path, PLAIN)
    # A movie with two seconds of leader, then one that begins inside the first shot.
    assert cuts_of(timeline, start_timecode="00:59:58:00") == [0, 48, 96, 132, 144]
    assert cuts_of(timeline, start_timecode="01:00:01:00") == [0, 24, 60, 72]
    assert cuts_of(timeline, count=90) == [0, 48, 84]
    # Black after the last shot begins something too.
    assert cuts_of(timeline, count=200) == [0, 48, 84, 96, 108]
    with pytest.raises(
        InputError, match=r"from 01:00:00:00 to 01:00:04:12; none of it .*00:00:00:00 and is 500"
    ):
        cuts_of(timeline, start_timecode="00:00:00:00", count=500)
    with pytest.raises(InputError, match="none of it"):
        cuts_of(timeline, start_timecode="02:00:00:00")


def test_events_need_not_be_in_the_order_of_the_record(tmp_path: Path) -> None:
    timeline = read(
        tmp_path, event(1, "10:00-11:00", "01:00-02:00", reel="B") + event(2, "05:00-06:00", "00:00-01:00")
    )
    assert [shot.event for shot in timeline.shots] == ["002", "001"]
    assert timeline.start_timecode == "01:00:00:00"


def test_a_dissolve_says_which_frames_both_shots_use(tmp_path: Path) -> None:
    text = (
        event(1, "00:00-02:00", "00:00-02:00", reel="A")
        + event(2, "02:00-02:00", "02:00-02:00", reel="A")
        + event(2, "10:00-13:00", "02:00-05:00", reel="B", kind="D 024")
        + "* FROM CLIP NAME: one\n* TO CLIP NAME: two\n"
    )
    timeline = read(tmp_path, text)
    assert [shot.name for shot in timeline.shots] == ["A", "two"]
    (fade,) = timeline.transitions
    assert (fade.kind, fade.record_first, fade.record_last, fade.length) == ("dissolve", 48, 71, 24)
    assert (fade.cut, fade.centre, fade.outgoing, fade.incoming) == (48, 60, 0, 1)
    # A goes on from where it ended, 01:00:02:00, for the 24 frames; B begins at 01:00:10:00.
    assert fade.outgoing_source == (86448, 86471)
    assert fade.incoming_source == (86640, 86663)


def test_fades_from_and_to_black_and_wipes(tmp_path: Path) -> None:
    text = (
        "001  BL V C 00:00:00:00 00:00:00:00 01:00:00:00 01:00:00:00\n"
        + event(1, "00:00-02:00", "00:00-02:00", reel="A", kind="D 012")
        + event(2, "00:00-02:00", "02:00-04:00", reel="B", kind="W001 007")
        + event(3, "02:00-02:00", "04:00-04:00", reel="B")
        + "003  BL V D 012 00:00:00:00 00:00:00:12 01:00:04:00 01:00:04:12\n"
    )
    timeline = read(tmp_path, text)
    assert len(timeline.shots) == 2
    into, wipe, out = timeline.transitions
    assert (into.outgoing, into.incoming, into.outgoing_source) == (None, 0, None)
    assert (wipe.kind, wipe.length, wipe.centre) == ("wipe 001", 7, 48 + Fraction(7, 2))
    assert (out.outgoing, out.incoming, out.record_first) == (1, None, 96)
    assert timeline.count == 96


@pytest.mark.parametrize(
    ("fps", "rate", "record", "speed", "first", "last"),
    [
        # One second of source frames from 01:00:00:00 (86400), at the speed given.
        ("048.0", 24, "00:00-00:12", Fraction(2), 86400, 86422),
        ("012.0", 24, "00:00-02:00", Fraction(1, 2), 86400, 86423),
        ("-024.0", 24, "00:00-01:00", Fraction(-1), 86400, 86423),
        ("-048.0", 24, "00:00-00:12", Fraction(-2), 86401, 86423),
        ("-012", 24, "00:00-02:00", Fraction(-1, 2), 86400, 86423),
        ("0", 24, "00:00-01:00", Fraction(0), 86400, 86400),
        ("25", 24, "00:00-00:23", Fraction(25, 24), 86400, 86422),
        # At 23.976 editors write speeds both of the exact and of the nominal rate.
        ("24", N24, "00:00-01:00", Fraction(1), 86400, 86423),
        ("23.976", N24, "00:00-01:00", Fraction(1), 86400, 86423),
        ("47.952", N24, "00:00-00:12", Fraction(2), 86400, 86422),
        (".0", 24, "00:00-01:00", Fraction(0), 86400, 86400),
    ],
)  # fmt: skip
def test_speeds(
    tmp_path: Path, fps: str, rate: float | Fraction, record: str, speed: Fraction, first: int, last: int
) -> None:
    text = event(1, "00:00-01:00", record) + f"M2   R   {fps}    01:00:00:00\n"
    (shot,) = read(tmp_path, text, rate).shots
    assert (shot.speed, shot.step) == (speed, speed)
    assert (shot.source_first, shot.source_last) == (first, last)


def test_speeds_go_to_the_side_that_they_are_about(tmp_path: Path) -> None:
    text = (
        event(1, "00:00-02:00", "00:00-01:00", reel="A")
        + "M2   A  048.0 01:00:00:00\n"
        + event(2, "02:00-02:00", "01:00-01:00", reel="A")
        + event(2, "10:00-11:00", "01:00-03:00", reel="LONG REEL", kind="D 010")
        + "M2   LONG REE-012.0 01:00:10:00\nM2   A  048.0 01:00:02:00\n"
    )
    timeline = read(tmp_path, text)
    assert [shot.speed for shot in timeline.shots] == [2, Fraction(-1, 2)]
    assert timeline.shots[1].reel == "LONG REEL"
    # The outgoing shot goes on at double speed: ten more frames are twenty of its source.
    assert timeline.transitions[0].outgoing_source == (86448, 86466)


def test_a_freeze_by_comment(tmp_path: Path) -> None:
    text = event(1, "00:00-00:01", "00:00-02:00") + "* FROM CLIP NAME: x FF\n* * FREEZE FRAME\n"
    (shot,) = read(tmp_path, text).shots
    assert (shot.speed, shot.source_first, shot.source_last, shot.name) == (0, 86400, 86400, "x")


def test_several_picture_tracks(tmp_path: Path) -> None:
    text = event(1, "00:00-04:00", "00:00-04:00", reel="LOW", channel="V") + event(
        2, "00:00-01:00", "01:00-02:00", reel="TOP", channel="V2"
    )
    timeline = read(tmp_path, text)
    assert [(s.reel, s.record_first, s.record_last) for s in timeline.shots] == [
        ("LOW", 0, 23), ("TOP", 24, 47), ("LOW", 48, 95)
    ]  # fmt: skip
    # The lower one goes on underneath: its second part begins two seconds in.
    assert timeline.shots[2].source_first == 86400 + 48
    assert any("2 picture tracks" in note for note in timeline.notes)


def test_drop_frame(tmp_path: Path) -> None:
    text = (
        "FCM: DROP FRAME\n"
        "001 A V C 00:00:00;00 00:01:00;02 01:00:00;00 01:01:00;02\n"
        "002 B V C 00:00:00;00 00:00:01;00 01:01:00;02 01:01:01;02\n"
    )
    timeline = read(tmp_path, text, None)
    assert timeline.rate == N30
    assert (timeline.start, timeline.start_timecode) == (107892, "01:00:00;00")
    # A minute of drop frame is 1800 labels less two, so 00:01:00;02 is frame 1800.
    assert [(s.record_first, s.record_last) for s in timeline.shots] == [(0, 1799), (1800, 1829)]
    colons = read(tmp_path, text.replace(";", ":"), 29.97)
    assert colons.shots == timeline.shots
    assert colons.start_timecode == "01:00:00;00"


def test_an_fcm_that_is_wrong(tmp_path: Path) -> None:
    said = "FCM: DROP FRAME\n" + event(1, "00:00-01:00", "00:00-01:00")
    assert any("does not exist at 25" in note for note in read(tmp_path, said, 25).notes)
    semicolons = "FCM: NON-DROP FRAME\n001 A V C 00:00:00;00 00:01:00;02 01:00:00;00 01:01:00;02\n"
    timeline = read(tmp_path, semicolons, 29.97)
    assert any("they are drop frame" in note for note in timeline.notes)
    assert timeline.count == 1800
    # Labels that drop frame leaves out: the EDL is non-drop and its FCM line wrong.
    wrong = "FCM: DROP FRAME\n001 A V C 00:01:00:00 00:01:10:00 01:00:00:00 01:00:10:00\n"
    with pytest.raises(InputError, match=r"line 2, event 001.*leaves this label out"):
        read(tmp_path, wrong, 29.97)
    across = "FCM: DROP FRAME\n001 A V C 00:00:50:00 00:01:10:00 01:00:00:00 01:00:20:00\n"
    with pytest.raises(InputError, match=r"598 frames and its record for 600.*is its FCM right"):
        read(tmp_path, across, 29.97)
    with pytest.raises(InputError, match=r"line 1.*FCM is DROP FRAME or"):
        read(tmp_path, "FCM: MAYBE\n" + PLAIN)


def test_the_rate_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"cuts.edl: an EDL does not say its frames a second; give them with --rate"
    ):
        read(tmp_path, PLAIN, None)
    assert read(tmp_path, PLAIN, 23.976).rate == N24
    with pytest.raises(InputError, match="no such label at 24"):
        read(tmp_path, PLAIN.replace("01:00:04:12", "01:00:04:24"))


TC = "01:00:00:00 01:00:01:00 01:00:00:00 01:00:01:00"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("002 A V C 01:00:00:00 01:00:01:00 01:00:00:00", r"line 3: .*4 timecodes"),
        (f"002 {TC}", r"line 3"),
        (f"002 A V X {TC}", r"line 3: .*reel, channels and C, D or W"),
        (f"002 A C {TC}", r"line 3: .*reel, channels"),
        (f"002 A V D {TC}", r"line 3: a transition D without its length"),
        (f"002 A V ? C {TC}", r"line 3: .*reel, channels"),
        (f"2x2 A V C {TC}", r"line 3: '2x2' is no event number"),
        ("002 A V C 1:00:00:00 01:00:01:00 01:00:00:00 01:00:01:00", r"line 3: .*4 timecodes"),
        (f"002 A V C {TC.replace('01:00:01:00', '01:00:61:00')}", r"line 3, event 002 at 01:00:00:00.*label"),
        ("002 A V C 01:00:00:00 01:00:01:00 01:00:02:00 01:00:01:00", r"line 3, event 002.*before the rec"),
        ("002 A V C 01:00:00:00 01:00:02:00 01:00:02:00 01:00:03:00", r"line 3.*48 frames .*24.*no M2"),
        ("002 A V C 01:00:00:00 01:00:01:00 01:00:00:12 01:00:01:12", r"line 3.*before event 001 \(line 1\)"),
        ("002 A V D 100 01:00:00:00 01:00:01:00 01:00:01:00 01:00:02:00", r"line 3.*100 frames in an event"),
        ("M2 A fast 01:00:00:00", r"line 3: .*no speed"),
        ("M2 A 1e9 01:00:00:00", r"line 3: .*no speed"),
        ("M2 A 24", r"line 3: .*no speed"),
        ("M2 A 999999 01:00:00:00", r"line 3: a speed of 999999"),
        ("24 frames a second", r"line 3: .*4 timecodes"),
    ],
)  # fmt: skip
def test_a_malformed_line_is_named(tmp_path: Path, line: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read(tmp_path, f"001 A V C {TC}\n* FROM CLIP NAME: x\n{line}\n")


def test_what_is_no_cut_list(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no events"):
        read(tmp_path, "TITLE: nothing\n")
    with pytest.raises(InputError, match="none of them of a picture track"):
        read(tmp_path, f"001 A AA C {TC}\n")
    with pytest.raises(InputError, match="black and bars"):
        read(tmp_path, f"001 BL V C {TC}\n")
    with pytest.raises(InputError, match="no event of a picture track has any length"):
        read(tmp_path, "001 A V C 01:00:00:00 01:00:00:00 01:00:00:00 01:00:00:00\n")
    with pytest.raises(InputError, match="list of markers"):
        read(tmp_path, f"001 001 V C {TC}\nnote |C:ResolveColorRed |M:x |D:1\n")
    with pytest.raises(InputError, match="Final Cut Pro 7"):
        read(tmp_path, "<xmeml/>")


def test_other_things_in_edls(tmp_path: Path) -> None:
    text = (
        "\ufeffTITLE: ü\r\n>>> SOURCE x\r\nSPLIT: AUDIO DELAY=  00:00:00:10\r\n"
        f"000001 LONG REEL NAME B C {TC}\r\nAUD  3 4\r\n* ASC_SOP (1 1 1)(0 0 0)(1 1 1)\r\n"
        "* LOC: 01:00:00:10 RED   fix\r\nFINAL CUT PRO REEL: A001_C002 REPLACED BY: LONG REEL NAME\r\n"
        "000002 T V K B 000 01:00:01:00 01:00:02:00 01:00:01:00 01:00:02:00\r\n"
        "000002 T V K 000 01:00:01:00 01:00:02:00 01:00:01:00 01:00:02:00\r\n"
    )
    timeline = read(tmp_path, text)
    assert timeline.name == "ü"
    assert [(shot.event, shot.reel) for shot in timeline.shots] == [("000001", "A001_C002"), ("000002", "T")]
    assert timeline.notes == ("event 000002 at 01:00:01:00 is a key over others; left out",)
    path = tmp_path / "sixteen.edl"
    path.write_bytes(PLAIN.encode("utf-16"))
    assert len(read_timeline(path, rate=24).shots) == 3
    path.write_bytes(PLAIN.replace("sh010", "sh\xe4").encode("latin-1"))
    assert read_timeline(path, rate=24).shots[0].name == "shä"


def test_another_reader_sees_the_same_cuts(tmp_path: Path) -> None:
    timeline = read(tmp_path, PLAIN)
    theirs = otio.adapters.read_from_string(PLAIN, "cmx_3600", rate=24)
    track = next(track for track in theirs.tracks if track.kind == "Video")
    clips = track.find_clips()
    assert len(clips) == len(timeline.shots)
    for clip, shot in zip(clips, timeline.shots, strict=True):
        assert clip.source_range.start_time.value == shot.source_first
        assert clip.source_range.duration.value == shot.count
        assert clip.range_in_parent().start_time.value == shot.record_first


_LINES = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [*PLAIN.splitlines(), "M2 A 048.0 01:00:00:00", "FCM: DROP FRAME", f"005 BL V D 010 {TC}"]
    ),
    st.builds(
        " ".join, st.lists(st.sampled_from(["001", "V", "C", "D", "K", "B", "AX", *TC.split()]), max_size=12)
    ),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(_LINES, max_size=12), st.sampled_from([None, 24, 29.97]))
def test_any_lines_are_a_timeline_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], rate: float | None
) -> None:
    path = tmp_path_factory.mktemp("edl") / "any.edl"
    path.write_text("\n".join(lines), errors="replace")
    try:
        timeline = read_timeline(path, rate=rate)
    except CandelaError:
        return
    assert timeline.shots
    ends = [(shot.record_first, shot.record_last) for shot in timeline.shots]
    assert all(a[1] < b[0] for a, b in pairwise(ends))


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_an_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("edl") / "any.edl"
    path.write_bytes(data)
    with pytest.raises(CandelaError):
        read_timeline(path, rate=24)


def test_long_lines_take_no_time(tmp_path: Path) -> None:
    for line in (
        "M2 " + "1" * 100_000,
        "*" + " " * 100_000,
        "1" * 100_000,
        "* FROM CLIP NAME:" + " " * 100_000,
    ):
        with pytest.raises(InputError):
            read(tmp_path, f"001 A AA C {TC}\n{line}\n")
