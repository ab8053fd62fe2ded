"""Frame numbers as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candela_engines.errors import CandelaError, InputError
from candela_engines.media.frame_ranges import format_frames, parse_frames


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1001", [1001]),
        ("1001-1004", [1001, 1002, 1003, 1004]),
        ("1001-1003,1010", [1001, 1002, 1003, 1010]),
        (" 1010 , 1001-1002 ", [1001, 1002, 1010]),
        ("1001-1006x2", [1001, 1003, 1005]),
        ("1-5x2,2-4x2", [1, 3, 5, 2, 4]),
        ("-3--1", [-3, -2, -1]),
        ("-1-1", [-1, 0, 1]),
        ("7-7", [7]),
        ("0005", [5]),
    ],
)
def test_ranges(text: str, expected: list[int]) -> None:
    assert [number for part in parse_frames(text) for number in part] == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "a part is empty"),
        ("1,,2", "a part is empty"),
        ("1001-", "no range"),
        ("a-b", "no range"),
        ("1001:1100", "no range"),
        ("1.5", "no range"),
        ("1001-1100x", "no range"),
        ("٣", "no range"),
        ("1001-1100x0", "step of 0"),
        ("1100-1001", "write 1001-1100"),
        ("1-10,5", "frame 5 is named twice"),
        # The two that collide are not next to each other when sorted.
        ("1-100x2,2-4x2,51-60", "frame 51 is named twice"),
        ("9999999999", "outside"),
        ("0-2147483647", "more than"),
        (",".join(map(str, range(600))), "600 parts"),
    ],
)
def test_nonsense_is_said(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        parse_frames(text)


def test_listing() -> None:
    assert format_frames([]) == ""
    assert format_frames([1010, 1003, 1004, 1005]) == "1003-1005, 1010"
    assert format_frames([-2, -1, 0, 5, 5]) == "-2-0, 5"


@settings(deadline=None)
@given(st.sets(st.integers(-3000, 3000), min_size=1, max_size=60))
def test_what_is_listed_reads_back(numbers: set[int]) -> None:
    ranges = parse_frames(format_frames(numbers))
    assert [number for part in ranges for number in part] == sorted(numbers)


@settings(deadline=None)
@given(st.text(alphabet="0123456789-,x: a", max_size=30))
def test_any_text_is_ranges_or_an_error(text: str) -> None:
    try:
        ranges = parse_frames(text)
    except CandelaError:
        return
    assert ranges
    assert all(len(part) > 0 for part in ranges)
