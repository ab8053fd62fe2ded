"""JSON that people look into: the same values, what fits on a line on one, long lists filled."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candela_engines.qc.json_text import json_text

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(), inner, max_size=6),
    max_leaves=30,
)


@given(VALUES)
def test_it_reads_as_what_it_was(value: object) -> None:
    text = json_text(value)
    assert json.loads(text) == value and text.endswith("\n")


def test_long_lists_fill_lines_and_short_things_stand_on_one() -> None:
    held = {"box": {"left_px": 1, "top_px": 2}, "trend": [n + 0.5 for n in range(1000)], "none": []}
    lines = json_text(held).splitlines()
    assert lines[1] == ' "box": {"left_px": 1, "top_px": 2},' and lines[-2] == ' "none": []'
    assert max(map(len, lines)) <= 120 and len(lines) < 80


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_what_is_no_number_is_refused(bad: float) -> None:
    with pytest.raises(ValueError):
        json_text({"a": [bad]})
