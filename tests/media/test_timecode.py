"""Timecode as whole frames, rates as exact fractions."""

from __future__ import annotations

from fractions import Fraction

import opentimelineio as otio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candela_engines.errors import InputError
from candela_engines.media.timecode import can_drop, exact_rate, frames_of, timecode_of

F24, F25, F30 = Fraction(24), Fraction(25), Fraction(30)
N24, N30, N60 = Fraction(24000, 1001), Fraction(30000, 1001), Fraction(60000, 1001)


@pytest.mark.parametrize(
    ("value", "rate"),
    [
        (24, F24), (25.0, F25), ("24", F24), (23.976, N24), (23.98, N24), (23.976023976023978, N24),
        ("23.976", N24), (29.97, N30), (59.94, N60), (47.952, Fraction(48000, 1001)), (119.88, 2 * N60),
        (23.97599983215332, N24), (12.5, Fraction(25, 2)), ("24000/1001", N24), (Fraction(15), Fraction(15)),
        (24.5, Fraction(49, 2)),
    ],
)  # fmt: skip
def test_rates(value: float | str | Fraction, rate: Fraction) -> None:
    assert exact_rate(value) == rate


@pytest.mark.parametrize(
    "value", [0, -24, 1001, "x", "", "1/0", "nan", float("inf"), "1e999999999", "9" * 400]
)
def test_what_is_no_rate(value: float | str) -> None:
    with pytest.raises(InputError, match="rate"):
        exact_rate(value)


# SMPTE ST 12-1: at 29.97 one hour has 107,892 frames; the label after 00:00:59;29 is 00:01:00;02.
@pytest.mark.parametrize(
    ("label", "rate", "frames"),
    [
        ("00:00:01:00", F24, 24),
        ("01:00:00:00", F24, 86400),
        ("01:00:00:00", N24, 86400),
        ("01:00:00:00", F25, 90000),
        ("00:00:59;29", N30, 1799),
        ("00:01:00;02", N30, 1800),
        ("00:02:00;02", N30, 3598),
        ("00:10:00;00", N30, 17982),
        ("01:00:00;00", N30, 107892),
        ("01:00:00;00", N60, 215784),
        ("00:01:00;04", N60, 3600),
        ("01:00:00:00", N30, 108000),
        ("23:59:59:23", F24, 24 * 86400 - 1),
    ],
)
def test_labels(label: str, rate: Fraction, frames: int) -> None:
    assert frames_of(label, rate) == frames
    assert timecode_of(frames, rate, drop=";" in label) == label


def test_drop_frame_by_argument() -> None:
    assert frames_of("01:00:00:00", N30, drop=True) == 107892
    assert frames_of("01:00:00;00", N30, drop=False) == 108000
    assert frames_of("01:00:00;00", F25) == 90000
    assert frames_of("01:00:00.00", N30) == 107892


@pytest.mark.parametrize(
    ("label", "rate"),
    [
        ("00:01:00;00", N30), ("00:01:00;01", N30), ("00:09:00;03", N60), ("00:00:00:24", F24),
        ("00:60:00:00", F24), ("00:00:60:00", F24), ("1:00:00:00", F24), ("01:00:00", F24), ("", F24),
        ("-01:00:00:00", F24), ("٠١:00:00:00", F24), ("01:00:00:00\n01", F24),
    ],
)  # fmt: skip
def test_labels_that_do_not_exist(label: str, rate: Fraction) -> None:
    with pytest.raises(InputError, match="timecode"):
        frames_of(label, rate)


@settings(deadline=None)
@given(
    st.integers(0, 24 * 3600 * 60),
    st.sampled_from([F24, N24, F25, F30, N30, Fraction(50), N60]),
    st.booleans(),
)
def test_frames_to_label_and_back(frames: int, rate: Fraction, drop: bool) -> None:
    label = timecode_of(frames, rate, drop=drop)
    assert (";" in label) == (drop and can_drop(rate))
    if int(label[:2]) < 100 and len(label) == 11:
        assert frames_of(label, rate) == frames


@settings(deadline=None)
@given(st.integers(0, 24 * 86400 - 1), st.sampled_from([N30, N24, F25]))
def test_another_implementation_says_the_same(frames: int, rate: Fraction) -> None:
    drop = can_drop(rate)
    theirs = otio.opentime.to_timecode(otio.opentime.RationalTime(frames, float(rate)), float(rate), drop)
    assert timecode_of(frames, rate, drop=drop) == theirs.replace(".", ":")
