"""candela score and candela compare: stills and clips, with and without a reference, and bad input."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from candela_engines.colour import pq
from candela_engines.colour.names import NAMED
from candela_engines.media import read_still, write_hdr, write_sdr_png
from candela_server import service

from .conftest import Candela
from .pictures import grade, light

HEIGHT, WIDTH = 144, 256


def texture(height: int = HEIGHT, width: int = WIDTH) -> np.ndarray:
    """Light with detail at every size: waves on the soft ramp, so that blur and clip have a subject."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    waves = sum(np.sin(x / s + s) * np.cos(y / (1.3 * s)) for s in (1.1, 2.3, 5.0, 11.0)) / 4
    return (light(height, width) * np.exp(0.7 * waves)[..., None]).astype(np.float32)


def exr(path: Path, nits: np.ndarray) -> Path:
    write_hdr(path, nits.astype(np.float32), encoding=NAMED["linear-rec2020"], bits=32)
    return path


def sdr(path: Path, nits: np.ndarray) -> Path:
    write_sdr_png(path, grade(nits), state=NAMED["rec709"])
    return path


@pytest.fixture
def shot(tmp_path: Path) -> tuple[Path, Path]:
    """A grade and its SDR reference."""
    nits = np.minimum(texture(), 990)
    return exr(tmp_path / "grade.exr", nits), sdr(tmp_path / "sdr.png", nits)


def kinds(document: dict, reason_class: str) -> set[str]:
    return {r["kind"] for r in document["shots"][0]["reasons"] if r["class"] == reason_class}


def test_a_grade_without_a_fault(shot: tuple[Path, Path], candela: Candela) -> None:
    said = candela("score", shot[0], "--reference", shot[1])
    assert said.code == 0, said.err
    assert "of -6 to 10, the SDR reference at 0" in said.out and "violation    none found" in said.out
    assert "nobody rated these pictures" in said.out
    document = candela("--json", "score", shot[0], "--reference", shot[1]).json
    one = document["shots"][0]
    assert one["no_score"] is None and 8 < one["score"] <= 10 and document["engine"]["name"] == "grade"
    assert -6 <= one["score_interval"][0] < one["score"] <= one["score_interval"][1] == 10
    assert kinds(document, "violation") == set() and "no preference" in document["meaning"]


@pytest.fixture
def without_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    for use_case in (service.score, service.compare):
        monkeypatch.setattr(sys.modules[use_case.__module__], "installed_engine", lambda: None)


@pytest.mark.usefixtures("without_a_model")
def test_without_a_model_there_are_reasons_and_no_score(
    shot: tuple[Path, Path], tmp_path: Path, candela: Candela
) -> None:
    assert "none: no grade model is installed" in candela("score", shot[0], "--reference", shot[1]).out
    document = candela("--json", "score", shot[0], "--reference", shot[1]).json
    assert document["shots"][0]["score"] is None and document["engine"] is None
    assert document["shots"][0]["no_score"] == "no score: no grade model is installed"
    clipped = exr(tmp_path / "clipped.exr", np.minimum(texture(), 150))
    said = candela("--json", "compare", shot[0], clipped, "--reference", shot[1]).json
    assert said["better"] == "first" and said["score_difference"] is None
    assert "no grade model is installed" in candela("compare", shot[0], clipped, "--reference", shot[1]).out


def test_a_clip_is_found_told_and_shown(shot: tuple[Path, Path], tmp_path: Path, candela: Candela) -> None:
    clipped = exr(tmp_path / "clipped.exr", np.minimum(texture(), 150))
    looks = tmp_path / "looks"
    arguments = ("score", clipped, "--reference", shot[1], "--overlay", looks)
    said = candela("--json", *arguments, "--fail-on", "0.05")
    assert said.code == 1
    assert "highlights_clipped" in kinds(said.json, "violation")
    reason = next(r for r in said.json["shots"][0]["reasons"] if r["kind"] == "highlights_clipped")
    assert "clip at 150 nit" in reason["text"] and reason["unit"] == "share"
    assert {"name": "peak", "value": 150.0, "unit": "nit"} in reason["evidence"]
    assert sorted(Path(p).name for p in said.json["overlays"]) == [
        "clipped.delta.png",
        "clipped.faults.png",
        "clipped.nits.png",
    ]
    for path in said.json["overlays"]:
        assert read_still(Path(path)).size[0] == WIDTH
    assert candela(*arguments).code == 0


