"""The panel's pictures and scores over a real helper and a real sidecar, which the helper starts."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from candela_bridge.client import Bridge, CallError
from candela_bridge.panel.choices import Choices
from candela_bridge.panel.looks import Looks
from candela_bridge.panel.pictures import Look
from candela_engines.colour.false_colour import false_colour
from candela_engines.media import read_still
from candela_engines.scorer.engine import installed_engine
from candela_engines.scorer.eye.head import Head
from candela_engines.scorer.eye.house import HouseModel, save_house

LONG = 240.0


@pytest.fixture(autouse=True)
def started(host: Bridge) -> None:
    """Calls have two minutes, and on a machine that is busy the engines' start alone may take them."""
    host.call("status", seconds=LONG).result(LONG)


def test_pictures_come_as_a_file_that_is_taken_away(host: Bridge, shots: Path) -> None:
    given = {"grade": {"path": str(shots / "grade.exr")}, "views": ["nits", "picture"], "scopes": True}
    found = host.call("look", {**given, "width": 256}).result(LONG)
    file = Path(found["file"])
    data = file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0
    nits, picture = found["pictures"]
    assert (nits["view"], nits["frame"], nits["width_px"], nits["height_px"]) == ("nits", 0, 256, 144)
    samples = np.frombuffer(data, np.uint8, nits["bytes"], nits["offset"]).reshape(144, 256, 3)
    light = np.asarray(read_still(shots / "grade.exr").pixels, np.float32)
    assert np.mean(samples != false_colour(light)) < 0.002
    assert len(data) == picture["offset"] + picture["bytes"] + sum(
        found["scopes"][name]["bytes"] for name in ("waveform", "cie")
    )
    assert found["scopes"]["max_nits"] == pytest.approx(float(light.max()), rel=1e-4)
    file.unlink()


def test_what_looks_refuse_is_said(host: Bridge, shots: Path) -> None:
    grade = {"path": str(shots / "grade.exr")}
    with pytest.raises(CallError, match="views") as refused:
        host.call("look", {"grade": grade, "views": ["nonsense"]}).result(LONG)
    assert refused.value.exit_code == 2
    with pytest.raises(CallError, match="no HDR"):
        sdr = {"path": str(shots / "sdr.png")}
        host.call("look", {"grade": sdr, "views": ["reconstruction"]}).result(LONG)
    with pytest.raises(CallError, match="width"):
        host.call("look", {"grade": grade, "width": 3}).result(LONG)
    with pytest.raises(CallError):
        host.call("look", {"grade": {"path": str(shots / "none.exr")}}).result(LONG)


def test_looks_keep_what_they_have(host: Bridge, shots: Path) -> None:
    news: list[Any] = []
    came: list[Any] = []
    looks = Looks(host, news.append, came.append)
    look = Look.of({"path": str(shots / "grade.exr")}, "nits", 128)
    assert looks.want(look, 0, scopes=True) is None
    looks.ask(look, 0)  # on its way already
    end = time.monotonic() + LONG
    while not came:
        assert time.monotonic() < end
        while news:
            news.pop(0)()
        time.sleep(0.005)
    picture = looks.get(look, 0)
    assert picture is not None
    assert (picture.width, picture.height, picture.full) == (128, 72, (256, 144))
    assert picture.colour == "linear-rec2020"
    assert len(picture.pixels) == 128 * 72 * 3
    assert looks.scopes(look, 0) is not None
    assert len(came) == 1


def test_a_kept_score_is_shown_on_a_click(host: Bridge, shots: Path, tmp_path: Path) -> None:
    windows = pytest.importorskip("tests.bridge.panel_windows", exc_type=pytest.skip.Exception)
    from candela_bridge.panel.widgets.panel import Panel
    from candela_bridge.panel.widgets.qt import QtWidgets
    from candela_bridge.shot import Shot

    app = QtWidgets.QApplication.instance() or QtWidgets.QApplication(["test"])
    names = ("grade", "clipped")
    made = [Shot(None, n, n, 1, k, k, str(shots / f"{n}.exr"), (0, 0)) for k, n in enumerate(names)]
    panel = Panel(host, choices=Choices(tmp_path / "c.csv"))
    panel.bridge = Bridge()  # the one of all tests is not to be closed with the window
    panel.resize(1300, 800)
    panel.show()
    panel.show_shots(made)
    panel.set_side("sdr", str(shots / "sdr.png"), panel.list.rows)
    panel.scoring.score(panel.list.rows)
    windows.until(lambda: not panel.scoring.busy, LONG)
    assert [row.state for row in panel.list.rows] == ["done", "done"]
    scores = [row.verdict.score for row in panel.list.rows if row.verdict is not None]
    assert scores[1] < scores[0] - 4
    clipped = panel.list.rows[1]
    clipped.forget()
    windows.click_row(panel, clipped)
    windows.until(lambda: panel.reasons.count() > 0, LONG)
    assert clipped.cached
    assert clipped.verdict is not None
    assert clipped.verdict.score == scores[1]
    assert "highlights_clipped" in [reason.kind for reason in panel.reasons.reasons()]
    panel.act("view_faults")
    windows.until(lambda: panel.player.canvas.main is not None and not panel.player.canvas.loading, LONG)
    assert "highlights clipped" in [words for words, _ in panel.player.canvas.main.legend]
    panel.close()
    panel.deleteLater()
    app.processEvents()


def test_scores_of_a_house_model_are_kept_apart(host: Bridge, shots: Path) -> None:
    """By its file and what is in it: neither the stock model's scores nor those of an earlier one are its."""
    path = shots / "north.npz"
    given = {"grade": {"path": str(shots / "grade.exr")}, "reference": {"path": str(shots / "sdr.png")}}
    by_house = {**given, "house_model": str(path)}

    def score(asked: dict[str, Any]) -> tuple[Any, float]:
        found = host.call("score", asked).result(LONG)
        return found, found["result"]["shots"][0]["score"]

    def kept(asked: dict[str, Any]) -> bool:
        return bool(host.call("recall", asked).result(LONG)["found"])

    _, stock = score(given)
    with pytest.raises(CallError, match=r"north\.npz") as refused:
        score(by_house)
    assert refused.value.exit_code == 2
    half = house(path, 0.5)
    assert not kept(by_house)
    found, first = score(by_house)
    assert first == pytest.approx(0.5 * stock)
    assert found["result"]["engine"]["name"] == "house model North"
    assert found["result"]["engine"]["sha256"] == half
    assert not found["cached"] and kept(by_house) and kept(given)
    assert score(given)[1] == stock
    house(path, 0.25)
    assert not kept(by_house)
    assert score(by_house)[1] == pytest.approx(0.25 * stock)
    two = {"first": given["grade"], "second": {"path": str(shots / "clipped.exr")}}
    compared = host.call("compare", {**two, "reference": given["reference"], "house_model": str(path)})
    assert "one studio's" in compared.result(LONG)["result"]["meaning"]


def house(path: Path, share: float) -> str:
    """A house model whose score is a share of the stock model's; the hash of its file."""
    stock = installed_engine()
    assert stock is not None
    one = np.ones(1)
    head = Head(share * one, 0.0, 0 * one, one, -6 * one, 10 * one, one)
    return save_house(path, HouseModel("North", head, ("stock_score",), stock.sha256, {})).sha256
