"""The question and the one form of an answer."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candela_engines.scorer.descriptors import names
from candela_engines.scorer.preference import prompt as p


def test_what_is_told_is_in_the_table():
    assert {name for name, _, _ in p._SHOWN} <= set(names())


def test_what_is_not_known_is_not_told():
    text = p.prompt({"pair.tone.stops": 0.25, "grade.light.peak_rgb": math.nan}, frames=2)
    assert "exposure against the reference: 0.25 stops" in text
    assert "peak" not in text
    assert "first 2 pictures" in text
    assert "Nothing was measured" in p.prompt({})
    assert p.rationale({}) == "Nothing stands out."
    assert "exposure" in p.rationale({"pair.tone.stops": -1.0})


@given(
    st.floats(-20, 20),
    st.text(st.characters(blacklist_characters="<", blacklist_categories=["Cs"]), min_size=1),
)
def test_what_is_written_is_read_again(score, reason):
    if not 1 <= len(reason.strip()) <= 2500:
        return
    text = p.answer(score, reason)
    assert re.fullmatch(p.ANSWER, text)
    assert p.parse(text) == pytest.approx(min(max(score, -6), 10), abs=0.0051)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7",
        "<answer>7</answer>",
        "<think></think><answer>7</answer>",
        "<think>x</think><answer>seven</answer>",
        "<think>x</think><answer>nan</answer>",
        "<think>x</think><answer>123</answer>",
        "<think>x</think><answer>7</answer> and more",
        "<think>x<answer>7</answer>",
        "<think>x</think><answer>1</answer><answer>9</answer>",
        "<think>x</think><answer>7.123</answer>",
    ],
)
def test_nonsense_is_no_score(text):
    assert p.parse(text) is None


def test_a_score_beyond_the_scale_is_held():
    assert p.parse("<think>x</think>\n<answer>99</answer>") == 10
    assert p.parse("<think>x</think> <answer>-60.5</answer>") == -6
    assert p.answer(-0.001, "x").endswith("<answer>0.00</answer>")


@pytest.mark.parametrize(("score", "reason"), [(math.nan, "x"), (1.0, " "), (1.0, "a<b"), (1.0, "x" * 2501)])
def test_answers_that_break_the_form_are_not_written(score, reason):
    with pytest.raises(ValueError, match="an answer of"):
        p.answer(score, reason)
