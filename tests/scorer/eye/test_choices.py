"""Files of choices: the panel's, pwcmp's, and what is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candela_engines.errors import InputError
from candela_engines.scorer.eye.choices import choices_in, read_choices

PWCMP = """observer,session_id,scene,condition_B,condition_A,is_A_selected,criterion
M01,1,window,tmo_camera,ferwerda96,0,perceptual
M02,3,window,tmo_camera,ferwerda96,1,perceptual
"""


def test_pwcmp_columns_in_any_order() -> None:
    one, two = choices_in(PWCMP, "x.csv")
    assert (one.observer, one.scene, one.a, one.b, one.a_won) == (
        "M01",
        "window",
        "ferwerda96",
        "tmo_camera",
        False,
    )
    assert one.winner == "tmo_camera" and two.winner == "ferwerda96" and two.row == 3


def test_pwcmps_older_columns() -> None:
    """There 0 says that the first of the two is better."""
    (one,) = choices_in("observer,scene,condition_1,condition_2,selection\nM01,w,a,b,0\n", "x.csv")
    assert one.winner == "a"


def test_the_panels_file(tmp_path: Path) -> None:
    from candela_bridge.panel.choices import Choices, pair_of

    kept = Choices(tmp_path / "c.csv", observer="me, myself", version="1")
    kept.choose(pair_of("shot 1", "/s/v1/a.exr", "/s/v2/a.exr"), left=True, frame=3)
    kept.choose(pair_of("shot 1", "/s/v1/a.exr", "/s/v2/a.exr"), left=False)
    one, two = read_choices(tmp_path / "c.csv")
    assert (one.observer, one.scene, one.a, one.b, one.a_won) == ("me, myself", "shot 1", "v1", "v2", True)
    assert one.left == "A" and one.file_a == "/s/v1/a.exr" and two.winner == "v2"


HEAD = "observer,scene,condition_A,condition_B,is_A_selected\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no column for observer"),
        ("observer,scene,condition_A,condition_B\nm,s,a,b\n", "no column for selected"),
        (HEAD, "holds no choice"),
        (HEAD + "m,s,a,b,0.5\n", "line 2: the choice is '0.5'"),
        (HEAD + "m,s,a,b,\n", "what was skipped is no row"),
        (HEAD + "m,s,a,a,1\n", "compared with itself"),
        (HEAD + "m,,a,b,1\n", "line 2: no scene"),
        (HEAD + "m,s,a\n", "line 2: is cut off"),
        (HEAD + 'm,s,a,b,1\nm,s,"a,b,1\n', "is no CSV"),
        (HEAD + "m" * 600 + ",s,a,b,1\n", "600 characters"),
        ("a\0b", "zero bytes"),
    ],
)
def test_what_is_no_choice(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        choices_in(text, "x.csv")


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_choices(tmp_path / "none.csv")
    (tmp_path / "b.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="no UTF-8 text"):
        read_choices(tmp_path / "b.csv")


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_choices_or_an_error(text: str) -> None:
    for start in ("", "observer,scene,condition_A,condition_B,is_A_selected\n"):
        try:
            choices_in(start + text, "x.csv")
        except InputError as error:
            assert str(error).startswith("x.csv")
