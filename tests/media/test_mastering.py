"""Mastering display and content light in the units of every tag."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candela_engines.errors import InputError
from candela_engines.media.mastering import ContentLight, MasteringDisplay


def test_the_usual_display_has_the_usual_numbers() -> None:
    # As the HDR10 discs of a P3-D65 display with 1000 nit have it.
    display = MasteringDisplay(1000, 0.0001)
    assert display.to_x265() == "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)"
    assert display.to_svtav1() == "G(0.265,0.69)B(0.15,0.06)R(0.68,0.32)WP(0.3127,0.329)L(1000.0000,0.0001)"
    assert struct.unpack(">8H2I", display.to_box()) == (
        13250, 34500, 7500, 3000, 34000, 16000, 15635, 16450, 10_000_000, 1,
    )  # fmt: skip


def test_the_display_of_bt2020() -> None:
    display = MasteringDisplay(4000, 0.005, "bt2020")
    assert display.to_x265() == "G(8500,39850)B(6550,2300)R(35400,14600)WP(15635,16450)L(40000000,50)"


@given(st.integers(1, 100_000_000), st.integers(0, 100_000_000), st.sampled_from(["p3d65", "bt2020"]))
def test_boxes_come_back_exactly(high: int, low: int, primaries: Any) -> None:
    if low >= high:
        with pytest.raises(InputError):
            MasteringDisplay(high / 10_000, low / 10_000, primaries)
        return
    display = MasteringDisplay(high / 10_000, low / 10_000, primaries)
    assert MasteringDisplay.from_box(display.to_box()) == display


@pytest.mark.parametrize(
    "arguments", [(0,), (10_001,), (100, -1), (100, 100), (float("nan"),), (100, 0, "bt709")]
)
def test_no_such_display(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(InputError, match="mastering display"):
        MasteringDisplay(*arguments)


def test_boxes_of_another_kind() -> None:
    with pytest.raises(InputError, match="23 bytes"):
        MasteringDisplay.from_box(bytes(23))
    with pytest.raises(InputError, match="no name here"):
        MasteringDisplay.from_box(bytes(24))


@pytest.mark.parametrize(
    ("cll", "fall", "whole"),
    [(987.4, 123.6, (987, 124)), (0.2, 0.1, (1, 1)), (10_000, 10_000, (10_000, 10_000))],
)
def test_content_light_is_whole_and_never_zero(cll: float, fall: float, whole: tuple[int, int]) -> None:
    light = ContentLight.of(cll, fall)
    assert light is not None
    assert light.whole == whole
    assert light.to_box() == struct.pack(">HH", *whole)


def test_unknown_light_is_none() -> None:
    for cll, fall in ((None, None), (0, 0), (0.0, None)):
        assert ContentLight.of(cll, fall) is None
    for cll, fall in (
        (100, None),
        (None, 100),
        (100, 0),
        (100, 200),
        (70_000, 1),
        (float("nan"), 1),
        (-1, -2),
    ):
        with pytest.raises(InputError, match="MaxFALL"):
            ContentLight.of(cll, fall)
