"""Media of a timeline found in folders, and its frames by the media's own numbers."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from candela_engines.errors import MediaError
from candela_engines.media.clip import ClipInfo
from candela_engines.media.sequence import open_sequence
from candela_engines.media.timeline import Timeline, in_media, read_timeline, resolve_media

from .pictures import write_oiio

TEXT = """TITLE: t
001  A001C003 V C 01:02:03:04 01:02:03:14 01:00:00:00 01:00:00:10
* FROM CLIP NAME: sh010
002  A001C004 V C 00:00:00:05 00:00:00:10 01:00:00:10 01:00:00:15
* FROM CLIP NAME: sh020.####.exr
003  AX       V C 00:00:00:00 00:00:00:10 01:00:00:15 01:00:01:01
* FROM CLIP NAME: Sh030
* SOURCE FILE: D:\\rushes\\SH030_v2.MOV
"""


def timeline(tmp_path: Path, text: str = TEXT) -> Timeline:
    (tmp_path / "cuts.edl").write_text(text)
    return read_timeline(tmp_path / "cuts.edl", rate=24)


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")


def frames(folder: Path, name: str, numbers: range, **more: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        write_oiio(folder / f"{name}.{number:04d}.dpx", np.zeros((2, 2, 3), np.uint16), "uint16", **more)


def test_media_is_found_by_name_file_and_reel(tmp_path: Path) -> None:
    rushes = tmp_path / "rushes"
    touch(
        rushes / "day1" / "A001C003_201126_R1AB.mov",
        rushes / "day1" / ".A001C003.mov",
        rushes / "sh030_V2.mov",
    )
    touch(*(rushes / "plates" / f"SH020.{n}.exr" for n in (1001, 1002)), rushes / "plates" / "sh030.txt")
    found = resolve_media(timeline(tmp_path), [rushes])
    assert [shot.media for shot in found.shots] == [
        rushes / "day1" / "A001C003_201126_R1AB.mov",
        rushes / "plates" / "SH020.####.exr",
        rushes / "sh030_V2.mov",
    ]
    # What lies where the timeline says is not looked for, so no folder is needed the second time.
    assert resolve_media(found) == found


def test_all_that_is_missing_is_listed(tmp_path: Path) -> None:
    touch(tmp_path / "a" / "sh010.mov", tmp_path / "b" / "sh010.mp4")
    with pytest.raises(MediaError) as caught:
        resolve_media(timeline(tmp_path), [tmp_path / "a", tmp_path / "b", tmp_path])
    text = str(caught.value)
    assert "media of 3 of 3 events" in text
    assert "event 001 at 01:00:00:00 (sh010): A001C003 is there more than once" in text
    assert "event 002 at 01:00:00:10 (sh020.####.exr): A001C004 is not there" in text
    assert "SH030_v2.MOV is not there" in text
    with pytest.raises(MediaError, match="is no folder to look for media in"):
        resolve_media(timeline(tmp_path), [tmp_path / "gone"])


def movie(first: int, last: int, timecode: str | None, rate: Fraction | None = None) -> ClipInfo:
    return ClipInfo(
        name="m.mov", files=(), kind="movie", format="", width=2, height=2, bits=8, state=None, tagged=False,
        found="", first=first, last=last, timecode=timecode, rate=rate,
    )  # fmt: skip


def test_source_timecode_becomes_the_movies_frames(tmp_path: Path) -> None:
    shot = timeline(tmp_path).shots[0]
    # The movie begins a second earlier, at 01:02:02:04.
    placed = in_media(shot, movie(0, 99, "01:02:02:04"), Fraction(24))
    assert (placed.source_first, placed.source_last, placed.counting) == (24, 33, "numbers")
    assert placed.handles == (24, 66)
    assert placed.source_at(shot.record_first) == 24
    with pytest.raises(MediaError, match=r"m.mov: event 001 \(sh010\) shows its frames 24-33; it has 0-30"):
        in_media(shot, movie(0, 30, "01:02:02:04"), Fraction(24))


def test_media_without_timecode_counts_from_nought(tmp_path: Path) -> None:
    shot = timeline(tmp_path).shots[1]
    assert in_media(shot, movie(0, 30, None), Fraction(24)).source_first == 5
    placed = in_media(shot, movie(1001, 1100, None), Fraction(24))
    assert (placed.source_first, placed.source_last, placed.handles) == (1006, 1010, (5, 90))
    with pytest.raises(MediaError, match="it has 0-3"):
        in_media(shot, movie(0, 3, None), Fraction(24))


def test_with_the_timecode_of_a_real_sequence(tmp_path: Path) -> None:
    frames(
        tmp_path / "p",
        "A001C003",
        range(1001, 1021),
        **{"dpx:TimeCode": "01:02:03:00", "dpx:FrameRate": 24.0},
    )
    found = resolve_media(timeline(tmp_path, "".join(TEXT.splitlines(keepends=True)[:3])), [tmp_path / "p"])
    shot = found.shots[0]
    assert shot.media is not None
    with open_sequence(shot.media) as clip:
        placed = in_media(shot, clip.info, found.rate)
        assert (placed.source_first, placed.source_last, placed.handles) == (1005, 1014, (4, 6))
        assert len(list(clip.frames(placed.source_first, placed.source_last))) == shot.count
