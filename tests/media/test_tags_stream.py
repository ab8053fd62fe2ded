"""Colour tags of streams: what settles a state, what does not, and what wins."""

from __future__ import annotations

import pytest

from candela_engines.colour.names import NAMED
from candela_engines.colour.state import ColourState
from candela_engines.errors import ColourStateError, MediaError
from candela_engines.media.tags_stream import CodePoints, StreamColour, settle

HDR10 = CodePoints(9, 16, 9, "narrow")
SDR = CodePoints(1, 1, 1, "narrow")
NOTHING = CodePoints()


def settled(stream: CodePoints, container: CodePoints | None = None, **asked: object) -> StreamColour:
    return settle(stream, container, **{"rgb": False, **asked})


@pytest.mark.parametrize(
    ("points", "state"),
    [
        (SDR, ("bt709", "bt1886")),
        (CodePoints(9, 14, 9, "narrow"), ("bt2020", "bt1886")),
        (CodePoints(1, 13, 1, "narrow"), ("bt709", "srgb")),
        (HDR10, ("bt2020", "pq")),
        (CodePoints(9, 18, 9, "narrow"), ("bt2020", "hlg")),
        (CodePoints(12, 16, 1, "narrow"), ("p3d65", "pq")),
    ],
)
def test_tags_that_settle(points: CodePoints, state: tuple[str, str]) -> None:
    found = settled(points)
    assert found.state is not None and found.tagged
    assert (found.state.primaries, found.state.transfer, found.state.range) == (*state, "full")
    assert found.range == "narrow"


@pytest.mark.parametrize(
    "points",
    [
        NOTHING,
        CodePoints(9, 2, 9),
        CodePoints(2, 16, 9),
        CodePoints(6, 6, 6),
        CodePoints(5, 1, 5),
        CodePoints(1, 8, 1),
    ],
)
def test_tags_that_do_not(points: CodePoints) -> None:
    found = settled(points)
    assert found.state is None and not found.tagged
    assert "no colour tags" in found.found or f"{points.primaries}/{points.transfer}" in found.found


def test_a_range_that_is_not_said_is_the_standards_default_and_is_told() -> None:
    found = settled(CodePoints(9, 16, 9))
    assert found.range == "narrow" and "range not said (narrow" in found.found
    rgb = settled(CodePoints(9, 16, 0), rgb=True)
    assert rgb.range == "full" and "range not said (full" in rgb.found
    assert settled(CodePoints(1, 1, 1), full=True).range == "full"


def test_the_mastering_peak_is_that_of_the_state() -> None:
    assert settled(HDR10, peak_nits=1000.0).state == NAMED["rec2100-pq"].__class__(
        "bt2020", "pq", peak_nits=1000.0, reference_white_nits=203.0
    )
    assert settled(SDR, peak_nits=1000.0).state == NAMED["rec709"]


def test_a_matrix_follows_from_primaries_alone_and_is_told() -> None:
    found = settled(CodePoints(9, 16, 2, "narrow"))
    assert found.matrix == "bt2020nc" and any("bt2020nc follows" in note for note in found.notes)
    assert settled(CodePoints(1, 1, 2, "narrow")).matrix == "bt709"
    assert settled(CodePoints(12, 16, 2, "narrow")).matrix is None
    assert settled(NOTHING).matrix is None
    assert settled(NOTHING, colour=NAMED["rec2020"]).matrix == "bt2020nc"
    assert settled(NOTHING, matrix="bt601").matrix == "bt601"
    assert settled(NOTHING, grey=True).matrix == "rgb"


def test_a_matrix_of_other_primaries_is_used_and_told() -> None:
    found = settled(CodePoints(9, 16, 1, "narrow"))
    assert found.matrix == "bt709" and any("not that of its primaries" in note for note in found.notes)


@pytest.mark.parametrize(("code", "name"), [(10, "constant luminance"), (14, "ICtCp"), (15, "IPT-C2")])
def test_matrices_that_are_not_linear_in_the_codes_are_refused(code: int, name: str) -> None:
    with pytest.raises(MediaError, match=name):
        settled(CodePoints(9, 16, code, "narrow"))
    assert settled(CodePoints(9, 16, code, "narrow"), matrix="bt2020nc").matrix == "bt2020nc"


@pytest.mark.parametrize(
    "container",
    [SDR, CodePoints(9, 18, 9, "narrow"), CodePoints(9, 16, 1, "narrow"), CodePoints(9, 16, 9, "full")],
)
def test_a_container_that_contradicts_leaves_it_open(container: CodePoints) -> None:
    found = settled(HDR10, container)
    assert found.state is None and found.matrix is None
    assert str(HDR10) in found.found and str(container) in found.found
    given = settled(HDR10, container, colour=NAMED["rec2100-pq"])
    assert given.state == NAMED["rec2100-pq"] and given.matrix == "bt2020nc"
    assert any(str(container) in note for note in given.notes)


def test_what_the_caller_says_ends_a_contradiction_of_it_alone() -> None:
    full = CodePoints(9, 16, 9, "full")
    assert settled(HDR10, full, range_="full").state is not None
    assert settled(HDR10, CodePoints(9, 16, 1, "narrow"), matrix="bt2020nc").state is not None
    assert settled(HDR10, SDR, range_="full", matrix="bt2020nc").state is None


@pytest.mark.parametrize(
    "container",
    [CodePoints(1, 6, 1), CodePoints(2, 2, 2), CodePoints(1, 1, 1, "narrow"), CodePoints(1, 14, 1)],
)
def test_a_container_that_says_the_same_or_nothing(container: CodePoints) -> None:
    assert settled(SDR, container).state == NAMED["rec709"]


def test_a_container_fills_what_the_stream_leaves_open() -> None:
    assert settled(CodePoints(2, 2, 2, "narrow"), HDR10).state == NAMED["rec2100-pq"]


def test_overrides_win_with_a_note_where_they_contradict() -> None:
    found = settled(SDR, colour=NAMED["srgb"], range_="full", matrix="bt601")
    assert found.state == NAMED["srgb"] and found.range == "full" and found.matrix == "bt601"
    assert len(found.notes) == 3
    assert not settled(SDR, colour=NAMED["rec709"], range_="narrow", matrix="bt709").notes


def test_a_narrow_state_speaks_of_the_stream_and_not_of_what_comes_out() -> None:
    found = settled(CodePoints(1, 1, 1, "full"), colour=ColourState("bt709", "bt1886", "narrow"))
    assert found.range == "narrow" and found.state == NAMED["rec709"]


def test_a_matrix_that_is_no_name() -> None:
    with pytest.raises(ColourStateError, match="one of rgb, ycgco"):
        settled(SDR, matrix="rec709")
