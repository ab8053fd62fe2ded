"""A house model in the panel: chosen, shown with its scores, kept, cleared, and refused where it is none."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from candela_bridge.panel.choices import Choices
from candela_bridge.panel.house import HouseError, read_house
from candela_bridge.panel.settings import Settings
from candela_bridge.panel.widgets.panel import Panel
from candela_engines.scorer.eye.features import FEATURES
from candela_engines.scorer.eye.head import Head
from candela_engines.scorer.eye.house import HouseModel, save_house

from .panel_windows import click, shots, until


def house(path: Path, name: str = "North") -> Path:
    """As `candela calibrate` writes it."""
    n = len(FEATURES)
    none = np.zeros(n)
    head = Head(none, 0.0, none, none + 1, none - 1, none + 1, none + 1)
    card = {"choices": 120, "raters": 4, "scenes": ["a", "b"], "made_at": "2026-11-28T06:00:00Z"}
    save_house(path, HouseModel(name, head, FEATURES, "ab" * 32, card))
    return path


def test_a_house_model_is_read_as_hosts_can(tmp_path: Path) -> None:
    found = read_house(str(house(tmp_path / "north.npz")))
    assert found.name == "North"
    assert found.about == "120 choices, 4 raters, 2 scenes, made 2026-11-28"


@pytest.mark.parametrize("kind", ["missing", "folder", "text", "zip", "array", "other"])
def test_what_is_no_house_model_is_said(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    if kind == "folder":
        path.mkdir()
    elif kind == "text":
        path.write_text("scene,observer\n")
    elif kind == "zip":
        with zipfile.ZipFile(path, "w") as out:
            out.writestr("a.txt", "a")
    elif kind == "array":
        np.savez(path, card=np.arange(9.0))
    elif kind == "other":
        np.savez(path, card=np.frombuffer(json.dumps({"kind": "grade", "name": "x"}).encode(), np.uint8))
    told = "cannot be read" if kind in ("missing", "folder") else "no house model"
    with pytest.raises(HouseError, match=told):
        read_house(str(path))


def test_settings_outlive_the_panel_and_a_damaged_file(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "new" / "panel.json")
    assert settings.get("a") == ""
    assert settings.keep("a", "1") == "" and settings.keep("b", "2") == "" and settings.keep("a", "") == ""
    assert Settings(settings.file).get("b") == "2"
    assert json.loads(settings.file.read_text()) == {"b": "2"}
    settings.file.write_text('["b"')
    assert settings.get("b") == ""
    blocked = Settings(settings.file / "panel.json")
    assert "cannot be written" in blocked.keep("a", "1")


def test_it_scores_and_is_named_and_cleared(panel: Panel, folder: Path) -> None:
    panel.show_shots(shots("kept", "other_one"))
    first, second = panel.list.rows
    panel.scoring.score([second])
    until(lambda: first.verdict is not None and second.verdict is not None)
    stock = [row.verdict.score for row in panel.list.rows]
    button = panel.top.buttons["house"]
    assert button.text() == "Model: stock"
    assert first.verdict.house == ""
    path = house(folder / "north.npz")
    panel.houses.use(str(path))
    until(lambda: panel.houses.house is not None)
    assert button.text() == "House: North" and "4 raters" in button.toolTip()
    until(lambda: first.verdict is not None)
    assert second.verdict is None  # nobody judged it by this model yet
    assert (first.verdict.house, first.verdict.score) == ("North", stock[0] + 1)
    head = panel.reasons.parentWidget().head
    assert head.text() == "REASONS · score by house model North on made-up 1"
    panel.scoring.score([second])
    until(lambda: second.verdict is not None)
    assert second.verdict.score == stock[1] + 1
    assert Settings(folder / "panel.json").get("house_model") == str(path)
    panel.houses.clear()
    assert button.text() == "Model: stock"
    assert not any(row.verdict for row in panel.list.rows)
    until(lambda: first.verdict is not None)
    assert (first.verdict.house, first.verdict.score) == ("", stock[0])
    assert Settings(folder / "panel.json").get("house_model") == ""


def test_a_score_that_is_on_its_way_is_not_taken_for_the_others(panel: Panel, folder: Path) -> None:
    panel.show_shots(shots("hold", "next", "last"))
    first, second, last = panel.list.rows
    panel.scoring.score(panel.list.rows)
    until(lambda: first.state == "running" and second.state == "done" and last.state == "done")
    panel.houses.use(str(house(folder / "north.npz")))
    until(lambda: panel.scoring.house)
    assert (first.state, second.verdict, last.verdict) == ("waiting", None, None) or first.state == "running"
    (folder / "go").touch()
    until(lambda: not panel.scoring.busy)
    assert first.verdict.house == "North"
    assert panel.status.bar.isHidden()


def test_a_file_that_is_none_changes_nothing(panel: Panel, folder: Path) -> None:
    panel.show_shots(shots("kept"))
    until(lambda: panel.list.rows[0].verdict is not None)
    kept = panel.list.rows[0].verdict
    (folder / "x.npz").write_text("x")
    panel.houses.use(str(folder / "x.npz"))
    until(lambda: "is no house model" in panel.status.news.text())
    assert panel.list.rows[0].verdict is kept and not panel.scoring.house
    assert panel.top.buttons["house"].text() == "Model: stock"


def test_one_of_last_time_that_is_gone_is_not_replaced_by_the_stock_model(panel: Panel, folder: Path) -> None:
    path = str(folder / "gone.npz")
    Settings(folder / "panel.json").keep("house_model", path)
    again = Panel(panel.bridge, choices=Choices(folder / "choices.csv"))
    button = again.top.buttons["house"]
    until(lambda: "cannot be read" in button.toolTip())
    assert button.text() == "House: gone.npz" and button.property("house") == "bad"
    again.show_shots(shots("kept"))
    assert again.list.rows[0].asked(again.colours, again.scoring.house)["house_model"] == path
    again.houses.clear()
    until(lambda: again.list.rows[0].verdict is not None)
    again.poster.close()
    again.deleteLater()


def test_the_menu_offers_it(panel: Panel, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from candela_bridge.panel.widgets import houses
    from candela_bridge.panel.widgets.qt import QtWidgets

    words: list[list[str]] = []

    def run(menu: Any, *more: Any) -> Any:
        actions = [action for action in menu.actions() if action.text()]
        words.append([action.text() for action in actions])
        return actions[0 if len(words) > 1 else -1]

    path = house(folder / "north.npz", "A house with a very long name indeed")
    monkeypatch.setattr(houses, "execute", run)
    monkeypatch.setattr(QtWidgets.QFileDialog, "getOpenFileName", lambda *given: (str(path), ""))
    click(panel.top.buttons["house"], panel.top.buttons["house"].rect().center())
    until(lambda: panel.houses.house is not None)
    assert panel.top.buttons["house"].text() == "House: A house with a very lon…"
    panel.act("house")
    assert not panel.scoring.house
    assert words == [
        ["Stock model", "Choose a house model…"],
        ["Stock model", "House model: A house with a very long name indeed", "Choose a house model…"],
    ]