def test_several_grades_and_no_reference(shot: tuple[Path, Path], tmp_path: Path, candela: Candela) -> None:
    other = exr(tmp_path / "other.exr", texture() * 0.5)
    said = candela("--json", "score", shot[0], other)
    assert said.code == 0 and [d["grade"] for d in said.json["grades"]] == [str(shot[0]), str(other)]
    assert any("there is no SDR reference" in note for note in said.json["grades"][0]["notes"])


def test_a_sequence_is_judged_by_key_frames(tmp_path: Path, candela: Candela) -> None:
    nits = np.minimum(texture(), 990)
    sdr(tmp_path / "sdr.0001.png", nits)
    for number in range(5):
        exr(tmp_path / f"a.{1001 + number}.exr", nits if number != 2 else np.minimum(nits, 150))
        if number:
            (tmp_path / f"sdr.{number + 1:04}.png").write_bytes((tmp_path / "sdr.0001.png").read_bytes())
    said = candela("--json", "score", tmp_path / "a.####.exr", "--reference", tmp_path / "sdr.####.png")
    assert said.code == 0, said.err
    (found,) = said.json["shots"]
    assert (found["first"], found["last"]) == (1001, 1005)
    assert [f["frame"] for f in found["frames"]] == [1001, 1003, 1005]
    clip = next(r for r in found["reasons"] if r["kind"] == "highlights_clipped")
    assert clip["class"] == "violation" and clip["frames"] == [1003]
    assert "mean of its key frames" in found["pooling"]


def test_letterbox_is_stated_and_left_out(tmp_path: Path, candela: Candela) -> None:
    nits = np.minimum(texture(), 990)
    nits[:20] = nits[-20:] = 0
    said = candela(
        "--json", "score", exr(tmp_path / "g.exr", nits), "--reference", sdr(tmp_path / "s.png", nits)
    )
    area = said.json["shots"][0]["frames"][0]["active_area_px"]
    assert (area["top"], area["height"]) == (20, HEIGHT - 40)
    assert any(f"{WIDTH}x{HEIGHT - 40}" in note for note in said.json["notes"])
    assert kinds(said.json, "violation") == set()


def test_sdr_tagged_as_hdr_is_said(shot: tuple[Path, Path], tmp_path: Path, candela: Candela) -> None:
    codes = grade(texture()).astype(np.float64) / 255

    write_hdr(tmp_path / "wrong.png", pq.eotf(codes).astype(np.float32), encoding=NAMED["rec2100-pq"])
    said = candela("--json", "score", tmp_path / "wrong.png", "--reference", shot[1])
    assert said.code == 0, said.err
    assert "wrong_tag" in kinds(said.json, "violation")
    assert said.json["shots"][0]["no_score"] == "no score: the colour tag looks wrong"


@pytest.mark.parametrize("level", [0.0, 80.0])
def test_black_and_constant_frames(level: float, tmp_path: Path, candela: Candela) -> None:
    flat = np.full((HEIGHT, WIDTH, 3), level, np.float32)
    said = candela(
        "--json", "score", exr(tmp_path / "g.exr", flat), "--reference", sdr(tmp_path / "s.png", flat)
    )
    assert said.code == 0, said.err
    assert said.json["shots"][0]["no_score"] == "no score: the picture is of one level"
    assert kinds(said.json, "violation") == kinds(said.json, "deviation") == set()


