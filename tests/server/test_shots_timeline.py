"""candela shots of a timeline: which media are there, which of their frames, and pictures out of them."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import imagecodecs
import numpy as np
import opentimelineio as otio
import pytest

from candela_engines.errors import InputError
from candela_server.service import ShotsRequest, ShotsResult, shots

from .conftest import Candela
from .shot_clips import codes_at
from .shot_clips import write_movie as write_carrying
from .shots import SDR_TAGS, frame_light, sdr_codes, write_movie
from .test_embed_movies import edl


@pytest.fixture(scope="module")
def rushes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`a.mkv`, graded, of 8 frames; `c.mov`, which carries the HDR of its frames 0 to 3; `broken.mov`."""
    folder = tmp_path_factory.mktemp("rushes")
    write_movie(folder / "a.mkv", [sdr_codes(frame_light(n)) for n in range(8)], SDR_TAGS)
    write_carrying(folder / "c.mov", ((0, 3),), 6)
    (folder / "broken.mov").write_bytes(b"no movie at all")
    edl(folder / "cut.edl", [("a.mkv", 2, 5), ("lost.mkv", 0, 4), ("c.mov", 1, 3), ("a.mkv", 6, 9)])
    return folder


def listed(candela: Candela, *words: object) -> list[dict[str, object]]:
    said = candela("shots", *words, "--json")
    assert said.code == 0, said.out
    shots: list[dict[str, object]] = said.json["shots"]
    return shots


def test_what_is_missing_is_not_listed_as_if_it_were_there(candela: Candela, rushes: Path) -> None:
    shots = listed(candela, rushes / "cut.edl", "--rate", 24)
    assert [(s["media_found"], s["media_first_frame"], s["media_last_frame"]) for s in shots] == [
        (True, 2, 6),
        (False, None, None),
        (True, 1, 3),
        (True, None, None),
    ]
    assert "lost.mkv is not there" in str(shots[1]["trouble"])
    assert "6-14" in str(shots[3]["trouble"]) and "0-7" in str(shots[3]["trouble"])
    text = candela("shots", rushes / "cut.edl", "--rate", 24).out
    assert "lost.mkv: not there" in text and "a.mkv 2-6" in text and "a.mkv: not usable" in text
    assert "media of 1 of 4 shots is not found" in text and "--media" in text


def test_what_is_not_known_is_null(candela: Candela, rushes: Path) -> None:
    document = candela("shots", rushes / "cut.edl", "--rate", 24, "--json").json
    assert document["width_px"] is None and document["height_px"] is None


def test_a_list_without_a_look_at_media_claims_nothing_of_them(rushes: Path) -> None:
    def listed_by(**more: bool) -> ShotsResult:
        return shots(ShotsRequest(rushes / "cut.edl", rate=Fraction(24), **more))

    early, whole = listed_by(unopened=True), listed_by()
    assert [(s.there, s.media_frames, s.trouble) for s in early.shots] == 4 * [(None, None, "")]
    plain = {"there": None, "media_frames": None, "trouble": "", "media": ""}
    rows, known = ([repr(replace(s, **plain)) for s in result.shots] for result in (early, whole))
    assert rows == known
    with pytest.raises(InputError, match="only a timeline is listed unopened"):
        shots(ShotsRequest(rushes / "a.mkv", unopened=True))


def test_media_in_another_folder(candela: Candela, rushes: Path, tmp_path: Path) -> None:
    cut = edl(tmp_path / "cut.edl", [("a.mkv", 0, 3)])
    assert listed(candela, cut, "--rate", 24)[0]["media_found"] is False
    (shot,) = listed(candela, cut, "--rate", 24, "--media", rushes)
    assert shot["media_found"] is True and shot["media"] == str(rushes / "a.mkv")


def test_a_medium_that_cannot_be_read_is_told(candela: Candela, rushes: Path, tmp_path: Path) -> None:
    cut = edl(tmp_path / "cut.edl", [("broken.mov", 0, 3), ("a.mkv", 0, 3)])
    said = candela("shots", cut, "--rate", 24, "--media", rushes, "--html", tmp_path / "p.html", "--json")
    assert said.code == 0, said.out
    assert "broken.mov" in said.json["shots"][0]["trouble"] and said.json["shots"][1]["trouble"] is None
    assert any("event 001" in note and "broken.mov" in note for note in said.json["notes"])


def pictures(page: Path) -> dict[str, np.ndarray]:
    """Pictures of a page by what they are said to show."""
    found = re.findall(r"alt='([^']*)' src='data:image/jpeg;base64,([^']*)'", page.read_text("utf-8"))
    return {alt: imagecodecs.jpeg8_decode(base64.b64decode(data)) for alt, data in found}


