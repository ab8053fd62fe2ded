"""Facts and tables in words: whole in a pipe, folded to a terminal, never cut off."""

from __future__ import annotations

import io

import pytest

from candela_server.cli.lines import columns, folded, table
from candela_server.cli.shot_columns import flicker_line

HEAD = ("shot", "bytes", "empty", "PU-PSNR", "name")
ROWS = [("1", "1,024", "", "51.12 dB", "sh010"), ("12", "980", "", "9.50 dB", "a")]


def test_numbers_are_right_aligned_words_left_and_empty_columns_gone() -> None:
    assert list(table(HEAD, ROWS, left=("name",))) == [
        "shot  bytes   PU-PSNR  name",
        "   1  1,024  51.12 dB  sh010",
        "  12    980   9.50 dB  a",
    ]


def test_columns_that_do_not_fit_go_below_under_the_same_shot() -> None:
    assert list(table(HEAD, ROWS, width=21)) == [
        "shot  bytes   PU-PSNR",
        "   1  1,024  51.12 dB",
        "  12    980   9.50 dB",
        "",
        "shot   name",
        "   1  sh010",
        "  12      a",
    ]


@pytest.mark.parametrize("width", [1, 12, 15, 40])
def test_every_cell_is_there_at_any_width(width: int) -> None:
    text = "\n".join(table(HEAD, ROWS, width=width))
    assert all(cell in text for row in (HEAD, *ROWS) for cell in row if cell != "empty")
    assert width < 16 or max(map(len, text.splitlines())) <= width


def test_a_long_fact_is_folded_under_its_label_and_names_stay_whole() -> None:
    name = "a-very-long/name-with-hyphens/that.must.stay.mov"
    lines = list(folded([f"note         {name} is not there, so nothing is shown"], 40))
    assert lines == [
        "note",
        f"             {name}",
        "             is not there, so nothing is",
        "             shown",
    ]
    assert list(folded(["x" * 90], None)) == ["x" * 90]


def test_what_is_no_terminal_has_no_width(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("COLUMNS", "97")
    assert columns(io.StringIO()) is None
    assert columns(Terminal()) == 97
    closed = io.StringIO()
    closed.close()
    assert columns(closed) is None


def test_flicker_is_that_of_the_shot_with_most() -> None:
    (line,) = flicker_line([("shot 1", (0.4, 1.0)), ("shot 2", None), ("shot 3", (0.2, 1.5))])
    assert line == "flicker      0.20 median, 1.50 at p95 (ΔE_ITP from frame to frame), most in shot 3"
    assert not list(flicker_line([("shot 1", None)]))