def test_what_cannot_be_judged_is_refused(shot: tuple[Path, Path], tmp_path: Path, candela: Candela) -> None:
    small = sdr(tmp_path / "small.png", texture(72, 128))
    other = sdr(tmp_path / "other.png", np.ascontiguousarray(texture()[::-1, ::-1]))
    broken = texture()
    broken[3, 4] = np.nan
    for arguments, words in (
        ((shot[0], "--reference", small), "128x72"),
        ((shot[0], "--reference", other), "another picture"),
        ((shot[0], "--reference", shot[0]), "no SDR reference"),
        ((shot[1],), "no HDR grade"),
        ((exr(tmp_path / "nan.exr", broken),), "NaN"),
        ((tmp_path / "nothing.exr",), "nothing.exr"),
        ((shot[0], "--fail-on", "2"), "0 to 1"),
        ((shot[0], "--key-frames", "0"), "1 to 50"),
    ):
        said = candela("score", *arguments)
        assert said.code == 2 and words in said.err, (arguments, said.err)
    assert candela("score", shot[0], "--reference", other, "--anyway").code == 0


def test_compare_names_the_better_by_its_violations(
    shot: tuple[Path, Path], tmp_path: Path, candela: Candela
) -> None:
    clipped = exr(tmp_path / "clipped.exr", np.minimum(texture(), 150))
    said = candela("--json", "compare", shot[0], clipped, "--reference", shot[1])
    assert said.code == 0, said.err
    assert said.json["better"] == "first" and said.json["score_difference"] > 1
    assert any("clip at 150 nit" in why for why in said.json["why"])
    assert candela("--json", "compare", clipped, shot[0], "--reference", shot[1]).json["better"] == "second"
    text = candela("compare", shot[0], clipped, "--reference", shot[1]).out
    assert "better       the first, by " in text


def test_compare_does_not_judge_styles(shot: tuple[Path, Path], tmp_path: Path, candela: Candela) -> None:
    darker = exr(tmp_path / "darker.exr", np.minimum(texture(), 990) * 0.75)
    found = candela("--json", "compare", shot[0], darker, "--reference", shot[1]).json
    assert found["better"] == "undecided", found
    assert any("EV brighter" in why for why in found["why"])
    same = candela("--json", "compare", shot[0], shot[0]).json
    assert same["better"] == "equal" and same["delta_e_itp_mean"] == 0


def test_compare_refuses_two_shots(shot: tuple[Path, Path], tmp_path: Path, candela: Candela) -> None:
    other = exr(tmp_path / "other.exr", np.ascontiguousarray(texture()[::-1, ::-1]))
    said = candela("compare", shot[0], other)
    assert said.code == 2 and "another shot" in said.err
    tiny = exr(tmp_path / "tiny.exr", texture(8, 8))
    assert candela("compare", shot[0], tiny).code == 2


def test_a_brighter_grade_is_not_called_clipped(
    shot: tuple[Path, Path], tmp_path: Path, candela: Candela
) -> None:
    """The common form ends at 1000 nit; what was brought below it is no fault of the grade."""
    bright = exr(tmp_path / "bright.exr", texture() * 3)
    found = candela("--json", "score", bright, "--reference", shot[1]).json
    assert "highlights_clipped" not in kinds(found, "violation")
    assert any("EETF" in note for note in found["notes"])
    plateau = exr(tmp_path / "plateau.exr", np.minimum(texture() * 8, 1500))
    found = candela("--json", "score", plateau, "--reference", shot[1]).json
    reason = next(r for r in found["shots"][0]["reasons"] if r["kind"] == "highlights_clipped")
    assert "clip at 1500 nit" in reason["text"]


def test_a_black_frame_beside_a_picture_is_not_compared(
    shot: tuple[Path, Path], tmp_path: Path, candela: Candela
) -> None:
    black = exr(tmp_path / "black.exr", np.zeros((HEIGHT, WIDTH, 3), np.float32))
    said = candela("--json", "compare", shot[0], black, "--reference", shot[1])
    assert said.code == 0, said.err
    assert said.json["better"] == "undecided"
    assert said.json["why"] == ["the second is of one level: there is nothing in it to judge"]


def test_a_tiny_picture_is_not_judged(tmp_path: Path, candela: Candela) -> None:
    nits = texture(8, 8) * 3
    said = candela(
        "--json", "score", exr(tmp_path / "g.exr", nits), "--reference", sdr(tmp_path / "s.png", nits / 9)
    )
    assert said.code == 0, said.err
    assert said.json["shots"][0]["score"] is None
    assert kinds(said.json, "violation") == kinds(said.json, "deviation") == set()
    assert not any("bars" in note for note in said.json["notes"])
