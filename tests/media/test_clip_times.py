"""Times of clips without a frame decoded: what `open_clip` says of them, and each folder listed once."""

from __future__ import annotations

import shutil
from fractions import Fraction
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest

from candela_engines.colour.names import NAMED
from candela_engines.errors import CandelaError, MediaError
from candela_engines.media import clip_times, write_hdr, write_sdr_png
from candela_engines.media.clip_times import Listing
from candela_engines.media.open_clip import open_clip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three sequences, one of which counts without zeros."""
    light = np.full((8, 12, 3), 50.0, np.float32)
    write_hdr(tmp_path / "one.exr", light, encoding=NAMED["linear-rec2020"])
    write_sdr_png(tmp_path / "one.png", np.full((8, 12, 3), 90, np.uint8), state=NAMED["rec709"])
    image = oiio.ImageBuf(str(tmp_path / "one.exr"))
    image.specmod().attribute("framesPerSecond", oiio.TypeDesc("rational"), (24000, 1001))
    image.specmod().attribute("smpte:TimeCode", oiio.TypeDesc("timecode"), (0x01020304, 0))
    for number in (1001, 1002, 1004):
        assert image.write(str(tmp_path / f"a.{number}.exr"))
    for number in (8, 9, 10):
        shutil.copy(tmp_path / "one.exr", tmp_path / f"b_{number}.exr")
        shutil.copy(tmp_path / "one.png", tmp_path / f"c.{number:04}.png")
    return tmp_path


@pytest.mark.parametrize("name", ["a.####.exr", "b_#.exr", "c.%04d.png", "a.1001-1002####.exr", "a.1002.exr"])
def test_they_are_those_of_the_opened_clip(folder: Path, name: str) -> None:
    times = Listing().times(str(folder / name))
    with open_clip(str(folder / name)) as clip:
        info = clip.info
    assert (times.name, times.first, times.last) == (info.name, info.first, info.last)
    assert (times.rate, times.timecode) == (info.rate, info.timecode)
    if name.startswith("a"):
        assert (times.rate, times.timecode) == (Fraction(24000, 1001), "01:02:03:04")


def test_a_folder_is_listed_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed: list[Path] = []
    scan = clip_times.sequences_in

    def counted(path: Path) -> list[clip_times.FoundFrames]:
        listed.append(path)
        return scan(path)

    monkeypatch.setattr(clip_times, "sequences_in", counted)
    monkeypatch.setattr(clip_times, "open_clip", lambda name: pytest.fail(f"{name} was opened"))
    listing = Listing()
    for name in ("a.####.exr", "c.####.png", "a.####.exr"):
        listing.times(str(folder / name))
    assert listed == [folder]


@pytest.mark.parametrize("name", ["d.####.exr", "nowhere/a.####.exr", "bad.####.exr"])
def test_what_is_wrong_is_said_as_by_the_clip(folder: Path, name: str) -> None:
    for number in (1, 2):
        (folder / f"bad.{number:04}.exr").write_bytes(b"no picture")
    with pytest.raises(CandelaError) as told:
        Listing().times(str(folder / name))
    with pytest.raises(MediaError) as expected:
        open_clip(str(folder / name))
    assert str(told.value) == str(expected.value)


def test_files_that_differ_in_case_or_padding_alone_count_as_for_the_clip(folder: Path) -> None:
    shutil.copy(folder / "a.1001.exr", folder / "a.1005.EXR")
    shutil.copy(folder / "one.png", folder / "c.00011.png")
    for name in ("a.####.exr", "c.####.png"):
        times = Listing().times(str(folder / name))
        with open_clip(str(folder / name)) as clip:
            assert (times.first, times.last) == (clip.info.first, clip.info.last)


def test_numbers_too_far_apart_are_refused_as_by_the_clip(folder: Path) -> None:
    for number in ("0001", "20261127"):
        shutil.copy(folder / "one.png", folder / f"far.{number}.png")
    with pytest.raises(MediaError, match="is refused"):
        Listing().times(str(folder / "far.####.png"))
