"""What counts as an answer, and means of several."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candela_engines.scorer.vlm.answer import PATTERN, parse_answer
from candela_engines.scorer.vlm.opinion import is_hdr_vlm, pooled_answers

from .served import GOOD


@pytest.mark.parametrize("value", ["7.25", "-3", "0", "10", "-6", "9.5"])
def test_the_form(value: str) -> None:
    text = GOOD.format(value)
    found = parse_answer(text)
    assert (
        found.score == float(value) and not found.clamped and found.think == "Highlights keep their detail."
    )
    assert re.fullmatch(PATTERN, text)


@pytest.mark.parametrize(("value", "held"), [("11.5", 10.0), ("-7", -6.0), ("12", 10.0)])
def test_a_little_outside_is_brought_inside(value: str, held: float) -> None:
    found = parse_answer(GOOD.format(value))
    assert found.score == held and found.clamped


@pytest.mark.parametrize(
    "text",
    [
        "", "7", "I would say 7 of 10", "<answer>7</answer>", "<think></think>", "<think>a</think>7",
        GOOD.format("nan"), GOOD.format("NaN"), GOOD.format("inf"), GOOD.format("1e3"), GOOD.format("0x7"),
        GOOD.format("100"), GOOD.format("-999999"), GOOD.format("7/10"), GOOD.format("seven"),
        GOOD.format(""), GOOD.format("7") + "<answer>9</answer>", GOOD.format("7") + " and more", "x" +
        GOOD.format("7"), GOOD.format("7" * 5000), GOOD.format("٧"),
        "<think>a</think><answer>7</answer></answer>",
    ],
)  # fmt: skip
def test_all_else_is_no_score(text: str) -> None:
    found = parse_answer(text)
    assert found.score is None and found.why


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=120))
def test_any_text_is_an_answer_or_none(text: str) -> None:
    for said in (
        text,
        f"<think>{text}</think><answer>5</answer>",
        f"<think>a</think><answer>{text}</answer>",
    ):
        found = parse_answer(said)
        assert found.score is None or -6 <= found.score <= 10
        assert found.think.isprintable()


def test_thoughts_are_plain_and_short() -> None:
    found = parse_answer(f"<think>\x1b[31mred\x1b[0m\n\nline {'x' * 9000}</think><answer>1</answer>")
    assert (
        found.score == 1
        and len(found.think) == 4000
        and "\x1b" not in found.think
        and "\n" not in found.think
    )


def test_the_mean_of_those_that_count() -> None:
    some = [parse_answer(GOOD.format(v)) for v in (6, 8, "nan", 7)]
    found = pooled_answers(some, 4)
    assert found.score == 7 and found.scores == (6, 8, 7) and not found.why and len(found.thoughts) == 3


def test_abstains_where_most_are_none() -> None:
    found = pooled_answers([parse_answer(GOOD.format(6)), parse_answer("no"), parse_answer("no")], 5)
    assert found.score is None and "4 of 5 answers are none (not of the form" in found.why
    assert pooled_answers([], 3).why == "3 of 3 answers are none"


def test_no_other_model_is_called_hdr_vlm() -> None:
    assert is_hdr_vlm("lab/HDR-VLM-7b") and is_hdr_vlm("hdr_vlm")
    assert not any(map(is_hdr_vlm, ("Qwen/Qwen2.5-VL-7B-Instruct", "vlm", "hdr", "")))
