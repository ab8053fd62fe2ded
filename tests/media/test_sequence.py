"""Sequences of stills as clips: real files, their numbers, their gaps, and what is wrong with them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio
import pytest
from numpy.typing import NDArray

from candela_engines.colour.names import parse_colour
from candela_engines.errors import InputError, MediaError
from candela_engines.media import picture_hash, read_still
from candela_engines.media import sequence as module
from candela_engines.media.clip import Clip
from candela_engines.media.sequence import open_sequence, sequence_of

from .pictures import png_bytes, write_oiio

PQ = "candela-colour bt2020 pq full peak=1000 white=203 unit=1"


def codes(number: int, height: int = 4, width: int = 6) -> NDArray[Any]:
    """A picture that says which frame it is."""
    base = np.arange(height * width * 3, dtype=np.uint16).reshape(height, width, 3)
    return (base * 7 + (number % 1000) * 50).astype(np.uint16)


def dpx(folder: Path, numbers: range | list[int], name: str = "shot.{:04d}.dpx", **more: Any) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        write_oiio(folder / name.format(number), codes(number), "uint16", **more)


def exr(folder: Path, numbers: range | list[int], name: str = "shot.{:04d}.exr", **more: Any) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        write_oiio(folder / name.format(number), (codes(number) / 65535).astype(np.float16), "half", **more)


@pytest.mark.parametrize(
    "pattern",
    ["shot.####.dpx", "shot.@@@@.dpx", "shot.%04d.dpx", "shot.$F4.dpx", "shot.#.dpx", "", "shot.0998.dpx"],
)
def test_frames_as_stored_whatever_the_name_is_written_like(tmp_path: Path, pattern: str) -> None:
    dpx(tmp_path, range(998, 1003))
    with open_sequence(tmp_path / pattern) as clip:
        check: Clip = clip
        assert check.info.kind == "sequence"
        assert check.info.format == "dpx sequence"
        assert (clip.info.first, clip.info.last, clip.info.count) == (998, 1002, 5)
        assert (clip.info.width, clip.info.height, clip.info.bits) == (6, 4, 16)
        assert [path.name for path in clip.info.files] == [f"shot.{n:04d}.dpx" for n in range(998, 1003)]
        frames = list(clip.frames())
        assert [frame.number for frame in frames] == [998, 999, 1000, 1001, 1002]
        for frame in frames:
            np.testing.assert_array_equal(frame.codes, codes(frame.number))
            assert frame.digest() == picture_hash(read_still(tmp_path / f"shot.{frame.number:04d}.dpx"))[:16]
        np.testing.assert_array_equal(clip.frame(1001).codes, codes(1001))
        assert [frame.number for frame in clip.frames(999, 1000)] == [999, 1000]
        assert [frame.number for frame in clip.frames(last=998)] == [998]


def test_floats_are_over_full_scale_and_hash_as_the_still_does(tmp_path: Path) -> None:
    exr(tmp_path, [1, 2])
    clip = open_sequence(tmp_path / "shot.####.exr")
    frame = clip.frame(2)
    assert clip.info.bits == 16
    assert (frame.codes.dtype, frame.bits) == (np.float32, 32)
    np.testing.assert_array_equal(frame.codes, (codes(2) / 65535).astype(np.float16))
    assert frame.digest() == picture_hash(read_still(tmp_path / "shot.0002.exr"))[:16]


def test_alpha_comes_along(tmp_path: Path) -> None:
    for number in (1, 2):
        samples = np.full((2, 3, 4), number * 50, np.uint8)
        (tmp_path / f"a.{number}.png").write_bytes(png_bytes(samples))
    frame = open_sequence(tmp_path / "a.#.png").frame(2)
    assert frame.alpha is not None
    np.testing.assert_array_equal(frame.alpha, np.float32(100 / 255))


def test_missing_frames_are_reported_and_left_out(tmp_path: Path) -> None:
    dpx(tmp_path, [1001, 1002, 1006, 1007, 1009])
    clip = open_sequence(tmp_path / "shot.####.dpx")
    assert clip.info.missing == (1003, 1004, 1005, 1008)
    assert clip.info.count == 5
    assert [frame.number for frame in clip.frames()] == [1001, 1002, 1006, 1007, 1009]
    assert [frame.number for frame in clip.frames(1003, 1005)] == []
    with pytest.raises(MediaError, match=r"frame 1003 is missing.*1003-1005, 1008"):
        clip.frame(1003)
    with pytest.raises(InputError, match=r"frame 1010 is outside 1001\.\.1009"):
        clip.frame(1010)
    with pytest.raises(InputError, match=r"frame 1000 is outside"):
        clip.frames(1000, 1004)
    with pytest.raises(InputError, match="run backwards"):
        clip.frames(1007, 1002)


def test_ranges_in_the_name(tmp_path: Path) -> None:
    dpx(tmp_path, range(1001, 1011))
    clip = open_sequence(tmp_path / "shot.1003-1006####.dpx")
    assert (clip.info.first, clip.info.last, clip.info.missing) == (1003, 1006, ())
    clip = open_sequence(tmp_path / "shot.1001-1009x3#.dpx")
    assert [frame.number for frame in clip.frames()] == [1001, 1004, 1007]
    assert clip.info.count == 3
    with pytest.raises(InputError, match="frame 1002 is none of those that the name asks for"):
        clip.frame(1002)
    clip = open_sequence(tmp_path / "shot.1009-1012####.dpx")
    assert (clip.info.first, clip.info.last) == (1009, 1010)
    assert "of the frames asked for there is no file for 1011-1012" in clip.info.notes
    assert open_sequence(tmp_path / "shot.[1002-1003].dpx").info.count == 2
    with pytest.raises(MediaError, match=r"there are frames 1001-1010, none of those asked for"):
        open_sequence(tmp_path / "shot.2001-2010####.dpx")


def test_numbers_below_zero_and_beyond_the_padding(tmp_path: Path) -> None:
    dpx(tmp_path, [-2, -1, 0, 1])
    for name in ("shot.####.dpx", "", "shot.-001.dpx"):
        clip = open_sequence(tmp_path / name)
        assert [frame.number for frame in clip.frames()] == [-2, -1, 0, 1]
    dpx(tmp_path / "b", [9999, 10000])
    for name in ("shot.####.dpx", "", "shot.9999.dpx"):
        assert open_sequence(tmp_path / "b" / name).info.last == 10000


def test_other_paddings_are_other_files(tmp_path: Path) -> None:
    dpx(tmp_path, [998, 999])
    dpx(tmp_path, [999, 1000], name="shot.{:d}.dpx")
    clip = open_sequence(tmp_path / "shot.####.dpx")
    assert [path.name for path in clip.info.files] == ["shot.0998.dpx", "shot.0999.dpx", "shot.1000.dpx"]
    assert "left out, as their numbers are padded otherwise: shot.999.dpx" in clip.info.notes
    with pytest.raises(MediaError, match=r"frame 999 is there more than once: shot.0999.dpx, shot.999.dpx"):
        open_sequence(tmp_path / "shot.#.dpx")
    assert sequence_of(tmp_path / "shot.0998.dpx") == tmp_path / "shot.####.dpx"
    assert open_sequence(tmp_path / "shot.999.dpx").info.count == 1


def test_the_extension_in_other_case(tmp_path: Path) -> None:
    dpx(tmp_path, [1, 2], name="shot.{:04d}.DPX")
    assert open_sequence(tmp_path / "shot.####.dpx").info.count == 2
    dpx(tmp_path, [2, 3])
    clip = open_sequence(tmp_path / "shot.####.dpx")
    assert [path.name for path in clip.info.files] == ["shot.0001.DPX", "shot.0002.dpx", "shot.0003.dpx"]
    assert "left out, as their extension is in other case: shot.0002.DPX" in clip.info.notes
    dpx(tmp_path, [2], name="shot.{:04d}.Dpx")
    (tmp_path / "shot.0002.dpx").unlink()
    with pytest.raises(MediaError, match=r"frame 2 is there more than once: shot.0002.DPX, shot.0002.Dpx"):
        open_sequence(tmp_path / "shot.####.dpx")


def test_folders_and_names_of_every_kind(tmp_path: Path) -> None:
    folder = tmp_path / "100% $F4 ####" / "ä b"
    dpx(folder, [1001, 1002], name="sh010_v002 é.{:04d}.dpx")
    dpx(folder, [1001], name="sh010_v003 é.{:04d}.dpx")
    clip = open_sequence(folder / "sh010_v002 é.####.dpx")
    assert clip.info.count == 2
    assert sequence_of(folder / "sh010_v002 é.1001.dpx") == folder / "sh010_v002 é.####.dpx"


def test_a_folder_with_one_sequence_or_an_error_that_lists_them(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="holds no sequence"):
        open_sequence(tmp_path)
    dpx(tmp_path, [1001, 1002, 1004])
    dpx(tmp_path, [7], name="reference{}.dpx")
    (tmp_path / "notes.1.txt").write_text("x")
    (tmp_path / "._shot.1001.dpx").write_bytes(b"x")
    clip = open_sequence(tmp_path)
    assert (clip.info.first, clip.info.missing) == (1001, (1003,))
    exr(tmp_path, [1, 2], name="other.{:04d}.exr")
    with pytest.raises(
        MediaError, match=r"holds 2 sequences: other.####.exr \(1-2\), shot.####.dpx \(1001-1002, 1004\)"
    ):
        open_sequence(tmp_path)


def test_what_is_not_there(tmp_path: Path) -> None:
    dpx(tmp_path, [1001])
    with pytest.raises(MediaError, match=r"other.####.dpx: no file has such a name; there are shot.####.dpx"):
        open_sequence(tmp_path / "other.####.dpx")
    with pytest.raises(MediaError, match="no such folder"):
        open_sequence(tmp_path / "gone" / "shot.####.dpx")
    with pytest.raises(MediaError, match="no such file or folder"):
        open_sequence(tmp_path / "shot.1005.dpx")
    with pytest.raises(MediaError, match="no name of a folder"):
        open_sequence("a\0b/shot.####.dpx")
    with pytest.raises(MediaError, match="cannot be looked at"):
        open_sequence("a" * 5000)
    with pytest.raises(MediaError, match="no such file"):
        sequence_of(tmp_path / "shot.1005.dpx")
    for name in ("3#._0901.dpx", "a.####.0001.dpx"):
        (tmp_path / name).write_bytes(b"")
        with pytest.raises(InputError, match=r"no pattern can be written|more than one place"):
            sequence_of(tmp_path / name)
    (tmp_path / "still.dpx").write_bytes(b"")
    assert sequence_of(tmp_path / "still.dpx") is None
    with pytest.raises(MediaError, match="no number in its name"):
        open_sequence(tmp_path / "still.dpx")


def test_a_span_that_nobody_means_is_refused(tmp_path: Path) -> None:
    dpx(tmp_path, [1, 20261126], name="shot.{}.dpx")
    with pytest.raises(MediaError, match=r"from 1 to 20261126"):
        open_sequence(tmp_path / "shot.#.dpx")
    with pytest.raises(MediaError, match=r"from 1 to 20261126"):
        open_sequence(tmp_path)


def _other_size(path: Path) -> None:
    write_oiio(path, codes(3, width=8), "uint16")


def _other_bits(path: Path) -> None:
    write_oiio(path, codes(3), "uint16", oiio__BitsPerSample=10)


def _other_colour(path: Path) -> None:
    write_oiio(path, codes(3), "uint16", **{"dpx:ProjectName": PQ})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_other_size, r"size 8x4, not 6x4"),
        (_other_bits, r"samples 10-bit integers, not 16-bit integers"),
        (lambda path: path.write_bytes(b"hello"), r"is text, not a picture"),
        (lambda path: path.write_bytes(b""), r"is empty"),
        (lambda path: path.write_bytes(path.read_bytes()[:2100]), r"shot.0003.dpx"),
    ],
)
def test_a_frame_that_is_not_like_the_first(
    tmp_path: Path, spoil: Callable[[Path], None], words: str
) -> None:
    dpx(tmp_path, range(1, 6))
    spoil(tmp_path / "shot.0003.dpx")
    clip = open_sequence(tmp_path / "shot.####.dpx")
    seen = []
    with pytest.raises(MediaError, match=rf"frame 3: .*shot.0003.dpx.*{words}|frame 3: .*{words}"):
        seen += [frame.number for frame in _noting(clip, seen)]
    assert seen == [1, 2]
    with pytest.raises(MediaError, match="frame 3"):
        clip.frame(3)
    assert clip.frame(4).number == 4


def _noting(clip: Any, seen: list[int]) -> Any:
    for frame in clip.frames():
        seen.append(frame.number)
    return []


def test_a_frame_of_another_colour(tmp_path: Path) -> None:
    exr(tmp_path, [1, 2], candelaColour=PQ)
    exr(tmp_path, [3])
    clip = open_sequence(tmp_path / "shot.####.exr")
    assert clip.info.state == parse_colour("rec2100-pq@1000")
    assert clip.info.tagged
    with pytest.raises(MediaError, match=r"frame 3: .*colour unknown .*not rec2100-pq@1000"):
        list(clip.frames())
    # What the user says holds for every frame, whatever their tags.
    state = parse_colour("p3-pq")
    said = open_sequence(tmp_path / "shot.####.exr", colour=state)
    assert said.info.state == state
    assert len(list(said.frames())) == 3


def test_a_first_frame_that_cannot_be_read(tmp_path: Path) -> None:
    dpx(tmp_path, [1, 2])
    (tmp_path / "shot.0001.dpx").write_bytes(b"no picture")
    with pytest.raises(MediaError, match=r"frame 1: .*shot.0001.dpx: is text"):
        open_sequence(tmp_path / "shot.####.dpx")


def test_a_frame_that_is_removed_while_we_read(tmp_path: Path) -> None:
    dpx(tmp_path, [1, 2])
    clip = open_sequence(tmp_path / "shot.####.dpx")
    (tmp_path / "shot.0002.dpx").unlink()
    with pytest.raises(MediaError, match=r"frame 2: .*no such file"):
        clip.frame(2)


def test_range_overrides(tmp_path: Path) -> None:
    dpx(tmp_path, [1, 2])
    rec709 = parse_colour("rec709")
    narrow = open_sequence(tmp_path / "shot.####.dpx", colour=rec709, range="narrow")
    assert narrow.info.state is not None
    assert narrow.info.state.range == "narrow"
    np.testing.assert_array_equal(narrow.frame(2).codes, codes(2))
    assert open_sequence(tmp_path / "shot.####.dpx", range="narrow").info.state is None
    exr(tmp_path / "e", [1])
    with pytest.raises(InputError, match="holds floats"):
        open_sequence(tmp_path / "e" / "shot.####.exr", colour=rec709, range="narrow")


def test_time_of_exr_and_dpx(tmp_path: Path) -> None:
    spec = oiio.ImageSpec(6, 4, 3, "half")
    spec.attribute("framesPerSecond", oiio.TypeDesc("rational"), (24000, 1001))
    spec.attribute("smpte:TimeCode", oiio.TypeDesc("timecode"), (0x10595911 | 1 << 6, 0))
    out = oiio.ImageOutput.create("a.exr")
    assert out.open(str(tmp_path / "a.0001.exr"), spec)
    assert out.write_image(np.zeros((4, 6, 3), np.float16))
    out.close()
    info = open_sequence(tmp_path / "a.####.exr").info
    assert (info.rate, info.timecode) == (Fraction(24000, 1001), "10:59:59;11")
    dpx(tmp_path, [1], **{"dpx:FrameRate": 23.976, "dpx:TimeCode": "01:02:03:04"})
    info = open_sequence(tmp_path / "shot.####.dpx").info
    assert (info.rate, info.timecode) == (Fraction(24000, 1001), "01:02:03:04")
    exr(tmp_path / "n", [1])
    info = open_sequence(tmp_path / "n" / "shot.####.exr").info
    assert (info.rate, info.timecode) == (None, None)
    dpx(tmp_path / "b", [1], **{"dpx:FrameRate": float("inf")})
    assert open_sequence(tmp_path / "b").info.rate is None


def test_a_closed_sequence_says_so_and_leaves_no_threads(tmp_path: Path) -> None:
    dpx(tmp_path, range(1, 30))
    clip = open_sequence(tmp_path / "shot.####.dpx")
    with clip:
        frames = clip.frames()
        next(frames)
        frames.close()  # type: ignore[attr-defined]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("candela-ahead")]
    clip.close()
    for call in (clip.frames, lambda: clip.frame(1)):
        with pytest.raises(InputError, match="closed"):
            call()


def test_the_folder_is_listed_once_and_two_frames_are_decoded_ahead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dpx(tmp_path, range(1, 10))
    listed: list[Path] = []
    iterdir = Path.iterdir
    monkeypatch.setattr(Path, "iterdir", lambda self: listed.append(self) or iterdir(self))
    read: list[str] = []

    def reading(path: Path, **more: Any) -> Any:
        read.append(path.name)
        return read_still(path, **more)

    monkeypatch.setattr(module, "read_still", reading)
    clip = open_sequence(tmp_path / "shot.####.dpx")
    frames = clip.frames()
    next(frames)
    frames.close()  # type: ignore[attr-defined]
    # The first on opening; then the one that was asked for and at most two more.
    assert len(read) <= 4
    assert len(list(clip.frames())) == 9
    assert listed == [tmp_path]
