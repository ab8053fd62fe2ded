"""Timecode: counting on, dropping frames, and the bits of files."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candela_engines.errors import InputError
from candela_engines.media.timecode import timecode_after
from candela_engines.media.write_timecode import checked_timecode, timecode_bits

NTSC, FAST = Fraction(30000, 1001), Fraction(60000, 1001)


@pytest.mark.parametrize(
    ("start", "rate", "frames", "end"),
    [
        ("01:00:00:00", Fraction(24), 24, "01:00:01:00"),
        ("01:00:00:23", Fraction(24000, 1001), 1, "01:00:01:00"),
        ("23:59:59:24", Fraction(25), 1, "00:00:00:00"),
        ("00:00:00:00", Fraction(25), -1, "23:59:59:24"),
        # SMPTE ST 12-1: numbers 0 and 1 are left out every minute but every tenth.
        ("00:00:59;29", NTSC, 1, "00:01:00;02"),
        ("00:09:59;29", NTSC, 1, "00:10:00;00"),
        ("00:01:00;02", NTSC, -1, "00:00:59;29"),
        ("00:00:59:29", NTSC, 1, "00:01:00:00"),
        ("00:00:59;59", FAST, 1, "00:01:00;04"),
        # An hour of 29.97 has 107892 frames.
        ("00:00:00;00", NTSC, 107_892, "01:00:00;00"),
        ("23:59:59;29", NTSC, 1, "00:00:00;00"),
    ],
)
def test_counting_on(start: str, rate: Fraction, frames: int, end: str) -> None:
    assert timecode_after(start, rate, frames) == end


@given(st.sampled_from([NTSC, FAST]), st.integers(0, 24 * 107_892), st.integers(-5000, 5000))
def test_there_and_back_without_a_dropped_number(rate: Fraction, at: int, more: int) -> None:
    start = timecode_after("00:00:00;00", rate, at)
    assert checked_timecode(start, rate) == start
    assert timecode_after(timecode_after(start, rate, more), rate, -more) == start


def test_bits() -> None:
    assert timecode_bits("12:34:56:07") == 0x12345607
    assert timecode_bits("12:34:56;29") == 0x12345629 | 0x40
    assert timecode_bits("12:34:56:40") is None


@pytest.mark.parametrize(
    ("code", "rate", "said"),
    [
        ("1:00:00:00", Fraction(24), "HH:MM:SS:FF"),
        ("24:00:00:00", Fraction(24), "HH:MM:SS:FF"),
        ("00:00:60:00", Fraction(24), "HH:MM:SS:FF"),
        ("00:00:00:24", Fraction(24), "below 24"),
        ("00:00:00;00", Fraction(24), "29.97"),
        ("00:01:00;01", NTSC, "dropped"),
        ("00:01:00;03", FAST, "dropped"),
    ],
)
def test_what_no_clock_shows(code: str, rate: Fraction, said: str) -> None:
    with pytest.raises(InputError, match=said):
        checked_timecode(code, rate)
