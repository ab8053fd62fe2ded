"""Names with a place for the frame number, and the frames in names of files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candela_engines.errors import CandelaError, InputError
from candela_engines.media.sequence_names import frame_path, is_pattern, number_in, parse_name, split_number


@pytest.mark.parametrize(
    ("pattern", "number", "file"),
    [
        ("out.####.exr", 7, "out.0007.exr"),
        ("out.####.exr", 10000, "out.10000.exr"),
        ("out.####.exr", -5, "out.-005.exr"),
        ("out.@@@@.tif", 7, "out.0007.tif"),
        ("out.%04d.exr", 1001, "out.1001.exr"),
        ("out.%d.exr", 7, "out.7.exr"),
        ("out.$F4.exr", 7, "out.0007.exr"),
        ("out.$F.exr", 7, "out.7.exr"),
        ("out.#.exr", 7, "out.7.exr"),
        ("out#.exr", 12, "out12.exr"),
        ("out.1001-1100#.exr", 1050, "out.1050.exr"),
        ("out.1001-1100####.exr", 1050, "out.1050.exr"),
        ("out.1001-1100x2####.exr", 1003, "out.1003.exr"),
        ("out.[0001-0100].exr", 7, "out.0007.exr"),
        ("sh010_v002.####.exr", 7, "sh010_v002.0007.exr"),
        ("cam_2####.exr", 7, "cam_20007.exr"),
        ("####", 7, "0007"),
        ("a b ü.####.exr", 7, "a b ü.0007.exr"),
        ("x/100% $F4 #1/out.####.exr", 7, "x/100% $F4 #1/out.0007.exr"),
    ],
)
def test_names_to_write(pattern: str, number: int, file: str) -> None:
    assert is_pattern(pattern)
    assert frame_path(pattern, number) == Path(file)


@pytest.mark.parametrize(
    "name",
    [
        "shot.1001.exr", "logo@2x.png", "take#2.png", "20%done.png", "$Foo.png", "shot.mov", "",
        "a/####/b.exr", "[brackets].png", "%s.png",
    ],
)  # fmt: skip
def test_names_that_are_no_pattern(name: str) -> None:
    assert not is_pattern(name)
    with pytest.raises(InputError, match="no place for the frame number"):
        parse_name(name)


def test_a_file_of_that_very_name_is_a_file(tmp_path: Path) -> None:
    assert is_pattern(tmp_path / "take.#.png")
    (tmp_path / "take.#.png").write_bytes(b"")
    assert not is_pattern(tmp_path / "take.#.png")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a.####.%04d.exr", "more than one place"),
        ("a.####.####.exr", "more than one place"),
        ("a." + "#" * 40 + ".exr", "padding"),
        ("a.%099d.exr", "padding of 99 digits"),
        ("a.%" + "9" * 200 + "d.exr", "padding"),
        ("a.1100-1001####.exr", "runs backwards"),
        ("a.1-10x0####.exr", "step of 0"),
        ("a.1-1000000000#.exr", "more than"),
        ("a.1-1500000#.exr", "more than"),
    ],
)
def test_patterns_that_are_wrong(name: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        parse_name(name)


def test_the_range_of_a_name() -> None:
    assert parse_name("a.1001-1100x2####.exr").ranges == (range(1001, 1101, 2),)
    assert parse_name("a.1001,1005-1006#.exr").ranges == (range(1001, 1002), range(1005, 1007))
    assert parse_name("a.-2-2#.exr").ranges == (range(-2, 3),)
    assert parse_name("a.1001#.exr").ranges == (range(1001, 1002),)
    assert parse_name("a.####.exr").ranges is None
    with pytest.raises(InputError, match="frame 1002 is outside"):
        frame_path("a.1001-1100x2####.exr", 1002)


@pytest.mark.parametrize(
    ("file", "parts"),
    [
        ("shot.1001.exr", ("shot.", "1001", ".exr")),
        ("sh010_v002.1001.exr", ("sh010_v002.", "1001", ".exr")),
        ("shot.1001.v2.exr", ("shot.", "1001", ".v2.exr")),
        ("shot_v002.exr", ("shot_v", "002", ".exr")),
        ("shot.1001.left.exr", ("shot.", "1001", ".left.exr")),
        ("shot.-005.exr", ("shot.", "-005", ".exr")),
        ("take-0012.exr", ("take-", "0012", ".exr")),
        ("-7.exr", ("", "-7", ".exr")),
        ("1001.dpx", ("", "1001", ".dpx")),
        ("1001", ("", "1001", "")),
        ("a.jp2", None),
        ("a.exr", None),
        (".1001", (".", "1001", "")),
        ("shot.1001", ("shot.", "1001", "")),
    ],
)
def test_the_number_of_a_file(file: str, parts: tuple[str, str, str] | None) -> None:
    assert split_number(file) == parts


@pytest.mark.parametrize(
    ("pattern", "file", "found"),
    [
        ("a.####.exr", "a.0999.exr", (999, True)),
        ("a.####.exr", "a.999.exr", None),
        ("a.####.exr", "a.10000.exr", (10000, True)),
        ("a.####.exr", "a.00999.exr", None),
        ("a.####.exr", "a.-005.exr", (-5, True)),
        ("a.####.exr", "a.-0005.exr", (-5, True)),
        ("a.####.exr", "a.-05.exr", None),
        ("a.#.exr", "a.00999.exr", (999, True)),
        ("a.####.exr", "a.0999.EXR", (999, False)),
        ("a.####.exr", "A.0999.exr", None),
        ("a.####.exr", "a.0999.exr.bak", None),
        ("a####.exr", "a-0005.exr", None),
        ("a-####.exr", "a-0005.exr", (5, True)),
        ("u\u0308.####.exr", "\u00fc.0999.exr", (999, True)),
        ("\u00fc.####.exr", "u\u0308.0999.exr", (999, True)),
        ("a.####.exr", "a..exr", None),
        ("a.####.exr", "a.exr", None),
        ("a.####.exr", "a.٠٠٠٥.exr", None),
    ],
)
def test_files_of_a_pattern(pattern: str, file: str, found: tuple[int, bool] | None) -> None:
    assert number_in(file, parse_name(pattern)) == found


_WORDS = st.text(alphabet="abXY_. é1", max_size=8)


@settings(deadline=None)
@given(_WORDS, st.integers(1, 8), st.integers(-99999, 99999), _WORDS)
def test_a_name_written_is_read_back(before: str, digits: int, number: int, after: str) -> None:
    """Whatever stands around the number; the separators keep it apart from digits of the name."""
    pattern = f"{before}_.%0{digits}d.{after}exr"
    name = parse_name(pattern)
    file = frame_path(pattern, number).name
    assert number_in(file, name) == (number, True)
    assert parse_name(name.text).path(number).name == file


@settings(deadline=None)
@given(st.text(alphabet="ab.#@%04d$F[]-,x10", max_size=24))
def test_any_name_is_a_pattern_or_an_error(text: str) -> None:
    try:
        name = parse_name(text)
    except CandelaError:
        return
    assert is_pattern(text)
    assert number_in(name.path(5).name, name) == (5, True)
