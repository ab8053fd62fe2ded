"""Timecodes counted on, by hand from SMPTE ST 12-1."""

from __future__ import annotations

from fractions import Fraction

import pytest

from candela_server.service.timecodes import timecode_at


@pytest.mark.parametrize(
    ("start", "rate", "frames", "expected"),
    [
        ("01:00:00:00", Fraction(24), 100, "01:00:04:04"),
        ("01:00:59:22", Fraction(24000, 1001), 3, "01:01:00:01"),
        ("23:59:59:24", Fraction(25), 1, "00:00:00:00"),
        # Drop-frame leaves out 00 and 01 at the full minute, but not at every tenth.
        ("01:00:59;29", Fraction(30000, 1001), 1, "01:01:00;02"),
        ("01:09:59;29", Fraction(30000, 1001), 1, "01:10:00;00"),
        ("01:00:59;59", Fraction(60000, 1001), 1, "01:01:00;04"),
        ("no timecode", Fraction(24), 1, None),
        ("01:00:00:99", Fraction(24), 1, None),
        ("01:00:00:00", None, 1, None),
        (None, Fraction(24), 1, None),
    ],
)
def test_counting_on(start: str | None, rate: Fraction | None, frames: int, expected: str | None) -> None:
    assert timecode_at(start, rate, frames) == expected