def test_the_page_has_pictures_out_of_the_media(candela: Candela, rushes: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    said = candela("shots", rushes / "cut.edl", "--rate", 24, "--html", page, "--confidence")
    assert said.code == 0, said.err
    shown = pictures(page)
    of_a = [alt for alt in shown if "shot 1," in alt]
    assert of_a == [f"SDR of shot 1, frame {n}, 01:00:00:0{n}" for n in (0, 2, 4)]
    # c.mov carries its HDR: all three kinds, of its frames 1, 2 and 3 at 9, 10 and 11 of the timeline.
    assert sum("shot 3," in alt for alt in shown) == 9
    for number in (9, 10, 11):
        seen = next(p for alt, p in shown.items() if alt.startswith(f"SDR of shot 3, frame {number},"))
        wrong = [np.abs(seen.astype(int) - codes_at(n).astype(int)).mean() for n in range(6)]
        # rec709 codes are shown as sRGB: not the same, but nearest to their own frame.
        assert int(np.argmin(wrong)) == number - 8
    text = page.read_text("utf-8")
    assert "No pictures: " in text and "lost.mkv is not there" in text
    assert not [alt for alt in shown if "shot 2," in alt or "shot 4," in alt]


def test_speed_and_direction_are_followed(candela: Candela, rushes: Path, tmp_path: Path) -> None:
    """A shot that plays backwards at twice the speed begins with the last of its frames."""
    clip = otio.schema.Clip(
        "c",
        media_reference=otio.schema.ExternalReference(
            target_url=str(rushes / "c.mov"),
            available_range=otio.opentime.TimeRange(
                otio.opentime.RationalTime(0, 24), otio.opentime.RationalTime(6, 24)
            ),
        ),
        source_range=otio.opentime.TimeRange(
            otio.opentime.RationalTime(0, 24), otio.opentime.RationalTime(3, 24)
        ),
        effects=[otio.schema.LinearTimeWarp(time_scalar=-2.0)],
    )
    timeline = otio.schema.Timeline("t")
    timeline.tracks.append(otio.schema.Track("V1", kind="Video", children=[clip]))
    otio.adapters.write_to_file(timeline, str(tmp_path / "t.otio"))
    assert candela("shots", tmp_path / "t.otio", "--html", tmp_path / "p.html").code == 0
    shown = [p for alt, p in pictures(tmp_path / "p.html").items() if alt.startswith("SDR")]
    near = [
        int(np.argmin([np.abs(p.astype(int) - codes_at(n).astype(int)).mean() for n in range(6)]))
        for p in shown
    ]
    assert near == [5, 3, 1]


def test_a_medium_of_another_rate_is_noted(candela: Candela, rushes: Path) -> None:
    notes = candela("shots", rushes / "cut.edl", "--rate", 25, "--json").json["notes"]
    (note,) = [note for note in notes if "one for one" in note]
    assert "a.mkv, c.mov have 24 frames a second" in note and "counts 25" in note and "--rate" in note
    notes = candela("shots", rushes / "cut.edl", "--rate", 24, "--json").json["notes"]
    assert not [note for note in notes if "one for one" in note]


def test_the_option_that_helps_is_named(candela: Candela, rushes: Path, tmp_path: Path) -> None:
    said = candela("shots", rushes / "cut.edl")
    assert said.code == 2 and "--rate" in said.err
    uneven = tmp_path / "cut.edl"
    uneven.write_text(
        "TITLE: T\nFCM: NON-DROP FRAME\n001  AX  V  C  00:00:00:20 00:00:01:10 01:00:00:00 01:00:00:14\n"
    )
    said = candela("shots", uneven, "--rate", 25)
    assert said.code == 2 and "25 frames a second (--rate)" in said.err
    said = candela("shots", rushes / "c.mov", "--media", rushes)
    assert said.code == 2 and "--media" in said.err


@pytest.mark.parametrize(
    "words", [("inspect",), ("verify", "--hdr", "x.mov"), ("strip", "-o", "x"), ("reconstruct", "-o", "x")]
)
def test_a_timeline_carries_nothing(candela: Candela, rushes: Path, words: tuple[str, ...]) -> None:
    said = candela(words[0], rushes / "cut.edl", *words[1:])
    assert said.code == 2 and "is a timeline" in said.err and "candela shots" in said.err


def test_a_clip_whose_colours_are_not_known_is_shown_with_a_note(candela: Candela, tmp_path: Path) -> None:
    movie = write_movie(tmp_path / "bare.mkv", [sdr_codes(frame_light(n)) for n in range(3)], (2, 2, 1))
    said = candela("shots", movie, "--detect", "--html", tmp_path / "p.html", "--json")
    assert said.code == 0, said.out
    assert any("colour state is not known" in note and "rec709" in note for note in said.json["notes"])
