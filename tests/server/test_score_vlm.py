"""candela score --engine vlm: the served model's score, the measured ones beside it, and what it costs."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np
import pytest

from candela_engines.media.codecs import imagecodecs_module

from ..scorer.vlm.served import GOOD, raw, says, scores, serving, status
from .conftest import Candela
from .test_score import exr, kinds, sdr, texture

Shot = tuple[Path, Path]


@pytest.fixture
def shot(tmp_path: Path) -> Shot:
    """A grade and its SDR reference."""
    nits = np.minimum(texture(), 990)
    return exr(tmp_path / "grade.exr", nits), sdr(tmp_path / "sdr.png", nits)


def arguments(shot: Shot, url: str, *more: object) -> tuple[object, ...]:
    return ("score", shot[0], "--reference", shot[1], "--engine", "vlm", "--endpoint", url, *more)


def test_its_score_and_the_measured_one_beside(shot: Shot, candela: Candela) -> None:
    with serving(scores(6, 8)) as served:
        said = candela("--json", *arguments(shot, served.url, "--samples", 2, "--price", 2))
        assert said.code == 0, said.err
        body = served.asked[0]
        text = candela(*arguments(shot, served.url, "--samples", 2)).out
    found, vlm = said.json["shots"][0], said.json["vlm"]
    assert found["score"] == 7 and found["score_interval"] is None
    assert vlm["model"] == "Qwen/Qwen2.5-VL-7B-Instruct" and vlm["is_hdr_vlm"] is False
    assert vlm["frames"][0]["answers"] == [6, 8] and 8 < vlm["frames"][0]["measured_score"] <= 10
    assert vlm["frames"][0]["thoughts"] == ["Highlights keep their detail."] * 2
    assert vlm["cost"] == pytest.approx(1020 * 2 / 1e6) and vlm["requests"] == 2
    assert "not said to be HDR-VLM" in said.json["meaning"] and said.json["engine"]["name"] == "grade"
    # Its words are not among the reasons, which are measured.
    assert "Highlights keep" not in str(found["reasons"])
    *pictures, words = body["messages"][0]["content"]
    assert len(pictures) == 2 and "Measured: peak: " in words["text"] and "<answer></answer>" in words["text"]
    png = base64.b64decode(pictures[0]["image_url"]["url"].partition(",")[2])
    assert imagecodecs_module().png_decode(png).shape == (144, 256, 3)
    assert (
        "served model" in text
        and "its opinion" in text
        and "7.0, mean of 6.0, 8.0" in text
        and "spent" in text
    )


def test_answers_that_do_not_count_are_told(shot: Shot, candela: Candela) -> None:
    with serving(says(GOOD.format(6), GOOD.format(7), "blah")) as served:
        text = candela(*arguments(shot, served.url, "--samples", 3)).out
    assert "6.5, mean of 6.0, 7.0; 1 of 3 answers are none" in text


def test_hdr_vlm_is_what_says_so(shot: Shot, candela: Candela) -> None:
    with serving(scores(6)) as served:
        served.models = ["lab/HDR-VLM-7B"]
        found = candela("--json", *arguments(shot, served.url, "--samples", 1)).json
    assert found["vlm"]["is_hdr_vlm"] is True and "not said to be" not in found["meaning"]


def test_nonsense_is_no_score_and_reasons_stay(shot: Shot, tmp_path: Path, candela: Candela) -> None:
    clipped = exr(tmp_path / "clipped.exr", np.minimum(texture(), 150))
    with serving(says(GOOD.format("NaN"))) as served:
        said = candela("--json", *arguments((clipped, shot[1]), served.url, "--samples", 1))
    assert said.code == 0, said.err
    assert said.json["shots"][0]["score"] is None
    assert "1 of 1 answers are none ('NaN' is no number)" in said.json["shots"][0]["no_score"]
    assert "highlights_clipped" in kinds(said.json, "violation")


def test_without_a_reference_it_is_not_asked(shot: Shot, candela: Candela) -> None:
    with serving(scores(6)) as served:
        said = candela("--json", "score", shot[0], "--engine", "vlm", "--endpoint", served.url)
        assert said.code == 0, said.err
        assert "there is none" in said.json["shots"][0]["no_score"] and not served.asked


@pytest.mark.parametrize(
    ("behaviour", "code", "words"),
    [
        (status(400, "images are not supported"), 2, "images are not supported"),
        (status(500), 3, "500"),
        (raw(b"garbage"), 3, "cannot be asked"),
    ],
)
def test_a_server_that_fails(
    behaviour: object,
    code: int,
    words: str,
    shot: Shot,
    candela: Candela,
) -> None:
    with serving(behaviour) as served:  # type: ignore[arg-type]
        said = candela(*arguments(shot, served.url, "--retries", 0))
    assert said.code == code and words in said.err


def test_what_is_said_by_halves_is_refused(shot: Shot, candela: Candela, tmp_path: Path) -> None:
    for more, words in (
        (("--engine", "vlm"), "say where with --endpoint"),
        (("--endpoint", "http://127.0.0.1:1"), "say that as well"),
        (("--engine", "vlm", "--endpoint", "nowhere"), "http://HOST:PORT"),
        (("--engine", "vlm", "--endpoint", "http://127.0.0.1:1", "--samples", "0"), "1 to 32"),
        (("--engine", "vlm", "--endpoint", "http://127.0.0.1:1", "--timeout", "0"), "1 to 3600"),
        (("--engine", "vlm", "--endpoint", "http://127.0.0.1:1", "--model", "h.npz"), "leave one out"),
        (("--sidecar", "unix:/x", "--engine", "vlm", "--endpoint", "http://127.0.0.1:1"), "sidecar"),
    ):
        first = more[:2] if more[0] == "--sidecar" else ()
        said = candela(*first, "score", shot[0], "--reference", shot[1], *more[len(first) :])
        assert said.code == 2 and words in said.err, (more, said.err)


def test_the_key_comes_from_a_file(
    shot: Shot,
    candela: Candela,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "key").write_text("secret\n")
    monkeypatch.setenv("CANDELA_VLM_KEY_FILE", str(tmp_path / "key"))
    with serving(scores(6)) as served:
        assert candela(*arguments(shot, served.url, "--samples", 1)).code == 0
        assert served.headers[0]["authorization"] == "Bearer secret"
        monkeypatch.setenv("CANDELA_VLM_KEY_FILE", str(tmp_path / "none"))
        said = candela(*arguments(shot, served.url))
        assert said.code == 2 and "cannot be read" in said.err
