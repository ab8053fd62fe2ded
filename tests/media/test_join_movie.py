"""Segments put behind each other, and audio that comes along."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.media.movies import HEIGHT, RATE, WIDTH, audio_of, found_in, movie_with_audio, pq_frames

from candela_engines.colour.names import NAMED
from candela_engines.errors import InputError, MediaError
from candela_engines.media.mastering import ContentLight, MasteringDisplay
from candela_engines.media.write_movie import open_movie_writer
from candela_engines.media.write_movie_audio import AudioRange
from candela_engines.media.write_movie_boxes import light_of
from candela_engines.media.write_movie_join import join_segments

PQ = NAMED["rec2100-pq"]
DISPLAY = MasteringDisplay(1000, 0.005, "bt2020")


def segment(path: Path, count: int, start: int = 0, rate: Fraction = RATE, **more: Any) -> Path:
    with open_movie_writer(
        path, size=(WIDTH, HEIGHT), rate=rate, encoding=PQ, mastering=DISPLAY, **more
    ) as writer:
        for frame in pq_frames(count, start):
            writer.write(frame)
    return path


@pytest.mark.parametrize(
    ("codec", "suffix", "out"),
    [("hevc", ".mp4", ".mp4"), ("hevc", ".mov", ".mkv"), ("av1", ".mp4", ".mp4"), ("av1", ".mp4", ".mkv"),
     ("prores4444", ".mov", ".mov")],
)  # fmt: skip
@pytest.mark.parametrize("lit", [False, True], ids=["dark", "lit"])
def test_the_joined_movie_has_the_frames_of_its_segments(
    tmp_path: Path, codec: Any, suffix: str, out: str, lit: bool
) -> None:
    counts = (9, 1, 6)
    known = [{"max_cll": 300 + n, "max_fall": 20 + n} if lit else {} for n in range(3)]
    parts = [
        segment(tmp_path / f"{n}{suffix}", count, 10 * n, codec=codec, **known[n])
        for n, count in enumerate(counts)
    ]
    light = ContentLight(302, 22) if lit else None
    path = tmp_path / f"all{out}"
    report = join_segments(parts, path, timecode="10:00:00:00", light=light)
    assert (report.frames, report.bytes) == (16, path.stat().st_size)
    found, single = found_in(path), [found_in(part) for part in parts]
    expected = [frame for one in single for frame in one.frames]
    assert len(found.frames) == 16
    for frame, planes in zip(found.frames, expected, strict=True):
        for a, b in zip(frame, planes, strict=True):
            np.testing.assert_array_equal(a, b)
    assert [round(t * RATE) for t in found.times] == list(range(16))
    assert out == ".mkv" or found.times == [n / RATE for n in range(16)]
    assert found.rate == RATE
    assert found.timecode == "10:00:00:00"
    assert found.light == ((302, 22) if lit else None)
    assert found.mastering is not None
    assert found.mastering[9] == 1000
    if out != ".mkv":
        assert light_of(path) == (DISPLAY, found.light)
        assert found.tag == single[0].tag
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([*(p.name for p in parts), path.name])


def test_the_light_of_a_part_does_not_stay(tmp_path: Path) -> None:
    part = segment(tmp_path / "a.mp4", 3, max_cll=300, max_fall=20)
    join_segments([part, part], tmp_path / "all.mp4")
    assert found_in(tmp_path / "all.mp4").light is None
    assert b"\x90\x04" + ContentLight(300, 20).to_box() not in (tmp_path / "all.mp4").read_bytes()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"codec": "av1"}, "its codec is not that"),
        ({"rate": Fraction(25)}, r"its rate is not that of .*a\.mp4 \(25 and 24000/1001\)"),
        ({"preset": "ultrafast"}, r"b\.mp4: its configuration"),
        ({"bits": 12}, "its pix_fmt"),
    ],
)
def test_a_segment_that_does_not_go_with_the_first_is_named(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    a = segment(tmp_path / "a.mp4", 2)
    b = segment(tmp_path / "b.mp4", 2, **change)
    with pytest.raises(InputError, match=said):
        join_segments([a, b], tmp_path / "all.mp4")
    assert not (tmp_path / "all.mp4").exists()


def test_damaged_segments_are_named(tmp_path: Path) -> None:
    good, bad = segment(tmp_path / "a.mp4", 2), tmp_path / "b.mp4"
    for content in (b"", b"no movie at all", good.read_bytes()[:-300]):
        bad.write_bytes(content)
        with pytest.raises(MediaError, match=r"b\.mp4: is no segment that can be read"):
            join_segments([good, bad], tmp_path / "all.mp4")
    with pytest.raises(InputError, match="no segments"):
        join_segments([], tmp_path / "all.mp4")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.mp4", "b.mp4"]


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
def test_pcm_is_cut_at_the_sample(tmp_path: Path, suffix: str) -> None:
    source = movie_with_audio(tmp_path / "source.mov", "pcm_s16le", tracks=2)
    audio = AudioRange(source, (11, 20), Fraction(24))
    part = segment(tmp_path / "part.mp4", 10, rate=Fraction(24))
    report = join_segments([part], tmp_path / f"out{suffix}", audio=audio)
    assert report.audio_tracks == 2
    for track in (0, 1):
        codec, first, samples, _ = audio_of(tmp_path / f"out{suffix}", track)
        assert (codec, first) == ("pcm_s16le", 0)
        np.testing.assert_array_equal(samples, np.arange(11 * 2000, 21 * 2000) % 30_000)


@pytest.mark.parametrize(
    ("codec", "suffix"), [("aac", ".mp4"), ("aac", ".mov"), ("aac", ".mkv"), ("flac", ".mkv")]
)
def test_coded_audio_is_copied_and_stays_in_time(tmp_path: Path, codec: str, suffix: str) -> None:
    source = movie_with_audio(tmp_path / "source.mkv", codec)
    path = tmp_path / f"out{suffix}"
    with open_movie_writer(
        path, size=(WIDTH, HEIGHT), rate=Fraction(24), encoding=PQ, audio_from=source, audio_frames=(24, 35)
    ) as writer:
        for frame in pq_frames(12):
            writer.write(frame)
    assert writer.report is not None
    assert writer.report.audio_tracks == 1
    found, first, samples, packets = audio_of(path)
    _, _, whole, all_packets = audio_of(source)
    assert found == codec
    assert set(packets) < set(all_packets)
    # The same packets decode to the same samples, but for the first: where the source has them is where they
    # were, and its frame 24 begins at one second.
    inner = samples[3000:9000]
    at = next(
        n
        for n in range(40_000, len(whole) - len(inner))
        if np.allclose(whole[n : n + 6000], inner, atol=1e-4)
    )
    start = found_start(source)
    assert abs(at - 3000 - 48_000 - (float(first) - start) * 48_000) <= 48  # a millisecond, Matroska's clock
    assert 0 <= first < Fraction(5000, 48_000)


def found_start(path: Path) -> float:
    return float(audio_of(path)[1])


def test_all_frames_by_default_and_none_where_there_is_no_audio(tmp_path: Path) -> None:
    source = movie_with_audio(tmp_path / "source.mov", "pcm_s16le", count=12)
    part = segment(tmp_path / "part.mp4", 12, rate=Fraction(24))
    join_segments([part], tmp_path / "out.mov", audio=AudioRange(source, None, Fraction(24)))
    np.testing.assert_array_equal(audio_of(tmp_path / "out.mov")[2], np.arange(24_000))
    silent = join_segments([part], tmp_path / "silent.mov", audio=AudioRange(part, None, Fraction(24)))
    assert silent.audio_tracks == 0


def test_audio_that_cannot_come_along_is_said(tmp_path: Path) -> None:
    flac = movie_with_audio(tmp_path / "source.mkv", "flac")
    part = segment(tmp_path / "part.mov", 2, rate=Fraction(24))
    for audio, said in (
        (AudioRange(flac, None, Fraction(24)), r"out\.mov: cannot hold the flac audio of .*source\.mkv"),
        (AudioRange(flac, (40, 30), Fraction(24)), "frames 40 to 30"),
        (AudioRange(part, (0, 2), Fraction(24)), "frames 0 to 2 of a movie of 2 frames"),
        (AudioRange(flac, None, Fraction(25)), "24 frames a second; its audio would not stay"),
    ):
        with pytest.raises(InputError, match=said):
            join_segments([part], tmp_path / "out.mov", audio=audio)
    with pytest.raises(MediaError, match=r"none\.mov: cannot be read for its audio"):
        join_segments(
            [part], tmp_path / "out.mov", audio=AudioRange(tmp_path / "none.mov", None, Fraction(24))
        )
    assert not (tmp_path / "out.mov").exists()
