"""Frames and rates as they are typed."""

from __future__ import annotations

from fractions import Fraction

import pytest

from candela_engines.errors import InputError
from candela_server.cli import ranges


@pytest.mark.parametrize(
    ("text", "both"),
    [("1001-1100", (1001, 1100)), ("7", (7, 7)), (" 0 - 9 ", (0, 9)), ("-5--2", (-5, -2)), ("-5-3", (-5, 3))],
)
def test_ranges(text: str, both: tuple[int, int]) -> None:
    assert ranges.frame_range(text, "--frames") == both


@pytest.mark.parametrize("text", ["", "a-b", "1-2-3", "9-3", "1..5", "1,5", "99999999999"])
def test_ranges_that_are_none(text: str) -> None:
    with pytest.raises(InputError, match="--frames"):
        ranges.frame_range(text, "--frames")


def test_numbers_come_in_order_and_once() -> None:
    assert ranges.numbers("97, 48,48", "--cuts") == (48, 97)
    for text in ("", "48;97", "x"):
        with pytest.raises(InputError, match="--cuts"):
            ranges.numbers(text, "--cuts")


@pytest.mark.parametrize(
    ("text", "exact"),
    [("25", Fraction(25)), ("23.976", Fraction(24000, 1001)), ("24000/1001", Fraction(24000, 1001)),
     ("23.98", Fraction(24000, 1001)), ("29.97", Fraction(30000, 1001)), ("12.5", Fraction(25, 2))],
)  # fmt: skip
def test_rates_are_exact(text: str, exact: Fraction) -> None:
    assert ranges.rate(text, "--rate") == exact


@pytest.mark.parametrize("text", ["", "fast", "1/0", "0", "-24", "nan", "1e9"])
def test_rates_that_are_none(text: str) -> None:
    with pytest.raises(InputError, match="--rate"):
        ranges.rate(text, "--rate")
